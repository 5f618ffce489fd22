"""Rows of the workspace: settings, people, keys, declared fields, jobs and leases."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Workspace(models.Model):
    """The one row of settings; an installation is one workspace."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # The fixed offset at which days are cut for scoring (design, "Exact arithmetic").
    day_offset_minutes = models.SmallIntegerField(default=0)
    currency = models.CharField(max_length=3, default="EUR")
    language = models.CharField(max_length=12, default="en")
    base_url = models.URLField(default="http://127.0.0.1:8000")
    is_demo = models.BooleanField(default=False)
    # Grows whenever rules change (models, stages, routing, fields): processes reload them.
    rules_version = models.PositiveIntegerField(default=1)
    # What the demo loader and other steps must remember (small, never personal).
    notes = models.JSONField(default=dict)
    created_at = MicrosField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_workspace")]


class Team(models.Model):
    """A group of people; separates what reps and managers see."""

    name = models.CharField(max_length=120, unique=True)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MARKETER = "marketer", "Marketer"
    MANAGER = "manager", "Manager"
    REP = "rep", "Rep"
    READ_ONLY = "read_only", "Read-only"


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
    is_active = models.BooleanField(default=True)
    # Whether new leads may be dealt to this person (round robin).
    takes_leads = models.BooleanField(default=False)
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
        BROWSER = "browser", "Browser"
        SERVER = "server", "Server"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    secret_hash = models.CharField(max_length=64, unique=True)
    # Browser keys are printed into every page, so they may be read back; server keys never.
    public_text = models.CharField(max_length=64, blank=True)
    created_at = MicrosField()
    revoked_at = MicrosField(null=True)


class Field(models.Model):
    """A declared trait of a lead or a company: what criteria, filters and forms may name."""

    class Type(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"
        DATE = "date", "Date"
        BOOLEAN = "boolean", "Yes or no"
        OPTION = "option", "One of"

    # Dotted for companies: `company.employee_count`.
    name = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=8, choices=Type.choices)
    label = models.CharField(max_length=120)
    options = models.JSONField(default=list)
    is_fact = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    archived_at = MicrosField(null=True)


class Job(models.Model):
    """Work for later, enqueued in the transaction of its cause; claimed by a lease."""

    class State(models.TextChoices):
        READY = "ready", "Ready"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)
    # Two rows with the same cause cannot wait at once.
    unique_key = models.CharField(max_length=200, null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READY)
    due_at = MicrosField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=5)
    worker = models.CharField(max_length=64, blank=True)
    # Grows with every claim; a worker whose fence is old may not report success.
    fence = models.BigIntegerField(default=0)
    lease_until = MicrosField(null=True)
    error = models.TextField(blank=True)
    created_at = MicrosField()
    finished_at = MicrosField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unique_key"],
                condition=models.Q(state__in=["ready", "running"]),
                name="job_once_per_cause",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="ready"), name="job_ready"),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="running"), name="job_leased"
            ),
        ]


class Lease(models.Model):
    """Who may do what only one process does at a time (on SQLite: consume the inbox)."""

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=64)
    fence = models.BigIntegerField(default=0)
    until = MicrosField()
