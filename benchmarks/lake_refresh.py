"""How long the lake takes for a million new events, and what a writer beside it feels of that.

A workspace of 20,000 leads has a lake already; then a million events are committed, and `refresh`
takes them in. Another process writes all the while, as the worker does: one transaction after the
other, each measured from its begin to its durable commit.

    .venv/bin/python -m benchmarks.lake_refresh [--postgres] [--events 1000000]
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks import place, processing, report
from benchmarks.report import Figure, Limit

FLOOR_SECONDS = 10.0
FLOOR_STALL_MS = 50.0
FLOOR_MB = 500.0
BETWEEN_SECONDS = 0.005
SMALL = {"events": 4_000, "leads": 200}


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--leads", type=int, default=20_000)
    arguments.add_argument("--as", dest="part", choices=list(PARTS), help="another process")
    arguments.add_argument("--folder", type=Path)
    options = arguments.parse_args()
    if options.part:
        PARTS[options.part](options)
        return
    if options.small:
        vars(options).update(SMALL)
    with place.workspace(postgres=options.postgres) as now, tempfile.TemporaryDirectory() as folder:
        figures, details = run(options, now, Path(folder) / "lake")
        report.show(figures, options=options, details=details)


def run(
    options: argparse.Namespace, now: datetime, folder: Path
) -> tuple[list[Figure], dict[str, object]]:
    """Fill, refresh, fill, refresh beside a writer; then the bare parts for comparison."""
    processing.take(processing.new_leads(options.leads), route="identify", now=now)
    refreshed(folder)
    add_events(options.events)
    with beside() as alone:
        time.sleep(0.2 if options.small else 5.0)
    last = newest()
    with beside() as felt:
        done = refreshed(folder)
    assert done["added"] >= options.events, done
    limit = Limit(bare_read(last, options.events), "the same columns fetched and thrown away")
    figures = [
        Figure("refresh of new events", done["seconds"], "s", limit, at_most=FLOOR_SECONDS),
        Figure("largest stall of a writer", felt["worst_ms"], "ms",
               Limit(alone["worst_ms"], "the same writer alone"), at_most=FLOOR_STALL_MS),
        Figure("peak memory", done["peak_mb"], "MB",
               Limit(done["before_mb"], "the same process before it"), at_most=FLOOR_MB),
    ]  # fmt: skip
    details = {"refresh": done, "writes_beside": felt, "writes_alone": alone}
    return figures, details


def add_events(count: int) -> None:
    """Commit so many events over two years; no two say the same, so nothing is decoded twice."""
    from django.db import connection, transaction

    from leadline.leads.models import Binding

    bindings = Binding.objects.count()
    for start in range(0, count, 50_000):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _NUMBERS[connection.vendor], [start, min(start + 50_000, count), bindings]
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


_EVENT = """
    INSERT INTO timeline_event (binding_id, kind, name, message_id, properties, raw, actor, counts,
      flag, is_verified, occurred_at, received_at, known_at)
    SELECT b.id, 'track', CASE WHEN n.n %% 3 = 0 THEN 'Page Viewed' ELSE 'Email Opened' END, 'm',
      '{{"path": "/pricing/' || (n.n %% 5000) || '", "campaign_number": ' || n.n || '}}',
      '{{"x": 1}}', 'human', {yes}, '', {yes}, 1773135000000000 - n.n %% 730 * 86400000000, 1, 1
    FROM ({numbers}) n JOIN
      (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM leads_binding) b
      ON b.place = n.n %% (SELECT %s)"""
_NUMBERS = {
    "postgresql": _EVENT.format(
        yes="true", numbers="SELECT n FROM generate_series(%s::bigint, %s::bigint - 1) n"
    ),
    "sqlite": _EVENT.format(
        yes="1",
        numbers=(
            "WITH RECURSIVE up(n, last) AS (SELECT %s, %s - 1"
            " UNION ALL SELECT n + 1, last FROM up WHERE n < last) SELECT n FROM up"
        ),
    ),
}


def newest() -> int:
    from leadline.timeline.models import Event

    return Event.objects.order_by("-id").values_list("id", flat=True)[0]


def bare_read(last_id: int, count: int) -> float:
    """Seconds to fetch what the lake asks of these events, and nothing else."""
    from django.db import connection

    start = time.perf_counter()
    for at in range(last_id - count, last_id, 20_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, binding_id, name, counts, occurred_at, known_at, properties"
                " FROM timeline_event WHERE id > %s AND id <= %s",
                [at, min(at + 20_000, last_id)],
            )
            cursor.fetchall()
    return round(time.perf_counter() - start, 3)


def peak_mb() -> float:
    """The most memory that this process has had."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


# The other processes


@contextmanager
def beside() -> Iterator[dict[str, Any]]:
    """Another process writes in the block; what it felt is in the mapping afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.lake_refresh", "--as", "writer"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    found: dict[str, Any] = {}
    process.stdout.readline()
    yield found
    said, _ = process.communicate("end\n")
    found |= json.loads(said)


def refreshed(folder: Path) -> dict[str, Any]:
    """Refresh in a process of its own, as the analyst does."""
    program = [sys.executable, "-m", "benchmarks.lake_refresh", "--as", "analyst"]
    done = subprocess.run([*program, "--folder", str(folder)], check=True, stdout=subprocess.PIPE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def refresh(options: argparse.Namespace) -> None:
    """Refresh; print how long it took and how much memory it had."""
    import django

    django.setup()
    from leadline.analytics import refreshing
    from leadline.analytics.lake import Lake
    from leadline.lib import clock

    before_mb, start, worked = peak_mb(), time.perf_counter(), time.process_time()
    done = refreshing.refresh(Lake(options.folder), now=clock.now())
    print(json.dumps({
        "seconds": round(time.perf_counter() - start, 2), "peak_mb": peak_mb(),
        "cpu_seconds": round(time.process_time() - worked, 2),
        "before_mb": before_mb, "added": done.added["events"], "rows": done.row_count,
        "bytes": done.size_bytes,
    }))  # fmt: skip


def write_beside(_options: argparse.Namespace) -> None:
    """Write until a line comes; print how long the transactions took."""
    import select

    import django

    django.setup()
    from leadline.leads.models import Lead

    lead_ids = list(Lead.objects.values_list("pk", flat=True)[:100])
    took_ms: list[float] = []
    write(lead_ids[0], 0)
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], BETWEEN_SECONDS)[0]:
        start = time.perf_counter()
        write(lead_ids[len(took_ms) % len(lead_ids)], len(took_ms))
        took_ms.append((time.perf_counter() - start) * 1_000)
    took_ms.sort()
    print(json.dumps({
        "count": len(took_ms), "worst_ms": round(took_ms[-1], 1),
        "median_ms": round(took_ms[len(took_ms) // 2], 1),
        "p99_ms": round(took_ms[len(took_ms) * 99 // 100], 1),
    }))  # fmt: skip


def write(lead_id: object, number: int) -> None:
    """A small pass: a row is appended and another one changes, durably."""
    from django.db import connection, transaction

    from leadline.leads.models import Lead

    with transaction.atomic():
        Lead.objects.filter(pk=lead_id).update(version=number % 1_000 + 1)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO timeline_touch (binding_id, source, medium, campaign, term, content,"
                " channel, referrer, landing_page, click_id, occurred_at, known_at)"
                " SELECT id, '', '', '', '', '', 'direct', '', '', '', 1, 1 FROM leads_binding"
                " LIMIT 1"
            )


PARTS = {"analyst": refresh, "writer": write_beside}

if __name__ == "__main__":
    main()
