"""A person leaves, and what was theirs goes to others: what that means for every package.

Leaving is at once: sign-in, keys and invitations end in the transaction. What was theirs goes to
others in a job, portion by portion, each thing noted, so that the whole can be taken back for a
day; what somebody has changed meanwhile stays as it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.activities import task_owners
from leadline.cards.models import Card
from leadline.deals import owners as deal_owners
from leadline.flow import notices, reactions
from leadline.leads import locks
from leadline.lib import clock
from leadline.routing import assignments
from leadline.routing.notifications import Notice
from leadline.workspace import audit, invitations, jobs, kept, people
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import Departure, HandedOver, Role, User

PORTION = 100
UNDO_WITHIN = timedelta(hours=24)
HAND_OVER = "people.hand_over"
TAKE_BACK = "people.take_back"
State = Departure.State
_MOVING = (State.HANDING_OVER, State.TAKING_BACK)
_Act = Callable[[Departure, datetime], int]


@dataclass(frozen=True)
class Belongings:
    """What a person leaves behind: leads, and tasks and deals that are open."""

    lead_count: int
    task_count: int
    deal_count: int


@dataclass(frozen=True)
class Takers:
    """Who takes what; None: nobody, so they wait for whoever takes them."""

    leads_to: UUID | None
    tasks_to: UUID | None
    deals_to: UUID | None


def belongings(person_id: UUID) -> Belongings:
    """What a person has now. Three queries."""
    return Belongings(
        Card.objects.filter(owner=person_id).count(),
        task_owners.open_count(person_id),
        deal_owners.open_count(person_id),
    )


def deactivate(person_id: UUID, takers: Takers, *, by: Doer, now: datetime) -> Departure | None:
    """Shut a person out at once and let a job hand over what is theirs; None when unknown.

    Raises people.NotAllowed, and people.NotAcceptable for a taker who cannot take.
    """
    with transaction.atomic():
        person = people.held(person_id)
        if person is None:
            return None
        took_leads = person.takes_leads
        if Departure.objects.filter(user=person, state__in=_MOVING).exists():
            raise people.NotAllowed(_("What was theirs is on its way still. Try again soon."))
        _check_takers(takers, leaving=person)
        people.shut_out(person, by=by, now=now)
        invitations.withdraw_of(person, now=now)
        departure = Departure.objects.create(
            user=person, by_id=by.user_id, leads_to_id=takers.leads_to,
            tasks_to_id=takers.tasks_to, deals_to_id=takers.deals_to, took_leads=took_leads,
            left_at=now,
        )  # fmt: skip
        jobs.enqueue(HAND_OVER, {"departure": departure.pk}, now=now,
                     unique_key=f"{HAND_OVER}:{departure.pk}")  # fmt: skip
        given = {
            "leads": _name(departure.leads_to),
            "tasks": _name(departure.tasks_to),
            "deals": _name(departure.deals_to),
        }
        named = Change("person.deactivated", "person", person.pk, str(person), {}, given)
        audit.record(named, by=by, now=now)
    return departure


def hand_over(arguments: Mapping[str, object], now: datetime) -> int:
    """The job after `deactivate`; returns how many things went over. Goes on where it stopped.

    Ends early when the departure is taken back meanwhile. One notification per taker at the end.
    """
    departure_id, count = int(str(arguments["departure"])), 0
    at = clock.running(now)
    for portion in (_hand_over_leads, _hand_over_tasks, _hand_over_deals):
        while moved := _portion(departure_id, State.HANDING_OVER, portion, now=at()):
            count += moved
    with transaction.atomic():
        departure = _held(departure_id, State.HANDING_OVER)
        if departure is not None:
            departure.state, departure.handed_over_at = State.HANDED_OVER, now
            departure.save(update_fields=["state", "handed_over_at"])
            _tell_takers(departure, now=now)
    return count


def undoable(*, now: datetime) -> list[Departure]:
    """Departures of the last day that nobody took back, newest first. One query."""
    recent = Departure.objects.filter(
        left_at__gt=now - UNDO_WITHIN, state__in=[State.HANDING_OVER, State.HANDED_OVER]
    )
    takers = ("leads_to", "tasks_to", "deals_to")
    return list(recent.select_related("user", *takers, "by").order_by("-id"))


def undo_departure(departure_id: int, *, by: Doer, now: datetime) -> User | None:
    """The person may sign in again at once, with their keys; a job brings back what was theirs.

    None when it is unknown, older than a day, or taken back already. Sessions stay ended.
    """
    with transaction.atomic():
        departure = _held(departure_id, State.HANDING_OVER, State.HANDED_OVER)
        if departure is None or departure.left_at <= now - UNDO_WITHIN:
            return None
        person = people.held(departure.user_id)
        if person is None or person.is_active:
            return None
        people.let_in(person, takes_leads=departure.took_leads, keys_revoked_at=departure.left_at)
        departure.state = State.TAKING_BACK
        departure.save(update_fields=["state"])
        jobs.enqueue(TAKE_BACK, {"departure": departure.pk}, now=now,
                     unique_key=f"{TAKE_BACK}:{departure.pk}")  # fmt: skip
        named = Change("person.taken_back", "person", person.pk, str(person))
        audit.record(named, by=by, now=now)
    return person


def take_back(arguments: Mapping[str, object], now: datetime) -> int:
    """The job after `undo_departure`; returns how many things came back.

    Only what nobody changed since; the rest is noted as kept. Goes on where it stopped.
    """
    departure_id, at, count = int(str(arguments["departure"])), clock.running(now), 0
    while looked := _portion(departure_id, State.TAKING_BACK, _take_back_some, now=at()):
        count += looked
    with transaction.atomic():
        departure = _held(departure_id, State.TAKING_BACK)
        if departure is not None:
            departure.state, departure.taken_back_at = State.TAKEN_BACK, now
            departure.save(update_fields=["state", "taken_back_at"])
    return count


# Portions


def _portion(departure_id: int, state: str, act: _Act, *, now: datetime) -> int:
    """One transaction of a job: how many things it looked at; 0 when there is no more to do."""
    with transaction.atomic():
        departure = _held(departure_id, state)
        return 0 if departure is None else act(departure, now)


def _hand_over_leads(departure: Departure, now: datetime) -> int:
    # Each lead is looked at once, also when its card is behind.
    seen = departure.things.filter(kind=HandedOver.Kind.LEAD).values("object_id")
    mine = Card.objects.filter(owner=departure.user_id).exclude(pk__in=seen).order_by("pk")
    lead_ids = list(mine.values_list("pk", flat=True)[:PORTION])
    if not lead_ids:
        return 0
    locks.hold(lead_ids)
    because = _noop("%(who)s has left") % {"who": departure.user}
    made = assignments.pass_on_all(
        lead_ids, owner_before=departure.user_id, owner_id=_active(departure.leads_to),
        by=departure.by_id or departure.user_id, because=because, now=now,
    )  # fmt: skip
    marks = dict.fromkeys(lead_ids, "") | {each.lead_id: str(each.pk) for each in made}
    _note(departure, HandedOver.Kind.LEAD, marks)
    reactions.look_again(lead_ids, now=now)
    return len(lead_ids)


def _hand_over_tasks(departure: Departure, now: datetime) -> int:
    to = _active(departure.tasks_to)
    moved = task_owners.pass_on(
        departure.user_id, to=to, limit=PORTION, by=departure.by_id, now=now
    )
    _note(departure, HandedOver.Kind.TASK, dict.fromkeys(moved, _mark(to)))
    return len(moved)


def _hand_over_deals(departure: Departure, now: datetime) -> int:
    to = _active(departure.deals_to)
    moved = deal_owners.pass_on(departure.user_id, to=to, limit=PORTION, now=now)
    _note(departure, HandedOver.Kind.DEAL, dict.fromkeys(moved, _mark(to)))
    return len(moved)


def _take_back_some(departure: Departure, now: datetime) -> int:
    things = list(departure.things.filter(state=HandedOver.State.GONE).order_by("pk")[:PORTION])
    returned: set[UUID] = set()
    for kind, verb in _RETURNING.items():
        marks = {each.object_id: each.mark for each in things if each.kind == kind}
        returned |= verb(departure, marks, now)
    back = [each.pk for each in things if each.object_id in returned]
    rest = [each.pk for each in things if each.object_id not in returned]
    HandedOver.objects.filter(pk__in=back).update(state=HandedOver.State.RETURNED)
    HandedOver.objects.filter(pk__in=rest).update(state=HandedOver.State.KEPT)
    return len(things)


def _return_leads(departure: Departure, marks: Mapping[UUID, str], now: datetime) -> set[UUID]:
    """Those whose assignment is still the one that the departure made."""
    lead_ids = sorted(marks)
    locks.hold(lead_ids)
    current = assignments.current(lead_ids)
    same: dict[UUID | None, list[UUID]] = {}
    for lead_id, assignment in current.items():
        if str(assignment.pk) == marks[lead_id]:
            same.setdefault(assignment.owner_id, []).append(lead_id)
    because = _noop("%(who)s is back") % {"who": departure.user}
    made = [
        each
        for taker, mine in same.items()
        for each in assignments.pass_on_all(
            mine, owner_before=taker, owner_id=departure.user_id,
            by=departure.by_id or departure.user_id, because=because, now=now,
        )
    ]  # fmt: skip
    reactions.look_again([each.lead_id for each in made], now=now)
    return {each.lead_id for each in made}


def _return_tasks(departure: Departure, marks: Mapping[UUID, str], now: datetime) -> set[UUID]:
    returned: set[UUID] = set()
    for taker, mine in _by_taker(marks).items():
        returned |= set(
            task_owners.give_back(
                mine, to=departure.user_id, taken_by=taker, by=departure.by_id, now=now
            )
        )
    return returned


def _return_deals(departure: Departure, marks: Mapping[UUID, str], now: datetime) -> set[UUID]:
    returned: set[UUID] = set()
    for taker, mine in _by_taker(marks).items():
        returned |= set(deal_owners.give_back(mine, to=departure.user_id, taken_by=taker, now=now))
    return returned


_RETURNING: Mapping[str, Callable[[Departure, Mapping[UUID, str], datetime], set[UUID]]] = {
    HandedOver.Kind.LEAD: _return_leads,
    HandedOver.Kind.TASK: _return_tasks,
    HandedOver.Kind.DEAL: _return_deals,
}


def _mark(taker: UUID | None) -> str:
    """Who took a thing, as `HandedOver.mark` holds it."""
    return taker.hex if taker else "nobody"


def _by_taker(marks: Mapping[UUID, str]) -> dict[UUID | None, list[UUID]]:
    taken: dict[UUID | None, list[UUID]] = {}
    for thing_id, mark in sorted(marks.items()):
        taken.setdefault(None if mark == "nobody" else UUID(hex=mark), []).append(thing_id)
    return taken


def _active(taker: User | None) -> UUID | None:
    """The taker, unless they have left as well: then nobody."""
    return taker.pk if taker is not None and taker.is_active else None


def _note(departure: Departure, kind: str, marks: Mapping[UUID, str]) -> None:
    """Write down what was looked at; without a mark it had gone elsewhere before."""
    HandedOver.objects.bulk_create(
        [
            HandedOver(
                departure=departure, kind=kind, object_id=thing_id, mark=mark,
                state=HandedOver.State.GONE if mark else HandedOver.State.KEPT,
            )
            for thing_id, mark in marks.items()
        ]
    )  # fmt: skip


def _held(departure_id: int, *states: str) -> Departure | None:
    """The departure, locked, if it is in one of these states; else None."""
    locked = Departure.objects.select_for_update(of=("self",))
    locked = locked.select_related("user", "leads_to", "tasks_to", "deals_to")
    return locked.filter(pk=departure_id, state__in=states).first()


def _tell_takers(departure: Departure, *, now: datetime) -> None:
    """One notification for each taker, however much came."""
    gone = departure.things.filter(state=HandedOver.State.GONE)
    said: dict[UUID, list[str]] = {}
    for kind, taker in (
        (HandedOver.Kind.LEAD, departure.leads_to_id),
        (HandedOver.Kind.TASK, departure.tasks_to_id),
        (HandedOver.Kind.DEAL, departure.deals_to_id),
    ):
        count = gone.filter(kind=kind).count()
        if taker and count:
            said.setdefault(taker, []).append(kept.counted(str(kind), count))
    notices.tell(
        [
            Notice(taker, None, "assigned", _noop("From %(who)s you take over: %(what)s")
                   % {"who": departure.user, "what": ", ".join(parts)}, by=departure.by_id)
            for taker, parts in said.items()
        ],
        now=now,
    )  # fmt: skip


def _check_takers(takers: Takers, *, leaving: User) -> None:
    sellers = User.objects.filter(is_active=True).exclude(role__in=[Role.READ_ONLY, Role.MARKETER])
    able = set(sellers.exclude(pk=leaving.pk).values_list("pk", flat=True))
    problems = {
        field: _("Choose somebody from the list.")
        for field in ("leads_to", "tasks_to", "deals_to")
        if (taker := getattr(takers, field)) is not None and taker not in able
    }
    if problems:
        raise people.NotAcceptable(problems)


def _name(person: User | None) -> str | None:
    return None if person is None else str(person)
