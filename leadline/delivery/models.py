"""The outbox and the sender's settings."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Device(models.Model):
    """A browser in which somebody wants pushes. Holds personal data: endpoint.

    It belongs to the session that asked for it: whoever has signed out gets none.
    """

    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40)
    # Where the browser's maker takes messages for it; a secret between us and them.
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    # Whether a push may say whom it is about: it may lie on a locked screen.
    shows_names = models.BooleanField(default=True)
    created_at = MicrosField()


class Message(models.Model):
    """One message to one address. Holds personal data: address, subject, text."""

    class Kind(models.TextChoices):
        NOTIFICATION = "notification", _("Notification")
        ACKNOWLEDGEMENT = "acknowledgement", _("Acknowledgement")
        ACCOUNT = "account", _("Account")
        TEST = "test", _("Test")
        PUSH = "push", _("Push")

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        CLAIMED = "claimed", _("Claimed")
        HANDING = "handing", _("Being handed over")
        SENT = "sent", _("Sent")
        # Written down, because there was no mail server (or this is the demo). It stays so: a mail
        # server that is set later is given none of it.
        FOLDER = "folder", _("In the folder")
        HELD = "held", _("Held")
        FAILED = "failed", _("Failed")
        UNKNOWN = "unknown", _("Unknown")
        SUPPRESSED = "suppressed", _("Suppressed")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # One message per cause, however often the step runs.
    cause = models.CharField(max_length=200, unique=True)
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.CASCADE, related_name="+")
    # Of a push, instead of an address.
    device = models.ForeignKey(
        Device, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    to_address = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    due_at = MicrosField()
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True)
    fence = models.BigIntegerField(default=0)
    lease_until = MicrosField(null=True)
    created_at = MicrosField()
    sent_at = MicrosField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(state="pending"), name="message_due"
            ),
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=["claimed", "handing"]),
                name="message_leased",
            ),
            # What a person should look at.
            models.Index(
                fields=["state", "id"],
                condition=models.Q(state__in=["failed", "unknown", "held"]),
                name="message_attention",
            ),
            # Who was acknowledged lately.
            models.Index(
                fields=["to_address", "created_at"],
                condition=models.Q(kind="acknowledgement"),
                name="message_acknowledged",
            ),
            # What a device that goes away was sent.
            models.Index(
                fields=["device"],
                condition=models.Q(device__isnull=False),
                name="message_device",
            ),
        ]


class Sender(models.Model):
    """The one row of sending settings: tested or not, and the text people get after hours."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    from_address = models.CharField(max_length=254, blank=True)
    tested_at = MicrosField(null=True)
    acknowledgement_subject = models.CharField(max_length=200, blank=True)
    acknowledgement_text = models.TextField(blank=True)
    # Set when a person has looked at the text; until then nothing is acknowledged.
    acknowledgement_approved_at = MicrosField(null=True)
    # Set by a restore: no message leaves until a person has confirmed.
    held_at = MicrosField(null=True)
