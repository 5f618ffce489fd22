"""What screens and the API ask about permissions."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db.models import Q, QuerySet

from leadline.privacy import consents
from leadline.privacy.models import Consent

_MOST_RESTRICTIVE_FIRST = ("withdrawn", "denied", "pending", "granted")


def states(addresses: Mapping[UUID, Collection[str]]) -> dict[UUID, dict[str, str]]:
    """`purpose.channel` → state for each lead with these e-mail addresses. One query.

    The last word under each address counts; of several addresses the most restrictive.
    """
    known = {
        address: {f"{purpose}.{channel}": state for (purpose, channel), state in mine.items()}
        for address, mine in consents.worth(
            {a for some in addresses.values() for a in some}
        ).items()
    }
    return {
        lead_id: _together([known[address] for address in several if address in known])
        for lead_id, several in addresses.items()
    }


def under(identifiers: Iterable[tuple[str, str]]) -> "QuerySet[Consent]":
    """The permissions of any of these (kind, value), however many.

    A condition for each of them is more than SQLite takes from a thousand on.
    """
    values: dict[str, list[str]] = {}
    for kind, value in identifiers:
        values.setdefault(kind, []).append(value)
    mine = Q(pk__in=[])
    for kind, several in values.items():
        mine |= Q(identifier_kind=kind, identifier__in=several)
    return Consent.objects.filter(mine)


def _together(several: list[dict[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for mine in several:
        for name, state in mine.items():
            known = found.get(name, state)
            found[name] = min(known, state, key=_MOST_RESTRICTIVE_FIRST.index)
    return found
