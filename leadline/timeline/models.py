"""Events and touches."""

from django.db import models

from leadline.workspace.columns import MicrosField


class Event(models.Model):
    """Something that happened, on the most specific binding open when it was processed.

    Holds personal data: properties, raw.
    """

    class Kind(models.TextChoices):
        TRACK = "track", "Track"
        PAGE = "page", "Page"
        SCREEN = "screen", "Screen"
        IDENTIFY = "identify", "Identify"
        GROUP = "group", "Group"
        ALIAS = "alias", "Alias"
        FORM = "form", "Form"
        SYSTEM = "system", "System"

    class Actor(models.TextChoices):
        HUMAN = "human", "Human"
        MACHINE = "machine", "Machine"
        UNSURE = "unsure", "Unsure"
        SYSTEM = "system", "System"

    binding = models.ForeignKey(
        "leads.Binding", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120)
    message_id = models.CharField(max_length=100)
    # JSON texts, as they are read: rules ask `properties`, people see `raw`.
    properties = models.TextField(default="{}")
    raw = models.TextField(default="{}")
    actor = models.CharField(max_length=7, choices=Actor.choices, default=Actor.HUMAN)
    # False when stored and flagged only: a time out of range, a test, a machine.
    counts = models.BooleanField(default=True)
    # Why it does not count, or what was unusual.
    flag = models.CharField(max_length=40, blank=True)
    is_verified = models.BooleanField(default=False)
    occurred_at = MicrosField()
    received_at = MicrosField()
    known_at = MicrosField()

    class Meta:
        indexes = [
            # Ends in `counts` so that scoring reads the index alone where it asks no property.
            models.Index(
                fields=["binding", "name", "occurred_at", "counts"], name="event_binding_name"
            ),
        ]


class EventDay(models.Model):
    """How many events a binding got on a day, so that 2,000 can be the most that are kept."""

    pk = models.CompositePrimaryKey("binding_id", "day")
    binding = models.ForeignKey(
        "leads.Binding", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    day = models.IntegerField()
    count = models.IntegerField()


class Touch(models.Model):
    """Where somebody came from, when: one row per arrival. First and last are derived.

    Holds personal data: referrer, landing page and click id of a person.
    """

    binding = models.ForeignKey(
        "leads.Binding", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    source = models.CharField(max_length=255, blank=True)
    medium = models.CharField(max_length=255, blank=True)
    campaign = models.CharField(max_length=255, blank=True)
    term = models.CharField(max_length=255, blank=True)
    content = models.CharField(max_length=255, blank=True)
    channel = models.CharField(max_length=24)
    referrer = models.CharField(max_length=255, blank=True)
    landing_page = models.CharField(max_length=255, blank=True)
    click_id = models.CharField(max_length=300, blank=True)
    occurred_at = MicrosField()
    known_at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["binding", "occurred_at"], name="touch_binding")]
