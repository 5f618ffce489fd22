"""What screens ask about activities, tasks and snoozes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max
from django.utils.translation import gettext as _

from leadline.activities.logs import ATTEMPTS
from leadline.activities.models import Activity, File, Snooze, Task, TaskChange
from leadline.timeline import moments
from leadline.timeline.moments import Before, Moment


@dataclass(frozen=True, slots=True)
class Touches:
    """How often somebody has tried to reach a lead, and when the last try began."""

    count: int
    last_at: datetime


def activities_of(
    lead_ids: Sequence[uuid.UUID], *, before: datetime | None = None, limit: int = 50
) -> list[Activity]:
    """Activities of these leads with who did them, the latest first. One query."""
    mine = Activity.objects.filter(lead_id__in=list(lead_ids)).select_related("by")
    if before is not None:
        mine = mine.filter(began_at__lt=before)
    return list(mine.order_by("-began_at", "-id")[:limit])


def touches_of(lead_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Touches]:
    """Calls, mails and meetings per lead, answered or not; leads without are missing. One query."""
    tried = Activity.objects.filter(lead_id__in=list(lead_ids), kind__in=ATTEMPTS)
    counted = tried.values("lead_id").annotate(count=Count("id"), last=Max("began_at"))
    return {row["lead_id"]: Touches(row["count"], row["last"]) for row in counted.order_by()}


def snoozed_by(user_id: uuid.UUID, *, now: datetime) -> dict[uuid.UUID, datetime]:
    """What this person has put off, and until when. One query."""
    mine = Snooze.objects.filter(user_id=user_id, until__gt=now)
    return dict(mine.values_list("lead_id", "until"))


def open_tasks(lead_id: uuid.UUID) -> list[Task]:
    """What is planned for a lead with who will do it, the earliest first. One query."""
    mine = Task.objects.filter(lead=lead_id, done_at=None).select_related("owner")
    return list(mine.order_by("due_at", "pk"))


def has_plan(lead_id: uuid.UUID, *, now: datetime) -> bool:
    """Whether an open task of the lead lies ahead. One query."""
    return Task.objects.filter(lead=lead_id, done_at=None, due_at__gt=now).exists()


def files(lead_id: uuid.UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """The files of a lead that are there, each a moment. One query."""
    mine = File.objects.filter(lead=lead_id, removed_at=None).select_related("by")
    return [_file(row) for row in moments.newest(mine, kind="file", before=before, limit=limit)]


def _file(row: File) -> Moment:
    who = str(row.by) if row.by else _("Somebody")
    return Moment(
        id=row.pk,
        kind="file",
        name=row.name,
        at=row.at,
        received_at=row.at,
        sentence=_("%(who)s added the file %(name)s") % {"who": who, "name": row.name},
        actor="human",
        properties={
            "name": row.name,
            "media_type": row.media_type,
            "size_bytes": row.size_bytes,
            "sha256": row.sha256,
            "by_id": str(row.by_id) if row.by_id else None,
        },
        by=str(row.by) if row.by else None,
    )


def task_changes(lead_id: uuid.UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """The tasks of a lead as they were planned, changed and done, each a moment. One query."""
    mine = TaskChange.objects.filter(task__lead=lead_id).select_related("task", "by", "owner")
    found = moments.newest(mine, kind="task", before=before, limit=limit)
    return [_task_moment(row) for row in found]


def _task_moment(row: TaskChange) -> Moment:
    who = str(row.by) if row.by else _("Somebody")
    said = {
        "added": _("%(who)s plans: %(text)s"),
        "done": _("%(who)s has done: %(text)s"),
        "reopened": _("%(who)s opened again: %(text)s"),
        "changed": _("%(who)s changed: %(text)s"),
        "handed_over": _("%(who)s gave to %(owner)s: %(text)s"),
    }[row.act]
    words = {"who": who, "text": row.task.text, "owner": row.owner or _("nobody")}
    return Moment(
        id=row.pk,
        kind="task",
        name=row.act,
        at=row.at,
        received_at=row.at,
        sentence=said % words,
        actor="human" if row.by_id else "system",
        properties={
            "task": str(row.task_id),
            "text": row.task.text,
            "due_at": row.due_at.isoformat(),
            "due_on": row.due_on.isoformat() if row.due_on else None,
            "owner": str(row.owner_id) if row.owner_id else None,
        },
        by=str(row.by) if row.by else None,
    )
