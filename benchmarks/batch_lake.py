"""A made-up lake for batch scoring, a model over it, and the same model as SQL by hand."""

import json
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
from pyarrow import parquet

from leadline.analytics.manifest import Manifest
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib.clock import DAY
from leadline.scoring import decay

TODAY = 20_600
AT_US = TODAY * DAY + DAY // 2
DAYS = 730
"""How far back events go."""

PATH = "p0"
EVENTS = (
    "Page Viewed", "Email Opened", "Email Link Clicked", "Demo Requested", "Webinar Attended",
    "Content Downloaded", "Signed Up", "Visit Started", "Careers Viewed", "Unsubscribed",
)  # fmt: skip
PATHS = ("/pricing", "/pricing/teams", "/blog", "/")
MANIFEST = Manifest(
    1, "", "sqlite", lake_us=AT_US, properties={"path": PATH},
    traits=["title_seniority", "country", "industry", "email_kind", "company.employee_count"],
)  # fmt: skip
VOCABULARY = Vocabulary(
    {**dict.fromkeys(MANIFEST.traits, "text"), "company.employee_count": "number"}
)


def _each(event: str, points: float, **more: object) -> dict[str, object]:
    act = {"did": event, **{key: more.pop(key) for key in ("where", "within") if key in more}}
    return {"name": event, "each": act, "points": points, **more}


def _when(name: str, when: dict[str, object], points: float) -> dict[str, object]:
    return {"name": name, "when": when, "points": points}


def _band(trait: str, points: float, **test: object) -> dict[str, object]:
    return {"when": {"trait": trait, **test}, "points": points}


MODEL: dict[str, object] = {
    "name": "Benchmark",
    "floor": 0,
    "cap": 100,
    "fit": [
        {"name": "Seniority", "first_of": [
            _band("title_seniority", 20, is_="c_level"), _band("title_seniority", 15, is_="vp"),
            _band("title_seniority", 10, is_="director")]},
        {"name": "Size", "first_of": [
            _band("company.employee_count", 15, gte=200),
            _band("company.employee_count", 10, gte=50)]},
        _when("Country", {"trait": "country", "in": ["US", "GB", "DE"]}, 10),
        _when("Industry", {"trait": "industry", "in": ["software", "finance"]}, 10),
        _when("Free mail", {"trait": "email_kind", "is": "free"}, -10),
        _when("No country", {"trait": "country", "exists": False}, -1),
    ],
    "engagement": [
        {**_each("Page Viewed", 15, where={"path": {"starts": "/pricing"}}, within="90d",
                 half_life="14d", cap=45), "name": "Pricing"},
        {**_each("Page Viewed", 0.5, within="30d", cap=10), "name": "Pages"},
        _each("Email Opened", 1, within="30d", half_life="7d", cap=10),
        _each("Email Link Clicked", 3, within="60d", half_life="14d", cap=15),
        _each("Demo Requested", 25, within="90d", cap=50),
        _each("Webinar Attended", 10, half_life="30d", cap=30),
        _each("Content Downloaded", 5, half_life="30d", cap=25),
        _each("Signed Up", 10, within="336h", cap=20),
        _each("Careers Viewed", -5, within="60d", cap=-15),
        _each("Unsubscribed", -30, cap=-60),
        _when("Visits", {"did": "Visit Started", "at_least": 3, "within": "24h"}, 10),
        _when("Pricing twice", {"did": "Page Viewed", "where": {"path": {"is": "/pricing"}},
                                "at_least": 2, "within": "7d"}, 10),
        _when("Quiet", {"did_not": ["Page Viewed", "Email Opened", "Email Link Clicked"],
                        "within": "60d"}, -20),
    ],
}  # fmt: skip
for _rule in MODEL["fit"]:  # type: ignore[attr-defined]
    for _case in _rule.get("first_of", []):
        _case["when"] = {key.rstrip("_"): value for key, value in _case["when"].items()}


def made(folder: Path, *, leads: int, events: int) -> dict[str, int]:
    """Write the lake's files, unless the folder holds ones of these sizes."""
    sizes = {"leads": leads, "events": events}
    note = folder / "made.json"
    if note.exists() and json.loads(note.read_text()) == sizes:
        return sizes
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
    connection.execute("SELECT setseed(0.5)")
    for name, query in _queries(leads, events).items():
        place = folder / name
        connection.execute(f"COPY ({query}) TO '{place}.parquet' (COMPRESSION zstd)")
    parquet.write_table(_ADJUSTMENTS.empty_table(), folder / "adjustments.parquet")
    note.write_text(json.dumps(sizes))
    return sizes


_ADJUSTMENTS = pa.schema(
    {"lead_id": pa.string(), **dict.fromkeys(
        ("points_micro", "half_life_days", "at_us", "known_us", "undone_us"), pa.int64())}
)  # fmt: skip
_LEAD_ID = "format('00000000-0000-7000-8000-{{:012d}}', {})"


def _queries(leads: int, events: int) -> dict[str, str]:
    """Events in the order of their time, some known late, two identifiers and five values for each
    lead; half of the leads have a company, of which something is known too."""
    first_us, step_us = AT_US - DAYS * DAY, (DAYS + 1) * DAY // events
    begin = f"{first_us}::BIGINT"
    return {
        "leads": f"""
            SELECT i AS lead_no, {_LEAD_ID.format("i")} AS lead_id,
                   CASE WHEN i % 2 = 0 THEN 'company ' || i // 10 END AS company_id,
                   NULL::VARCHAR AS merged_into, i % 100 = 7 AS is_absent, false AS is_test,
                   true AS has_shown_interest, 'inbound' AS origin, {begin} AS created_us,
                   {begin} AS known_us
            FROM range({leads}) t(i)""",
        "bindings": f"""
            SELECT i AS id, CASE WHEN i % 20 = 19 THEN NULL ELSE i // 2 END AS lead_no,
                   CASE WHEN i % 2 = 0 THEN 'email' ELSE 'anonymous' END AS kind,
                   {begin} AS opened_us, NULL::BIGINT AS closed_us, NULL::BIGINT AS given_us
            FROM range({2 * leads}) t(i)""",
        "trait_values": " UNION ALL ".join(_values(leads)),
        "events": f"""
            SELECT i AS id, (hash(i) % {2 * leads})::BIGINT AS binding_id,
                   {list(EVENTS)}[1 + (hash(i + 1) % 22 % 10)::INT] AS name,
                   hash(i + 2) % 50 > 0 AS counts, {begin} + i * {step_us} AS occurred_us,
                   {begin} + i * {step_us} + (i % 100 // 99) * {3 * DAY} AS known_us,
                   {list(PATHS)}[1 + (hash(i + 3) % {len(PATHS)})::INT] AS {PATH}_text,
                   NULL::DOUBLE {PATH}_number, NULL::BOOLEAN {PATH}_flag,
                   NULL::VARCHAR[] {PATH}_members
            FROM range({events}) t(i)""",
    }  # fmt: skip


def _values(leads: int) -> list[str]:
    words = {
        "title_seniority": ["c_level", "vp", "director", "manager", "individual"],
        "country": ["US", "GB", "DE", "FR", "IN", "BR", "JP"],
        "industry": ["software", "finance", "retail", "health"],
        "email_kind": ["work", "work", "free"],
    }
    said = "true AS took_effect, {0}::BIGINT AS occurred_us, {0}::BIGINT AS known_us"
    at = said.format(AT_US - DAYS * DAY)
    found = [
        f"""SELECT {place} * {leads} + i AS id, {_LEAD_ID.format("i")} AS lead_id,
            NULL::VARCHAR AS company_id, '{name}' AS name,
            {listed}[1 + (hash(i + {place}) % {len(listed)})::INT] AS text, NULL::DOUBLE AS number,
            NULL::BOOLEAN AS flag, NULL::VARCHAR[] AS members, {at}
            FROM range({leads}) t(i) WHERE hash(i * 7 + {place}) % 5 > 0"""
        for place, (name, listed) in enumerate(words.items())
    ]
    counts = f"""SELECT {len(words)} * {leads} + i AS id, {_LEAD_ID.format("i")} AS lead_id,
        NULL::VARCHAR AS company_id, 'company.employee_count' AS name, NULL::VARCHAR AS text,
        (hash(i) % 500)::DOUBLE AS number, NULL::BOOLEAN AS flag, NULL::VARCHAR[] AS members, {at}
        FROM range({leads}) t(i) WHERE hash(i) % 4 > 0"""
    firms = f"""SELECT {len(words) + 1} * {leads} + i AS id, NULL::VARCHAR AS lead_id,
        'company ' || i AS company_id, 'company.employee_count' AS name, NULL::VARCHAR AS text,
        (hash(i) % 900)::DOUBLE AS number, NULL::BOOLEAN AS flag, NULL::VARCHAR[] AS members, {at}
        FROM range({leads // 10}) t(i) WHERE i % 3 > 0"""
    return [*found, counts, firms]


def tables(connection: ibis.BaseBackend, folder: Path) -> dict[str, ibis.Table]:
    """The lake's tables over an engine."""
    names = ("leads", "bindings", "trait_values", "events", "adjustments")
    return {
        name: connection.read_parquet(folder / f"{name}.parquet", table_name=name) for name in names
    }


REACHES = {
    15: ("Signed Up",),
    2: ("Visit Started",),
    61: ("Email Opened", "Email Link Clicked", "Careers Viewed"),
    91: ("Page Viewed", "Demo Requested"),
    DAYS + 1: ("Webinar Attended", "Content Downloaded", "Unsubscribed"),
}
"""Days back for which an event can matter to a rule, to the names it holds for."""


def _in_reach(event: str) -> str:
    """What somebody writes who knows that most events are too old for any rule about them."""
    cases = " ".join(
        f"WHEN {event}.name IN ({', '.join(repr(name) for name in names)}) THEN {days}"
        for days, names in REACHES.items()
    )
    return f"{event}.occurred_us + CASE {cases} END * {DAY} >= {AT_US}"


def sql(folder: Path) -> str:
    """The model as somebody would write it for DuckDB: integers, one pass over the events."""

    def fading(event: str, points: int, half_life: int, days: int, also: str = "true") -> str:
        listed = list(decay.table(points * 1_000_000, half_life))[: days + 1]
        return (
            f"coalesce(sum(CASE WHEN name = '{event}' AND age <= {len(listed) - 1} AND {also}"
            f" THEN {listed}[age + 1] END), 0)"
        )

    loud = "name IN ('Page Viewed', 'Email Opened', 'Email Link Clicked')"

    def count(condition: str) -> str:
        return f"count(*) FILTER (WHERE {condition})"

    end_us = (TODAY + 1) * DAY - 1
    return f"""
    WITH happened AS (
      SELECT b.lead_no AS lead, e.name, e.{PATH}_text AS path, e.occurred_us,
             (({end_us} - e.occurred_us) // {DAY})::INT AS age
      FROM '{folder}/events.parquet' e JOIN '{folder}/bindings.parquet' b ON b.id = e.binding_id
      WHERE e.counts AND e.occurred_us <= {AT_US} AND e.known_us <= {AT_US}
        AND (b.given_us IS NULL OR b.given_us <= {AT_US})
        AND b.lead_no IS NOT NULL AND {_in_reach("e")}
    ), acts AS (
      SELECT lead,
        {fading("Page Viewed", 15, 14, 90, "starts_with(path, '/pricing')")} AS pricing,
        {count("name = 'Page Viewed' AND age <= 30")} AS pages,
        {fading("Email Opened", 1, 7, 30)} AS opened,
        {fading("Email Link Clicked", 3, 14, 60)} AS clicked,
        {count("name = 'Demo Requested' AND age <= 90")} AS demo,
        {fading("Webinar Attended", 10, 30, 1_095)} AS webinar,
        {fading("Content Downloaded", 5, 30, 1_095)} AS content,
        {count(f"name = 'Signed Up' AND occurred_us > {AT_US - 14 * DAY}")} AS signed,
        {count("name = 'Careers Viewed' AND age <= 60")} AS careers,
        {count("name = 'Unsubscribed'")} AS gone,
        {count(f"name = 'Visit Started' AND occurred_us > {AT_US - DAY}")} AS visits,
        {count("name = 'Page Viewed' AND path = '/pricing' AND age <= 7")} AS twice,
        {count(f"{loud} AND age <= 60")} AS loud
      FROM happened GROUP BY lead
    ), said AS (
      SELECT lead_id,
        arg_max(text, id) FILTER (name = 'title_seniority') AS seniority,
        arg_max(text, id) FILTER (name = 'country') AS country,
        arg_max(text, id) FILTER (name = 'industry') AS industry,
        arg_max(text, id) FILTER (name = 'email_kind') AS email_kind,
        arg_max(number, id) FILTER (name = 'company.employee_count') AS employees
      FROM '{folder}/trait_values.parquet'
      WHERE took_effect AND known_us <= {AT_US} AND lead_id IS NOT NULL GROUP BY lead_id
    ), firms AS (
      SELECT company_id, arg_max(number, id) AS employees
      FROM '{folder}/trait_values.parquet'
      WHERE took_effect AND known_us <= {AT_US} AND company_id IS NOT NULL
        AND name = 'company.employee_count' GROUP BY company_id
    ), points AS (
      SELECT l.lead_no AS lead, 1000000 * (
          CASE seniority WHEN 'c_level' THEN 20 WHEN 'vp' THEN 15 WHEN 'director' THEN 10 ELSE 0 END
          + CASE WHEN coalesce(firms.employees, said.employees) >= 200 THEN 15
                 WHEN coalesce(firms.employees, said.employees) >= 50 THEN 10 ELSE 0 END
          + CASE WHEN country IN ('US', 'GB', 'DE') THEN 10 ELSE 0 END
          + CASE WHEN industry IN ('software', 'finance') THEN 10 ELSE 0 END
          + CASE WHEN email_kind = 'free' THEN -10 ELSE 0 END
          + CASE WHEN country IS NULL OR country = '' THEN -1 ELSE 0 END)::BIGINT AS fit,
        (least(coalesce(pricing, 0), 45000000) + least(coalesce(pages, 0) * 500000, 10000000)
          + least(coalesce(opened, 0), 10000000) + least(coalesce(clicked, 0), 15000000)
          + least(coalesce(demo, 0) * 25000000, 50000000) + least(coalesce(webinar, 0), 30000000)
          + least(coalesce(content, 0), 25000000) + least(coalesce(signed, 0) * 10000000, 20000000)
          + greatest(coalesce(careers, 0) * -5000000, -15000000)
          + greatest(coalesce(gone, 0) * -30000000, -60000000)
          + CASE WHEN visits >= 3 THEN 10000000 ELSE 0 END
          + CASE WHEN twice >= 2 THEN 10000000 ELSE 0 END
          + CASE WHEN coalesce(loud, 0) = 0 THEN -20000000 ELSE 0 END)::BIGINT AS engagement
      FROM '{folder}/leads.parquet' l LEFT JOIN acts ON acts.lead = l.lead_no
      LEFT JOIN said USING (lead_id) LEFT JOIN firms USING (company_id) WHERE NOT l.is_absent
    )
    SELECT lead, greatest(least(fit + engagement, 100000000), 0) AS total, fit, engagement
    FROM points"""
