"""Cards and saved views."""

from django.db import models

from leadline.workspace.columns import MicrosField


class Card(models.Model):
    """What a list shows of a lead. Holds personal data: name, e-mail, phone, company, search."""

    lead = models.OneToOneField(
        "leads.Lead", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=32, blank=True)
    title = models.CharField(max_length=200, blank=True)
    company_name = models.CharField(max_length=200, blank=True)
    # Micro-points.
    total = models.BigIntegerField(default=0)
    temperature = models.CharField(max_length=4, default="cold")
    stage = models.CharField(max_length=24)
    stage_since = MicrosField()
    # Both begin an index below; one more of their own would only cost writes.
    owner = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        "workspace.Team", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    # Channel of the first touch ("paid_search"), and its source ("google").
    channel = models.CharField(max_length=24, blank=True)
    source = models.CharField(max_length=255, blank=True)
    response_due_at = MicrosField(null=True)
    # Why this lead matters now, one sentence.
    why = models.CharField(max_length=300, blank=True)
    created_at = MicrosField()
    updated_at = MicrosField()

    class Meta:
        indexes = [
            models.Index(fields=["-total", "-lead"], name="card_total"),
            models.Index(fields=["-created_at", "-lead"], name="card_created"),
            models.Index(fields=["stage", "-total", "-lead"], name="card_stage_total"),
            models.Index(fields=["owner", "-total", "-lead"], name="card_owner_total"),
            models.Index(fields=["team", "-total", "-lead"], name="card_team_total"),
            models.Index(fields=["name", "lead"], name="card_name"),
            models.Index(fields=["-stage_since", "-lead"], name="card_stage_since"),
            models.Index(
                fields=["response_due_at", "lead"],
                condition=models.Q(response_due_at__isnull=False),
                name="card_response_due",
            ),
            # Today: hot leads that nobody owns. The owner stands in front although it is always
            # NULL, else SQLite prefers `card_owner_total` and sorts everything unowned.
            models.Index(
                fields=["owner", "-created_at", "-lead"],
                condition=models.Q(owner__isnull=True, temperature="hot"),
                name="card_hot_unowned",
            ),
            models.Index(fields=["email"], name="card_email"),
        ]


class SearchText(models.Model):
    """What a lead is found by, folded: name, e-mail, company, phone. Holds personal data: text.

    Beside the card, because cards change with every score and this does not. The index over it
    (FTS5 with trigrams on SQLite, pg_trgm on PostgreSQL) is made by the migration `search`; on
    SQLite triggers of the database keep it equal to the rows, whoever deletes them.
    """

    id = models.BigAutoField(primary_key=True)
    card = models.OneToOneField(Card, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()


class SavedView(models.Model):
    """A named filter and sort of a list; without a user it is everybody's."""

    user = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=80)
    filter = models.JSONField(default=dict)
    sort = models.CharField(max_length=20, default="-score")
    position = models.PositiveSmallIntegerField(default=0)
