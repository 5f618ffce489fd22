"""The named people and leads of list tests: rows made directly, without the flow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from leadline.cards import search
from leadline.cards.models import Card
from leadline.leads.models import Binding, Lead
from leadline.workspace.models import Role, Team, User

MICRO = 1_000_000


@dataclass(frozen=True)
class People:
    """Ada owns the workspace, Ben is a rep on her team, Cleo is on another team."""

    ada: User
    ben: User
    cleo: User
    north: Team
    south: Team


def people() -> People:
    north, south = Team.objects.create(name="North"), Team.objects.create(name="South")
    make = User.objects.create_user
    return People(
        ada=make("ada@example.com", role=Role.OWNER, team=north, name="Ada"),
        ben=make("ben@example.com", role=Role.REP, team=north, name="Ben"),
        cleo=make("cleo@example.com", role=Role.REP, team=south, name="Cleo"),
        north=north,
        south=south,
    )


def lead(now: datetime, *, points: float = 0, **fields: object) -> UUID:
    """A lead with a card, an e-mail binding and its search text; returns its id."""
    created_at = fields.pop("created_at", now - timedelta(days=1))
    row = Lead.objects.create(created_at=created_at, known_at=created_at, updated_at=now)
    card = Card.objects.create(
        lead=row,
        **{
            "stage": "lead",
            "stage_since": created_at,
            "created_at": created_at,
            "updated_at": now,
            "total": round(points * MICRO),
            **fields,
        },
    )
    if card.email:
        Binding.objects.create(
            kind="email", value=card.email, lead=row, is_verified=True,
            opened_at=created_at, known_at=created_at,
        )  # fmt: skip
    write_search(card)
    return row.pk


def write_search(*cards: Card) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        return search.write(
            cursor,
            [search.Findable(c.lead_id, c.name, c.email, c.company_name, c.phone) for c in cards],
            vendor=connection.vendor,
        )
