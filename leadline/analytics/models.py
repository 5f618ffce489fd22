"""Which lake belongs to this database, how fresh it is, and what must not be read out of it; and
what came of computing all scores again."""

from django.db import models

from leadline.workspace.columns import MicrosField


class LakeState(models.Model):
    """One row (id 1): the lake that was written from this database, and its newest generation.

    The generation is written here before the lake's own manifest is swapped, so a lake is never
    ahead of its database: one that is was written by a later state than this one.
    """

    # The lake's own name; another one is somebody else's lake, or one from before a restore.
    key = models.CharField(max_length=32)
    generation = models.BigIntegerField(default=0)
    # As of when the lake knows everything; null before the first refresh.
    refreshed_at = MicrosField(null=True)
    size_bytes = models.BigIntegerField(default=0)
    row_count = models.BigIntegerField(default=0)


class Tombstone(models.Model):
    """Nothing about this lead, or of this field, is read out of the lake any more.

    Written in the transaction of the erasure, applied at once by whoever reads, and kept, so that
    nothing of it is written anew. Holds personal data: lead_id, an id that nothing explains.
    """

    class Kind(models.TextChoices):
        LEAD = "lead", "Lead"
        FIELD = "field", "Field"

    kind = models.CharField(max_length=5, choices=Kind.choices)
    lead_id = models.UUIDField(null=True)
    # The lead's bindings when it was erased: what events hang on.
    binding_ids = models.JSONField(default=list)
    field = models.CharField(max_length=64, blank=True)
    at = MicrosField()
    # The first generation of the lake whose files hold nothing of it; null while some do.
    forgotten_in = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead_id"], condition=models.Q(kind="lead"), name="tombstone_of_a_lead"
            )
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(forgotten_in__isnull=True),
                name="tombstone_pending",
            )
        ]


class ShadowRun(models.Model):
    """All scores computed again in batch and compared with what was stored. One row a night.

    Holds personal data: lead_ids, which an erasure takes out.
    """

    # The instant as of which they were compared, and when the comparison had ended.
    as_of = MicrosField()
    ended_at = MicrosField()
    lead_count = models.PositiveIntegerField()
    differing_count = models.PositiveIntegerField()
    left_out_count = models.PositiveIntegerField()
    seconds = models.FloatField()
    engine = models.CharField(max_length=6)
    # Of those that differ, in their order; at most a thousand.
    lead_ids = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["as_of"], name="shadow_run_once")]
