"""What the boundary of a day costs: all leads whose points fade are looked at again and written.

The worker's own sweep, `timers.check_up`, in portions as the worker takes them, on leads with a
history under the default score model. Told for each million leads, from as many as `--leads` says:
every portion asks and writes the same number of statements. The physical limit writes as many
changed rows (score, score change, card, checkup) with one statement for each table, and computes
nothing.

    .venv/bin/python -m benchmarks.revaluation [--postgres] [--leads 10000] [--profile]
"""

import argparse
import random
import time
from datetime import datetime, timedelta

import msgspec

from benchmarks import place, processing, report
from benchmarks.report import Figure, Limit

SMALL = {"leads": 300, "history": 5}
FLOOR_SECONDS = 60
MILLION = 1_000_000

_BARE = (
    "UPDATE scoring_score SET total = total + 1",
    "INSERT INTO scoring_scorechange"
    " (lead_id, version_id, total_before, total, fit, engagement, lines, at)"
    " SELECT lead_id, version_id, total - 1, total, fit, engagement, lines, at + 1"
    " FROM scoring_score",
    "UPDATE cards_card SET total = total + 1",
    "UPDATE flow_checkup SET revalue_on = revalue_on + 1, total = total + 1",
)


class Swept(msgspec.Struct, frozen=True):
    """One sweep: how many leads were looked at, how many scores it changed, and what it took."""

    looked: int
    changed: int
    seconds: float
    cpu_seconds: float


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=10_000)
    arguments.add_argument("--history", type=int, default=20)
    arguments.add_argument("--profile", action="store_true")
    options = arguments.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with place.workspace(postgres=options.postgres) as now:
        random.seed(1)
        processing.take(processing.new_leads(options.leads), route="identify", now=now)
        processing.add_history(options.leads, options.history, now)
        processing.settle(now)
        swept = sweep(now + timedelta(days=1), options)
        bare = Limit(round(bare_writes() * MILLION / options.leads, 1), "bare set-based writes")
        value = round(swept.seconds * MILLION / swept.looked, 1)
        name = "each million leads at the boundary of a day"
        figures = [Figure(name, value, "s", bare, at_most=FLOOR_SECONDS)]
        report.show(figures, options=options, details=msgspec.to_builtins(swept))


def sweep(tomorrow: datetime, options: argparse.Namespace) -> Swept:
    """Look at everybody who is due, as the worker does; raises when points of nobody fade."""
    from leadline.flow import timers
    from leadline.scoring.models import ScoreChange

    before = ScoreChange.objects.count()
    stop = processing.profiled() if options.profile else None
    start, worked, looked = time.perf_counter(), time.process_time(), 0
    while count := timers.check_up(limit=timers.MOST, now=tomorrow):
        looked += count
    took, cpu = time.perf_counter() - start, time.process_time() - worked
    if stop:
        stop()
    changed = ScoreChange.objects.count() - before
    assert changed > 0, "no score changed at the boundary of the day"
    return Swept(looked, changed, round(took, 3), round(cpu, 3))


def bare_writes() -> float:
    """Seconds for a changed row of everybody in each of the four tables, in one transaction."""
    from django.db import connection, transaction

    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _BARE:
            cursor.execute(statement)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
