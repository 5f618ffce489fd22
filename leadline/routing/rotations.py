"""Who sits in which rotation, and who is available now."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from leadline.lib import clock, rows
from leadline.lib.ids import as_uuid
from leadline.routing.models import Absence, Seat
from leadline.routing.turns import Place
from leadline.workspace.models import Role, Team, User

_AVAILABLE = """(u.is_active AND u.takes_leads AND NOT EXISTS (
    SELECT 1 FROM routing_absence a
    WHERE a.user_id = u.id AND a.start <= %s AND (a."end" IS NULL OR a."end" > %s)))"""

_PLACES = f"""SELECT s.id, s.team_id, s.user_id, u.name, u.email, t.name, s.dealt,
    s.was_available, s.last_dealt_at, {_AVAILABLE}
  FROM routing_seat s
  JOIN workspace_user u ON u.id = s.user_id JOIN workspace_team t ON t.id = s.team_id"""

_PEOPLE = f"""SELECT u.id, u.team_id, u.name, u.email FROM workspace_user u
  WHERE u.id {{in}} AND {_AVAILABLE}"""


class NotAnAbsence(ValueError):
    """An absence that ends before it begins."""

    permanent = True


def join(team_id: int, *, user_ids: Sequence[uuid.UUID]) -> int:
    """Give people a seat in the team's rotation; who has one keeps it. Returns how many are new.

    A new seat starts level with the others at its first deal.
    """
    seats = [(team_id, user_id, 0, False) for user_id in user_ids]
    columns = ("team_id", "user_id", "dealt", "was_available")
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        return rows.insert_ignore(cursor, "routing_seat", columns, seats, vendor=connection.vendor)


def seat_the_owner() -> bool:
    """While nobody takes leads, the owner does: sits in the first team's rotation.

    A workspace of one person is the first one everybody has. True when something changed.
    """
    owner = User.objects.filter(role=Role.OWNER, is_active=True).first()
    team = Team.objects.filter(archived_at=None).order_by("id").first()
    if owner is None or team is None or User.objects.filter(takes_leads=True).exists():
        return False
    owner.takes_leads, owner.team = True, owner.team or team
    owner.save(update_fields=["takes_leads", "team"])
    join(team.id, user_ids=[owner.id])
    return True


def leave(team_id: int, *, user_id: uuid.UUID) -> bool:
    """Take the seat away; False when there was none. What was dealt stays where it is."""
    return Seat.objects.filter(team_id=team_id, user_id=user_id).delete()[0] > 0


def absent(
    user_id: uuid.UUID, *, start: datetime, end: datetime | None, reason: str = ""
) -> Absence:
    """From `start` until `end` (None: until further notice) the person is dealt nothing.

    Raises NotAnAbsence when it would end before it begins.
    """
    if end is not None and end <= start:
        raise NotAnAbsence(f"the absence ends ({end:%F %R}) before it begins ({start:%F %R})")
    return Absence.objects.create(user_id=user_id, start=start, end=end, reason=reason[:120])


def away(now: datetime) -> set[uuid.UUID]:
    """Who is absent now. One query."""
    begun = Absence.objects.filter(start__lte=now)
    absent_now = begun.filter(Q(end__isnull=True) | Q(end__gt=now))
    return set(absent_now.values_list("user_id", flat=True))


def lock(team_ids: Collection[int] | None, *, now: datetime) -> list[Place]:
    """All places of these teams (None: of every team), ordered by seat and held until the end of
    the transaction, so that two deals never count at once. One query.

    On SQLite the transaction itself is the lock: it began IMMEDIATE.
    """
    at_us = clock.micros(now)
    hold = " FOR UPDATE OF s" if connection.vendor == "postgresql" else ""
    some = "" if team_ids is None else " WHERE s.team_id {in}"
    sql = f"{_PLACES}{some} ORDER BY s.id{hold}"
    with connection.cursor() as cursor:
        if team_ids is None:
            cursor.execute(sql, [at_us, at_us])
            found = cursor.fetchall()
        else:
            found = rows.select_in(
                cursor, sql, sorted(team_ids), vendor=connection.vendor, before=[at_us, at_us]
            )
    return [
        Place(
            seat_id=seat_id,
            team_id=team_id,
            user_id=as_uuid(user_id),
            name=name or email,
            team_name=team_name,
            dealt=dealt,
            was_available=bool(was_available),
            is_available=bool(is_available),
            last_dealt_us=last_dealt_us,
        )
        for (
            seat_id, team_id, user_id, name, email, team_name, dealt,
            was_available, last_dealt_us, is_available,
        ) in found
    ]  # fmt: skip


def serving(*, now: datetime) -> set[int]:
    """The teams in which somebody takes leads now. One query, no lock."""
    at_us = clock.micros(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT s.team_id FROM routing_seat s"
            f" JOIN workspace_user u ON u.id = s.user_id WHERE {_AVAILABLE}",
            [at_us, at_us],
        )
        return {team_id for (team_id,) in cursor.fetchall()}


def available_people(
    user_ids: Collection[uuid.UUID], *, now: datetime
) -> dict[uuid.UUID, tuple[int | None, str]]:
    """Of these people, those who take leads now: id → (own team, name). At most one query."""
    at_us = clock.micros(now)
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor, _PEOPLE, user_ids, vendor=connection.vendor, after=[at_us, at_us]
        )
    return {as_uuid(user_id): (team_id, name or email) for user_id, team_id, name, email in found}


def count(places: Sequence[Place]) -> None:
    """Write what changed at these places. One call, whatever their number."""
    columns = ("id", "dealt", "was_available", "last_dealt_at")
    changed = [(p.seat_id, p.dealt, p.was_available, p.last_dealt_us) for p in places]
    with connection.cursor() as cursor:
        rows.update(cursor, "routing_seat", columns, changed, key=("id",), vendor=connection.vendor)
