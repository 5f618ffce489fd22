"""Leads, companies, bindings, trait values and merges."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Company(models.Model):
    """An organisation, recognised by its work-mail domain or its id at a source."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=200, blank=True)
    domain = models.CharField(max_length=253, null=True, unique=True)
    external_id = models.CharField(max_length=255, null=True, unique=True)
    # Current trusted traits, without the prefix: {"employee_count": 300}.
    traits = models.JSONField(default=dict)
    created_at = MicrosField()


class Lead(models.Model):
    """A person (or a person's role) we know by at least one identifier.

    Holds personal data: traits, undeclared traits.
    """

    class Origin(models.TextChoices):
        INBOUND = "inbound", _("Inbound")
        OUTBOUND = "outbound", _("Outbound")
        REFERRAL = "referral", _("Referral")

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    company = models.ForeignKey(Company, null=True, on_delete=models.SET_NULL, related_name="leads")
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.INBOUND)
    # False for people on a list who have not acted yet: a target, not a lead.
    has_shown_interest = models.BooleanField(default=True)
    is_test = models.BooleanField(default=False)
    # Current value of each declared trait, derived from TraitValue: {"first_name": "Ada"}.
    traits = models.JSONField(default=dict)
    # By trait: [when it was said (microseconds), is it verified (0 or 1)], to place late values.
    trait_marks = models.JSONField(default=dict)
    undeclared = models.JSONField(default=dict)
    # Grows with every change: the ETag of the API, the guard against lost updates.
    version = models.PositiveIntegerField(default=1)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="absorbed"
    )
    created_at = MicrosField()
    known_at = MicrosField()
    updated_at = MicrosField()

    # No column: the fields that were taken out of this row because its reader may not see them.
    hidden: frozenset[str] = frozenset()


class Binding(models.Model):
    """(kind, canonical value) belongs to a lead from `opened_at` to `closed_at`.

    An anonymous id that nobody has claimed yet has no lead. Holds personal data: the value.
    """

    class Kind(models.TextChoices):
        USER = "user", "User id"
        EMAIL = "email", "E-mail"
        PHONE = "phone", "Phone"
        EXTERNAL = "external", "External id"
        ANONYMOUS = "anonymous", "Anonymous id"

    kind = models.CharField(max_length=9, choices=Kind.choices)
    value = models.CharField(max_length=255)
    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.CASCADE, db_index=False, related_name="bindings"
    )
    is_verified = models.BooleanField(default=False)
    # A browser that was bound because somebody in it named an identifier of the lead in public.
    # What happens in it is shown with the lead; it never gives the lead another identifier.
    is_claim = models.BooleanField(default=False, db_default=False)
    # What a visitor nobody knows said about themselves, until there is a lead to say it of:
    # [{"at", "source", "kind", "is_trusted", "traits"}], the newest twenty.
    said = models.JSONField(default=list)
    opened_at = MicrosField()
    closed_at = MicrosField(null=True)
    known_at = MicrosField()
    # Of one that had no lead at first: when we knew whose it is. What hangs on it was nobody's
    # before, which is what it was as of an instant before.
    given_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=models.Q(closed_at__isnull=True),
                name="binding_open_once",
            )
        ]
        indexes = [models.Index(fields=["lead"], name="binding_lead")]


class TraitValue(models.Model):
    """What somebody said a trait is: value, source, method, verified, when we knew. Append-only.

    Of a lead or of a company, never both. Holds personal data: the value.
    """

    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    company = models.ForeignKey(
        Company, null=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    name = models.CharField(max_length=64)
    value = models.JSONField(null=True)
    source = models.CharField(max_length=120)
    method = models.CharField(max_length=24)
    is_verified = models.BooleanField(default=False)
    # False for a claim that did not replace what was known. The current value, and the value as
    # known at T, is the newest row that took effect.
    took_effect = models.BooleanField(default=True)
    occurred_at = MicrosField()
    known_at = MicrosField()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "name", "id"], name="trait_value_lead"),
            models.Index(
                fields=["company", "name", "id"],
                condition=models.Q(company__isnull=False),
                name="trait_value_company",
            ),
        ]


class CurrentTrait(models.Model):
    """The current value of a declared, filterable trait, typed: the side table behind filters.

    Holds personal data: text and number.
    """

    pk = models.CompositePrimaryKey("lead_id", "name")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=64)
    # Texts are cut to 255 characters, which an index of PostgreSQL can hold in any script. Lists
    # stand here whole, as JSON: their members are options, whose values are short.
    text = models.CharField(max_length=1_000, null=True)
    number = models.FloatField(null=True)

    class Meta:
        indexes = [
            # A value is a number or a text: texts stand where `number` is null, so one index
            # serves both (two cost an import of 100,000 rows another million entries).
            models.Index(fields=["name", "number", "text", "lead"], name="current_trait_value"),
        ]


class CompanyTrait(models.Model):
    """What a trusted source says of a company, typed: it counts before what its leads claim.

    One row for each of `Company.traits`, under the whole name ("company.city"), for list filters.
    """

    pk = models.CompositePrimaryKey("company_id", "name")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=64)
    text = models.CharField(max_length=1_000, null=True)
    number = models.FloatField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "number", "text", "company"], name="company_trait_value"),
        ]


class Merge(models.Model):
    """Lead `absorbed` became part of `kept`: the bindings that moved, why, and if undone.

    Holds personal data: kept_before, and because where a person wrote it.
    """

    kept = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="+")
    absorbed = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="+")
    binding_ids = models.JSONField(default=list)
    # What was known of the kept lead before the merge, so that undoing restores it: a
    # `joining.Told`.
    kept_before = models.JSONField(default=dict)
    because = models.CharField(max_length=300)
    at = MicrosField()
    undone_at = MicrosField(null=True)


class Removal(models.Model):
    """A lead was moved to the trash by somebody: restored since, or removed for good.

    A lead with an open removal is absent: no list, search, count, score, deal or send knows it.
    """

    class State(models.TextChoices):
        TRASHED = "trashed", "In the trash"
        RESTORED = "restored", "Restored"
        REMOVED = "removed", "Removed for good"

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, db_index=False, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.TRASHED)
    by = models.ForeignKey("workspace.User", null=True, on_delete=models.SET_NULL, related_name="+")
    at = MicrosField()
    ended_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                condition=models.Q(state__in=["trashed", "removed"]),
                name="removal_open_once",
            )
        ]
        indexes = [
            # What lies in the trash, the newest first, and what has lain there longest.
            models.Index(
                fields=["-at", "-id"], condition=models.Q(state="trashed"), name="removal_trash"
            )
        ]


class MergeReview(models.Model):
    """Two leads that might be one, which no rule may decide: a person looks."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MERGED = "merged", "Merged"
        KEPT_APART = "kept_apart", "Kept apart"

    first = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    because = models.CharField(max_length=300)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = MicrosField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="merge_review_once")
        ]
