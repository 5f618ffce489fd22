"""Tasks: listed, read, planned, changed and ticked off, as on the screens."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from leadline.activities import due
from leadline.activities.due import Due
from leadline.activities.models import Task
from leadline.activities.tasks import NotATask, Plan
from leadline.api import callers, reading, task_shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.api.shapes import Person
from leadline.api.task_shapes import TaskIn, TaskPatch
from leadline.cards import queries, time_box
from leadline.cards import tasks as seen_tasks
from leadline.cards.tasks import Listing, State
from leadline.flow import tasks
from leadline.lib import clock
from leadline.workspace import readers
from leadline.workspace.models import User

router = Router(tags=["Tasks"])
_YEARS = range(1970, 2200)


@router.get(
    "/tasks", response={200: task_shapes.Tasks, **reading.PROBLEMS}, summary="List tasks"
)  # fmt: skip
def list_tasks(
    request: HttpRequest,
    lead: Annotated[UUID | None, Query()] = None,
    mine: Annotated[bool, Query(description="Only what you shall do")] = False,
    state: Annotated[State, Query()] = "open",
    limit: reading.Limit = 50,
    after: reading.After = None,
) -> task_shapes.Tasks:
    """Tasks of leads that you may see, by when they are due."""
    caller = callers.of(
        request, scope="leads:read", action="see_leads",
        known=("lead", "mine", "state", "limit", "after"),
    )  # fmt: skip
    listing = Listing(caller.user.pk if mine else None, lead, state)
    with time_box.at_most():
        page = seen_tasks.page(caller.user, listing, after=after, limit=limit)
    return task_shapes.Tasks(items=[_document(task) for task in page.tasks], next=page.next)


@router.get(
    "/tasks/{uuid:task_id}", response={200: task_shapes.Task, **reading.PROBLEMS},
    summary="One task",
)  # fmt: skip
def get_task(request: HttpRequest, task_id: UUID) -> task_shapes.Task:
    """The task, if you may see its lead."""
    caller = callers.of(request, scope="leads:read", action="see_leads")
    return _document(_visible(caller, task_id))


@router.post(
    "/tasks",
    response={200: task_shapes.Task, 201: task_shapes.Task, **writing.PROBLEMS},
    summary="Plan a task",
)
def create_task(
    request: HttpRequest, body: TaskIn, idempotency_key: writing.IdempotencyKey = None
) -> Status[task_shapes.Task]:
    """201 with the task; 200 when the key was repeated, and nothing is planned twice."""
    caller = _writer(request)
    lead_id = _editable(caller, body.lead)
    plan = _plan(caller, lead_id, body)
    key = _key(caller, idempotency_key)
    is_known = key is not None and Task.objects.filter(pk=key).exists()
    try:
        made = tasks.add(lead_id, plan, by=caller.user, now=clock.now(), key=key)
    except NotATask as error:
        raise _refused(error) from None
    return Status(200 if is_known else 201, _document(_visible(caller, made.pk)))


@router.patch(
    "/tasks/{uuid:task_id}", response={200: task_shapes.Task, **writing.PROBLEMS},
    summary="Change a task, hand it over, tick it off",
)  # fmt: skip
def change_task(request: HttpRequest, task_id: UUID, body: TaskPatch) -> task_shapes.Task:
    """Changes what is named and nothing else. The same again changes nothing."""
    caller = _writer(request)
    with transaction.atomic():
        tasks.hold(task_id)
        found = _visible(caller, task_id)
        if not seen_tasks.may_change(caller.user, found):
            raise Refusal(403, "You may see this task, but not change it.")
        _change(caller, found, body, now=clock.now())
    return _document(_visible(caller, task_id))


def _change(caller: Caller, task: Task, body: TaskPatch, *, now: datetime) -> None:
    by = caller.user
    until = _due(caller, body) or Due(task.due_at, task.due_on)
    text = task.text if body.text is None else body.text
    try:
        if body.text is not None or until != Due(task.due_at, task.due_on):
            tasks.change(task.pk, text=text, due=until, by=by, now=now)
    except NotATask as error:
        raise _refused(error) from None
    if "owner" in body.model_fields_set:
        owner = None if body.owner is None else _owner(body.owner, task.lead_id)
        tasks.hand_over(task.pk, to=owner.pk if owner else None, by=by, now=now)
    if body.done is not None:
        (tasks.complete if body.done else tasks.reopen)(task.pk, by=by, now=now)


def _writer(request: HttpRequest) -> Caller:
    return callers.of(request, scope="leads:write", action="edit_leads")


def _editable(caller: Caller, lead_id: UUID | None) -> UUID:
    if lead_id is None:
        raise invalid("/lead", "Say for which lead.")
    if queries.one(caller.user, lead_id) is None:
        raise invalid("/lead", "There is no such lead, or you may not see it.")
    if not queries.may_edit(caller.user, lead_id):
        raise Refusal(403, "You may see this lead, but not change it.")
    return lead_id


def _plan(caller: Caller, lead_id: UUID, body: TaskIn) -> Plan:
    if body.text is None:
        raise invalid("/text", "Say what is to be done.")
    until = _due(caller, body)
    if until is None:
        raise invalid("/due_at", "Say until when: due_at or due_on.")
    owner = caller.user if body.owner is None else _owner(body.owner, lead_id)
    return Plan(body.text, until, owner.pk)


def _visible(caller: Caller, task_id: UUID) -> Task:
    found = seen_tasks.one(caller.user, task_id)
    if found is None:
        raise Refusal(404, "There is no such task, or you may not see it.")
    return found


def _due(caller: Caller, body: TaskIn | TaskPatch) -> Due | None:
    """Until when, if that was said; a day ends in the zone of the caller."""
    if body.due_at is not None and body.due_on is not None:
        raise invalid("/due_on", "Give due_at or due_on, not both.")
    if body.due_on is not None:
        return due.on_day(body.due_on, zone=readers.zone(caller.user.time_zone))
    if body.due_at is None:
        return None
    try:
        at = clock.parse_iso(body.due_at)
    except clock.NotATime as error:
        raise invalid("/due_at", str(error)) from None
    if at.year not in _YEARS:
        raise invalid("/due_at", f"The year {at.year} is not one to plan for.")
    return Due(at)


def _owner(email: str, lead_id: UUID) -> User:
    found = User.objects.filter(email__iexact=email).first()
    if found is None or not seen_tasks.may_have(found, lead_id):
        raise invalid("/owner", "Nobody with this address may work on this lead.")
    return found


def _key(caller: Caller, written: str | None) -> UUID | None:
    return None if written is None else writing.id_of(caller, "task", written)


def _refused(error: NotATask) -> Refusal:
    if error.field == "key":
        return Refusal(409, "This Idempotency-Key was used for something else.")
    return invalid(f"/{error.field}", error.reason)


def _document(task: Task) -> task_shapes.Task:
    return task_shapes.Task(
        id=task.pk,
        lead=task.lead_id,
        text=task.text,
        due_at=task.due_at,
        due_on=task.due_on,
        owner=_person(task.owner),
        created_by=_person(task.created_by),
        created_at=task.created_at,
        done_at=task.done_at,
        done_by=_person(task.done_by),
    )


def _person(user: User | None) -> Person | None:
    return None if user is None else Person(id=user.pk, email=user.email, name=str(user))
