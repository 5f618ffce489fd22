"""Checkups: when a lead must be looked at again."""

from django.db import models

from leadline.workspace.columns import MicrosField


class Checkup(models.Model):
    """The earliest sub-day instant and the next day at which a verdict of a lead may change."""

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    due_at = MicrosField(null=True)
    # A day number at the workspace's fixed offset.
    revalue_on = models.IntegerField(null=True)
    total = models.BigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(due_at__isnull=False), name="checkup_due"
            ),
            models.Index(
                fields=["revalue_on", "-total"],
                condition=models.Q(revalue_on__isnull=False),
                name="checkup_day",
            ),
        ]
