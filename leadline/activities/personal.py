"""The personal data of activities: what people wrote about a lead."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from leadline.activities import files
from leadline.activities.models import Activity, File, Task
from leadline.lib import personal_data


def register() -> None:
    """Declare who erases and exports the texts; called when the application starts."""
    personal_data.register("activities.Activity", holds=("text",), eraser=erase, exporter=export)
    personal_data.register(
        "activities.Task", holds=("text",), eraser=erase_tasks, exporter=export_tasks
    )
    personal_data.register(
        "activities.File",
        holds=("name", "stored", "sha256"),
        eraser=files.erase,
        exporter=export_files,
    )


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the texts; that and when somebody called stays, for the reports. Rows changed."""
    return Activity.objects.filter(lead_id__in=lead_ids).exclude(text="").update(text="")


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What was done and written, oldest first."""
    found = Activity.objects.filter(lead_id=lead_id).order_by("began_at")
    for kind, outcome, text, began_at in found.values_list("kind", "outcome", "text", "began_at"):
        yield {"kind": kind, "outcome": outcome, "text": text, "at": began_at.isoformat()}


def erase_tasks(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the texts; that and when something was planned and done stays. Rows changed."""
    return Task.objects.filter(lead_id__in=lead_ids).exclude(text="").update(text="")


def export_tasks(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What was planned about the person, oldest first."""
    found = Task.objects.filter(lead_id=lead_id).order_by("created_at", "pk")
    for text, due_at, done_at in found.values_list("text", "due_at", "done_at"):
        done = None if done_at is None else done_at.isoformat()
        yield {"text": text, "due_at": due_at.isoformat(), "done_at": done}


def export_files(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The files that were put with the person, oldest first; their contents are handed on apart."""
    found = File.objects.filter(lead_id=lead_id, removed_at=None).order_by("at", "pk")
    columns = ("name", "media_type", "size_bytes", "sha256", "at")
    for name, media_type, size_bytes, sha256, at in found.values_list(*columns):
        yield {"name": name, "type": media_type, "size_bytes": size_bytes, "sha256": sha256,
               "at": at.isoformat()}  # fmt: skip
