"""Who takes a lead: dealing in turn, handing on by a person, and those who still wait."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.utils.translation import gettext_noop as _noop

from leadline.leads import trash
from leadline.lib import clock, rows
from leadline.lib.refusal import Phrase, Refused
from leadline.routing import rotations
from leadline.routing.models import Assignment
from leadline.routing.turns import Place, Rotation, give, settle
from leadline.workspace.models import User

_COLUMNS = ("lead_id", "owner_id", "owner_before_id", "team_id", "by_id", "because", "at")
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Request:
    """A lead that needs an owner. `team_id` None: anybody who takes leads. `sentence` is the
    reason so far, without a full stop: "Rule “Demos” sends it to Sales"."""

    lead_id: uuid.UUID
    team_id: int | None
    previous_owner_id: uuid.UUID | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Dealt:
    """What became of a request; without an owner the lead waits for the next free person."""

    lead_id: uuid.UUID
    owner_id: uuid.UUID | None
    team_id: int | None
    sentence: str


class NotAssignable(Refused):
    """The lead cannot be given to this person."""


def deal(requests: Sequence[Request], *, now: datetime, because: str = "") -> list[Dealt]:
    """Give each lead an owner; returns one Dealt per request, in order, and writes as many rows.

    The previous owner comes first while available, else whose turn it is in the team's rotation.
    Nobody available: the row has no owner and `deal_waiting` tries again. The caller holds the
    leads' locks. At most 4 statements, however many requests; the rotations of the teams are
    locked until the transaction ends, so counts stay within one of each other also under many
    processes.
    """
    if not requests:
        return []
    with transaction.atomic(savepoint=False):
        dealt = _deal(requests, now=now, because=because)
        _record(requests, dealt, now=now)
    return dealt


def deal_waiting(now: datetime, *, limit: int = 200) -> list[Dealt]:
    """Try again for leads for whom nobody was available, longest waiting first.

    Returns and writes only those that got an owner, at most `limit`; a lead that goes on waiting
    keeps its row. A fixed number of statements. Safe beside a pass and beside itself: the leads
    are locked first and looked at again.
    """
    can_be_dealt = _can_be_dealt(now)
    waiting = list(can_be_dealt.order_by("id").values_list("lead_id", flat=True)[:limit])
    if not waiting:
        return []
    with transaction.atomic():
        hold = " ORDER BY id FOR UPDATE" if connection.vendor == "postgresql" else " ORDER BY id"
        with connection.cursor() as cursor:
            rows.select_in(
                cursor,
                "SELECT id FROM leads_lead WHERE id {in}" + hold,
                waiting,
                vendor=connection.vendor,
            )
        requests = [
            Request(lead_id, team_id, None, _noop("Someone is free again"))
            for lead_id, team_id in can_be_dealt.filter(lead_id__in=waiting)
            .order_by("id")
            .values_list("lead_id", "team_id")
        ]
        dealt = [d for d in _deal(requests, now=now, because="") if d.owner_id is not None]
        asked = {request.lead_id: request for request in requests}
        _record([asked[d.lead_id] for d in dealt], dealt, now=now)
    return dealt


def reassign(
    lead_id: uuid.UUID,
    *,
    owner_id: uuid.UUID | None,
    by: uuid.UUID | None,
    because: str,
    now: datetime,
    is_undo: bool = False,
) -> Assignment | None:
    """Hand the lead to a person (or to nobody); None when it is theirs already.

    The lead goes to the team of its new owner; with `is_undo` back to the team that it had before
    its newest assignment. Does not count as a turn. Raises NotAssignable when the person has left.
    Taken away without `by` (a rule did it), the lead waits for the next free person.
    """
    with transaction.atomic():
        before = current([lead_id], lock=True).get(lead_id)
        if (before.owner_id if before else None) == owner_id:
            return None
        own_team = None if owner_id is None else _team_of(owner_id)
        team_id = own_team or (before.team_id if before else None)
        if is_undo:
            team_id = _teams_before([before] if before else []).get(lead_id)
        return Assignment.objects.create(
            lead_id=lead_id,
            owner_id=owner_id,
            owner_before_id=before.owner_id if before else None,
            team_id=team_id,
            by_id=by,
            because=because[:_LONGEST],
            at=now,
        )


def pass_on_all(
    lead_ids: Sequence[uuid.UUID],
    *,
    owner_before: uuid.UUID | None,
    owner_id: uuid.UUID | None,
    by: uuid.UUID | None,
    because: str,
    now: datetime,
) -> list[Assignment]:
    """Hand over, of these leads, those that belong to `owner_before`; the rows written.

    At most 4 statements, however many leads. Joins the caller's transaction. Raises NotAssignable.
    """
    own_team = None if owner_id is None else _team_of(owner_id)
    return Assignment.objects.bulk_create(
        [
            Assignment(
                lead_id=lead_id,
                owner_id=owner_id,
                owner_before_id=owner_before,
                team_id=own_team or before.team_id,
                by_id=by,
                because=because[:_LONGEST],
                at=now,
            )
            for lead_id, before in current(lead_ids, lock=True).items()
            if before.owner_id == owner_before
        ]
    )


def move_to_team(
    lead_ids: Sequence[uuid.UUID],
    *,
    team_before: int,
    team_id: int | None,
    by: uuid.UUID | None,
    because: str,
    now: datetime,
) -> list[Assignment]:
    """Give, of these leads, those of `team_before` to another team or none; owners stay, and what
    waits for an owner goes on waiting.

    At most 3 statements, however many leads. Joins the caller's transaction.
    """
    return Assignment.objects.bulk_create(
        [
            Assignment(
                lead_id=lead_id, owner_id=before.owner_id, owner_before_id=before.owner_id,
                team_id=team_id, by_id=None if _waits(before) else by,
                because=because[:_LONGEST], at=now,
            )
            for lead_id, before in current(lead_ids, lock=True).items()
            if before.team_id == team_before
        ]
    )  # fmt: skip


def hand_on(
    owners: Mapping[uuid.UUID, uuid.UUID | None],
    *,
    by: uuid.UUID | None,
    because: str,
    now: datetime,
    is_undo: bool = False,
) -> list[Assignment]:
    """Give each lead to its new owner (None: to nobody), whoever had it; the rows written.

    Those who have it already are passed over, and new owners who have left. The lead goes to the
    team of its new owner; with `is_undo` back to the team that it had before its newest
    assignment. At most four statements, five to undo. Joins the caller's transaction, which holds
    the leads' locks.
    """  # fmt: skip
    takers = {owner for owner in owners.values() if owner is not None}
    there = User.objects.filter(id__in=takers, is_active=True).values_list("id", "team_id")
    teams: dict[uuid.UUID | None, int | None] = {None: None, **dict(there)}
    known = current(list(owners))
    earlier = _teams_before(known.values()) if is_undo else {}
    made = []
    for lead_id, owner_id in sorted(owners.items()):
        before = known.get(lead_id)
        owner_before = before.owner_id if before else None
        if owner_id not in teams or owner_id == owner_before:
            continue
        team_id = teams[owner_id] or (before.team_id if before else None)
        made.append(
            Assignment(
                lead_id=lead_id, owner_id=owner_id, owner_before_id=owner_before,
                team_id=earlier.get(lead_id) if is_undo else team_id, by_id=by,
                because=because[:_LONGEST], at=now,
            )
        )  # fmt: skip
    return Assignment.objects.bulk_create(made)


def leave_the_gone(
    lead_ids: Sequence[uuid.UUID], *, because: str, now: datetime
) -> list[Assignment]:
    """Leads of people who have left wait for somebody, those of teams that have ended have none;
    the rows written. For leads that nobody saw while people and teams were changed.

    Two statements. Joins the caller's transaction, which holds the leads' locks.
    """
    held = _newest(Assignment.objects.filter(lead_id__in=list(lead_ids)))
    gone = held.filter(Q(owner__is_active=False) | Q(team__archived_at__isnull=False))
    return Assignment.objects.bulk_create(
        [
            Assignment(
                lead_id=each.lead_id,
                owner=each.owner if each.owner and each.owner.is_active else None,
                owner_before=each.owner,
                team=None if each.team and each.team.archived_at else each.team,
                # Taken from everybody by a person, it goes on belonging to nobody.
                by_id=each.by_id if each.owner_id is None else None,
                because=because[:_LONGEST],
                at=now,
            )
            for each in gone.select_related("owner", "team")
        ]
    )


def current(lead_ids: Sequence[uuid.UUID], *, lock: bool = False) -> dict[uuid.UUID, Assignment]:
    """The assignment in force of each lead that ever had one: its newest row.

    With `lock` the leads are locked first (inside a transaction). One query, or two.
    """
    if lock and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            sql = "SELECT id FROM leads_lead WHERE id {in} ORDER BY id FOR UPDATE"
            rows.select_in(cursor, sql, lead_ids, vendor=connection.vendor)
    newest = _newest(Assignment.objects.filter(lead_id__in=list(lead_ids)))
    return {assignment.lead_id: assignment for assignment in newest}


def _deal(requests: Sequence[Request], *, now: datetime, because: str) -> list[Dealt]:
    teams = None if any(r.team_id is None for r in requests) else {r.team_id for r in requests}
    places = rotations.lock(teams, now=now)  # type: ignore[arg-type]  # None was looked for above
    before = {p.seat_id: (p.dealt, p.was_available) for p in places}
    settle(places)
    table = _Table(places, now_us=clock.micros(now), because=because)
    owners = {r.previous_owner_id for r in requests if r.previous_owner_id is not None}
    people = rotations.available_people(owners, now=now)
    dealt = [table.serve(request, people=people) for request in requests]
    changed = [p for p in places if before[p.seat_id] != (p.dealt, p.was_available)]
    rotations.count(changed)
    return dealt


class _Table:
    """One deal: the places, and a rotation for each team that is asked for."""

    def __init__(self, places: list[Place], *, now_us: int, because: str) -> None:
        self._places = places
        self._now_us = now_us
        self._because = because
        self._rotations: dict[int | None, Rotation] = {}
        self._seats = {(p.team_id, p.user_id): p for p in places}

    def serve(self, request: Request, *, people: dict[uuid.UUID, tuple[int | None, str]]) -> Dealt:
        previous = request.previous_owner_id
        if previous is not None and previous in people:
            return self._back_to(previous, request, own=people[previous])
        place = self._rotation(request.team_id).deal(now_us=self._now_us)
        if place is None:
            reason = _noop("nobody is available, so the lead waits for the next free person")
            return self._dealt(request, None, request.team_id, reason)
        reason = _noop("%(name)s was next in turn in %(team)s") % {
            "name": place.name,
            "team": place.team_name,
        }
        return self._dealt(request, place.user_id, place.team_id, reason)

    def _back_to(
        self, owner_id: uuid.UUID, request: Request, *, own: tuple[int | None, str]
    ) -> Dealt:
        own_team_id, name = own
        seat = self._seats.get((request.team_id or own_team_id or 0, owner_id))
        if seat is not None:
            give(seat, now_us=self._now_us)
        team_id = seat.team_id if seat else own_team_id or request.team_id
        reason = _noop("%(name)s knows the lead already") % {"name": name}
        return self._dealt(request, owner_id, team_id, reason)

    def _rotation(self, team_id: int | None) -> Rotation:
        if team_id not in self._rotations:
            places = self._places
            if team_id is not None:
                places = [p for p in places if p.team_id == team_id]
            self._rotations[team_id] = Rotation(places)
        return self._rotations[team_id]

    def _dealt(
        self, request: Request, owner_id: uuid.UUID | None, team_id: int | None, reason: str
    ) -> Dealt:
        parts = [part for part in (self._because, request.sentence, reason) if part]
        sentence = "; ".join(parts)
        return Dealt(request.lead_id, owner_id, team_id, f"{sentence[: _LONGEST - 1]}.")


def _record(requests: Sequence[Request], dealt: Sequence[Dealt], *, now: datetime) -> None:
    at_us = clock.micros(now)
    written = [
        (d.lead_id, d.owner_id, r.previous_owner_id, d.team_id, None, d.sentence, at_us)
        for r, d in zip(requests, dealt, strict=True)
    ]
    with connection.cursor() as cursor:
        rows.insert(cursor, "routing_assignment", _COLUMNS, written, vendor=connection.vendor)


def _waits(newest: Assignment) -> bool:
    """Is the lead to be dealt as soon as somebody is free? See `_waiting`."""
    return newest.owner_id is None and newest.by_id is None


def _waiting() -> QuerySet[Assignment]:
    waiting = Assignment.objects.filter(owner__isnull=True, by__isnull=True)
    return _newest(waiting.exclude(trash.absent("lead")))


def _can_be_dealt(now: datetime) -> QuerySet[Assignment]:
    """Of those that wait, the ones for whom somebody is free: a team that is away keeps nobody
    else's leads waiting."""
    serving = rotations.serving(now=now)
    if not serving:
        return Assignment.objects.none()
    return _waiting().filter(Q(team__isnull=True) | Q(team__in=serving))


def _newest(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    later = Assignment.objects.filter(lead_id=OuterRef("lead_id"), id__gt=OuterRef("id"))
    return assignments.filter(~Exists(later))


def _teams_before(newest: Iterable[Assignment]) -> dict[uuid.UUID, int | None]:
    """The team of each lead until this assignment; none for one that has ended. One query."""
    earlier = Assignment.objects.filter(lead=OuterRef("lead"), pk__lt=OuterRef("pk"))
    lasting = Case(When(team__archived_at=None, then=F("team")))
    there = earlier.order_by("-pk").annotate(lasting=lasting).values("lasting")[:1]
    asked = Assignment.objects.filter(pk__in=[each.pk for each in newest])
    found = asked.annotate(team_before=Subquery(there))
    return dict(found.values_list("lead_id", "team_before"))


def _team_of(user_id: uuid.UUID) -> int | None:
    person = User.objects.filter(id=user_id, is_active=True).only("team_id").first()
    if person is None:
        raise NotAssignable(
            Phrase("nobody active has the id %(id)s; choose another person", id=user_id)
        )
    return person.team_id


def is_any_waiting(now: datetime) -> bool:
    """Whether a lead waits for an owner who is there. Two queries, no lock."""
    return _can_be_dealt(now).exists()
