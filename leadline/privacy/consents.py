"""Permissions by identifier: recorded as they change, read as they stand."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from leadline.lib import rows
from leadline.privacy import claims
from leadline.privacy.claims import ConsentClaim, Worth

_COLUMNS = [
    "identifier_kind",
    "identifier",
    "purpose",
    "channel",
    "basis",
    "state",
    "text_id",
    "source",
    "evidence",
    "at",
    "known_at",
]


class Given(msgspec.Struct, frozen=True):
    """Claims about one identifier, and whether somebody we trust made them."""

    kind: str
    value: str
    claims: tuple[ConsentClaim, ...]
    is_trusted: bool
    source: str
    message_id: str
    at_us: int


def record(given: Sequence[Given], *, now_us: int) -> int:
    """Append every claim; returns how many. A granted one from a public form stays pending until
    it is confirmed; a refusal counts at once."""
    made = []
    for each in given:
        for claim in each.claims:
            is_open = claim.state == "granted" and not each.is_trusted
            evidence = {
                "message_id": each.message_id,
                "text": claim.text,
                "text_version": claim.text_version,
            }
            made.append(
                (
                    each.kind,
                    each.value,
                    claim.purpose,
                    claim.channel,
                    "consent",
                    "pending" if is_open else claim.state,
                    None,
                    each.source[:120],
                    msgspec.json.encode(evidence).decode(),
                    each.at_us,
                    now_us,
                )
            )
    with connection.cursor() as cursor:
        return rows.insert(cursor, "privacy_consent", _COLUMNS, made, vendor=connection.vendor)


def facts(identifiers: Mapping[UUID, Sequence[str]]) -> dict[UUID, dict[str, object]]:
    """The facts `consent.<purpose>.<channel>` of each lead, from its e-mail addresses.

    The last word under each identifier counts; of several identifiers the most restrictive. One
    query.
    """
    newest = worth({value for values in identifiers.values() for value in values})
    found: dict[UUID, dict[str, object]] = {}
    for lead_id, values in identifiers.items():
        mine: dict[str, object] = {}
        for value in values:
            for (purpose, channel), state in newest.get(value, {}).items():
                name = f"consent.{purpose}.{channel}"
                mine[name] = state == "granted" and mine.get(name) is not False
        if mine:
            found[lead_id] = mine
    return found


def states(addresses: Sequence[str]) -> dict[str, str]:
    """`purpose.channel` → state for a person with these addresses, the most restrictive first."""
    order = ("withdrawn", "denied", "pending", "granted")
    found: dict[str, str] = {}
    for mine in worth(set(addresses)).values():
        for (purpose, channel), state in mine.items():
            name = f"{purpose}.{channel}"
            found[name] = min(found.get(name, state), state, key=order.index)
    return found


def worth(addresses: set[str]) -> dict[str, dict[tuple[str, str], str]]:
    """What each (purpose, channel) is worth under each address: `claims.after` says how. One query.

    `cards.filters` asks the database the same.
    """
    if not addresses:
        return {}
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT id, identifier, purpose, channel, state, at FROM privacy_consent"
            " WHERE identifier_kind = 'email' AND identifier {in}",
            addresses,
            vendor=connection.vendor,
        )
    known: dict[str, dict[tuple[str, str], Worth]] = {}
    for _id, identifier, purpose, channel, state, at_us in sorted(found):
        mine = known.setdefault(identifier, {})
        mine[purpose, channel] = claims.after(mine.get((purpose, channel)), state, at_us=at_us)
    return {
        address: {name: each.state for name, each in mine.items()}
        for address, mine in known.items()
    }
