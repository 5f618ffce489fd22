"""A workspace of a million leads, made by set-based SQL: what the page benchmark reads.

Deterministic: row `i` is always the same. Writes straight into the tables, past the front door,
because it is about reading; nothing but benchmarks may do so.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

FIRST = (
    "Anna", "Ben", "Carla", "David", "Elena", "Felix", "Grace", "Hugo", "Ines", "Jonas", "Karin",
    "Leo", "Maria", "Nils", "Olga", "Paul", "Rosa", "Sam", "Tina", "Umar", "Vera", "Will", "Xenia",
    "Yusuf", "Zoe", "Aisha", "Bruno", "Chloe", "Diego", "Emma", "Farid", "Greta", "Hana", "Ivan",
    "Julia", "Kofi", "Lena", "Mateo", "Nadia", "Oscar",
)  # fmt: skip
LAST = (
    "Abel", "Berger", "Conti", "Duarte", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov",
    "Jansen", "Keller", "Lopez", "Meyer", "Novak", "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt",
    "Tanaka", "Ueda", "Vogel", "Weber", "Xu", "Yilmaz", "Zimmer", "Adams", "Brown", "Costa",
    "Dubois", "Evans", "Ferrari", "Gomez", "Hoffmann", "Ito", "Jung", "Kaya", "Lang", "Muller",
    "Nowak", "Olsen", "Pereira", "Reyes", "Santos", "Torres", "Usman", "Vargas", "Wagner", "Young",
    "Zhang", "Blanc", "Cohen", "Diaz", "Egger", "Fontaine", "Graf",
)  # fmt: skip
STAGES = ("lead", "lead", "lead", "iql", "mql", "lead", "sql", "customer", "target", "lead")
CHANNELS = ("paid_search", "organic_search", "email", "direct", "referral", "paid_social")
SOURCES = ("google", "bing", "newsletter", "", "partner", "linkedin")
COUNTRIES = ("DE", "FR", "US", "BR", "GB", "ES", "IT", "NL", "PL", "SE")
EVENTS = (
    "Page Viewed", "Page Viewed", "Page Viewed", "Visit Started", "Email Opened",
    "Email Link Clicked", "Content Downloaded", "Form Submitted",
)  # fmt: skip
DAY = 86_400_000_000
USERS, TEAMS, COMPANIES = 40, 8, 50_000
FIRST_TEAM = 100  # above the teams of the playbook


def build(*, leads: int, events: int, now_us: int) -> None:
    """Fill an empty, migrated database. `events` in all, the same number for every lead."""
    with _unlogged(), connection.cursor() as cursor:
        run = _Script(cursor, now_us)
        run.lists()
        run.people()
        run.companies()
        run.leads(leads)
        run.cards(leads)
        run.search()
        run.standings()
        if events:
            run.events(leads, events // leads)


@contextmanager
def _unlogged() -> Iterator[None]:
    """A load that nobody would miss: no journal on SQLite, card indexes made afterwards."""
    from leadline.cards.models import Card

    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if is_sqlite:
            for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=OFF",
                           "cache_size=-1000000", "foreign_keys=OFF"):  # fmt: skip
                cursor.execute(f"PRAGMA {pragma}")
    with connection.schema_editor() as editor:
        for index in Card._meta.indexes:
            editor.remove_index(Card, index)
    yield
    with connection.schema_editor() as editor:
        for index in Card._meta.indexes:
            editor.add_index(Card, index)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


class _Script:
    """The statements, in the dialect of the database."""

    def __init__(self, cursor: object, now_us: int) -> None:
        self.cursor = cursor
        self.now_us = now_us
        self.is_sqlite = connection.vendor == "sqlite"

    def run(self, sql: str) -> None:
        self.cursor.execute(sql)

    def numbers(self, count: int) -> str:
        if self.is_sqlite:
            return (
                "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                f" WHERE i < {count}) SELECT i FROM n) AS n"
            )
        return f"generate_series(1, {count}) AS n(i)"

    def key(self, space: int, number: str) -> str:
        """A time-ordered id of 16 bytes for row `number`; `space` keeps tables apart."""
        head = 1_700_000_000_000
        if self.is_sqlite:
            return f"printf('%012x70008%03x%012x', {head} + {number}, {space}, {number})"
        return (
            f"(lpad(to_hex({head} + {number}), 12, '0') || '70008' || lpad(to_hex({space}), 3, '0')"
            f" || lpad(to_hex(({number})::bigint), 12, '0'))::uuid"
        )

    def mixed(self, salt: int, modulus: int) -> str:
        """A number below `modulus` that looks random in `n.i`."""
        return f"(n.i * {2_654_435_761 + salt * 2_097_593} % 4294967291 % {modulus})"

    def lists(self) -> None:
        values = {
            "first": FIRST, "last": LAST, "stage": STAGES, "channel": CHANNELS,
            "source": SOURCES, "country": COUNTRIES, "event": EVENTS,
        }  # fmt: skip
        self.run("CREATE TEMP TABLE pick (kind text, k integer, v text, PRIMARY KEY (kind, k))")
        for kind, texts in values.items():
            rows = ", ".join(f"('{kind}', {k}, '{text}')" for k, text in enumerate(texts))
            self.run(f"INSERT INTO pick VALUES {rows}")

    def pick(self, kind: str, salt: int, count: int) -> str:
        return f"(SELECT v FROM pick WHERE kind = '{kind}' AND k = {self.mixed(salt, count)})"

    def people(self) -> None:
        self.run(
            "INSERT INTO workspace_team (id, name)"
            f" SELECT {FIRST_TEAM} + i, 'Team ' || i FROM {self.numbers(TEAMS)}"
        )
        false, true = ("0", "1") if self.is_sqlite else ("false", "true")
        self.run(
            "INSERT INTO workspace_user (id, password, email, name, role, team_id, time_zone,"
            " language, is_active, takes_leads) SELECT "
            f"{self.key(1, 'n.i')}, '!', 'rep' || n.i || '@example.com', 'Rep ' || n.i,"
            f" CASE n.i WHEN 1 THEN 'owner' WHEN 2 THEN 'manager' ELSE 'rep' END,"
            f" {FIRST_TEAM} + 1 + n.i % {TEAMS}, 'UTC', 'en', {true}, {false}"
            f" FROM {self.numbers(USERS)}"
        )

    def companies(self) -> None:
        self.run(
            "INSERT INTO leads_company (id, name, domain, traits, created_at) SELECT "
            f"{self.key(2, 'n.i')}, 'Company ' || n.i, 'company' || n.i || '.example', "
            f"'{{\"employee_count\": 120}}', {self.now_us} FROM {self.numbers(COMPANIES)}"
        )

    def leads(self, count: int) -> None:
        created = f"{self.now_us} - {self.mixed(3, 700)} * {DAY} - n.i"
        false, true = ("0", "1") if self.is_sqlite else ("false", "true")
        first, last = self.pick("first", 1, len(FIRST)), self.pick("last", 2, len(LAST))
        company = f"1 + {self.mixed(4, COMPANIES)}"
        name = f"{first} || ' ' || {last}"
        self.run(
            f"CREATE TEMP TABLE person AS SELECT n.i, {self.key(3, 'n.i')} AS id, {name} AS name,"
            f" lower({first} || '.' || {last}) || n.i || '@company' || ({company}) || '.example'"
            f" AS email, {company} AS company, {created} AS created_at FROM {self.numbers(count)}"
        )
        self.run(
            "INSERT INTO leads_lead (id, company_id, origin, has_shown_interest, is_test, traits,"
            " trait_marks, undeclared, version, created_at, known_at, updated_at)"
            f" SELECT id, {self.key(2, 'company')}, 'inbound', {true}, {false},"
            " '{\"title\": \"Head of Sales\"}', '{}', '{}', 1, created_at, created_at, created_at"
            " FROM person ORDER BY i"
        )
        self.run(
            "INSERT INTO leads_binding (id, kind, value, lead_id, is_verified, said, opened_at,"
            f" known_at) SELECT i, 'email', email, id, {true}, '{{}}', created_at, created_at"
            " FROM person ORDER BY i"
        )
        n = "(SELECT i, id FROM person) AS n"
        self.run(
            "INSERT INTO leads_currenttrait (lead_id, name, text, number)"
            f" SELECT n.id, 'country', {self.pick('country', 5, len(COUNTRIES))}, NULL FROM {n}"
            f" UNION ALL SELECT n.id, 'company.employee_count', NULL, {self.mixed(6, 5000)}"
            f" FROM {n}"
        )

    def cards(self, count: int) -> None:
        owner = self.key(1, f"(1 + {self.mixed(7, USERS)})")
        nobody = f"{self.mixed(8, 10)} < 3"
        team = f"{FIRST_TEAM} + 1 + (1 + {self.mixed(7, USERS)}) % {TEAMS}"
        due = f"CASE WHEN {self.mixed(9, 1000)} < 1 THEN {self.now_us} + n.i * 1000 END"
        points = f"{self.mixed(10, 100)} * {self.mixed(11, 100)} / 100"
        total = f"{points} * 1000000 + {self.mixed(12, 9)}"
        self.run(
            "INSERT INTO cards_card (lead_id, name, email, phone, title, company_name, total,"
            " temperature, stage, stage_since, owner_id, team_id, channel, source,"
            " response_due_at, why, created_at, updated_at) SELECT n.id, n.name, n.email,"
            " '+4930' || (1000000 + n.i), 'Head of Sales', 'Company ' || n.company,"
            f" {total}, CASE WHEN {total} > 50000000 THEN 'hot' WHEN {total} > 25000000"
            " THEN 'warm' ELSE 'cold' END,"
            f" {self.pick('stage', 13, len(STAGES))}, n.created_at + {self.mixed(14, DAY)},"
            f" CASE WHEN {nobody} THEN NULL ELSE {owner} END,"
            f" CASE WHEN {nobody} THEN NULL ELSE {team} END,"
            f" {self.pick('channel', 15, len(CHANNELS))}, {self.pick('source', 15, len(SOURCES))},"
            f" {due}, 'Looked at the prices twice this week', n.created_at, n.created_at"
            f" FROM (SELECT * FROM person) AS n"
        )

    def search(self) -> None:
        self.run(
            "INSERT INTO cards_searchtext (id, card_id, text) SELECT i, id, lower(name) || chr(10)"
            " || email || chr(10) || 'company ' || company || chr(10) || '+4930' || (1000000 + i)"
            " FROM person ORDER BY i".replace("chr(", "char(" if self.is_sqlite else "chr(")
        )

    def standings(self) -> None:
        version = "(SELECT min(id) FROM scoring_scoremodelversion)"
        lines = json.dumps([{
            "rule": "Pricing page visit", "group": "engagement", "points_micro": 30_000_000,
            "because": [1, 2], "sentence": "Pricing page visit, twice", "index": 0,
        }])  # fmt: skip
        self.run(
            "INSERT INTO scoring_score (lead_id, version_id, total, fit, engagement, lines, at)"
            f" SELECT lead_id, {version}, total, total / 2, total - total / 2, '{lines}',"
            " created_at FROM cards_card"
        )
        self.run(
            "INSERT INTO scoring_scorechange (lead_id, version_id, total, fit, engagement, lines,"
            f" at) SELECT lead_id, {version}, total, total / 2, total - total / 2, '{lines}',"
            " created_at FROM cards_card ORDER BY lead_id"
        )
        self.run(
            "INSERT INTO lifecycle_standing (lead_id, stage, stage_since, stage_set_by,"
            " temperature, temperature_reason, temperature_since) SELECT lead_id, stage,"
            " stage_since, 'rule', temperature, 'looked at the prices', created_at FROM cards_card"
        )
        self.run(
            "INSERT INTO lifecycle_stagechange (lead_id, stage_before, stage, set_by, because, at)"
            " SELECT lead_id, '', stage, 'rule', 'came through a form', created_at FROM cards_card"
            " ORDER BY lead_id"
        )
        self.run(
            "INSERT INTO routing_assignment (lead_id, owner_id, team_id, because, at)"
            " SELECT lead_id, owner_id, team_id, 'next in turn', created_at FROM cards_card"
            " WHERE owner_id IS NOT NULL ORDER BY lead_id"
        )

    def events(self, leads: int, each: int) -> None:
        true, false = ("1", "0") if self.is_sqlite else ("true", "false")
        step = 50_000
        for start in range(0, leads, step):
            self.run(
                "INSERT INTO timeline_event (binding_id, kind, name, message_id, properties, raw,"
                " actor, counts, flag, is_verified, occurred_at, received_at, known_at)"
                " SELECT p.i, 'track', e.v, 'm' || p.i || '-' || s.i,"
                ' \'{"path": "/pricing", "title": "Pricing"}\', \'{}\', \'human\','
                f" {true}, '', {false}, p.created_at + s.i * 3600000000,"
                " p.created_at + s.i * 3600000000, p.created_at + s.i * 3600000000"
                f" FROM person AS p CROSS JOIN {self.numbers(each).replace('AS n', 'AS s')}"
                f" JOIN pick AS e ON e.kind = 'event' AND e.k = (p.i + s.i) % {len(EVENTS)}"
                f" WHERE p.i > {start} AND p.i <= {start + step}"
            )
        self.run(
            "INSERT INTO timeline_touch (binding_id, source, medium, campaign, term, content,"
            " channel, referrer, landing_page, click_id, occurred_at, known_at) SELECT i, 'google',"
            " 'cpc', 'spring', '', '', 'paid_search', '', '/pricing', '', created_at, created_at"
            " FROM person ORDER BY i"
        )
