"""Forms, pages, submissions, imports, and the memory of what arrived."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from leadline.lib import ids
from leadline.workspace.columns import MicrosField


class Purpose(models.TextChoices):
    """What a form is for. Models and scores use the purpose, never the slug."""

    DEMO = "demo", _("Demo request")
    QUOTE = "quote", _("Quote request")
    CONTACT = "contact", _("Contact")
    CALLBACK = "callback", _("Callback")
    BOOKING = "booking", _("Booking")
    DOWNLOAD = "download", _("Download")
    NEWSLETTER = "newsletter", _("Newsletter")
    WEBINAR = "webinar", _("Webinar")
    TRIAL = "trial", _("Trial")
    OTHER = "other", _("Other")


class Form(models.Model):
    """A form at `/f/<slug>`: its fields, its purpose, what it says afterwards."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    # [{"name", "label", "type", "required", "autocomplete", "help", "options", "rows"}], in order.
    fields = models.JSONField(default=list)
    # [{"purpose", "channel", "text", "version", "required"}]: unticked boxes below the fields.
    consents = models.JSONField(default=list)
    # {"submit", "thanks_title", "thanks_text", "redirect"}
    texts = models.JSONField(default=dict)
    # What the form and the page around it are written in; "" when they leave it to the browser.
    language = models.CharField(max_length=12, blank=True, default="")
    is_published = models.BooleanField(default=True)
    updated_at = MicrosField()


class Page(models.Model):
    """A hosted page at `/p/<slug>` with one form."""

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=160)
    description = models.CharField(max_length=300, blank=True)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+")
    # [{"block": "headline" | "value" | "logos" | "testimonial" | "faq" | "footer", ...}]
    blocks = models.JSONField(default=list)
    is_published = models.BooleanField(default=True)
    updated_at = MicrosField()


class Submission(models.Model):
    """One post of one form, with what happened to it. Holds personal data: the posted fields."""

    class State(models.TextChoices):
        ACCEPTED = "accepted", "Accepted"
        SUSPECTED_SPAM = "suspected_spam", "Suspected spam"
        REPEATED = "repeated", "Repeated"

    form_slug = models.CharField(max_length=80)
    message_id = models.CharField(max_length=100)
    raw = models.TextField()
    state = models.CharField(max_length=16, choices=State.choices)
    reason = models.CharField(max_length=120, blank=True)
    received_at = MicrosField()
    known_at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["state", "-id"], name="submission_state")]


class Seen(models.Model):
    """Hashes of source key and message id, by day, so that inserts stay local."""

    pk = models.CompositePrimaryKey("day", "digest")
    day = models.IntegerField()
    digest = models.BinaryField(max_length=16)


class Parked(models.Model):
    """An inbox row that failed again and again, kept whole for a person to look at.

    Holds personal data: the body as it arrived.
    """

    class State(models.TextChoices):
        PARKED = "parked", "Parked"
        RETRIED = "retried", "Retried"

    source = models.CharField(max_length=80)
    received_at = MicrosField()
    body = models.BinaryField()
    meta = models.TextField()
    error = models.TextField()
    tries = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PARKED)
    parked_at = MicrosField()


class Dropped(models.Model):
    """How many were dropped on purpose, by day and reason; dropping is never silent."""

    pk = models.CompositePrimaryKey("day", "reason")
    day = models.IntegerField()
    reason = models.CharField(max_length=40)
    count = models.BigIntegerField(default=0)


class InboxCursor(models.Model):
    """SQLite only: the last inbox row whose effects are in this database, in one transaction."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.BigIntegerField(default=0)
    # How often the row after `position` has failed, to park it in the end.
    failures = models.PositiveSmallIntegerField(default=0)


class Import(models.Model):
    """One file brought in: resumable, idempotent, its totals add up."""

    class State(models.TextChoices):
        READING = "reading", "Reading"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    file_name = models.CharField(max_length=255)
    file_hash = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.READING)
    row_count = models.IntegerField(default=0)
    created_count = models.IntegerField(default=0)
    updated_count = models.IntegerField(default=0)
    unchanged_count = models.IntegerField(default=0)
    rejected_count = models.IntegerField(default=0)
    created_by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = MicrosField()
    finished_at = MicrosField(null=True)


class ImportRow(models.Model):
    """A row of a file, waiting for the bulk lane. Holds personal data: the row as it stood."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        DONE = "done", "Done"
        REJECTED = "rejected", "Rejected"

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    number = models.IntegerField()
    raw = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    error = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(state="waiting"), name="import_row_waiting"
            )
        ]
