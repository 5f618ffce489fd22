"""Segments, what their rules said, their members, and who came and went."""

from django.db import models
from django.db.models.functions import Lower

from leadline.segments.columns import CurrentTransaction
from leadline.workspace.columns import MicrosField


class Segment(models.Model):
    """A saved group of leads: a static list that people put together, or what a rule picks.

    Rules and views name it by its key, the name that it was made with; people call it by its name.
    """

    class Kind(models.TextChoices):
        STATIC = "static", "Static"
        DYNAMIC = "dynamic", "Dynamic"

    key = models.CharField(max_length=100)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.STATIC)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = MicrosField()
    # When somebody last put leads on it, took some off, gave it another name or another rule.
    changed_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="segment_key"),
            models.UniqueConstraint(Lower("name"), name="segment_name_any_case"),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """What the rule of a dynamic segment said from an instant on; the newest is in force.

    Only how far it is filled changes: all leads up to `cursor` were looked at under this rule, and
    all of them once `filled_at` is set. The version before it stops being filled.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # The criterion, canonical, and its hash: equal rules have equal ones.
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    effective_at = MicrosField()
    filled_at = MicrosField(null=True)
    cursor = models.UUIDField(null=True)
    lead_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="segment_version")
        ]


class Membership(models.Model):
    """A lead is in a segment: since when, and who put it on the list. Holds personal data: lead."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships")
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    # Nobody, where a rule did.
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
    # The lead that was on the list before it was merged into this one.
    came_with = models.ForeignKey(
        "leads.Lead", null=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "segment"], name="on_a_list_once")]


class MembershipChange(models.Model):
    """A lead entered or left a segment or a list, when and why. Append-only.

    `because` is the rule, without the values of sensitive fields, or what was done by hand. Read in
    the order of (written_in, id): numbers alone do not follow the order of commits on PostgreSQL.
    Holds personal data: lead, because, event_ids.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    entered = models.BooleanField()
    at = MicrosField()
    because = models.CharField(max_length=300)
    event_ids = models.JSONField(default=list)
    # The transaction on PostgreSQL; 0 on SQLite, where one writes at a time.
    written_in = models.BigIntegerField(db_default=CurrentTransaction())

    class Meta:
        indexes = [
            models.Index(fields=["written_in", "id"], name="membership_change_feed"),
            models.Index(fields=["lead", "at"], name="membership_change_lead"),
            models.Index(fields=["segment", "at"], name="membership_change_segment"),
        ]
