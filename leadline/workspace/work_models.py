"""The rows of work: what is to be done later, and who may do what only one does at a time.

No personal data: a job's arguments are ids.
"""

from django.db import models

from leadline.workspace.columns import MicrosField


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
