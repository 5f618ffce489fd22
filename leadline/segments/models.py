"""Segments and their members."""

from django.db import models
from django.db.models.functions import Lower

from leadline.workspace.columns import MicrosField


class Segment(models.Model):
    """A static list: a group of leads that people put together.

    Rules and views name it by its key, the name that it was made with; people call it by its name.
    """

    key = models.CharField(max_length=100)
    name = models.CharField(max_length=80)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = MicrosField()
    # When somebody last put leads on it, took some off or gave it another name.
    changed_at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="segment_key"),
            models.UniqueConstraint(Lower("name"), name="segment_name_any_case"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A lead is on a list, put there by whom and when. Holds personal data: lead."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships")
    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
    # The lead that was on the list before it was merged into this one.
    came_with = models.ForeignKey(
        "leads.Lead", null=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "segment"], name="on_a_list_once")]
