"""Calendars, policies, rules, rotations, assignments, clocks, notifications and their choices."""

from django.db import models

from leadline.workspace.columns import MicrosField


class Calendar(models.Model):
    """Business hours in a zone: several intervals per weekday, and days off."""

    name = models.CharField(max_length=120, unique=True)
    time_zone = models.CharField(max_length=64)
    # {"mon": [["09:00", "12:30"], ["13:30", "18:00"]], ...}
    hours = models.JSONField(default=dict)
    # ["2026-12-25", ...] in the calendar's zone.
    holidays = models.JSONField(default=list)
    is_default = models.BooleanField(default=False)


class Absence(models.Model):
    """A person takes no leads from `start` until `end`."""

    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    start = MicrosField()
    end = MicrosField(null=True)
    reason = models.CharField(max_length=120, blank=True)


class SlaPolicy(models.Model):
    """The first policy whose criterion holds gives the time to the first real response."""

    name = models.CharField(max_length=120, unique=True)
    position = models.PositiveSmallIntegerField()
    criterion = models.JSONField()
    response_minutes = models.PositiveIntegerField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")


class RoutingRule(models.Model):
    """The first rule whose criterion holds names the team whose rotation is dealt from."""

    name = models.CharField(max_length=120, unique=True)
    position = models.PositiveSmallIntegerField()
    criterion = models.JSONField()
    team = models.ForeignKey("workspace.Team", on_delete=models.PROTECT, related_name="+")


class Seat(models.Model):
    """A person's place in a team's rotation; `dealt` decides who is next (fewest first)."""

    team = models.ForeignKey("workspace.Team", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    dealt = models.BigIntegerField(default=0)
    # Was this person available at the last deal? Whoever was not, starts level with those who
    # were; so does a new seat, which is why the default is no.
    was_available = models.BooleanField(default=False)
    last_dealt_at = MicrosField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_seat")]


class Assignment(models.Model):
    """A lead got an owner (or lost one), with the reason in one sentence. Append-only.

    Holds personal data: because, where a person wrote it.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    owner = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    owner_before = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    team = models.ForeignKey(
        "workspace.Team", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    by = models.ForeignKey(
        "workspace.User", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    because = models.CharField(max_length=300)
    at = MicrosField()

    class Meta:
        indexes = [
            models.Index(fields=["lead", "at"], name="assignment_lead"),
            # Leads for whom nobody was available; a person who takes an owner away is in `by`.
            models.Index(
                fields=["lead"],
                condition=models.Q(owner__isnull=True, by__isnull=True),
                name="assignment_waiting",
            ),
        ]


class Clock(models.Model):
    """The time a lead has waited for its first real response; at most one runs per lead.

    Holds personal data: because and cancelled_because, where a person wrote them.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        MET = "met", "Met"
        LATE = "late", "Answered late"
        CANCELLED = "cancelled", "Cancelled"

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    policy = models.ForeignKey(
        SlaPolicy, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    because = models.CharField(max_length=300)
    started_at = MicrosField()
    due_at = MicrosField()
    responded_at = MicrosField(null=True)
    # When 60 % of the time are over, until that is told; then null.
    warn_at = MicrosField(null=True)
    # When the breach was told, so that it is told once.
    breached_at = MicrosField(null=True)
    # When it was cancelled and why; undoing that lets it go on from there.
    cancelled_at = MicrosField(null=True)
    cancelled_because = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=models.Q(state="running"), name="one_running_clock"
            )
        ]
        indexes = [
            # What the timer asks for; the clocks it has told about leave the index.
            models.Index(
                fields=["due_at"],
                condition=models.Q(state="running", breached_at__isnull=True),
                name="clock_to_breach",
            ),
            models.Index(
                fields=["warn_at"],
                condition=models.Q(state="running", warn_at__isnull=False),
                name="clock_to_warn",
            ),
            models.Index(fields=["lead", "started_at"], name="clock_lead"),
        ]


class Notification(models.Model):
    """What a person should know, once per lead while `open_until` has not passed.

    Ids only travel; the text is fetched with rights. Holds personal data: the text names the
    lead.
    """

    user = models.ForeignKey(
        "workspace.User", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    lead = models.ForeignKey("leads.Lead", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    text = models.CharField(max_length=300)
    # The newest of `count` happenings.
    at = MicrosField()
    count = models.PositiveIntegerField(default=1)
    read_at = MicrosField(null=True)
    # Until when more about the lead joins this row; null: it is closed.
    open_until = MicrosField(null=True)
    in_bell = models.BooleanField(default=True)
    waits_for_digest = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "lead"],
                condition=models.Q(open_until__isnull=False),
                name="one_open_notification",
            )
        ]
        indexes = [
            # The bell, the newest happening first.
            models.Index(fields=["user", "-at", "-id"], name="notification_newest"),
            models.Index(
                fields=["user"],
                condition=models.Q(waits_for_digest=True),
                name="notification_digest",
            ),
        ]


class NoticeChoice(models.Model):
    """A person wants, or does not want, a kind by a channel, unlike the house's policy."""

    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    channel = models.CharField(max_length=8)
    is_on = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="one_notice_choice")
        ]


class Follow(models.Model):
    """A person wants to hear of a lead that they need not answer for.

    Holds personal data: which lead.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    user = models.ForeignKey("workspace.User", on_delete=models.CASCADE, related_name="+")
    since = MicrosField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lead", "user"], name="one_follow")]


class Ring(models.Model):
    """Something changed for a person's bell: open pages fetch it again. Deleted after a day."""

    user = models.ForeignKey(
        "workspace.User", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    at = MicrosField()

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="ring_user")]
