"""Activities, tasks, files and snoozes."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Activity(models.Model):
    """A call, a mail or a note by a person. Holds personal data: text."""

    class Kind(models.TextChoices):
        CALL = "call", _("Call")
        MAIL = "mail", _("Mail")
        MEETING = "meeting", _("Meeting")
        NOTE = "note", _("Note")

    class Outcome(models.TextChoices):
        NONE = "", "None"
        CONNECTED = "connected", _("Connected")
        VOICEMAIL = "voicemail", _("Voicemail")
        NO_ANSWER = "no_answer", _("No answer")
        WRONG_NUMBER = "wrong_number", _("Wrong number")
        SENT = "sent", _("Sent")
        MEETING = "meeting", _("Meeting agreed")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    text = models.TextField(blank=True)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    # When the call or mail began, and when it was written down.
    began_at = MicrosField()
    logged_at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["lead", "began_at"], name="activity_lead")]


class File(models.Model):
    """A file that somebody put with a lead. Holds personal data: name, and what is in the file.

    The file lies in the data folder under a random name (`store`); erased, both names are empty.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    # The lead that it was put with; undoing a merge returns it there.
    written_for = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=140, blank=True)
    # By its content, whatever it is called.
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    stored = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
    removed_at = MicrosField(null=True)
    removed_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["lead", "at"], name="file_of_lead")]


class Snooze(models.Model):
    """A person has put a lead off until an instant."""

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    until = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "user"], name="one_snooze")]


class Task(models.Model):
    """What somebody will do about a lead, and until when. Holds personal data: text."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    # The lead that it was written for; undoing a merge returns it there.
    written_for = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    text = models.CharField(max_length=500)
    # Overdue from this instant on; `due_on` when a day was named and no time of day.
    due_at = MicrosField()
    due_on = models.DateField(null=True)
    # Begins an index below; one more of its own would only cost writes.
    owner = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = MicrosField()
    done_at = MicrosField(null=True)
    done_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["lead", "due_at"], condition=models.Q(done_at=None), name="task_of_lead"
            ),
            models.Index(
                fields=["owner", "due_at"], condition=models.Q(done_at=None), name="task_of_owner"
            ),
            models.Index(
                fields=["due_at", "id"], condition=models.Q(done_at=None), name="task_open"
            ),
            models.Index(fields=["done_by", "done_at"], name="task_done"),
            # Done ones and all, which would fill the three above.
            models.Index(fields=["due_at", "id"], name="task_by_due"),
            models.Index(fields=["owner", "due_at", "id"], name="task_of_owner_by_due"),
        ]


class TaskChange(models.Model):
    """A change of a task, with who has it and when it is due from then on. Append-only."""

    class Act(models.TextChoices):
        ADDED = "added", "Added"
        DONE = "done", "Done"
        REOPENED = "reopened", "Reopened"
        CHANGED = "changed", "Changed"
        HANDED_OVER = "handed_over", "Handed over"

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="changes")
    act = models.CharField(max_length=12, choices=Act.choices)
    due_at = MicrosField()
    due_on = models.DateField(null=True)
    owner = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
