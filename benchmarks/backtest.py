"""How long a backtest takes, and the picture of a draft after an edit.

24 month ends, 200,000 leads, 4,000,000 events, the model that is shipped; then 100,000 leads, one
rule of which is changed. The lake is made up and written as Parquet; the physical limit is what
reading its events once per instant takes. No database of ours is in it, so both runs are alike.

    .venv/bin/python -m benchmarks.backtest [--leads 200000] [--events 4000000]
"""

import copy
import os
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.report import Figure, Limit

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
MONTHS = 27  # of which the last three are too young to be judged
SMALL = {"leads": 2_000, "events": 40_000}
MOST_MB = 1_500


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=200_000)
    arguments.add_argument("--events", type=int, default=4_000_000)
    options = arguments.parse_args()
    if options.small:
        vars(options).update(SMALL)
    os.environ["LEADLINE_SECRET_KEY"] = report.SECRET_KEY
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LEADLINE_DATA"] = folder
        import django

        django.setup()
        measure(Path(folder), options)


def measure(folder: Path, options: Any) -> None:
    """Both figures over one connection each, as in an analyst."""
    whole = lake(folder / "whole", leads=options.leads, events=options.events)
    start = time.perf_counter()
    document = backtested(whole)
    took = time.perf_counter() - start
    bare = bare_reads(whole, len(document["instants"]))
    half = lake(folder / "half", leads=options.leads // 2, events=options.events // 2)
    first, edits = edited(half)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    limit = Limit(round(bare, 2), "reading the events once per instant")
    figures = [
        Figure("backtest", round(took, 2), "s", limit, at_most=30),
        Figure("an edit of a draft", round(max(edits), 2), "s", limit, at_most=2),
        Figure("peak memory", peak_mb, "MB", Limit(100, "an interpreter with DuckDB"),
               at_most=MOST_MB),
    ]  # fmt: skip
    details = {
        "instants": len(document["instants"]), "leads": document["leads"],
        "looks": document["looks"], "outcomes": document["outcomes"],
        "roc_auc": document["roc_auc"], "first_picture_s": round(first, 2),
        "edits_s": [round(each, 2) for each in edits],
    }  # fmt: skip
    report.show(figures, options=options, details=details)


def backtested(past: Any) -> dict[str, Any]:
    from leadline.analytics import backtest

    return backtest.run(model(), past)


def edited(past: Any) -> tuple[float, list[float]]:
    """Seconds of the first picture, and of three edits after it."""
    from leadline.analytics import effect
    from leadline.analytics.objective import Objective
    from leadline.analytics.orders import Ruled

    start = time.perf_counter()
    kept = effect.keep(past, Ruled(model(), document(), 1), horizon_days=90)
    effect.of(model(), kept, objective=Objective())
    first, took = time.perf_counter() - start, []
    for points in (25, 30, 5):
        start = time.perf_counter()
        found = effect.of(model(pricing=points), kept, objective=Objective())
        took.append(time.perf_counter() - start)
        assert found["crossing"]["up"]["count"] + found["crossing"]["down"]["count"] > 0
    return first, took


def document(*, pricing: int = 15) -> dict[str, Any]:
    """The shipped model, with so many points for a visit of the prices."""
    from leadline.lib import yaml_text
    from leadline.playbooks import folder

    text = (folder.SHIPPED / "b2b-saas/scoring/fit-and-engagement.yaml").read_text()
    found: dict[str, Any] = copy.deepcopy(yaml_text.read(text))
    found["engagement"][0] |= {"points": pricing, "cap": 3 * pricing}
    return found


def model(*, pricing: int = 15) -> Any:
    from leadline.criteria.vocabulary import Vocabulary
    from leadline.scoring import rules

    kinds: Any = dict.fromkeys(TRAITS, "text") | {"company.employee_count": "number"}
    return rules.parse_model(document(pricing=pricing), vocabulary=Vocabulary(kinds))


TRAITS = ("title_seniority", "company.employee_count", "industry_fit", "region_fit", "email_kind")


def bare_reads(past: Any, count: int) -> float:
    """Seconds to look at the instants of all events, once per decision instant."""
    events = past.tables["events"]
    start = time.perf_counter()
    for number in range(count):
        events.filter(events.occurred_us > number).occurred_us.max().to_pyarrow()
    return time.perf_counter() - start


def lake(folder: Path, *, leads: int, events: int) -> Any:
    """A past of made-up leads, with more wins among those who looked at the prices."""
    from leadline.analytics import engines, shapes
    from leadline.analytics.backtest import Past
    from leadline.analytics.manifest import VERSION, Manifest
    from leadline.lib import clock

    folder.mkdir()
    backend = engines.duckdb(folder, threads=2)
    now_us = clock.micros(NOW)
    words = {
        "leads": leads, "events": events, "now": now_us, "span": MONTHS * 30 * clock.DAY,
        "first": now_us - MONTHS * 30 * clock.DAY, "day": clock.DAY,
    }  # fmt: skip
    tables = {}
    for name, query in QUERIES.items():
        place = folder / f"{name}.parquet"
        backend.raw_sql(f"COPY ({query.format(**words)}) TO '{place}' (COMPRESSION zstd)")
        tables[name] = backend.read_parquet(place)
    properties = {"path": "p0", "purpose": "p1"}
    for name, declared in shapes.tables().items():
        if name not in tables:
            columns = shapes.columns(declared, properties)
            listed = ", ".join(f'NULL::{kind} AS "{key}"' for key, kind in columns.items())
            tables[name] = backend.sql(f"SELECT {listed} WHERE FALSE")
    manifest = Manifest(VERSION, "k", "sqlite", 1, now_us, properties, list(TRAITS), {}, {})
    return Past.of(tables, manifest)


QUERIES = {
    "leads": """
        SELECT i AS lead_no, printf('%036d', i) AS lead_id, NULL::VARCHAR AS company_id,
          NULL::VARCHAR AS merged_into, FALSE AS is_absent, FALSE AS is_test,
          TRUE AS has_shown_interest, 'inbound' AS origin,
          {first} + (hash(i) % 1000000)::BIGINT * ({span} // 1000000) AS created_us,
          {first} AS known_us
        FROM range({leads}) r(i)""",
    "bindings": """
        SELECT i AS id, printf('%036d', i) AS lead_id, i AS lead_no, 'email' AS kind,
          TRUE AS is_verified, {first} AS opened_us, NULL::BIGINT AS closed_us,
          NULL::BIGINT AS given_us
        FROM range({leads}) r(i)""",
    "events": """
        SELECT i AS id, (hash(i + 7) % {leads})::BIGINT AS binding_id,
          ['Page Viewed', 'Page Viewed', 'Email Opened', 'Email Opened', 'Visit Started',
           'Email Link Clicked', 'Webinar Attended', 'Form Submitted'][1 + (hash(i + 1) % 8)::INT]
            AS name,
          TRUE AS counts,
          {first} + (hash(i + 2) % 1000000)::BIGINT * ({span} // 1000000) AS occurred_us,
          {first} + (hash(i + 2) % 1000000)::BIGINT * ({span} // 1000000) AS known_us,
          ['/pricing', '/', '/docs', '/blog'][1 + (hash(i + 3) % 4)::INT] AS p0_text,
          NULL::DOUBLE AS p0_number, NULL::BOOLEAN AS p0_flag, NULL::VARCHAR[] AS p0_members,
          ['demo', 'download', 'other', 'other'][1 + (hash(i + 4) % 4)::INT] AS p1_text,
          NULL::DOUBLE AS p1_number, NULL::BOOLEAN AS p1_flag, NULL::VARCHAR[] AS p1_members
        FROM range({events}) r(i)""",
    "trait_values": """
        SELECT i * 5 + t AS id, printf('%036d', i) AS lead_id, NULL::VARCHAR AS company_id,
          ['title_seniority', 'company.employee_count', 'industry_fit', 'region_fit',
           'email_kind'][t + 1] AS name,
          CASE t WHEN 0 THEN ['c_level', 'vp', 'manager', 'student'][1 + (hash(i) % 4)::INT]
            WHEN 2 THEN ['target', 'adjacent', 'other'][1 + (hash(i) % 3)::INT]
            WHEN 3 THEN ['target', 'other'][1 + (hash(i) % 2)::INT]
            WHEN 4 THEN ['free', 'work'][1 + (hash(i + 1) % 2)::INT] END AS text,
          CASE t WHEN 1 THEN (hash(i) % 500)::DOUBLE END AS number, NULL::BOOLEAN AS flag,
          NULL::VARCHAR[] AS members, TRUE AS took_effect, {first} AS occurred_us,
          {first} AS known_us
        FROM range({leads}) r(i), range(5) s(t)""",
    # A sixth of the leads has a deal; C-levels and vice presidents win it twice as often.
    "deals": """
        SELECT printf('%036d', i * 6) AS id, printf('%036d', i * 6) AS lead_id,
          CASE WHEN hash(i * 6 + 5) % 100 < CASE WHEN hash(i * 6) % 4 < 2 THEN 60 ELSE 30 END
            THEN 'won' ELSE 'lost' END AS state,
          {first} + {span} // 3 AS opened_us,
          {first} + {span} // 3 + (hash(i + 9) % 1000000)::BIGINT * ({span} // 1600000)
            AS closed_us,
          100 AS amount_minor, 'EUR' AS currency, {first} AS known_us
        FROM range({leads} // 6) r(i)""",
}  # fmt: skip


if __name__ == "__main__":
    main()
