"""The bulk lane: rows of imported files go through the same steps as everything else."""

from collections.abc import Sequence
from datetime import datetime

from leadline.capture import imports
from leadline.capture.imports import Effect
from leadline.capture.submission import Submission
from leadline.flow import intake

# For whoever imports without a worker. The worker takes fewer: it has other things to do.
BATCH = 500


def run_waiting(*, limit: int = BATCH, now: datetime) -> int:
    """Work off up to `limit` waiting rows of one import; returns how many. One transaction."""
    return imports.run_waiting(limit=limit, now=now, take=lambda rows: take(rows, now=now))


def take(submissions: Sequence[Submission], *, now: datetime) -> list[Effect]:
    """What each row did: made a lead, added to one, or said nothing new (it was seen before)."""
    outcome = intake.run(submissions, now=now)
    created = set(outcome.created_lead_ids)
    effects: list[Effect] = []
    for lead_id, is_new in zip(outcome.lead_ids, outcome.is_new, strict=True):
        if not is_new:
            effects.append("unchanged")
        elif lead_id in created:
            effects.append("created")
            created.discard(lead_id)
        else:
            effects.append("updated")
    return effects
