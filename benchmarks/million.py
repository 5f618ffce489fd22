"""A workspace of a million leads, made by set-based SQL: what the page benchmark reads.

Deterministic: row `i` is always the same. Writes straight into the tables, past the front door,
because it is about reading; nothing but benchmarks may do so.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model

from leadline.activities.models import Activity
from leadline.cards import spelling
from leadline.cards.models import Card, CompanyCard, NoteText, SearchText
from leadline.leads.models import Binding, Company, CompanyTrait, CurrentTrait, Lead
from leadline.lib import rows
from leadline.lifecycle.models import StageChange, Standing
from leadline.routing.models import Assignment
from leadline.scoring.models import Score, ScoreChange
from leadline.timeline.models import Event, Touch
from leadline.workspace import fields
from leadline.workspace.fields import Wanted
from leadline.workspace.models import Field, Team, User

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
TOPICS = ("the rollout", "prices", "a drydock", "the pilot", "training", "a reference", "hosting")
EVENTS = (
    "Page Viewed", "Page Viewed", "Page Viewed", "Visit Started", "Email Opened",
    "Email Link Clicked", "Content Downloaded", "Form Submitted",
)  # fmt: skip
DAY = 86_400_000_000
USERS, TEAMS, COMPANIES = 40, 8, 50_000
TIERS = ("common", "rare", "low")
"""Values of the declared field: what most leads have, one in 4,096, the tenth of lowest score."""
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
        run.companies_and_notes(leads)
        run.standings()
        if events:
            run.events(leads, events // leads)


def declare_tier() -> None:
    """Declare a field and give every lead a value of it, also in a database made before."""
    if Field.objects.filter(name="tier").exists():
        return
    options = tuple((value, value) for value in TIERS)
    fields.add(Wanted(label="Tier", type="option", options=options), currency="EUR", reserved=())
    with connection.cursor() as cursor:
        run = _Script(cursor, 0)
        # A tenth of the leads has so few points: whoever walks down the scores meets them last.
        tier = (
            "CASE WHEN {} LIKE '%000' THEN 'rare' WHEN total < 2000000 THEN 'low' ELSE 'common' END"
        )
        key = "lead_id" if run.is_sqlite else "lead_id::text"
        values = {"lead_id": "lead_id", "name": "'tier'", "text": tier.format(key)}
        run.insert(CurrentTrait, values, "cards_card")
        cursor.execute("ANALYZE leads_currenttrait")


@contextmanager
def _unlogged() -> Iterator[None]:
    """A load that nobody would miss: no journal on SQLite, card indexes made afterwards."""
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
        # VACUUM also files what the trigram indexes of PostgreSQL have only taken note of.
        cursor.execute("ANALYZE" if is_sqlite else "VACUUM ANALYZE")
    connection.close()


class _Script:
    """The statements, in the dialect of the database."""

    def __init__(self, cursor: object, now_us: int) -> None:
        self.cursor = cursor
        self.now_us = now_us
        self.is_sqlite = connection.vendor == "sqlite"
        self.true, self.false = ("1", "0") if self.is_sqlite else ("true", "false")

    def run(self, sql: str) -> None:
        self.cursor.execute(sql)

    def insert(self, model: type[Model], values: dict[str, str], source: str) -> None:
        """One row of `model` per row of `source`; columns without a value get their default."""
        columns = {}
        for field in model._meta.local_concrete_fields:
            if field.column in values:
                columns[field.column] = values[field.column]
            elif not field.primary_key and not field.null:
                columns[field.column] = self.literal(field.get_default())
        if unknown := values.keys() - columns.keys():
            raise LookupError(f"{model.__name__} has no {sorted(unknown)}")
        self.run(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)})"
            f" SELECT {', '.join(columns.values())} FROM {source}"
        )

    def literal(self, value: object) -> str:
        """A default as SQL: text, number or truth value."""
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, int):
            return str(value)
        text = value if isinstance(value, str) else json.dumps(value)
        return "'" + text.replace("'", "''") + "'"

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
            "source": SOURCES, "topic": TOPICS, "country": COUNTRIES, "event": EVENTS,
        }  # fmt: skip
        self.run("CREATE TEMP TABLE pick (kind text, k integer, v text, PRIMARY KEY (kind, k))")
        for kind, texts in values.items():
            rows = ", ".join(f"('{kind}', {k}, '{text}')" for k, text in enumerate(texts))
            self.run(f"INSERT INTO pick VALUES {rows}")

    def pick(self, kind: str, salt: int, count: int) -> str:
        return f"(SELECT v FROM pick WHERE kind = '{kind}' AND k = {self.mixed(salt, count)})"

    def people(self) -> None:
        self.insert(
            Team, {"id": f"{FIRST_TEAM} + n.i", "name": "'Team ' || n.i"}, self.numbers(TEAMS)
        )
        roles = "CASE n.i WHEN 1 THEN 'owner' WHEN 2 THEN 'manager' ELSE 'rep' END"
        self.insert(User, {
            "id": self.key(1, "n.i"), "password": "'!'", "email": "'rep' || n.i || '@example.com'",
            "name": "'Rep ' || n.i", "role": roles, "team_id": f"{FIRST_TEAM} + 1 + n.i % {TEAMS}",
        }, self.numbers(USERS))  # fmt: skip

    def companies(self) -> None:
        self.insert(Company, {
            "id": self.key(2, "n.i"), "name": "'Company ' || n.i",
            "domain": "'company' || n.i || '.example'", "traits": "'{\"employee_count\": 120}'",
            "created_at": str(self.now_us),
        }, self.numbers(COMPANIES))  # fmt: skip
        self.insert(CompanyTrait, {
            "company_id": self.key(2, "n.i"), "name": "'company.employee_count'", "number": "120",
        }, self.numbers(COMPANIES))  # fmt: skip

    def leads(self, count: int) -> None:
        created = f"{self.now_us} - {self.mixed(3, 700)} * {DAY} - n.i"
        first, last = self.pick("first", 1, len(FIRST)), self.pick("last", 2, len(LAST))
        company = f"1 + {self.mixed(4, COMPANIES)}"
        name = f"{first} || ' ' || {last}"
        self.run(
            f"CREATE TEMP TABLE person AS SELECT n.i, {self.key(3, 'n.i')} AS id, {name} AS name,"
            f" lower({first} || '.' || {last}) || n.i || '@company' || ({company}) || '.example'"
            f" AS email, {company} AS company, {created} AS created_at FROM {self.numbers(count)}"
        )
        made = dict.fromkeys(("created_at", "known_at", "updated_at"), "created_at")
        self.insert(Lead, {
            "id": "id", "company_id": self.key(2, "company"), "origin": "'inbound'",
            "has_shown_interest": self.true, "version": "1", **made,
            "traits": "'{\"title\": \"Head of Sales\"}'", "trait_marks": "'{}'",
        }, "person ORDER BY i")  # fmt: skip
        self.insert(Binding, {
            "id": "i", "kind": "'email'", "value": "email", "lead_id": "id",
            "is_verified": self.true, "opened_at": "created_at", "known_at": "created_at",
        }, "person ORDER BY i")  # fmt: skip
        n = "(SELECT i, id FROM person) AS n"
        self.insert(CurrentTrait, {
            "lead_id": "n.id", "name": "'country'",
            "text": self.pick("country", 5, len(COUNTRIES)),
        }, n)  # fmt: skip
        self.insert(CurrentTrait, {
            "lead_id": "n.id", "name": "'company.employee_count'", "number": self.mixed(6, 5000),
        }, n)  # fmt: skip

    def cards(self, count: int) -> None:
        owner = self.key(1, f"(1 + {self.mixed(7, USERS)})")
        nobody = f"{self.mixed(8, 10)} < 3"
        team = f"{FIRST_TEAM} + 1 + (1 + {self.mixed(7, USERS)}) % {TEAMS}"
        due = f"CASE WHEN {self.mixed(9, 1000)} < 1 THEN {self.now_us} + n.i * 1000 END"
        points = f"{self.mixed(10, 100)} * {self.mixed(11, 100)} / 100"
        total = f"{points} * 1000000 + {self.mixed(12, 9)}"
        heat = "WHEN {0} > 50000000 THEN 'hot' WHEN {0} > 25000000 THEN 'warm' ELSE 'cold'"
        self.insert(Card, {
            "lead_id": "n.id", "name": "n.name", "email": "n.email",
            "phone": "'+4930' || (1000000 + n.i)", "title": "'Head of Sales'",
            "company_name": "'Company ' || n.company", "total": total,
            "temperature": f"CASE {heat.format(total)} END",
            "stage": self.pick("stage", 13, len(STAGES)),
            "stage_since": f"n.created_at + {self.mixed(14, DAY)}",
            "owner_id": f"CASE WHEN {nobody} THEN NULL ELSE {owner} END",
            "team_id": f"CASE WHEN {nobody} THEN NULL ELSE {team} END",
            "channel": self.pick("channel", 15, len(CHANNELS)),
            "source": self.pick("source", 15, len(SOURCES)), "response_due_at": due,
            "why": "'Looked at the prices twice this week'", "created_at": "n.created_at",
            "updated_at": "n.created_at",
        }, "(SELECT * FROM person) AS n")  # fmt: skip

    def search(self) -> None:
        line = "char(10)" if self.is_sqlite else "chr(10)"
        parts = ("lower(name)", "email", "'company ' || company", "'+4930' || (1000000 + i)")
        self.insert(SearchText, {
            "id": "i", "card_id": "id", "text": f" || {line} || ".join(parts),
        }, "person ORDER BY i")  # fmt: skip

    def companies_and_notes(self, leads: int) -> None:
        """What companies and notes are found by, and the words of all names."""
        line = "char(10)" if self.is_sqlite else "chr(10)"
        self.insert(CompanyCard, {
            "id": "n.i", "company_id": self.key(2, "n.i"), "called": "'company ' || n.i",
            "text": f"'company ' || n.i || {line} || 'company' || n.i || '.example'",
        }, self.numbers(COMPANIES))  # fmt: skip
        about = self.pick("topic", 16, len(TOPICS))
        said = f"'Talked about ' || {about} || ' and order ' || n.i"
        every_tenth = f"(SELECT i, id, created_at FROM person WHERE i <= {leads // 10}) AS n"
        self.insert(Activity, {
            "id": self.key(4, "n.i"), "lead_id": "n.id", "kind": "'note'", "text": said,
            "began_at": "n.created_at", "logged_at": "n.created_at",
        }, every_tenth)  # fmt: skip
        self.insert(NoteText, {
            "id": "n.i", "activity_id": self.key(4, "n.i"), "text": f"lower({said})",
        }, every_tenth)  # fmt: skip
        names = {name.lower() for name in (*FIRST, *LAST, "company")}
        # As many different words as a real million has, beside those that somebody is called.
        names |= {_word(number) for number in range(min(leads // 8, 120_000))}
        known = [(gram, word) for word in sorted(names) for gram in sorted(spelling.runs(word))]
        rows.insert(
            self.cursor, "cards_spelling", ("gram", "word"), known, vendor=connection.vendor
        )

    def standings(self) -> None:
        lines = json.dumps([{
            "rule": "Pricing page visit", "group": "engagement", "points_micro": 30_000_000,
            "because": [1, 2], "sentence": "Pricing page visit, twice", "index": 0,
        }])  # fmt: skip
        scored = {
            "lead_id": "lead_id", "version_id": "(SELECT min(id) FROM scoring_scoremodelversion)",
            "total": "total", "fit": "total / 2", "engagement": "total - total / 2",
            "lines": f"'{lines}'", "at": "created_at",
        }  # fmt: skip
        self.insert(Score, scored, "cards_card")
        self.insert(ScoreChange, scored, "cards_card ORDER BY lead_id")
        self.insert(Standing, {
            "lead_id": "lead_id", "stage": "stage", "stage_since": "stage_since",
            "stage_set_by": "'rule'", "temperature": "temperature",
            "temperature_reason": "'looked at the prices'", "temperature_since": "created_at",
        }, "cards_card")  # fmt: skip
        self.insert(StageChange, {
            "lead_id": "lead_id", "stage_before": "''", "stage": "stage", "set_by": "'rule'",
            "because": "'came through a form'", "at": "created_at",
        }, "cards_card ORDER BY lead_id")  # fmt: skip
        self.insert(Assignment, {
            "lead_id": "lead_id", "owner_id": "owner_id", "team_id": "team_id",
            "because": "'next in turn'", "at": "created_at",
        }, "cards_card WHERE owner_id IS NOT NULL ORDER BY lead_id")  # fmt: skip

    def events(self, leads: int, each: int) -> None:
        step = 50_000
        at = dict.fromkeys(("occurred_at", "received_at", "known_at"),
                           "p.created_at + s.i * 3600000000")  # fmt: skip
        for start in range(0, leads, step):
            self.insert(Event, {
                "binding_id": "p.i", "kind": "'track'", "name": "e.v",
                "message_id": "'m' || p.i || '-' || s.i",
                "properties": "'{\"path\": \"/pricing\", \"title\": \"Pricing\"}'",
                "raw": "'{}'", "actor": "'human'", "counts": self.true, "flag": "''",
                "is_verified": self.false, **at,
            }, f"person AS p CROSS JOIN {self.numbers(each).replace('AS n', 'AS s')}"
               f" JOIN pick AS e ON e.kind = 'event' AND e.k = (p.i + s.i) % {len(EVENTS)}"
               f" WHERE p.i > {start} AND p.i <= {start + step}")  # fmt: skip
        self.insert(Touch, {
            "binding_id": "i", "source": "'google'", "medium": "'cpc'", "campaign": "'spring'",
            "channel": "'paid_search'", "landing_page": "'/pricing'", "occurred_at": "created_at",
            "known_at": "created_at",
        }, "person ORDER BY i")  # fmt: skip


def _word(number: int) -> str:
    """The n-th of many different words of five to nine letters; not the same as any other."""
    letters, left = "", number * 7_919 + 11_881_376
    while left:
        left, letter = divmod(left, 26)
        letters += chr(ord("a") + letter)
    return letters + "aeiou"[number % 5]
