"""A field becomes sensitive: what was written about its values before says them no more.

What is to be changed is looked for outside of transactions, so that nobody waits while a large
table is read; each portion of it is one, and looks again.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from leadline.analytics import tombstones, vocabulary
from leadline.flow import field_audit, field_uses
from leadline.leads import by_field
from leadline.scoring import hushing as scoring
from leadline.timeline import hushing as timeline
from leadline.timeline.hushing import Edited
from leadline.workspace import jobs
from leadline.workspace.models import Field

HUSH = "fields.hush"
PORTION = 200


def later(row: Field, *, label: str, now: datetime) -> None:
    """Enqueue the job; `label` is what the field was called until now.

    The lake reads no value of it from now on, unless a rule asks for it.
    """
    if not vocabulary.is_asked_for(row.name):
        tombstones.hide(row.name, now=now)
    arguments = {"name": row.name, "labels": sorted({label, row.label})}
    jobs.enqueue(HUSH, arguments, now=now, unique_key=f"{HUSH}:{row.name}")


def hush(arguments: Mapping[str, object], now: datetime) -> None:
    """The job, a portion at a time; safe to run twice, and to end in the middle."""
    name, labels = str(arguments["name"]), arguments["labels"]
    _edits(_edited(name, frozenset(map(str, labels)) if isinstance(labels, list) else frozenset()))
    rules = field_uses.rules_of_scores(name)
    for table in scoring.TABLES if rules else ():
        _lines(table, rules)


def _edited(name: str, labels: frozenset[str]) -> Edited:
    """The edits of the field, under every label that it ever had."""
    known = field_audit.labels()
    mine = labels | known.pop(name, frozenset())
    shared = mine & frozenset().union(*known.values())
    instants = by_field.instants_by_hand(name) if shared else frozenset()
    return Edited(name, mine, shared, instants)


def _edits(which: Edited) -> None:
    for after in timeline.all_ids():
        found = timeline.telling(which, after=after)
        for start in range(0, len(found), PORTION):
            with transaction.atomic():
                timeline.edits(which, found[start : start + PORTION])


def _lines(table: str, rules: scoring.Rules) -> None:
    found = scoring.next_rows(table, rules, after=None, limit=PORTION)
    while found:
        with transaction.atomic():
            scoring.lines(table, rules, found)
        found = scoring.next_rows(table, rules, after=found[-1], limit=PORTION)
