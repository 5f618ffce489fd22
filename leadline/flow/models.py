"""Checkups: when a lead must be looked at again. Bulk actions: who changed many leads at once."""

from django.db import models

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Checkup(models.Model):
    """The earliest sub-day instant and the next day at which a verdict of a lead may change."""

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    due_at = MicrosField(null=True)
    # A day number at the workspace's fixed offset.
    revalue_on = models.IntegerField(null=True)
    total = models.BigIntegerField(default=0)
    # The part of both that comes from segments: a pass that looks at some of them keeps the rest.
    segments_due_at = MicrosField(null=True)
    segments_revalue_on = models.IntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="checkup_due"
            ),
            models.Index(
                fields=["revalue_on", "-total"],
                condition=models.Q(revalue_on__isnull=False),
                name="checkup_day",
            ),
        ]


class BulkAction(models.Model):
    """Somebody changed many leads at once: what, which, when. Undoable for a day.

    Holds personal data: wanted, choice and asked (a note, what was searched for). `bulk_erasing`
    empties them when a lead that was touched is erased; after a month the rows go.
    """

    class Kind(models.TextChoices):
        ASSIGN = "assign", "Assign"
        STAGE = "stage", "Stage"
        FIELD = "field", "Field"
        LIST = "list", "List"
        TASK = "task", "Task"
        LOG = "log", "Log"
        EXPORT = "export", "Export"
        TRASH = "trash", "Trash"

    class State(models.TextChoices):
        GATHERING = "gathering", "Gathering"
        WORKING = "working", "Working"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        REFUSED = "refused", "Refused"
        UNDOING = "undoing", "Undoing"
        UNDONE = "undone", "Undone"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # What to set, as the act of this kind writes it; which leads, as the choice writes it.
    wanted = models.JSONField(default=dict)
    choice = models.JSONField(default=dict)
    # Of one that was sent under a key: the fingerprint of all that was asked for.
    asked = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.GATHERING)
    # One of its leads was erased while it was under way.
    is_to_be_emptied = models.BooleanField(default=False)
    # Why it was refused or ended early, as a word of `bulk_actions`.
    problem = models.CharField(max_length=24, blank=True)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    # How many leads were meant when it was asked for, and what has become of them so far.
    lead_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    same_count = models.PositiveIntegerField(default=0)
    left_out_count = models.PositiveIntegerField(default=0)
    returned_count = models.PositiveIntegerField(default=0)
    kept_count = models.PositiveIntegerField(default=0)
    at = MicrosField()
    ended_at = MicrosField(null=True)
    undone_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = MicrosField(null=True)
    # Of an export: when its file was fetched, which happens once.
    fetched_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="bulk_newest"),
            models.Index(fields=["by", "-at", "-id"], name="bulk_of_person"),
        ]


class BulkChange(models.Model):
    """What a bulk action did to one lead, with what stood there before.

    Holds personal data: before.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        SAME = "same", "Was so already"
        LEFT_OUT = "left_out", "Left out"
        RETURNED = "returned", "Returned"
        KEPT = "kept", "Changed since"

    action = models.ForeignKey(BulkAction, on_delete=models.CASCADE, related_name="changes")
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    before = models.JSONField(null=True)
    # Whatever proves that nobody changed it since: a number of the row that the action wrote.
    mark = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["action", "lead"], name="bulk_once")]
        indexes = [models.Index(fields=["action", "state", "lead"], name="bulk_portion")]
