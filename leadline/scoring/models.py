"""Score models (versioned), scores, score changes, adjustments. Points are integer micro-points."""

from django.db import models
from django.db.models import Q

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class ScoreModel(models.Model):
    """A named set of rules; what counts is its version in force."""

    name = models.CharField(max_length=120, unique=True)
    # This one makes the scores. Since when, and which one did before: `ModelChoice`.
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_model"
            )
        ]


class ModelChoice(models.Model):
    """From `at` on this model made the scores, until the next choice. Append-only.

    There are none while a workspace has kept to its first model.
    """

    model = models.ForeignKey(ScoreModel, on_delete=models.PROTECT, related_name="+")
    at = MicrosField()


class ScoreModelVersion(models.Model):
    """A document of rules: a draft, published at an instant or scheduled for one, then retired.

    Only a draft changes; each time it is saved its `revision` grows. From its instant on a
    scheduled version counts, whatever its state says until the worker has noticed.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
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
    # The version that it was made from; what it was when it was begun from a template is nobody's.
    made_from = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(default=1)
    saved_at = MicrosField(null=True)
    # Who saved the draft last, then who published it.
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="score_model_version"),
            models.UniqueConstraint(
                fields=["model"], condition=Q(state__in=["draft", "scheduled"]),
                name="one_open_version",
            ),
            models.CheckConstraint(
                condition=Q(state="draft", effective_at=None)
                | (~Q(state="draft") & Q(effective_at__isnull=False)),
                name="only_drafts_have_no_instant",
            ),
        ]  # fmt: skip


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


class ScoreAdjustment(models.Model):
    """Points that a person gave or took by hand, with a reason; taken back by `undone_at`.

    Holds personal data: reason. Nothing else of a row changes, but whose it is after a merge.
    """

    lead = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    # The lead that it was made for; undoing a merge returns it there.
    written_for = models.ForeignKey("leads.Lead", on_delete=models.CASCADE, related_name="+")
    points_micro = models.BigIntegerField()
    half_life_days = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
    known_at = MicrosField()
    undone_at = MicrosField(null=True)
    undone_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # The same form sent twice adjusts once.
    key = models.UUIDField(unique=True, default=ids.uuid7, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(points_micro=0), name="adjustment_of_something"),
            models.CheckConstraint(
                condition=Q(half_life_days=None) | Q(half_life_days__gte=1),
                name="adjustment_fades_or_stays",
            ),
        ]
