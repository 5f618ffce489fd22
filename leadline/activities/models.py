"""Activities and snoozes."""

from django.db import models

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Activity(models.Model):
    """A call, a mail or a note by a person. Holds personal data: text."""

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        MAIL = "mail", "Mail"
        MEETING = "meeting", "Meeting"
        NOTE = "note", "Note"

    class Outcome(models.TextChoices):
        NONE = "", "None"
        CONNECTED = "connected", "Connected"
        VOICEMAIL = "voicemail", "Voicemail"
        NO_ANSWER = "no_answer", "No answer"
        WRONG_NUMBER = "wrong_number", "Wrong number"
        SENT = "sent", "Sent"
        MEETING = "meeting", "Meeting agreed"

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


class Snooze(models.Model):
    """A person has put a lead off until an instant."""

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    until = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "user"], name="one_snooze")]
