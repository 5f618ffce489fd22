"""Stage definitions, standings and stage changes."""

from django.db import models

from leadline.workspace.columns import MicrosField


class Temperature(models.TextChoices):
    COLD = "cold", "Cold"
    WARM = "warm", "Warm"
    HOT = "hot", "Hot"


class LifecycleVersion(models.Model):
    """Stages, temperature and hand-raisers as one document of criteria, from an instant on."""

    number = models.PositiveIntegerField(unique=True)
    document = models.JSONField()
    effective_at = MicrosField()
    created_at = MicrosField()


class Standing(models.Model):
    """Where a lead stands now: the newest stage change and the temperature with its reason."""

    class SetBy(models.TextChoices):
        RULE = "rule", "Rule"
        PERSON = "person", "Person"
        EVENT = "event", "Event"

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    stage = models.CharField(max_length=24)
    stage_since = MicrosField()
    stage_set_by = models.CharField(max_length=6, choices=SetBy.choices, default=SetBy.RULE)
    temperature = models.CharField(max_length=4, choices=Temperature.choices)
    temperature_reason = models.CharField(max_length=300, blank=True)
    temperature_since = MicrosField()
    # Since when the system proposes to return the lead to nurture; it never does so by itself.
    return_since = MicrosField(null=True)

    class Meta:
        indexes = [
            # What Today asks for; few leads stand there at any time.
            models.Index(
                fields=["return_since"],
                condition=models.Q(return_since__isnull=False),
                name="standing_return",
            ),
        ]


class StageChange(models.Model):
    """From, to, because of what, when. Append-only; the stage as of T is read from here.

    Holds personal data: because, where a person wrote it.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    stage_before = models.CharField(max_length=24, blank=True)
    stage = models.CharField(max_length=24)
    set_by = models.CharField(max_length=6, choices=Standing.SetBy.choices)
    by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    because = models.CharField(max_length=300)
    at = MicrosField()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "at"], name="stage_change_lead"),
            models.Index(fields=["stage", "at"], name="stage_change_stage"),
            # What somebody decided today; changes by rules, which are nearly all, are not in it.
            models.Index(
                fields=["by", "at"],
                condition=models.Q(by__isnull=False),
                name="stage_change_person",
            ),
        ]
