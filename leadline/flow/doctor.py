"""Does everything that is derived still agree with what it is derived from?"""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery

from leadline.cards import projection
from leadline.cards.models import Card
from leadline.cards.projection import Drawn
from leadline.flow import checkups, drawing, rulebook, segments, snapshots
from leadline.flow.segments import Difference
from leadline.leads import locks, trash
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.scoring.models import Score, ScoreChange
from leadline.segments import dynamic

BATCH = 200
MOST_NAMED = 20


class Report(msgspec.Struct):
    """What was compared and what differs; at most twenty of each kind are named."""

    compared_count: int = 0
    missing: list[UUID] = []
    differing: list[UUID] = []
    orphaned_count: int = 0
    unbalanced_count: int = 0
    # Who is in a segment and should not be, or the other way round.
    memberships: list[Difference] = []
    membership_count: int = 0
    repaired_count: int = 0

    @property
    def is_well(self) -> bool:
        counted = self.orphaned_count + self.unbalanced_count + self.membership_count
        return not (self.missing or self.differing or counted)


def examine(*, now: datetime, repair: bool = False) -> Report:
    """Draw every card again from the rows it shows and compare, also what it is found by; ask the
    rules of all segments who is in them; check that scores add up.

    With `repair` the cards that differ are written anew. Locks 200 leads at a time.
    """
    report = Report(missing=[], differing=[], memberships=[])
    rules, at_us = rulebook.current(now), clock.micros(now)
    for lead_ids in _batches():
        with transaction.atomic():
            locks.hold(lead_ids)
            plans = checkups.planned(lead_ids)
            loaded = snapshots.load(lead_ids, reads=rules.reads, at_us=at_us)
            wrong = segments.differing(loaded.values(), plans, rules=rules, at_us=at_us)
            _note_memberships(wrong, report)
            drawn = [card for each in loaded.values() if (card := _draw(each, now=now))]
            _compare(drawn, report, repair=repair)
    merged = Lead.objects.filter(merged_into__isnull=False).values("id")
    report.orphaned_count = Card.objects.filter(Q(lead__in=merged) | trash.absent()).count()
    report.unbalanced_count = _unbalanced()
    return report


def _batches() -> Iterator[list[UUID]]:
    last: UUID | None = None
    while True:
        leads = trash.present().order_by("id")
        if last is not None:
            leads = leads.filter(id__gt=last)
        batch = list(leads.values_list("id", flat=True)[:BATCH])
        if not batch:
            return
        last = batch[-1]
        yield batch


def _draw(loaded: snapshots.Loaded, *, now: datetime) -> Drawn | None:
    if loaded.standing is None or loaded.score is None:
        return None
    return drawing.draw(
        loaded, total=loaded.score[1], standing=loaded.standing, at_us=clock.micros(now)
    )


def _compare(drawn: list[Drawn], report: Report, *, repair: bool) -> None:
    stored = projection.stored([card.lead_id for card in drawn])
    unfindable = projection.unfindable(drawn)
    wrong = []
    for card in drawn:
        report.compared_count += 1
        before = stored.get(card.lead_id)
        named = report.missing if before is None else report.differing
        is_lost = card.lead_id in unfindable
        if before is None or is_lost or not projection.is_same(card, before):
            wrong.append(card)
            if len(named) < MOST_NAMED:
                named.append(card.lead_id)
    if repair:
        projection.repair(wrong)
        report.repaired_count += len(wrong)


def _note_memberships(wrong: list[Difference], report: Report) -> None:
    """While a segment is being filled nobody is blamed: every lead is looked at by that job, and
    until then neither that segment nor those that name it have to be right."""
    if wrong and not dynamic.is_being_filled():
        report.membership_count += len(wrong)
        report.memberships += wrong[: MOST_NAMED - len(report.memberships)]


def _unbalanced() -> int:
    """Scores whose lines do not add up, or that differ from their newest change."""
    newest = ScoreChange.objects.filter(lead_id=OuterRef("lead_id")).order_by("-id")
    scores = Score.objects.annotate(newest=Subquery(newest.values("total")[:1]))
    return sum(
        changed != total
        or sum(line["points_micro"] for line in msgspec.json.decode(lines)) != total
        for total, lines, changed in scores.values_list("total", "lines", "newest").iterator(2000)
    )
