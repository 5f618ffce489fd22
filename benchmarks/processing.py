"""How many events a second one worker takes through the whole flow.

Recognise, append, score (the default model), stage, route, card: everything `flow.intake.run`
does, in the worker's batches, on the database the environment names. Prints JSON.

    .venv/bin/python -m benchmarks.processing [--leads 20000] [--history 50]
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from benchmarks import place

NAMES = ["Page Viewed", "Email Opened", "Email Link Clicked", "Visit Started", "Webinar Attended"]


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--leads", type=int, default=20_000)
    arguments.add_argument("--history", type=int, default=50)
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--profile", action="store_true")
    arguments.add_argument("--postgres", action="store_true", help="on a throw-away cluster")
    options = arguments.parse_args()
    with place.workspace(postgres=options.postgres) as now:
        print(json.dumps(run(options, now), indent=2))


def run(options: argparse.Namespace, now: datetime) -> dict[str, object]:
    """New leads, then one event for each of many leads, then five events per lead and batch."""
    random.seed(1)
    figures: dict[str, object] = {}
    figures["new_leads_per_second"], _ = timed(new_leads(options.leads, now), now)
    add_history(options.leads, options.history, now)
    settle(now)
    figures["events_per_second_one_per_lead"], statements = timed(
        events(options.events, options.leads, each=1, now=now), now, profile=options.profile
    )
    figures["statements_per_batch"] = statements
    figures["events_per_second_five_per_lead"], _ = timed(
        events(options.events, options.leads, each=5, now=now), now
    )
    figures["floors"] = {"new_leads": 800, "one_per_lead": 1500, "five_per_lead": 4000}
    figures["physical"] = {"bare_event_inserts_per_second": bare_inserts()}
    return figures


def timed(
    batches: Iterator[Sequence[object]], now: datetime, *, profile: bool = False
) -> tuple[int, int]:
    """(submissions a second, statements of the last batch) of running all batches."""
    from django.db import connection

    from leadline.flow import intake

    ready = list(batches)
    count = sum(len(batch) for batch in ready)
    profiler = profiled() if profile else None
    asked: list[str] = []
    start, worked = time.perf_counter(), time.process_time()
    for batch in ready[:-1]:
        intake.run(batch, now=now)  # type: ignore[arg-type]  # submissions
    with connection.execute_wrapper(
        lambda execute, sql, params, many, context: (
            asked.append(sql),
            execute(sql, params, many, context),
        )[1]
    ):
        intake.run(ready[-1], now=now)  # type: ignore[arg-type]  # submissions
    took = time.perf_counter() - start
    cpu_us = (time.process_time() - worked) / count * 1e6
    print(f"{count} submissions: {cpu_us:.0f} us of CPU each", file=sys.stderr)
    if profiler:
        profiler()
    return round(count / took), len(asked)


def profiled() -> Callable[[], None]:
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.enable()

    def stop() -> None:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)

    return stop


def new_leads(number: int, now: datetime) -> Iterator[Sequence[object]]:
    from tests.world import said

    made = [
        said(
            "identify",
            "Identified",
            user_id=f"u{i}",
            email=f"person{i}@company{i % 3000}.test",
            traits={
                "first_name": "P",
                "last_name": f"N{i}",
                "title": "VP Sales",
                "company.employee_count": i % 500,
            },
            at=now - timedelta(days=100),
            is_history=True,
        )
        for i in range(number)
    ]
    yield from chunks(made, _batch())


def events(number: int, leads: int, *, each: int, now: datetime) -> Iterator[Sequence[object]]:
    """Batches in which every lead has `each` events."""
    from tests.world import said

    batch = _batch()
    for start in range(0, number, batch):
        chosen = random.sample(range(leads), batch // each)
        yield [
            said(
                "track",
                random.choice(NAMES),
                user_id=f"u{i}",
                properties={"path": random.choice(["/", "/pricing", "/docs"])},
                at=now - timedelta(seconds=random.randrange(3600)),
                raw='{"x": "' + "y" * 380 + '"}',
                is_history=True,
                message_id=f"e{each}-{start}-{i}-{n}",
            )
            for i in chosen
            for n in range(each)
        ]


def add_history(leads: int, each: int, now: datetime) -> None:
    """Events of the past ninety days straight into the table: they are not what is measured."""
    from django.db import connection, transaction

    from leadline.leads.models import Binding
    from leadline.lib import clock, rows

    ids = list(Binding.objects.filter(kind="user").values_list("id", flat=True)[:leads])
    columns = ["binding_id", "kind", "name", "message_id", "properties", "raw", "actor", "counts",
               "flag", "is_verified", "occurred_at", "received_at", "known_at"]  # fmt: skip
    at = clock.micros(now)
    raw = '{"x": "' + "y" * 380 + '"}'
    made = []
    for binding in ids:
        for _ in range(each):
            when = at - random.randrange(90 * clock.DAY)
            made.append((binding, "track", random.choice(NAMES), "h", '{"path": "/pricing"}',
                         raw, "human", True, "", True, when, when, when))  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for batch in chunks(made, 5_000):
            rows.insert(cursor, "timeline_event", columns, batch, vendor=connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def settle(now: datetime) -> None:
    """Score and stage everyone by their history, as they stand when the next event arrives."""
    from leadline.flow import recomputation

    for lead_ids in recomputation.portions():
        recomputation.recompute(lead_ids, now=now)


def bare_inserts() -> int:
    """Event rows a second when nothing else is done, in transactions of 200."""
    from django.db import connection, transaction

    from leadline.leads.models import Binding
    from leadline.lib import rows

    binding = Binding.objects.values_list("id", flat=True)[0]
    columns = ["binding_id", "kind", "name", "message_id", "properties", "raw", "actor", "counts",
               "flag", "is_verified", "occurred_at", "received_at", "known_at"]  # fmt: skip
    row = (binding, "track", "Bare", "h", "{}", '{"x": "' + "y" * 380 + '"}', "human", True, "",
           True, 1, 1, 1)  # fmt: skip
    start = time.perf_counter()
    for _ in range(50):
        with transaction.atomic(), connection.cursor() as cursor:
            rows.insert(cursor, "timeline_event", columns, [row] * 200, vendor=connection.vendor)
    return round(50 * 200 / (time.perf_counter() - start))


def _batch() -> int:
    from django.db import connection

    from leadline.worker.intake import BATCHES

    return BATCHES[connection.vendor]


def chunks(made: Sequence[object], size: int) -> Iterator[Sequence[object]]:
    for start in range(0, len(made), size):
        yield made[start : start + size]


if __name__ == "__main__":
    main()
