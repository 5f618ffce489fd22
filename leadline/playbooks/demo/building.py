"""Building the demo week by week, through the doors that everybody uses. Goes on where it stopped.

Each week is a pass of its own at the end of that week, so scores, stages and their dates come out
as they would have. The past is history: nobody is told or put on a clock for it; its owners are
those of the deals, and for the rest whose turn it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Q

from leadline.capture.submission import Submission
from leadline.cards.models import Card
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.flow import intake, reactions, timers
from leadline.leads import addresses, locks
from leadline.leads.models import Company, Lead
from leadline.lib import clock
from leadline.playbooks.demo import behaviour, live, people, pipeline, team
from leadline.playbooks.demo.people import Person
from leadline.playbooks.demo.pipeline import Opportunity
from leadline.playbooks.demo.team import Staff
from leadline.privacy.claims import ConsentClaim
from leadline.privacy.playbook import texts
from leadline.routing import assignments, calendars
from leadline.routing.assignments import Request
from leadline.timeline.models import Event
from leadline.workspace.models import Workspace

BATCH = 400
WEEK = timedelta(weeks=1)
LOOK_AGAIN_WEEKS = 13
QUIET = timedelta(hours=4)
"""The history ends at least so long before now; then people come in live."""

SOLD = ("pql", "sql", "mql", "opportunity")
_STEPS = 100

T = TypeVar("T")

Advance = Callable[[int], object]


class Built(msgspec.Struct, frozen=True):
    """What the demo holds; also what its page shows."""

    companies: int
    sales_people: int
    deals: int
    leads: int
    events: int
    newest_deal: str


class _Plan(msgspec.Struct, frozen=True):
    """Everything that is to happen; the same whenever it is made for one `now`."""

    last: datetime
    moved: timedelta
    staff: Staff
    people: list[Person]
    person_of: dict[str, Person]  # by deal
    weeks: dict[int, list[Submission]]

    @property
    def first(self) -> datetime:
        return datetime.combine(people.FIRST_DAY, time(), tzinfo=UTC) + self.moved

    def until(self, week: int) -> datetime:
        """The end of a week, or of history."""
        return min(self.first + (week + 1) * WEEK, self.last)


def build(
    *, now: datetime, advance: Advance = lambda _: None, people_count: int | None = None
) -> Built:
    """Fill the workspace; returns what is in it. `advance` is given 100 steps in all.

    Needs a workspace with the playbook b2b-saas. Interrupted, it goes on with the week it was in
    when it is called again, with the same dates; a finished demo is left alone. `people_count`
    takes only so many people, evenly chosen, with their deals.
    """
    now = _begin(now)
    if _noted("done"):
        advance(_STEPS)
        return _told()
    plan = _plan(now, people_count)
    count = (plan.last - plan.first) // WEEK + 1
    begun = int(_noted("weeks") or 0)
    advance(_steps(begun, count))
    for week in range(begun, count):
        _pass(plan, week)
        _note(weeks=week + 1)
        advance(_steps(week + 1, count) - _steps(week, count))
    _catch_up(plan.last)
    _give_owners(plan)
    hours = calendars.default()
    for arriving in live.arrivals(list(pipeline.companies().values()), now=now, hours=hours):
        intake.run(arriving.submissions, now=arriving.at)
    built = _count(plan)
    _note(done=True, told=msgspec.to_builtins(built))
    advance(_STEPS - _steps(count, count))
    return built


def _steps(week: int, count: int) -> int:
    return 90 * week // count


def _last(now: datetime) -> datetime:
    """When history ends: before the first of those who come in live, on whatever day that is."""
    first = min(live.instants(now=now, hours=calendars.default()))
    return min(now - QUIET, first - timedelta(hours=1))


def _plan(now: datetime, people_count: int | None) -> _Plan:
    last = _last(now)
    moved = pipeline.weeks_to(last.date())
    opportunities = pipeline.opportunities()
    everybody = people.all_people(pipeline.companies(), opportunities)
    if people_count is not None:
        everybody = everybody[:: max(1, len(everybody) // people_count)]
    consent = _consent()
    entries = (
        entry
        for person in everybody
        for entry in behaviour.history(person, moved=moved, consent=consent)
        if entry.occurred_us <= clock.micros(last)
    )
    first = datetime.combine(people.FIRST_DAY, time(), tzinfo=UTC) + moved
    return _Plan(
        last=last,
        moved=moved,
        staff=team.hire(pipeline.agents(), now=first),
        people=everybody,
        person_of={deal.id: person for person in everybody for deal in person.deals},
        weeks=behaviour.by_week(entries, first_us=clock.micros(first)),
    )


def _consent() -> ConsentClaim:
    (_, _, version), words = next(
        (key, text) for key, text in texts().items() if key[0] == "marketing"
    )
    return ConsentClaim("marketing", "email", "granted", words, version)


def _pass(plan: _Plan, week: int) -> None:
    """What happened in one week: people first, then deals, then who owns them."""
    at = plan.until(week)
    for batch in _batches(plan.weeks.get(week, [])):
        intake.run(batch, now=at)
    moving = _deals_of(plan, after=at - WEEK if week else plan.first, until=at)
    leads = addresses.leads_of([plan.person_of[deal.id].email for deal, _ in moving])
    firms = dict(Company.objects.exclude(domain=None).values_list("domain", "id"))
    entries = [
        _entry(deal, plan, leads=leads, firms=firms, is_closed=is_closed)
        for deal, is_closed in moving
    ]
    deals.import_many(entries, because="the public set", now=at)
    owners = {each.lead_id: each.owner_id for each in reversed(entries) if each.lead_id}
    # All of the week's, not only the changed ones: the run before may have ended right here.
    for lead_ids in _batches(sorted(owners)):
        _own(lead_ids, owners, at=at)
        reactions.deals_changed(lead_ids, now=at)
    if week % LOOK_AGAIN_WEEKS == LOOK_AGAIN_WEEKS - 1:
        _catch_up(at)


def _own(lead_ids: Sequence[UUID], owners: Mapping[UUID, UUID | None], *, at: datetime) -> None:
    """Leads without an owner get the one of their first deal."""
    with transaction.atomic():
        locks.hold(lead_ids)
        owned = assignments.current(lead_ids)
        free = [each for each in lead_ids if each not in owned]
        requests = [Request(each, None, owners[each], "Owner of the deal") for each in free]
        assignments.deal(requests, now=at)


def _deals_of(plan: _Plan, *, after: datetime, until: datetime) -> list[tuple[Opportunity, bool]]:
    """Deals that were opened or closed in the span, and whether they are closed at its end."""
    moving = []
    for person in plan.people:
        for deal in person.deals:
            opened, closed = deal.opened_at + plan.moved, deal.closed_at
            ended = None if closed is None else closed + plan.moved
            if after < opened <= until or (ended is not None and after < ended <= until):
                moving.append((deal, ended is not None and ended <= until))
    return moving


def _entry(
    deal: Opportunity,
    plan: _Plan,
    *,
    leads: dict[str, UUID],
    firms: dict[str | None, UUID],
    is_closed: bool,
) -> Entry:
    person = plan.person_of[deal.id]
    closed_at = deal.closed_at
    return Entry(
        currency="USD",
        opened_at=deal.opened_at + plan.moved,
        external_id=f"demo:{deal.id}",
        lead_id=leads.get(person.email),
        company_id=firms.get(person.company.domain) if person.company else None,
        owner_id=plan.staff.user_ids[deal.agent],
        name=f"{deal.product} for {deal.company or person.last_name}",
        amount_minor=deal.amount_minor,
        state=deal.state if is_closed else "open",
        closed_at=closed_at + plan.moved if is_closed and closed_at else None,
    )


def _catch_up(at: datetime) -> None:
    """Windows have closed and points have faded: look at everybody who is due."""
    while timers.check_up(limit=timers.MOST, now=at):
        pass


def _give_owners(plan: _Plan) -> None:
    """Who is with sales and belongs to nobody gets an owner, team by team in turn."""
    waiting = Card.objects.filter(Q(temperature="hot") | Q(stage__in=SOLD), owner=None)
    lead_ids = list(waiting.order_by("created_at", "lead").values_list("lead_id", flat=True))
    teams = plan.staff.teams
    for batch in _batches(lead_ids):
        with transaction.atomic():
            locks.hold(batch)
            assignments.deal(
                [Request(each, teams[n % len(teams)]) for n, each in enumerate(batch)],
                now=plan.last,
                because="Brought in with the past",
            )
        reactions.look_again(batch, now=plan.last)


def _batches(found: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(found), BATCH):
        yield found[start : start + BATCH]


def _count(plan: _Plan) -> Built:
    return Built(
        companies=len(pipeline.companies()),
        sales_people=len(plan.staff.user_ids),
        deals=Deal.objects.count(),
        leads=Lead.objects.filter(merged_into=None).count(),
        events=Event.objects.count(),
        newest_deal=(pipeline.NEWEST + plan.moved).isoformat(),
    )


# What the loader remembers, in the workspace's notes.


def _begin(now: datetime) -> datetime:
    """Mark the workspace as a demo; returns the instant that the first run began with."""
    begun = _noted("now")
    if begun is not None:
        return clock.parse_iso(str(begun))
    Workspace.objects.update(is_demo=True, currency="USD")
    _note(now=now.isoformat())
    return now


def _noted(name: str) -> Any:  # JSON
    return _notes().get("demo_progress", {}).get(name)


def _told() -> Built:
    return msgspec.convert(_notes()["demo"], Built)


def _note(*, told: dict[str, object] | None = None, **progress: object) -> None:
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get()
        notes: dict[str, Any] = workspace.notes  # JSON
        notes["demo_progress"] = {**notes.get("demo_progress", {}), **progress}
        if told is not None:
            notes["demo"] = told
        workspace.notes = notes
        workspace.save(update_fields=["notes"])


def _notes() -> dict[str, Any]:  # JSON
    notes: dict[str, Any] = Workspace.objects.get().notes
    return notes
