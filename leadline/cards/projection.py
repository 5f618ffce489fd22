"""Writing cards: the end of every pass, in its transaction."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec
from django.db import connection

from leadline.cards import search
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
    """A card as it should be; the fields are the columns. Microseconds and micro-points."""

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


def write(drawn: Iterable[Drawn]) -> None:
    """Write the cards that say something new, and their search rows; at most five statements.

    A card of which only `updated_at` would move is left alone: an upsert would take it out of
    nine indexes and put it back (40 % of a pass's writing, SQLite, 200 leads).
    """
    wanted = list(drawn)
    before = stored([card.lead_id for card in wanted])
    cards = [c for c in wanted if _without_updated(c) != before.get(c.lead_id, ())[:-1]]
    vendor = connection.vendor
    with connection.cursor() as cursor:
        rows.upsert(
            cursor,
            "cards_card",
            COLUMNS,
            [msgspec.structs.astuple(card) for card in cards],
            key=["lead_id"],
            vendor=vendor,
        )
        search.write(
            cursor,
            [
                (c.lead_id, c.name, c.email, c.company_name, c.phone)
                for c in cards
                if (c.name, c.email, c.phone, c.company_name) != _searched(before.get(c.lead_id))
            ],
            vendor=vendor,
        )


def _without_updated(card: Drawn) -> tuple[object, ...]:
    return tuple(msgspec.structs.astuple(card)[:-1])


def _searched(row: tuple[object, ...] | None) -> tuple[object, ...]:
    """Name, address, phone, company of a stored card."""
    return () if row is None else (row[1], row[2], row[3], row[5])


def remove(lead_ids: Sequence[UUID]) -> int:
    """Take the cards of merged or erased leads away, and their search rows with them."""
    with connection.cursor() as cursor:
        rows.delete_in(cursor, "cards_searchtext", "card_id", lead_ids, vendor=connection.vendor)
        return rows.delete_in(cursor, "cards_card", "lead_id", lead_ids, vendor=connection.vendor)


def stored(lead_ids: Sequence[UUID]) -> dict[UUID, tuple[object, ...]]:
    """The cards as they are, in the order of COLUMNS; what `doctor` compares with."""
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
        cards[as_uuid(row[0])] = tuple(values)
    return cards
