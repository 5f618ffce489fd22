"""Rows of the workspace: settings, people, audit, keys, declared fields, jobs and leases."""

from collections.abc import Iterator
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadline.lib import ids
from leadline.workspace.columns import MicrosField

# Django looks for an app's models in this module alone; "as" says that others import them here.
from leadline.workspace.work_models import Job as Job  # noqa: PLC0414
from leadline.workspace.work_models import Lease as Lease  # noqa: PLC0414


class Workspace(models.Model):
    """The one row of settings; an installation is one workspace."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # The fixed offset at which days are cut for scoring (design, "Exact arithmetic").
    day_offset_minutes = models.SmallIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    language = models.CharField(max_length=12, default="en")
    # ISO 3166: where a phone number without a country code is meant to be; "" for nowhere.
    country = models.CharField(max_length=2, blank=True, default="")
    # The month (1 to 12) in which a fiscal year begins.
    fiscal_year_month = models.PositiveSmallIntegerField(default=1)
    base_url = models.URLField(default="http://127.0.0.1:8000")
    is_demo = models.BooleanField(default=False)
    # Grows whenever rules change (models, stages, routing, fields): processes reload them.
    rules_version = models.PositiveIntegerField(default=1)
    # What the demo loader and other steps must remember (small, never personal).
    notes = models.JSONField(default=dict)
    created_at = MicrosField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="one_workspace"),
            models.CheckConstraint(
                condition=models.Q(fiscal_year_month__range=(1, 12)), name="fiscal_year_month"
            ),
        ]


class ExchangeRate(models.Model):
    """On a day one unit of `against` cost `rate_parts` / 10¹² units of `currency`."""

    day = models.DateField()
    currency = models.CharField(max_length=3)
    against = models.CharField(max_length=3)
    rate_parts = models.BigIntegerField()

    @property
    def rate(self) -> str:
        """Units of `currency` for one of `against`, without trailing zeros."""
        return f"{Decimal(self.rate_parts).scaleb(-12).normalize():f}"

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "currency", "against"], name="one_rate_a_day"),
            models.CheckConstraint(condition=models.Q(rate_parts__gt=0), name="rate_above_zero"),
        ]
        indexes = [models.Index(fields=["currency", "against", "day"], name="rate_newest")]


class Team(models.Model):
    """A group of people; separates what reps and managers see. An archived one has no people."""

    name = models.CharField(max_length=120, unique=True)
    # Who speaks for the team; one of its people.
    leader = models.ForeignKey("User", null=True, on_delete=models.SET_NULL, related_name="+")
    archived_at = MicrosField(null=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", pgettext_lazy("role", "Owner")
    ADMIN = "admin", _("Admin")
    MARKETER = "marketer", _("Marketer")
    MANAGER = "manager", _("Manager")
    REP = "rep", _("Rep")
    READ_ONLY = "read_only", _("Read-only")


class UserManager(BaseUserManager["User"]):
    """Makes users; addresses are canonical before they arrive here."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Someone who signs in. Holds personal data: name, e-mail address."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.REP)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    time_zone = models.CharField(max_length=64, default="UTC")
    language = models.CharField(max_length=12, default="en")
    # One of `lib.formats`; "" for what is usual in the language.
    date_format = models.CharField(max_length=12, blank=True, default="")
    time_format = models.CharField(max_length=4, blank=True, default="")
    number_format = models.CharField(max_length=20, blank=True, default="")
    week_start = models.CharField(max_length=8, blank=True, default="")
    is_active = models.BooleanField(default=True)
    # Whether new leads may be dealt to this person (round robin).
    takes_leads = models.BooleanField(default=False)
    # Grows when every session of this person must end; part of what a session is checked against.
    sign_in_version = models.PositiveIntegerField(default=0)
    # Grows when somebody makes a link to a new password for this person: the newest one opens.
    link_version = models.PositiveIntegerField(default=0)
    created_at = MicrosField(null=True)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_any_case"),
            # Exactly one owner, also under a race of two set-up pages.
            models.UniqueConstraint(
                fields=["role"], condition=models.Q(role="owner"), name="one_owner"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this person's; differs after `sign_in_version` grew."""
        return self._versioned(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        for digest in super().get_session_auth_fallback_hash():
            yield self._versioned(digest)

    def _versioned(self, digest: str) -> str:
        return f"{digest}.{self.sign_in_version}" if self.sign_in_version else digest


class Invitation(models.Model):
    """A link that makes one person a colleague. Holds personal data: e-mail address.

    Only the hash of the link's token is kept: it is shown once, and works once, until it expires.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        WITHDRAWN = "withdrawn", "Withdrawn"

    token_hash = models.CharField(max_length=64, unique=True)
    # Without an address the link may be used by whoever is given it.
    email = models.EmailField(max_length=254, blank=True)
    role = models.CharField(max_length=12, choices=Role.choices)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    takes_leads = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = MicrosField()
    expires_at = MicrosField()
    ended_at = MicrosField(null=True)

    class Meta:
        constraints = [
            # An invitation cannot make an owner; ownership is handed over.
            models.CheckConstraint(condition=~models.Q(role="owner"), name="invited_as_no_owner")
        ]


class AddressChange(models.Model):
    """Somebody wants to sign in with another address. Holds personal data: e-mail address.

    Nothing has changed until the link that was sent to that address is confirmed.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CONFIRMED = "confirmed", "Confirmed"
        REPLACED = "replaced", "Replaced"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(max_length=254)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    asked_at = MicrosField()
    expires_at = MicrosField()
    ended_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(state="open"), name="one_open_address_change"
            )
        ]


class Departure(models.Model):
    """A person was deactivated, and what was theirs goes to others; undoable for a day."""

    class State(models.TextChoices):
        HANDING_OVER = "handing_over", "Handing over"
        HANDED_OVER = "handed_over", "Handed over"
        TAKING_BACK = "taking_back", "Taking back"
        TAKEN_BACK = "taken_back", "Taken back"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # None: they belong to nobody until somebody takes them.
    leads_to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    tasks_to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    deals_to = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    took_leads = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=State.choices, default=State.HANDING_OVER)
    left_at = MicrosField()
    handed_over_at = MicrosField(null=True)
    taken_back_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state__in=["handing_over", "taking_back"]),
                name="one_departure_at_a_time",
            )
        ]


class HandedOver(models.Model):
    """One thing that went to somebody else because of a departure. By id: this package knows
    neither leads nor tasks nor deals."""

    class Kind(models.TextChoices):
        LEAD = "lead", "Lead"
        TASK = "task", "Task"
        DEAL = "deal", "Deal"

    class State(models.TextChoices):
        GONE = "gone", "Handed over"
        RETURNED = "returned", "Returned"
        KEPT = "kept", "Changed since"

    departure = models.ForeignKey(Departure, on_delete=models.CASCADE, related_name="things")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    object_id = models.UUIDField()
    # Whatever proves that nobody changed it since: the assignment's number, else the taker.
    mark = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State.choices, default=State.GONE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["departure", "kind", "object_id"], name="handed_once")
        ]


class AuditEntry(models.Model):
    """Who changed what, when, from where. Append-only; `workspace.audit` chains the hashes.

    Holds personal data: details (names, addresses, values before and after). The chain holds only
    a salted digest of them, so that they can be blanked and the chain stays whole.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    at = MicrosField()
    # An id and no foreign key: what happened does not change when a person's row goes.
    actor_id = models.UUIDField(null=True)
    act = models.CharField(max_length=32)
    object_kind = models.CharField(max_length=24)
    object_id = models.CharField(max_length=64)
    details = models.TextField()
    salt = models.CharField(max_length=32)
    details_digest = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["actor_id", "at"], name="audit_of_person")]


class AuditHead(models.Model):
    """The end of the audit's chain: its lock, and what a cut-off tail is noticed by."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_audit_head")]


class ApiKey(models.Model):
    """A key for `/api/v1`; only its hash is kept. Shown once, revoked at once."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=12)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    created_at = MicrosField()
    last_used_at = MicrosField(null=True)
    revoked_at = MicrosField(null=True)


class WriteKey(models.Model):
    """A key for `/v1`: `browser` is public and may only claim, `server` is trusted."""

    class Kind(models.TextChoices):
        BROWSER = "browser", _("Browser")
        SERVER = "server", _("Server")

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    # Browser keys are printed into every page, so they may be read back; server keys never.
    public_text = models.CharField(max_length=64, blank=True)
    created_at = MicrosField()
    revoked_at = MicrosField(null=True)


class Field(models.Model):
    """A declared trait of a lead or a company: what criteria, filters and forms may name.

    What its values look like is `field_values`' to say. Holds no personal data itself.
    """

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        LONG_TEXT = "long_text", _("Long text")
        NUMBER = "number", _("Number")
        MONEY = "money", _("Money")
        DATE = "date", _("Date")
        BOOLEAN = "boolean", _("Yes or no")
        OPTION = "option", _("One of")
        OPTIONS = "options", _("Many of")
        LINK = "link", _("Link")
        PERSON = "person", _("Person of the team")

    # Dotted for companies: `company.employee_count`. Never changes: rules and forms name it.
    name = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=12, choices=Type.choices)
    label = models.CharField(max_length=120)
    help = models.CharField(max_length=300, blank=True, default="")
    # The heading under which it stands on the Lead page; "" for none.
    group = models.CharField(max_length=80, blank=True, default="")
    # [{"value", "label"}] in the order shown.
    options = models.JSONField(default=list)
    # Of money: every value is in this currency.
    currency = models.CharField(max_length=3, blank=True, default="")
    is_fact = models.BooleanField(default=False)
    # No two leads may have the same value.
    is_unique = models.BooleanField(default=False)
    # Shown only to people who work with the lead, never a fact for analytics.
    is_sensitive = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(is_fact=True, is_sensitive=True),
                name="field_sensitive_is_no_fact",
            )
        ]
