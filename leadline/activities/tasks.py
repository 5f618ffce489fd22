"""What people will do about a lead: added, done, moved, handed over. Every change is a row.

The caller has checked that the lead or task may be changed, and looks at the lead again.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count

from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.lib import clock, ids, rows
from leadline.lib.refusal import Phrase, Refused, too_long
from leadline.lib.text import clean

LONGEST_TEXT = 500
Act = TaskChange.Act

_TASK = ["id", "lead_id", "written_for_id", "text", "due_at", "due_on", "owner_id",
         "created_by_id", "created_at"]  # fmt: skip
_CHANGE = ["task_id", "act", "due_at", "due_on", "owner_id", "by_id", "at"]


class NotATask(Refused):
    """A task that cannot be. `field` says which part is wrong."""

    def __init__(self, field: str, because: Phrase) -> None:
        super().__init__(because, message=f"{field}: {because}")
        self.field = field


@dataclass(frozen=True)
class Plan:
    """What is to be done, until when, by whom (None: by whoever takes it)."""

    text: str
    due: Due
    owner_id: uuid.UUID | None


def add(
    lead_id: uuid.UUID,
    plan: Plan,
    *,
    by: uuid.UUID | None,
    now: datetime,
    key: uuid.UUID | None = None,
) -> Task:
    """Plan something for a lead; returns the row.

    `key` makes it safe to send twice: with a key that exists, nothing is written and the first
    row comes back. Raises NotATask for a text that is empty or over 500 characters, and for a key
    of another lead.
    """
    with transaction.atomic():
        found = Task.objects.filter(pk=key).first() if key is not None else None
        if found is None:
            [task_id] = _insert([(key or ids.uuid7(), lead_id)], _checked(plan), by=by, now=now)
            found = Task.objects.get(pk=task_id)
    if lead_id not in (found.written_for_id, found.lead_id):
        raise NotATask("key", Phrase("it belongs to a task of another lead"))
    return found


def add_many(
    lead_ids: Collection[uuid.UUID], plan: Plan, *, by: uuid.UUID | None, now: datetime
) -> dict[uuid.UUID, uuid.UUID]:
    """Plan the same for each of these leads; {lead: its new task}. Two statements.

    Joins the caller's transaction; a second run adds them again. Raises NotATask as `add` does.
    """
    made = {lead_id: ids.uuid7() for lead_id in lead_ids}
    _insert([(task_id, lead_id) for lead_id, task_id in made.items()], _checked(plan), by=by,
            now=now)  # fmt: skip
    return made


def take_back(task_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Remove the tasks that nobody has touched since they were added; the ids of those.

    A fixed number of statements; a second run removes none.
    """
    with transaction.atomic():
        same = Task.objects.filter(pk__in=task_ids, done_at=None).annotate(n=Count("changes"))
        found = set(same.filter(n=1).values_list("pk", flat=True))
        Task.objects.filter(pk__in=found).delete()
    return found


def complete(task_id: uuid.UUID, *, by: uuid.UUID, now: datetime) -> TaskChange | None:
    """Tick a task off; None when it is done already or gone."""
    with transaction.atomic():
        mine = Task.objects.filter(pk=task_id, done_at=None)
        if not mine.update(done_at=now, done_by=by):
            return None
        return _note(task_id, Act.DONE, by=by, now=now)


def reopen(task_id: uuid.UUID, *, by: uuid.UUID, now: datetime) -> TaskChange | None:
    """A task is not done after all; None when it is open already or gone."""
    with transaction.atomic():
        mine = Task.objects.filter(pk=task_id, done_at__isnull=False)
        if not mine.update(done_at=None, done_by=None):
            return None
        return _note(task_id, Act.REOPENED, by=by, now=now)


def change(
    task_id: uuid.UUID, *, text: str, due: Due, by: uuid.UUID, now: datetime
) -> TaskChange | None:
    """Say something else or until another time; None when nothing is different or it is gone.

    Raises NotATask.
    """
    text = _said(text)
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(pk=task_id).first()
        if task is None or (task.text, task.due_at, task.due_on) == (text, due.at, due.on):
            return None
        task.text, task.due_at, task.due_on = text, due.at, due.on
        task.save(update_fields=["text", "due_at", "due_on"])
        return _note(task_id, Act.CHANGED, by=by, now=now)


def hand_over(
    task_id: uuid.UUID, *, to: uuid.UUID | None, by: uuid.UUID, now: datetime
) -> TaskChange | None:
    """Give a task to somebody, or to nobody; None when it is theirs already or gone."""
    with transaction.atomic():
        task = Task.objects.select_for_update().filter(pk=task_id).first()
        if task is None or task.owner_id == to:
            return None
        Task.objects.filter(pk=task_id).update(owner=to)
        return _note(task_id, Act.HANDED_OVER, by=by, now=now)


def _checked(plan: Plan) -> Plan:
    return Plan(_said(plan.text), plan.due, plan.owner_id)


def _said(text: str) -> str:
    said = " ".join(clean(text).split())
    if not said:
        raise NotATask("text", Phrase("a task says what is to be done"))
    if len(said) > LONGEST_TEXT:
        raise NotATask("text", too_long(said, limit=LONGEST_TEXT))
    return said


def _insert(
    places: Sequence[tuple[uuid.UUID, uuid.UUID]], plan: Plan, *, by: uuid.UUID | None,
    now: datetime,
) -> list[uuid.UUID]:  # fmt: skip
    """Write (task, lead) with their first change; the ids of the tasks. Two statements."""
    at_us, due_us = clock.micros(now), clock.micros(plan.due.at)
    due_on = plan.due.on
    with connection.cursor() as cursor:
        rows.insert(
            cursor, "activities_task", _TASK,
            [
                (task_id, lead_id, lead_id, plan.text, due_us, due_on, plan.owner_id, by, at_us)
                for task_id, lead_id in places
            ],
            vendor=connection.vendor,
        )  # fmt: skip
        rows.insert(
            cursor, "activities_taskchange", _CHANGE,
            [
                (task_id, Act.ADDED.value, due_us, due_on, plan.owner_id, by, at_us)
                for task_id, _ in places
            ],
            vendor=connection.vendor,
        )  # fmt: skip
    return [task_id for task_id, _ in places]


def _note(task_id: uuid.UUID, act: str, *, by: uuid.UUID, now: datetime) -> TaskChange:
    """The change as a row, with the task as it is now."""
    task = Task.objects.get(pk=task_id)
    return TaskChange.objects.create(
        task=task, act=act, due_at=task.due_at, due_on=task.due_on, owner_id=task.owner_id,
        by_id=by, at=now,
    )  # fmt: skip
