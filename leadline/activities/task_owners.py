"""Whose tasks are whose: passing all open ones on at once, and giving back what stayed as it was.

What is done stays with the person who did it.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from leadline.activities.models import Task, TaskChange
from leadline.lib import clock, rows

_CHANGE = ["task_id", "act", "due_at", "due_on", "owner_id", "by_id", "at"]


def open_count(owner_id: UUID) -> int:
    """How many open tasks a person has. One query."""
    return Task.objects.filter(owner=owner_id, done_at=None).count()


def pass_on(
    owner_id: UUID, *, to: UUID | None, limit: int, by: UUID | None, now: datetime
) -> list[UUID]:
    """Give up to `limit` open tasks of a person to another, or to nobody; returns their ids.

    Three statements. Joins the caller's transaction; the rest of the tasks on the next call.
    """
    mine = Task.objects.select_for_update().filter(owner=owner_id, done_at=None)
    return _give(list(mine.order_by("pk")[:limit]), to=to, by=by, now=now)


def give_back(
    task_ids: Collection[UUID], *, to: UUID, taken_by: UUID | None, by: UUID | None, now: datetime
) -> list[UUID]:
    """Return the open tasks that still belong to `taken_by`; the ids of those. Three statements."""
    same = Task.objects.select_for_update().filter(pk__in=task_ids, owner=taken_by, done_at=None)
    return _give(list(same.order_by("pk")), to=to, by=by, now=now)


def _give(
    tasks: Collection[Task], *, to: UUID | None, by: UUID | None, now: datetime
) -> list[UUID]:
    found, at_us = [task.pk for task in tasks], clock.micros(now)
    Task.objects.filter(pk__in=found).update(owner=to)
    act = TaskChange.Act.HANDED_OVER.value
    with connection.cursor() as cursor:
        rows.insert(
            cursor, "activities_taskchange", _CHANGE,
            [
                (task.pk, act, clock.micros(task.due_at), task.due_on, to, by, at_us)
                for task in tasks
            ],
            vendor=connection.vendor,
        )  # fmt: skip
    return found
