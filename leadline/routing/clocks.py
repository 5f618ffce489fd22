"""Response clocks: how long a lead has waited for its first real response."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_noop as _noop

from leadline.leads import trash
from leadline.lib import clock, rows
from leadline.lib.ids import as_uuid
from leadline.routing import assignments, calendars, hours
from leadline.routing.hours import Hours
from leadline.routing.models import Clock
from leadline.routing.policies import Policy
from leadline.workspace.models import Role, User

# One clock runs per lead; a later start only ever brings its deadline forward.
_START = """INSERT INTO routing_clock
    (lead_id, policy_id, state, because, started_at, due_at, warn_at)
  VALUES (%s, %s, %s, %s, %s, %s, %s)
  ON CONFLICT (lead_id) WHERE state = 'running' DO UPDATE SET
    policy_id = excluded.policy_id, because = excluded.because, due_at = excluded.due_at,
    warn_at = excluded.warn_at
  WHERE excluded.due_at < routing_clock.due_at"""
_LONGEST = 300

# A WITH, so that PostgreSQL chooses once and not once per row (see delivery/leases).
_TAKE_BREACHES = """WITH picked AS MATERIALIZED (
    SELECT id FROM routing_clock
    WHERE state = 'running' AND breached_at IS NULL AND due_at <= %s
      AND NOT {absent}
    ORDER BY due_at LIMIT %s{skip})
  UPDATE routing_clock SET breached_at = %s
  WHERE id IN (SELECT id FROM picked) AND breached_at IS NULL AND state = 'running'
  RETURNING lead_id, due_at"""

_TAKE_WARNINGS = """WITH picked AS MATERIALIZED (
    SELECT id FROM routing_clock
    WHERE state = 'running' AND warn_at <= %s AND NOT {absent}
    ORDER BY warn_at LIMIT %s{skip})
  UPDATE routing_clock SET warn_at = NULL
  WHERE id IN (SELECT id FROM picked) AND warn_at IS NOT NULL AND state = 'running'
  RETURNING lead_id, due_at"""


@dataclass(frozen=True, slots=True)
class Start:
    """A lead that must be answered; the clock runs from `started_us`."""

    lead_id: uuid.UUID
    policy: Policy
    started_us: int
    because: str


@dataclass(frozen=True, slots=True)
class Running:
    """The clock that runs for a lead now, in microseconds."""

    lead_id: uuid.UUID
    due_us: int


@dataclass(frozen=True, slots=True)
class Breach:
    """A lead that was not answered in time (or soon will not be), and who must be told."""

    lead_id: uuid.UUID
    due_us: int
    owner_id: uuid.UUID | None
    told: tuple[uuid.UUID, ...]


def start(starts: Sequence[Start]) -> list[Running]:
    """Start a clock for each lead that has none running; two statements, however many.

    Returns the clock that now runs for each of the leads, one per lead: a second request does
    not restart the time, but one that must be answered earlier brings the deadline forward.
    Raises hours.NotHours when a deadline is over ten years away.
    """
    if not starts:
        return []
    new = [_row(each) for each in starts]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.executemany(_START, new)
        return running([s.lead_id for s in starts])


def _row(start: Start) -> tuple[uuid.UUID, int, str, str, int, int, int]:
    """Due after all of the working minutes, warned after three fifths of them."""
    policy, started_us = start.policy, start.started_us
    due_us, warn_us = (
        hours.add_working(policy.hours, started_us, minutes=minutes)
        for minutes in (policy.response_minutes, policy.response_minutes * 3 // 5)
    )
    state = Clock.State.RUNNING.value
    because = start.because[:_LONGEST]
    return start.lead_id, policy.id, state, because, started_us, due_us, warn_us


def running(lead_ids: Sequence[uuid.UUID]) -> list[Running]:
    """The clocks that run for these leads, at most one each. One query."""
    sql = "SELECT lead_id, due_at FROM routing_clock WHERE state = 'running' AND lead_id {in}"
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, sql, lead_ids, vendor=connection.vendor)
    return [Running(as_uuid(lead_id), due_us) for lead_id, due_us in found]


def respond(lead_id: uuid.UUID, *, began_at: datetime, now: datetime) -> Clock | None:
    """Somebody answered at `began_at`: stop the clock as met or late. None when none runs.

    What is said to have begun before the lead came counts from its arrival, what lies in the
    future counts from `now`; so a typing mistake cannot make a response time negative.
    """
    with transaction.atomic():
        found = Clock.objects.select_for_update().filter(lead_id=lead_id, state="running").first()
        if found is None:
            return None
        found.responded_at = max(min(began_at, now), found.started_at)
        is_met = found.responded_at <= found.due_at
        found.state = Clock.State.MET if is_met else Clock.State.LATE
        found.save(update_fields=["responded_at", "state"])
        return found


def respond_all(lead_ids: Sequence[uuid.UUID], *, began_at: datetime, now: datetime) -> int:
    """Somebody answered all of these leads at once; how many clocks stopped. Two statements.

    The caller holds the leads' locks.
    """
    at_us = clock.micros(min(began_at, now))
    found = Clock.objects.filter(lead_id__in=list(lead_ids), state="running")
    stopped = []
    for identity, started_at, due_at in found.values_list("id", "started_at", "due_at"):
        responded_us = max(at_us, clock.micros(started_at))
        is_met = responded_us <= clock.micros(due_at)
        state = Clock.State.MET if is_met else Clock.State.LATE
        stopped.append((identity, state.value, responded_us))
    with connection.cursor() as cursor:
        columns = ["id", "state", "responded_at"]
        rows.update(cursor, "routing_clock", columns, stopped, key=["id"], vendor=connection.vendor)
    return len(stopped)


def resume_all(lead_ids: Sequence[uuid.UUID], *, began_at: datetime) -> int:
    """An answer to all of these leads, begun at `began_at`, was taken back: what it stopped runs.

    Clocks that something else stopped stay so, and of leads for which another one runs. How many
    run again. Two statements. The caller holds the leads' locks.
    """
    running_too = Clock.objects.filter(lead=OuterRef("lead"), state="running")
    mine = Clock.objects.filter(lead_id__in=list(lead_ids), state__in=["met", "late"])
    stopped = mine.filter(~Exists(running_too)).order_by("responded_at", "id")
    newest: dict[uuid.UUID, int] = {}
    for each in stopped:
        is_ours = each.responded_at == max(began_at, each.started_at)
        newest[each.lead_id] = each.pk if is_ours else 0
    again = [identity for identity in newest.values() if identity]
    return Clock.objects.filter(id__in=again).update(state="running", responded_at=None)


def cancel(lead_ids: Sequence[uuid.UUID], *, because: str, now: datetime) -> int:
    """Stop the clocks of leads that need no answer any more; returns how many ran.

    Why they ran stays beside why they stopped, so that `go_on` can take it back.
    """
    running_now = Clock.objects.filter(lead_id__in=list(lead_ids), state="running")
    return running_now.update(
        state=Clock.State.CANCELLED, cancelled_at=now, cancelled_because=because[:_LONGEST]
    )


def go_on(cancelled: Mapping[uuid.UUID, datetime], *, now: datetime) -> set[uuid.UUID]:
    """What cancelled these leads' clocks, at these instants, was taken back: they run again.

    As after a pause: the working time between does not count, so deadline and warning lie as far
    ahead as they did; of what was told already nobody hears again. A clock that was cancelled at
    another instant stays so, and of leads for which another one runs. Returns the leads whose clock
    runs again. At most three statements. The caller holds the leads' locks.
    """
    running_too = Clock.objects.filter(lead=OuterRef("lead"), state="running")
    ended = Clock.objects.filter(lead_id__in=list(cancelled), state="cancelled")
    ended = ended.filter(~Exists(running_too)).select_related("policy").order_by("id")
    ours = {each.lead_id: each for each in ended if each.cancelled_at == cancelled[each.lead_id]}
    if not ours:
        return set()
    calendar = calendars.load()
    again = []
    for each in ours.values():
        kept_to = calendar.get(each.policy.calendar_id) if each.policy else None
        due, warn = (_paused(at, each, kept_to, now=now) for at in (each.due_at, each.warn_at))
        again.append((each.pk, Clock.State.RUNNING.value, due, warn, None, ""))
    columns = ["id", "state", "due_at", "warn_at", "cancelled_at", "cancelled_because"]
    with connection.cursor() as cursor:
        rows.update(cursor, "routing_clock", columns, again, key=["id"], vendor=connection.vendor)
    return set(ours)


def _paused(
    at: datetime | None, cancelled: Clock, kept_to: Hours | None, *, now: datetime
) -> int | None:
    """An instant of a clock after its pause, in microseconds.

    Without hours, because its policy is gone, all time is working time.
    """
    if at is None:
        return None
    at_us, from_us, to_us = (
        clock.micros(at),
        clock.micros(cancelled.cancelled_at),
        clock.micros(now),
    )
    if kept_to is None:
        return at_us if at_us <= from_us else at_us + max(0, to_us - from_us)
    return hours.postpone(kept_to, at_us, from_us=from_us, to_us=to_us)


def absorb(winner_id: uuid.UUID, *, loser_id: uuid.UUID, now: datetime) -> Running | None:
    """After a merge the winner waits since the earlier of the two; returns the clock that runs.

    The caller holds both leads' locks. Safe to run twice.
    """
    with transaction.atomic():
        both = Clock.objects.filter(lead_id__in=[winner_id, loser_id], state="running")
        found = sorted(both, key=lambda each: (each.due_at, each.id))
        if not found:
            return None
        for each in found[1:]:
            because = _noop("Merged with a lead that has waited longer.")
            cancel([each.lead_id], because=because, now=now)
        Clock.objects.filter(id=found[0].id).update(lead_id=winner_id)
    return Running(winner_id, clock.micros(found[0].due_at))


def due_breaches(now: datetime, *, limit: int = 200) -> list[Breach]:
    """Note which clocks have run out, once; the owner and the managers of the team must hear it.

    At most `limit`, the longest overdue first; at most 3 statements. Of two workers each takes
    other clocks; a second run finds nothing.
    """
    at_us = clock.micros(now)
    with transaction.atomic():
        return _whom_to_tell(_take(_TAKE_BREACHES, [at_us, limit, at_us]))


def due_warnings(now: datetime, *, limit: int = 200) -> list[Breach]:
    """Note for which clocks 60 % of the time are over, once; whoever answers must hear it.

    That is the owner alone, and without an owner whoever would hear of the breach. Those that
    have run out meanwhile are left to `due_breaches`. Otherwise as there.
    """
    at_us = clock.micros(now)
    with transaction.atomic():
        taken = _take(_TAKE_WARNINGS, [at_us, limit])
        soon = _whom_to_tell({lead: due_us for lead, due_us in taken.items() if due_us > at_us})
    return [
        replace(each, told=(each.owner_id,)) if each.owner_id is not None else each for each in soon
    ]


def _take(statement: str, parameters: list[int]) -> dict[uuid.UUID, int]:
    """Lead → when its clock is due, for the clocks that this statement has marked."""
    skip = " FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    absent = trash.ABSENT.format(lead="routing_clock.lead_id")
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("{skip}", skip).replace("{absent}", absent), parameters)
        return {as_uuid(lead_id): due_us for lead_id, due_us in cursor.fetchall()}


def _whom_to_tell(late: dict[uuid.UUID, int]) -> list[Breach]:
    if not late:
        return []
    owned = assignments.current(list(late))
    heads = _heads()
    breaches = []
    for lead_id, due_us in late.items():
        held = owned.get(lead_id)
        owner_id = held.owner_id if held else None
        team_id = held.team_id if held else None
        people = [owner_id] if owner_id else []
        people += heads.get(team_id, []) if team_id else []
        # A lead with nobody to answer for it is told to those who run the workspace.
        told = tuple(dict.fromkeys(people or heads.get(None, [])))
        breaches.append(Breach(lead_id, due_us, owner_id, told))
    return breaches


def _heads() -> dict[int | None, list[uuid.UUID]]:
    """Managers by team; under None the owner and the admins. One query."""
    heads: dict[int | None, list[uuid.UUID]] = {}
    wanted = (Role.MANAGER, Role.OWNER, Role.ADMIN)
    people = User.objects.filter(is_active=True, role__in=wanted).order_by("id")
    for user_id, role, team_id in people.values_list("id", "role", "team_id"):
        heads.setdefault(team_id if role == Role.MANAGER else None, []).append(user_id)
    return heads


def is_any_due(now: datetime) -> bool:
    """Whether a clock has run out that nobody was told about. One query, no lock."""
    late = Clock.objects.filter(state="running", breached_at=None, due_at__lte=now)
    return late.exclude(trash.absent("lead")).exists()


def is_any_to_warn(now: datetime) -> bool:
    """Whether the time of a clock is nearly over and nobody was told. One query, no lock."""
    soon = Clock.objects.filter(state="running", warn_at__lte=now)
    return soon.exclude(trash.absent("lead")).exists()


def resume(lead_id: uuid.UUID, *, began_at: datetime | None = None) -> Clock | None:
    """A response was taken back: the clock that it stopped runs again. None when it stopped none.

    `began_at` is when the response had begun: a clock that another response stopped stays
    stopped. Nothing runs again while another clock runs.
    """
    stopped = Clock.objects.filter(lead_id=lead_id, state__in=["met", "late"])
    found = stopped.order_by("-responded_at", "-id").first()
    if found is None or Clock.objects.filter(lead_id=lead_id, state="running").exists():
        return None
    if began_at is not None and found.responded_at != max(began_at, found.started_at):
        return None
    found.state, found.responded_at = Clock.State.RUNNING, None
    found.save(update_fields=["state", "responded_at"])
    return found
