"""Planning what to do about a lead. A task that lies ahead holds the lead's stage, so every act is
one transaction that locks the lead, changes the task and looks at the lead again."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop as _noop

from leadline.activities import tasks
from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.activities.tasks import Plan
from leadline.flow import notices, reactions
from leadline.leads import locks
from leadline.routing.notifications import Notice
from leadline.workspace.models import User

TOLD = "assigned"
Made = TypeVar("Made")


def add(lead_id: UUID, plan: Plan, *, by: User, now: datetime, key: UUID | None = None) -> Task:
    """Plan something; whoever else shall do it is told. Raises tasks.NotATask.

    The same `key` twice adds one task.
    """
    with transaction.atomic():
        locks.hold([lead_id])
        is_new = key is None or not Task.objects.filter(pk=key).exists()
        made = tasks.add(lead_id, plan, by=by.pk, now=now, key=key)
        if is_new:
            _tell(made, by=by, now=now)
            reactions.look_again([lead_id], now=now)
    return made


def take_back(task_id: UUID, *, now: datetime) -> bool:
    """Undo `add`; False when somebody has changed the task since, or it is gone."""
    return bool(_act(task_id, lambda: tasks.take_back([task_id]) or None, now=now))


def complete(task_id: UUID, *, by: User, now: datetime) -> TaskChange | None:
    """Tick a task off; None when it is done already or gone."""
    return _act(task_id, lambda: tasks.complete(task_id, by=by.pk, now=now), now=now)


def reopen(task_id: UUID, *, by: User, now: datetime) -> TaskChange | None:
    """Open a task again; None when it is open already or gone."""
    return _act(task_id, lambda: tasks.reopen(task_id, by=by.pk, now=now), now=now)


def change(task_id: UUID, *, text: str, due: Due, by: User, now: datetime) -> TaskChange | None:
    """Say something else or until another time; None when nothing is different.

    Raises tasks.NotATask.
    """
    return _act(
        task_id, lambda: tasks.change(task_id, text=text, due=due, by=by.pk, now=now), now=now
    )


def hand_over(task_id: UUID, *, to: UUID | None, by: User, now: datetime) -> TaskChange | None:
    """Give a task to somebody, who is told; None when it is theirs already."""
    with transaction.atomic():
        hold(task_id)
        made = tasks.hand_over(task_id, to=to, by=by.pk, now=now)
        if made is not None:
            _tell(made.task, by=by, now=now)
    return made


def restore(task_id: UUID, was: Plan, *, after: int, by: User, now: datetime) -> bool:
    """Undo the changes up to the one with the number `after`; False when there is a later one."""
    with transaction.atomic():
        hold(task_id)
        newest = TaskChange.objects.filter(task=task_id).order_by("-pk").first()
        if newest is None or newest.pk != after:
            return False
        change(task_id, text=was.text, due=was.due, by=by, now=now)
        hand_over(task_id, to=was.owner_id, by=by, now=now)
    return True


def hold(task_id: UUID) -> UUID | None:
    """Lock the lead of a task until the end of the transaction; its id, None for a task that is
    gone.

    Always before the task: who locked the task first would wait for one who holds the lead.
    """
    lead_id = Task.objects.filter(pk=task_id).values_list("lead", flat=True).first()
    if lead_id is not None:
        locks.hold([lead_id])
    return lead_id


def _act(task_id: UUID, act: Callable[[], Made | None], *, now: datetime) -> Made | None:
    """One act on a task with its lead held; the lead is looked at again when something changed."""
    with transaction.atomic():
        lead_id = hold(task_id)
        if lead_id is None:
            return None
        made = act()
        if made is not None:
            reactions.look_again([lead_id], now=now)
    return made


def _tell(task: Task, *, by: User, now: datetime) -> None:
    if task.owner_id is None:
        return
    said = _noop("%(who)s gave you a task: %(text)s") % {"who": by, "text": task.text}
    notices.tell([Notice(task.owner_id, task.lead_id, TOLD, said, by=by.pk)], now=now)
