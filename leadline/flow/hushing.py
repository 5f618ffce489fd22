"""A field becomes sensitive: what was written about its values before says them no more."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from leadline.flow import field_uses
from leadline.scoring import hushing as scoring
from leadline.timeline import hushing as timeline
from leadline.workspace import jobs
from leadline.workspace.models import Field

HUSH = "fields.hush"
PORTION = 200


def later(row: Field, *, label: str, now: datetime) -> None:
    """Enqueue the job; `label` is what the field was called until now."""
    arguments = {"name": row.name, "labels": sorted({label, row.label})}
    jobs.enqueue(HUSH, arguments, now=now, unique_key=f"{HUSH}:{row.name}")


def hush(arguments: Mapping[str, object], now: datetime) -> None:
    """The job, a portion at a time; safe to run twice, and to end in the middle."""
    labels = arguments["labels"]
    for label in labels if isinstance(labels, list) else []:
        _edits(str(label))
    rules = field_uses.rules_of_scores(str(arguments["name"]))
    for table in scoring.TABLES if rules else ():
        _lines(table, rules)


def _edits(label: str) -> None:
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            after = timeline.edits(label, after=after, limit=PORTION)


def _lines(table: str, rules: scoring.Rules) -> None:
    with transaction.atomic():
        after = scoring.lines(table, rules, after=None, limit=PORTION)
    while after is not None:
        with transaction.atomic():
            after = scoring.lines(table, rules, after=after, limit=PORTION)
