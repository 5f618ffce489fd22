"""Today: what the reader must do now, in the right order, and what is done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from leadline.activities import queries as activities
from leadline.activities.models import Activity, Task
from leadline.cards import queries as cards
from leadline.cards import returning, visibility
from leadline.cards import tasks as seen_tasks
from leadline.cards.models import Card
from leadline.cards.queries import CardRow, TodayRow
from leadline.lib import clock
from leadline.lifecycle.models import StageChange
from leadline.web import access, checklist_pages, labels, next_steps, pages, presence
from leadline.web.next_steps import Step
from leadline.workspace import permissions
from leadline.workspace.models import User

_MOST_DONE = 100
_MOST_COOLED = 5


@dataclass(frozen=True)
class Waiting:
    """One row of the queue: the card, what to do next, whether the reader may do it, and what the
    reader has planned for now."""

    row: TodayRow
    step: Step
    may_edit: bool
    tasks: Sequence[Task]


@dataclass(frozen=True)
class Done:
    """Something the reader did today; the newest act per lead."""

    lead_id: UUID
    name: str
    what: str
    at: datetime


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """The queue; as a fragment when something has changed."""
    user, now = access.reader(request), clock.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    evening = midnight + timedelta(days=1)
    queue = _queue(user, until=evening, now=now)
    context: dict[str, object] = {
        "place": "today",
        "queue": queue,
        "on": presence.on([waiting.row.card.lead_id for waiting in queue], user, now=now),
        "cooled": _cooled(user, now=now),
        "done": _done(user, since=midnight),
        "late_count": sum(1 for waiting in queue if _is_late(waiting, now=now)),
        "clock_count": sum(1 for w in queue if w.row.group == "clock"),
        "task_count": sum(len(waiting.tasks) for waiting in queue),
        "next_due": _next_due(user, evening=evening, now=now) if not queue else None,
    }
    if not pages.wants_fragment(request):
        waits = any(not waiting.row.is_only_planned for waiting in queue)
        context |= checklist_pages.context_of(request, does_work_wait=waits)
        context["toasts"] = [checklist_pages.put_away()] if "away" in request.GET else []
    block = "today" if pages.wants_fragment(request) else None
    return pages.render(request, "today.html", context, block=block, now=now)


def _is_late(waiting: Waiting, *, now: datetime) -> bool:
    due_at = waiting.row.card.response_due_at
    return due_at is not None and due_at < now


def _next_due(user: User, *, evening: datetime, now: datetime) -> datetime | None:
    """When something comes back that was put off, or the next task is due."""
    coming = (cards.next_due(user, now=now), seen_tasks.next_due(user, after=evening))
    return min((at for at in coming if at is not None), default=None)


def _queue(user: User, *, until: datetime, now: datetime) -> list[Waiting]:
    planned: dict[UUID, list[Task]] = {}
    for task in seen_tasks.due(user, until=until, now=now):
        planned.setdefault(task.lead_id, []).append(task)
    rows = cards.today(user, now=now, planned=list(planned))
    ids = [row.card.lead_id for row in rows]
    touches = activities.touches_of(ids)
    editable = _editable(user, ids)
    return [
        Waiting(
            row,
            next_steps.suggest(row.card, touches.get(row.card.lead_id), now=now),
            row.card.lead_id in editable,
            planned.get(row.card.lead_id, []),
        )
        for row in rows
    ]


def _cooled(user: User, *, now: datetime) -> list[CardRow]:
    if not permissions.may(user, "edit_leads"):
        return []
    return returning.proposed_to(user, now=now, limit=_MOST_COOLED)


def _editable(user: User, lead_ids: Collection[UUID]) -> set[UUID]:
    if not permissions.may(user, "edit_leads"):
        return set()
    mine = Card.objects.filter(visibility.editable_by(user), pk__in=lead_ids)
    return set(mine.values_list("pk", flat=True))


def _done(user: User, *, since: datetime) -> list[Done]:
    """What the reader logged, ticked off and decided since midnight, newest first. Four queries."""
    acts: dict[UUID, tuple[datetime, str]] = {}
    logged = Activity.objects.filter(by=user, logged_at__gte=since).order_by("-logged_at")
    for act in logged[:_MOST_DONE]:
        acts.setdefault(act.lead_id, (act.logged_at, labels.of(labels.ACTIVITIES, act.kind)))
    for task in seen_tasks.done(user, since=since, limit=_MOST_DONE):
        if task.done_at is not None and _is_news(acts, task.lead_id, task.done_at):
            acts[task.lead_id] = (task.done_at, task.text)
    moved = StageChange.objects.filter(by=user, at__gte=since).order_by("-at")
    for change in moved[:_MOST_DONE]:
        if _is_news(acts, change.lead_id, change.at):
            acts[change.lead_id] = (change.at, labels.stage(change.stage))
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk__in=acts)
    done = [
        Done(pk, name or email, acts[pk][1], acts[pk][0])
        for pk, name, email in seen.values_list("pk", "name", "email")
    ]
    return sorted(done, key=lambda each: each.at, reverse=True)


def _is_news(acts: Mapping[UUID, tuple[datetime, str]], lead_id: UUID, at: datetime) -> bool:
    return lead_id not in acts or acts[lead_id][0] < at
