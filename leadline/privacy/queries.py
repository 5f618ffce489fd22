"""What screens and the API ask about permissions."""

from collections.abc import Collection, Mapping
from uuid import UUID

from leadline.privacy.models import Consent

_MOST_RESTRICTIVE_FIRST = ("withdrawn", "denied", "pending", "granted")


def states(addresses: Mapping[UUID, Collection[str]]) -> dict[UUID, dict[str, str]]:
    """`purpose.channel` → state for each lead with these e-mail addresses. One query.

    The newest word under each address counts; of several addresses the most restrictive.
    """
    wanted = {address for several in addresses.values() for address in several}
    said = Consent.objects.filter(identifier_kind="email", identifier__in=wanted)
    newest: dict[str, dict[str, str]] = {}
    for address, purpose, channel, state in said.order_by("id").values_list(
        "identifier", "purpose", "channel", "state"
    ):
        newest.setdefault(address, {})[f"{purpose}.{channel}"] = state
    return {
        lead_id: _together([newest[address] for address in several if address in newest])
        for lead_id, several in addresses.items()
    }


def _together(several: list[dict[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for mine in several:
        for name, state in mine.items():
            known = found.get(name, state)
            found[name] = min(known, state, key=_MOST_RESTRICTIVE_FIRST.index)
    return found
