"""Score models (versioned), scores, score changes. Points are integer micro-points."""

from django.db import models

from leadline.workspace.columns import MicrosField


class ScoreModel(models.Model):
    """A named set of rules; what counts is its version in force."""

    name = models.CharField(max_length=120, unique=True)
    is_default = models.BooleanField(default=False)


class ScoreModelVersion(models.Model):
    """An immutable document of rules. Draft, then published from an instant, then retired."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    model = models.ForeignKey(ScoreModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    document = models.JSONField()
    day_offset_minutes = models.SmallIntegerField(default=0)
    effective_at = MicrosField(null=True)
    retired_at = MicrosField(null=True)
    created_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="score_model_version")
        ]


class Score(models.Model):
    """The score of a lead now. Equal to the newest change; `until` is when to look again.

    Holds personal data: lines, which say what a rule found.
    """

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.ForeignKey(
        ScoreModelVersion, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    total = models.BigIntegerField()
    fit = models.BigIntegerField()
    engagement = models.BigIntegerField()
    lines = models.TextField(default="[]")
    # When the total last changed, and the two instants at which it may change by itself.
    at = MicrosField()
    until = MicrosField(null=True)
    revalue_on = models.IntegerField(null=True)


class ScoreChange(models.Model):
    """A change of a score: from, to, its lines, the events that caused it. Append-only.

    Holds personal data: lines, which say what a rule found.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    version = models.ForeignKey(
        ScoreModelVersion, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    total_before = models.BigIntegerField(null=True)
    total = models.BigIntegerField()
    fit = models.BigIntegerField()
    engagement = models.BigIntegerField()
    lines = models.TextField(default="[]")
    at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["lead", "at"], name="score_change_lead")]
