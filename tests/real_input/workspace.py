"""A workspace to put real data into, and the front door in portions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadline.capture.submission import Submission
from leadline.flow import intake, rulebook
from leadline.lib import clock
from leadline.playbooks import parts
from leadline.workspace.models import Workspace

PORTION = 400


def open_up(now: datetime) -> None:
    """A workspace with the shipped playbook, in UTC."""
    rulebook.forget()
    Workspace.objects.create(id=1, name="Real input", created_at=now)
    parts.apply("b2b-saas", now=now)


def put_in(submissions: Sequence[Submission], *, now: datetime) -> list[UUID | None]:
    """Take all through the flow; the lead of each."""
    leads: list[UUID | None] = []
    for start in range(0, len(submissions), PORTION):
        leads += intake.run(submissions[start : start + PORTION], now=now).lead_ids
    return leads


def past(
    source: str, message_id: str, *, at: datetime, received: datetime, **said: object
) -> Submission:
    """Something that happened at `at` and that a trusted system tells us now."""
    return Submission(
        source=source,
        message_id=message_id,
        occurred_us=clock.micros(at),
        received_us=clock.micros(received),
        is_trusted=True,
        is_history=True,
        seen_day=0,
        **{"kind": "track", "name": "Identified", **said},  # type: ignore[arg-type]  # its fields
    )
