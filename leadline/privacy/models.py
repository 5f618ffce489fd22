"""Consents, the texts they were given to, and suppressions. All append-only."""

from django.db import models

from leadline.workspace.columns import MicrosField


class ConsentText(models.Model):
    """The exact words somebody agreed to; immutable, one row per purpose, language and version."""

    purpose = models.CharField(max_length=40)
    language = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    created_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "language", "version"], name="consent_text_version"
            )
        ]


class Consent(models.Model):
    """One change of one permission. Holds personal data: the identifier it was given for."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        GRANTED = "granted", "Granted"
        DENIED = "denied", "Denied"
        WITHDRAWN = "withdrawn", "Withdrawn"

    identifier_kind = models.CharField(max_length=12)
    identifier = models.CharField(max_length=254)
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=12)
    basis = models.CharField(max_length=24, default="consent")
    state = models.CharField(max_length=10, choices=State.choices)
    text = models.ForeignKey(ConsentText, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=120)
    # What proves it: form slug, message id, page, truncated network address.
    evidence = models.JSONField(default=dict)
    at = MicrosField()
    known_at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["identifier_kind", "identifier", "id"], name="consent_who")]


class Suppression(models.Model):
    """Never write to this identifier again.

    Holds personal data: the identifier itself. It outlives the lead, or the opt-out would be lost.
    """

    identifier_kind = models.CharField(max_length=12)
    identifier = models.CharField(max_length=254)
    reason = models.CharField(max_length=40)
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identifier_kind", "identifier"], name="suppressed_once"
            )
        ]
