"""Writing cards: the end of every pass, in its transaction."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from uuid import UUID

import msgspec
from django.db import connection

from leadline.cards import companies, notes, search, sources
from leadline.leads.models import Lead
from leadline.lib import rows
from leadline.lib.ids import as_uuid

COLUMNS = [
    "lead_id",
    "name",
    "email",
    "phone",
    "title",
    "company_name",
    "total",
    "temperature",
    "stage",
    "stage_since",
    "owner_id",
    "team_id",
    "channel",
    "source",
    "response_due_at",
    "why",
    "created_at",
    "updated_at",
]


class Drawn(msgspec.Struct, frozen=True):
    """A card as it should be; fields but the last are columns. Microseconds and micro-points."""

    lead_id: UUID
    name: str
    email: str
    phone: str
    title: str
    company_name: str
    total: int
    temperature: str
    stage: str
    stage_since: int
    owner_id: UUID | None
    team_id: int | None
    channel: str
    source: str
    response_due_at: int | None
    why: str
    created_at: int
    updated_at: int
    # Further addresses and numbers: found by, shown nowhere, no column.
    others: tuple[str, ...] = ()


# What most events change; the other columns stand in six more indexes.
_OF_A_SCORE = ["lead_id", "total", "why", "updated_at"]


def write(drawn: Iterable[Drawn]) -> None:
    """Write the cards that say something new, and what leads and their companies are found by; a
    fixed number of statements.

    A card of which only `updated_at` would move is left alone, and one of which only the score
    moved is taken out of four indexes instead of ten (SQLite rewrites the entry of every column
    that is named, changed or not: cards were 40 % of a pass's writing).
    """
    wanted = list(drawn)
    before = stored([card.lead_id for card in wanted])
    cards, scores = [], []
    for card in wanted:
        known = before.get(card.lead_id)
        if known is not None and _beyond_score(card) == _beyond_score(known):
            if _score(card) != _score(known):
                scores.append((card.lead_id, card.total, card.why, card.updated_at))
        else:
            cards.append(card)
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.update(cursor, "cards_card", _OF_A_SCORE, scores, key=["lead_id"], vendor=vendor)
        rows.upsert(
            cursor,
            "cards_card",
            COLUMNS,
            [msgspec.structs.astuple(card)[:-1] for card in cards],
            key=["lead_id"],
            vendor=vendor,
        )
        whose = ((card.source, card.owner_id, card.team_id) for card in cards)
        sources.follow(cursor, whose, vendor=vendor)
        search.write(cursor, map(_findable, wanted), vendor=vendor)
        companies.follow(cursor, [card.lead_id for card in wanted], vendor=vendor)


def repair(drawn: Sequence[Drawn]) -> None:
    """Write cards that were found wrong, and all that these leads are found by."""
    write(drawn)
    notes.follow([card.lead_id for card in drawn])


def unfindable(drawn: Sequence[Drawn]) -> set[UUID]:
    """The leads whose search text, whose notes or whose company is not found as it should be.

    What `doctor` asks; `repair` mends all three. Four queries.
    """
    lead_ids, vendor = [card.lead_id for card in drawn], connection.vendor
    with connection.cursor() as cursor:
        found = search.differing(cursor, map(_findable, drawn), vendor=vendor)
        found |= notes.lacking(cursor, lead_ids, vendor=vendor)
        firms = companies.differing(cursor, lead_ids, vendor=vendor)
    there = (
        Lead.objects.filter(pk__in=lead_ids, company__in=firms) if firms else Lead.objects.none()
    )
    return found | set(there.values_list("pk", flat=True))


def is_same(card: Drawn, other: Drawn) -> bool:
    """Do they say the same, whenever they were drawn?"""
    return _score(card) == _score(other) and _beyond_score(card) == _beyond_score(other)


def _score(card: Drawn) -> tuple[int, str]:
    return card.total, card.why


_beyond_score = attrgetter(*(name for name in COLUMNS if name not in _OF_A_SCORE))


def _findable(card: Drawn) -> search.Findable:
    return search.Findable(
        card.lead_id, card.name, card.email, card.company_name, card.phone, card.others
    )


def remove(lead_ids: Sequence[UUID]) -> int:
    """Take the cards of merged or erased leads away, and their search rows with them."""
    with connection.cursor() as cursor:
        search.remove(cursor, lead_ids, vendor=connection.vendor)
        return rows.delete_in(cursor, "cards_card", "lead_id", lead_ids, vendor=connection.vendor)


def stored(lead_ids: Sequence[UUID]) -> dict[UUID, Drawn]:
    """The cards as they are; what `doctor` compares with."""
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            f"SELECT {', '.join(COLUMNS)} FROM cards_card WHERE lead_id {{in}}",
            lead_ids,
            vendor=connection.vendor,
        )
    cards = {}
    for row in found:
        values = list(row)
        values[0] = as_uuid(values[0])
        values[10] = None if values[10] is None else as_uuid(values[10])
        card = Drawn(*values)
        cards[card.lead_id] = card
    return cards
