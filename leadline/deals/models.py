"""Deals and their changes. Money is integer minor units and a currency."""

from django.db import models

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Deal(models.Model):
    """A chance to sell something to a lead's company.

    Holds personal data: name, reason, traits.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.SET_NULL, related_name="+")
    # The lead that it was stated for; undoing a merge returns it there.
    written_for = models.ForeignKey(
        "leads.Lead", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    company = models.ForeignKey(
        "leads.Company", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    owner = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    reason = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=200, null=True, unique=True)
    # Values of the declared fields, without the prefix: {"product": "large"}.
    traits = models.JSONField(default=dict)
    opened_at = MicrosField()
    closed_at = MicrosField(null=True)
    known_at = MicrosField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="open", closed_at__isnull=True)
                | models.Q(state__in=["won", "lost"], closed_at__isnull=False),
                name="deal_closed_has_a_date",
            )
        ]
        indexes = [
            models.Index(fields=["lead", "state"], name="deal_lead"),
            models.Index(fields=["state", "id"], name="deal_by_state"),
        ]


class DealChange(models.Model):
    """A change of a deal's state, amount or closing time. Append-only.

    Holds personal data: because.
    """

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="changes")
    state_before = models.CharField(max_length=4, blank=True)
    state = models.CharField(max_length=4, choices=Deal.State.choices)
    amount_minor = models.BigIntegerField(null=True)
    because = models.CharField(max_length=200)
    at = MicrosField()
    known_at = MicrosField()


class ClosingValue(models.Model):
    """What a closed deal is worth in the workspace's currency, by the rate of its closing day.

    Written once when the deal closes and kept, whatever rates become later. A deal whose day has
    no rate has no row; sums name its currency instead of guessing.
    """

    deal = models.OneToOneField(
        Deal, primary_key=True, on_delete=models.CASCADE, related_name="closing_value"
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    # Of the deal's own amount and closing day, so that a correction is noticed.
    of_minor = models.BigIntegerField()
    of_currency = models.CharField(max_length=3)
    of_day = models.DateField()
    rate_day = models.DateField(null=True)
