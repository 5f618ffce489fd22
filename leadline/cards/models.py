"""Cards of leads and companies, what they are found by, who opened them last, and saved views."""

from django.db import models
from django.utils.translation import gettext_lazy as _

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


class CompanyCard(models.Model):
    """A company in lists: what it is called, folded, for the order, and what it is found by.

    Its index is made by the migration `find_companies_notes_and_misspelt_names`.
    """

    id = models.BigAutoField(primary_key=True)
    company = models.OneToOneField("leads.Company", on_delete=models.CASCADE, related_name="+")
    called = models.CharField(max_length=255)
    text = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["called", "company"], name="company_card_called")]


class NoteText(models.Model):
    """What a note, or the text of a call or mail, is found by, folded.

    Holds personal data: text. Its index is made by the same migration.
    """

    id = models.BigAutoField(primary_key=True)
    activity = models.OneToOneField(
        "activities.Activity", on_delete=models.CASCADE, related_name="+"
    )
    text = models.TextField()


class Spelling(models.Model):
    """Three letters of a word that stands in the name of a lead or company: `cards.spelling`.

    Holds personal data: word.
    """

    pk = models.CompositePrimaryKey("gram", "word")
    gram = models.CharField(max_length=3)
    word = models.CharField(max_length=40)


class KnownSource(models.Model):
    """A source that a lead has or had, and whose lead it was: what a filter by source offers.

    Written with the cards, so that nobody has to read a million of them to offer a name.
    """

    source = models.CharField(max_length=255)
    # The same for comparing: without case.
    folded = models.CharField(max_length=400)
    # Who may see such a lead: "user:<id>", "team:<id>", or "" for everybody.
    audience = models.CharField(max_length=48, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["audience", "source"], name="known_source_once")
        ]


class Visit(models.Model):
    """Somebody opened a lead or a company: what an empty search offers, and who is on it now.

    Holds personal data: which lead.
    """

    class Doing(models.TextChoices):
        LOOKING = "looking"
        WRITING = "writing"
        EDITING = "editing"
        CALLING = "calling"

    user = models.ForeignKey(
        "workspace.User", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.CASCADE, related_name="+")
    company = models.ForeignKey(
        "leads.Company", null=True, on_delete=models.CASCADE, related_name="+"
    )
    at = MicrosField()
    doing = models.CharField(max_length=7, choices=Doing, db_default=Doing.LOOKING)
    # Since when they have been doing that without a pause; of a lead only.
    began_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "lead"], name="visit_of_a_lead_once"),
            models.UniqueConstraint(fields=["user", "company"], name="visit_of_a_company_once"),
            models.CheckConstraint(
                condition=models.Q(lead__isnull=True) ^ models.Q(company__isnull=True),
                name="visit_of_one_thing",
            ),
        ]
        indexes = [models.Index(fields=["user", "-at"], name="visit_newest")]


class SavedView(models.Model):
    """A named filter, sort and columns of a list; without a user it is the playbook's.

    Holds personal data: name and filter, where somebody typed an address or number into them.
    """

    class Reach(models.TextChoices):
        PRIVATE = "private", _("Only me")
        TEAM = "team", _("My team")
        EVERYBODY = "everybody", _("Everybody")

    user = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(max_length=80)
    filter = models.JSONField(default=dict)
    sort = models.CharField(max_length=20, default="-score")
    # In the order shown, after the name: a key, or key:width in pixels; [] for the usual ones.
    columns = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField(default=0)
    # With whom the user shares it; the team is that of who shared it.
    reach = models.CharField(max_length=9, choices=Reach.choices, default=Reach.PRIVATE)
    team = models.ForeignKey(
        "workspace.Team", null=True, on_delete=models.CASCADE, related_name="+"
    )
    removed_at = MicrosField(null=True)


class ViewOrder(models.Model):
    """In which order somebody has their tabs; views that are not named come after these."""

    user = models.OneToOneField(
        "workspace.User", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    view_ids = models.JSONField(default=list)
