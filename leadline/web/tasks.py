"""What people plan for a lead, from any screen: add, tick off, change, hand over.

Each act happens at once and answers with a toast that offers Undo. A task of a lead that the
reader may not see answers 404 like one that does not exist, one that they may only see 403.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.activities import queries as activities
from leadline.activities.due import Due
from leadline.activities.models import Task
from leadline.activities.tasks import NotATask, Plan
from leadline.cards import queries as cards
from leadline.cards import tasks as seen_tasks
from leadline.cards.sorts import InvalidCursor
from leadline.cards.tasks import Listing
from leadline.flow import tasks
from leadline.lib import clock
from leadline.lib.said_date import NotADate
from leadline.web import access, acts, due_dates, pages, people, undo
from leadline.web.undo import Toast
from leadline.workspace.models import User

_ON_PAGE = 100


class _Refused(Exception):
    """What was typed cannot be taken; the text says why."""


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """All that the reader has planned and not done, by when it is due."""
    user, now = access.reader(request), clock.now()
    try:
        mine = Listing(owner_id=user.pk)
        found = seen_tasks.page(user, mine, after=request.GET.get("after"), limit=_ON_PAGE)
    except InvalidCursor:
        raise Http404 from None
    context = {
        "groups": _by_day(found.tasks, now=now),
        "leads": seen_tasks.names_of_leads(found.tasks),
        "next_page": found.next,
        "may_edit": access.may(request, "edit_leads"),
    }
    block = "tasks" if pages.wants_fragment(request) else None
    return pages.render(request, "tasks.html", context, block=block, now=now)


def _by_day(found: Sequence[Task], *, now: datetime) -> list[tuple[str, list[Task]]]:
    """Overdue, still due today, later: each with its heading; without the empty ones."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    evening = midnight + timedelta(days=1)
    groups: dict[str, list[Task]] = {}
    for each in found:
        late, soon = each.due_at <= now, each.due_at <= evening
        heading = _("Overdue") if late else _("Today") if soon else _("Later")
        groups.setdefault(heading, []).append(each)
    return list(groups.items())


@require_safe
@access.screen("see_leads")
def understood(request: HttpRequest) -> HttpResponse:
    """What a typed date means, shown under its field while it is written; a `value`, as a field
    has it, and the parameter that `day_in` names are days without a time."""
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("today"))
    name = request.GET.get("day_in", "value" if "value" in request.GET else "due")
    is_day = name != "due"
    text = request.GET.get(name, "")[:100]
    said = due_dates.understood_day(text) if is_day else due_dates.understood(text)
    problem = _why(text, is_day=is_day) if text.strip() and not said else ""
    return pages.render(request, "due_understood.html", {"said": said, "problem": problem})


@require_POST
@access.screen("edit_leads")
def add(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Plan something for a lead."""
    card, user, now = acts.editable(request, lead_id), access.reader(request), clock.now()
    try:
        owner = _owner(request, lead_id, default=user)
        plan = Plan(_text(request), _due(request, now=now), owner.pk if owner else None)
        made = tasks.add(lead_id, plan, by=user, now=now, key=_key(request))
    except (_Refused, NotATask) as refusal:
        return acts.refused(request, card, "task", refusal)
    said = _("Task for %(who)s, due %(when)s") % {
        "who": acts.name(card), "when": due_dates.words(made.due_at, made.due_on),
    }  # fmt: skip
    token = undo.token(user, "task_added", lead_id, str(made.pk), now=now)
    return undo.answer(request, Toast(said, token))


@require_POST
@access.screen("edit_leads")
def done(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Tick a task off; ticking it again changes nothing."""
    task, user, now = _changeable(request, task_id), access.reader(request), clock.now()
    ticked = tasks.complete(task_id, by=user, now=now)
    # What somebody else has ticked off already is not one's own to take back.
    token = undo.token(user, "task_done", task.lead_id, str(task_id), now=now) if ticked else ""
    toast = Toast(_("Done: %(text)s") % {"text": task.text}, token)
    has_plan = activities.has_plan(task.lead_id, now=now)
    return undo.answer(request, toast, ask=None if has_plan else cards.one(user, task.lead_id))


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def task(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """The form of a task, opened in place; saving changes it or gives it to somebody else."""
    found, user, now = _changeable(request, task_id), access.reader(request), clock.now()
    if request.method != "POST":
        return _form(request, found, problem="")
    try:
        with transaction.atomic():
            tasks.hold(task_id)
            # As it is now that nobody else changes it: what Undo gives back. Both acts or none.
            found = _changeable(request, task_id)
            was = Plan(found.text, Due(found.due_at, found.due_on), found.owner_id)
            owner = _owner(request, found.lead_id, default=found.owner)
            due = _due(request, now=now, unchanged=found)
            made = [
                tasks.change(task_id, text=_text(request), due=due, by=user, now=now),
                tasks.hand_over(task_id, to=owner.pk if owner else None, by=user, now=now),
            ]
    except (_Refused, NotATask) as refusal:
        return _form(request, found, problem=acts.why(refusal))
    changes = [each.pk for each in made if each is not None]
    if not changes:
        return undo.answer(request, Toast(_("Nothing was changed.")))
    before = _before(task_id, was, after=changes[-1])
    token = undo.token(user, "task_changed", found.lead_id, before, now=now)
    said = _("Task changed, due %(when)s") % {"when": due_dates.words(due.at, due.on)}
    return undo.answer(request, Toast(said, token))


def _form(request: HttpRequest, task: Task, *, problem: str) -> HttpResponse:
    user = access.reader(request)
    takers = {each.pk: each for each in (user, *people.who_take_leads(user))}
    if task.owner is not None:
        takers.setdefault(task.owner.pk, task.owner)
    context = {
        "card": cards.one(user, task.lead_id),
        "task": task,
        "problem": problem,
        "text": request.POST.get("text", task.text),
        "due": request.POST.get("due", due_dates.typed(task.due_at, task.due_on)),
        "takers": list(takers.values()),
    }
    template = "task_form.html" if pages.wants_fragment(request) else "task_page.html"
    return pages.render(request, template, context, status=422 if problem else 200)


def _changeable(request: HttpRequest, task_id: UUID) -> Task:
    user = access.reader(request)
    found = seen_tasks.one(user, task_id)
    if found is None:
        raise Http404
    if not seen_tasks.may_change(user, found):
        raise PermissionDenied
    return found


def _text(request: HttpRequest) -> str:
    return request.POST.get("text", "")[:20_000]


def _due(request: HttpRequest, *, now: datetime, unchanged: Task | None = None) -> Due:
    """What was typed; a field that was left alone stays as it was, also when it has passed."""
    text = (request.POST.get("later") or request.POST.get("due", "")).strip()
    if unchanged is not None and text == due_dates.typed(unchanged.due_at, unchanged.due_on):
        return Due(unchanged.due_at, unchanged.due_on)
    try:
        return due_dates.read(text, now=now)
    except NotADate as refusal:
        raise _Refused(due_dates.problem(refusal)) from None


def _why(text: str, *, is_day: bool) -> str:
    try:
        (due_dates.read_day if is_day else due_dates.read)(text, now=clock.now())
    except NotADate as refusal:
        return due_dates.problem(refusal)
    return ""


def _owner(request: HttpRequest, lead_id: UUID, *, default: User | None) -> User | None:
    """Who shall do it: somebody who sells and may see the lead."""
    written = request.POST.get("owner", "")
    if not written or (default is not None and written == str(default.pk)):
        return default
    user = access.reader(request)
    takers = {str(each.pk): each for each in (user, *people.who_take_leads(user))}
    taker = takers.get(written)
    if taker is None:
        raise _Refused(_("Choose a colleague from the list."))
    if not seen_tasks.may_have(taker, lead_id):
        raise _Refused(_("%(who)s may not see this lead.") % {"who": taker})
    return taker


def _key(request: HttpRequest) -> UUID | None:
    """What the form was sent under, so that a second click adds no second task."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None


def _before(task_id: UUID, was: Plan, *, after: int) -> str:
    """How the task was before the change with the number `after`, for undoing it."""
    on = was.due.on.isoformat() if was.due.on else None
    owner = str(was.owner_id) if was.owner_id else None
    return json.dumps([str(task_id), after, was.text, clock.micros(was.due.at), on, owner])
