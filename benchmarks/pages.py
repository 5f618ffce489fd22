"""How long the server takes for the pages that are read all day, at a million leads.

The default list, the saved views (stage, owner, score, a declared field), search over leads,
companies and notes, one lead, one company, Today, and the same over the API; one request at a
time, warm, through the whole Django stack. Prints JSON: p50 and p95 in milliseconds for the owner
(sees all) and for a rep (sees a part), beside the physical limit of the same run: one card read by
its key.

    .venv/bin/python -m benchmarks.pages [--leads 1000000] [--events 20000000] [--postgres]
        [--keep DIR]   the folder of an embedded database, made once and used again
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from benchmarks import report
from benchmarks.report import Figure, Limit

PAGE_MS, SEARCH_MS = 60, {"sqlite": 60, "postgresql": 150}
# Search over everything: no slower than a search, and never above this.
FIND_MS = 100
# By a value that only leads with few points have: no order leads to them (decision 19).
LOW_MS = 1_000
SMALL = {"leads": 300, "events": 3_000, "requests": 1}
SEARCHES = ("anna", "schmidt", "anna schmidt", "anna.schmidt40", "company17", "+493010042", "an")
# Over everything: companies, notes, last digits, a misspelt name, nothing at all.
SOUGHT = ("schmidt", "company 4711", "company4711.exa", "drydock", "order 1234", "0042",
          "030 1000 042", "shmidt", "hofmannn", "anna shmidt", "qqqqqq", "")  # fmt: skip
Page = Callable[[int], str]
"""The address of the n-th request."""
Spread = dict[str, float]


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=1_000_000)
    arguments.add_argument("--events", type=int, default=20_000_000)
    arguments.add_argument("--requests", type=int, default=60)
    arguments.add_argument("--keep", type=Path, help="folder that is made once and used again")
    options = arguments.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with filled(options):
        found, limit = measure(options), by_key(options.requests)
    sizes = {"leads": options.leads, "events": options.events}
    details = {**sizes, "milliseconds": found, "card_by_key_ms": limit}
    report.show(promised(found, limit, options), options=options, details=details)


def promised(
    found: dict[str, dict[str, Spread]], limit: Spread, options: argparse.Namespace
) -> list[Figure]:
    """Every page's p95 for each person, beside one card read by its key."""
    search = SEARCH_MS["postgresql" if options.postgres else "sqlite"]
    floors = {"search": search, "find": min(search, FIND_MS), "field low": LOW_MS}
    return [
        Figure(
            f"{name}, {role}, p95", each["p95"], "ms", Limit(limit["p95"], "a card by its key"),
            at_most=floors.get(name) or floors.get(name.partition(" ")[0], PAGE_MS),
        )
        for role, pages_of in found.items()
        for name, each in pages_of.items()
    ]  # fmt: skip


@contextmanager
def filled(options: argparse.Namespace) -> Iterator[None]:
    """A migrated workspace with its million leads."""
    with report.database(postgres=options.postgres), ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        os.environ["LEADLINE_DATA"] = str(folder)
        os.environ["LEADLINE_LOG_LEVEL"] = "ERROR"
        os.environ["DJANGO_SETTINGS_MODULE"] = "leadline.config.settings"
        import django

        django.setup()
        from django.db import connection

        stack.callback(connection.close)
        make(options)
        yield


def make(options: argparse.Namespace) -> None:
    """Fill the database unless it is full already."""
    from django.core.management import call_command

    from benchmarks import million
    from leadline.cards.models import Card
    from leadline.lib import clock
    from leadline.playbooks import parts
    from leadline.workspace.models import Workspace

    call_command("migrate", verbosity=0)
    if Card.objects.exists():
        million.declare_tier()
        return
    start, now = time.perf_counter(), clock.now()
    Workspace.objects.create(id=1, name="Acme", time_zone="UTC", created_at=now)
    parts.apply("b2b-saas", now=now - timedelta(days=900))
    million.build(leads=options.leads, events=options.events, now_us=clock.micros(now))
    million.declare_tier()
    print(f"made in {time.perf_counter() - start:.0f} s", file=sys.stderr)


def measure(options: argparse.Namespace) -> dict[str, dict[str, Spread]]:
    """p50 and p95 of every page for both people, in milliseconds."""
    from leadline.lib import memory
    from leadline.workspace.models import User

    people = {
        "owner": User.objects.get(role="owner"),
        "rep": User.objects.filter(role="rep").order_by("email")[5],
    }
    memory.settle()  # as the web process does
    found: dict[str, dict[str, Spread]] = {}
    for role, user in people.items():
        browser = signed_in(user)
        found[role] = {
            name: figures(browser, address, options.requests)
            for name, address in pages(user, options.leads).items()
        }
    return found


def signed_in(user: Any) -> Any:  # Any: Django is set up only by now
    from django.test import Client

    browser = Client(headers={"host": "localhost"})
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return browser


def pages(user: Any, leads: int) -> dict[str, Page]:  # Any: Django is set up only by now
    """The pages to ask for; those of single leads ask for another lead each time."""
    from benchmarks.million import TIERS
    from leadline.cards.models import Card, SavedView
    from leadline.cards.visibility import leads_visible_to

    views = {view.name: view.pk for view in SavedView.objects.filter(user=None)}
    score, _ = SavedView.objects.get_or_create(
        user=None, name="Score 50 and more", position=99,
        defaults={"filter": {"score": "total", "gte": 50}},
    )  # fmt: skip
    seen = Card.objects.filter(leads_visible_to(user)).order_by("-total")
    keys = list(seen.values_list("pk", flat=True)[:200])
    firms = list(seen.order_by().values_list("lead__company", flat=True).distinct()[:50])
    stage = quote(json.dumps({"stage": "mql"}))
    found: dict[str, Page] = {
        "list": lambda n: "/leads",
        "view stage": lambda n: f"/leads?view={views['MQL']}",
        "view owner": lambda n: f"/leads?view={views['My leads']}",
        "view score": lambda n: f"/leads?view={score.pk}",
        "view hot": lambda n: f"/leads?view={views['Hot']}",
        "view new today": lambda n: f"/leads?view={views['New today']}",
        "view waiting": lambda n: f"/leads?view={views['Waiting for first response']}",
        "count": lambda n: "/leads/count",
        "lead": lambda n: f"/leads/{keys[n % len(keys)]}",
        "today": lambda n: "/today",
        "api list": lambda n: "/api/v1/leads",
        "api stage": lambda n: f"/api/v1/leads?filter={stage}",
        "api lead": lambda n: f"/api/v1/leads/{keys[n % len(keys)]}",
        "api timeline": lambda n: f"/api/v1/leads/{keys[n % len(keys)]}/timeline",
    }
    for tier in TIERS:
        view, _ = SavedView.objects.get_or_create(
            user=None, name=f"Tier {tier}", position=99,
            defaults={"filter": {"trait": "tier", "is": tier}},
        )  # fmt: skip
        found[f"field {tier}"] = lambda n, pk=view.pk: f"/leads?view={pk}"  # type: ignore[misc]
    for word in SEARCHES:
        address = f"/leads?q={quote(word)}"
        found[f"search {word}"] = lambda n, address=address: address  # type: ignore[misc]
    for word in SOUGHT:
        address = f"/search?q={quote(word)}"
        found[f"find {word or 'recent'}"] = lambda n, address=address: address  # type: ignore[misc]
    found["companies"] = lambda n: "/companies"
    found["companies found"] = lambda n: "/companies?q=company%2047"
    found["company"] = lambda n: f"/companies/{firms[n % len(firms)]}"
    return found


def figures(browser: Any, address: Page, count: int) -> Spread:
    """Milliseconds of `count` requests, after five that nobody counts; also of our own CPU."""
    took, worked = [], []
    for number in range(count + 5):
        start, start_cpu = time.perf_counter(), time.process_time()
        response = browser.get(address(number))
        took.append((time.perf_counter() - start) * 1_000)
        worked.append((time.process_time() - start_cpu) * 1_000)
        if response.status_code != 200:
            raise RuntimeError(f"{address(number)} answered {response.status_code}")
    return {**spread(took[5:]), "cpu_p50": spread(worked[5:])["p50"]}


def by_key(count: int) -> Spread:
    """One card by its key, in SQL: what no page can go below."""
    from django.db import connection

    took = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT lead_id FROM cards_card ORDER BY total DESC LIMIT 100")
        keys = [key for (key,) in cursor.fetchall()]
        for number in range(count):
            start = time.perf_counter()
            cursor.execute("SELECT * FROM cards_card WHERE lead_id = %s", [keys[number % 100]])
            cursor.fetchall()
            took.append((time.perf_counter() - start) * 1_000)
    return spread(took)


def spread(took: list[float]) -> Spread:
    ordered = sorted(took)
    return {
        "p50": round(ordered[len(ordered) // 2], 2),
        "p95": round(ordered[int(len(ordered) * 0.95)], 2),
    }


if __name__ == "__main__":
    main()
