"""How many events a second one worker takes from the inbox through the whole flow.

Recognise, append, score (the default model), stage, route, start clocks, tell people, card: all
that `flow.intake.consume` does, in the worker's batches. Every lead has an owner and a history.
The same is measured with history, which is recorded and wakes nobody.

    .venv/bin/python -m benchmarks.processing [--postgres] [--leads 20000] [--profile]
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import msgspec

from benchmarks import place, report
from benchmarks.report import Figure, Limit

NAMES = ["Page Viewed", "Email Opened", "Email Link Clicked", "Visit Started", "Webinar Attended"]
SMALL = {"leads": 400, "history": 2, "events": 400}


class Taken(msgspec.Struct, frozen=True):
    """How it went: rows a second, and the statements of a batch (fewest, most)."""

    per_second: int
    statements: tuple[int, int]


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=20_000)
    arguments.add_argument("--history", type=int, default=50)
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--profile", action="store_true", help="of the second figure")
    options = arguments.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with place.workspace(postgres=options.postgres) as now:
        taken = run(options, now)
        limit = Limit(bare_inserts(), "bare event rows")
        figures = [
            Figure(name, each.per_second, "per second", limit, at_least=_floor(name))
            for name, each in taken.items()
        ]
        statements = {name: each.statements for name, each in taken.items()}
        report.show(figures, options=options, details={"statements_per_batch": statements})


def _floor(name: str) -> int:
    if name.startswith("new leads"):
        return 800
    return 4_000 if "five" in name else 1_500


def run(options: argparse.Namespace, now: datetime) -> dict[str, Taken]:
    """New leads, then one event for each of many leads, then five events per lead and batch."""
    random.seed(1)
    found = {"new leads": take(new_leads(options.leads), route="identify", now=now)}
    add_history(options.leads, options.history, now)
    settle(now)
    for is_history in (False, True):
        word = ", history" if is_history else ""
        for each, name in ((1, "events, one a lead"), (5, "events, five a lead")):
            found[name + word] = take(
                events(options.events, options.leads, each=each, now=now),
                route="track",
                now=now,
                is_history=is_history,
                profile=options.profile and each == 1 and not is_history,
            )
    return found


def take(
    bodies: Iterable[bytes],
    *,
    route: str,
    now: datetime,
    is_history: bool = False,
    profile: bool = False,
) -> Taken:
    """Put rows into the inbox, and time the worker's verb until it is empty."""
    from django.db import connection

    from leadline.flow import intake
    from tests.worker import filling

    ready = list(bodies)
    filling.fill(ready, route=route, is_history=is_history)
    stop = profiled() if profile else None
    counts: list[int] = []

    def count(execute: Callable[..., object], *of_statement: object) -> object:
        counts[-1] += 1
        return execute(*of_statement)

    start, worked, left = time.perf_counter(), time.process_time(), len(ready)
    with connection.execute_wrapper(count):
        while left:
            counts.append(0)
            left -= intake.consume(limit=_batch(), now=now)
    took = time.perf_counter() - start
    cpu_us = (time.process_time() - worked) / len(ready) * 1e6
    print(f"{len(ready)} submissions: {cpu_us:.0f} us of CPU each", file=sys.stderr)
    if stop:
        stop()
    return Taken(round(len(ready) / took), (min(counts), max(counts)))


def profiled() -> Callable[[], None]:
    import cProfile
    import pstats

    profiler = cProfile.Profile()
    profiler.enable()

    def stop() -> None:
        profiler.disable()
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(45)

    return stop


def new_leads(number: int) -> Iterator[bytes]:
    """People with a name, a title and a company, as a product identifies them."""
    for i in range(number):
        traits = {
            "firstName": "P",
            "lastName": f"N{i}",
            "email": f"person{i}@company{i % 3000}.test",
            "title": "VP Sales",
            "company": {"employee_count": i % 500},
        }
        yield _body({"type": "identify", "messageId": f"n{i}", "userId": f"u{i}", "traits": traits})


def events(number: int, leads: int, *, each: int, now: datetime) -> Iterator[bytes]:
    """Events of the last hour; in every batch each lead has `each`. About 400 bytes."""
    batch = min(_batch(), leads * each)
    for start in range(0, number, batch):
        for i in random.sample(range(leads), batch // each):
            for n in range(each):
                at = now - timedelta(seconds=random.randrange(3600))
                yield _body(
                    {
                        "type": "track",
                        "event": random.choice(NAMES),
                        "messageId": f"e{each}-{start}-{i}-{n}-{random.random()}",
                        "userId": f"u{i}",
                        "timestamp": at.isoformat(),
                        "context": {"page": {"path": random.choice(["/", "/pricing", "/docs"])}},
                        "properties": {"x": "y" * 200},
                    }
                )


def _body(said: dict[str, object]) -> bytes:
    return json.dumps(said).encode()


_EVENT = ["binding_id", "kind", "name", "message_id", "properties", "raw", "actor", "counts",
          "flag", "is_verified", "occurred_at", "received_at", "known_at"]  # fmt: skip
_RAW = '{"x": "' + "y" * 380 + '"}'


def add_history(leads: int, each: int, now: datetime) -> None:
    """Events of the past ninety days straight into the table: they are not what is measured."""
    from django.db import connection, transaction

    from leadline.leads.models import Binding
    from leadline.lib import clock, rows

    ids = list(Binding.objects.filter(kind="user").values_list("id", flat=True)[:leads])
    at = clock.micros(now)
    made = []
    for binding in ids:
        for _ in range(each):
            when = at - random.randrange(90 * clock.DAY)
            made.append((binding, "track", random.choice(NAMES), "h", '{"path": "/pricing"}',
                         _RAW, "human", True, "", True, when, when, when))  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for start in range(0, len(made), 5_000):
            batch = made[start : start + 5_000]
            rows.insert(cursor, "timeline_event", _EVENT, batch, vendor=connection.vendor)
    with connection.cursor() as cursor:
        # What autovacuum does within a minute, here not in the middle of what is measured.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


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
    row = (binding, "track", "Bare", "h", "{}", _RAW, "human", True, "", True, 1, 1, 1)
    start = time.perf_counter()
    for _ in range(50):
        with transaction.atomic(), connection.cursor() as cursor:
            rows.insert(cursor, "timeline_event", _EVENT, [row] * 200, vendor=connection.vendor)
    return round(50 * 200 / (time.perf_counter() - start))


def _batch() -> int:
    from django.db import connection

    from leadline.worker.intake import BATCHES

    return BATCHES[connection.vendor]


if __name__ == "__main__":
    main()
