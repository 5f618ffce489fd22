"""The leads, bindings and companies that a batch touches, in memory between one read and one write.

All that a batch of submissions can refer to is loaded with five queries, walked in inbox order by
`recognition`, and written as sets. Nothing here decides anything.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from leadline.leads import current_traits
from leadline.leads.joining import Told
from leadline.lib import ids, rows

Key = tuple[str, str]  # (kind, canonical value)


class Known(msgspec.Struct):
    """A lead as this batch sees and changes it. `marks` as in `Lead.trait_marks`."""

    id: UUID
    created_us: int
    origin: str = "inbound"
    has_shown_interest: bool = True
    is_test: bool = False
    company_id: UUID | None = None
    traits: dict[str, Any] = {}  # JSON values
    marks: dict[str, list[int]] = {}
    undeclared: dict[str, Any] = {}  # JSON values
    version: int = 1
    is_new: bool = False
    is_changed: bool = False
    merged_into: UUID | None = None

    @property
    def told(self) -> Told:
        """What is known of the lead, to be joined with what is known of another."""
        return Told(self.traits, self.marks, self.undeclared, self.company_id)


class Held(msgspec.Struct, eq=False):
    """A binding; `id` is None until it is written, `lead` None for an unclaimed visitor."""

    kind: str
    value: str
    lead: Known | None
    is_verified: bool
    opened_us: int
    id: int | None = None
    closed_us: int | None = None
    said: list[Any] = []  # as in `Binding.said`
    is_changed: bool = False


class Firm(msgspec.Struct):
    """A company; `traits` without the prefix."""

    id: UUID
    name: str
    domain: str | None
    external_id: str | None
    traits: dict[str, Any] = {}  # JSON values
    created_us: int = 0
    is_new: bool = False
    is_changed: bool = False


class TraitRow(msgspec.Struct):
    """A row of provenance to be appended."""

    lead_id: UUID | None
    company_id: UUID | None
    name: str
    value: object
    source: str
    method: str
    is_verified: bool
    took_effect: bool
    occurred_us: int


class MergeRow(msgspec.Struct):
    """Two leads that became one in this batch."""

    kept: Known
    absorbed: Known
    moved: list[Held]
    kept_before: Told
    because: str


class WorkingSet(msgspec.Struct):
    """Everything a batch reads and changes."""

    open: dict[Key, Held] = {}
    leads: dict[UUID, Known] = {}
    of_lead: dict[UUID, list[Held]] = {}
    firms: dict[UUID, Firm] = {}
    by_domain: dict[str, Firm] = {}
    by_external: dict[str, Firm] = {}
    closed: list[Held] = []
    trait_rows: list[TraitRow] = []
    merges: list[MergeRow] = []
    reviews: list[tuple[UUID, UUID, str]] = []

    def new_lead(self, *, created_us: int, origin: str, shows_interest: bool) -> Known:
        lead = Known(
            id=ids.uuid7(),
            created_us=created_us,
            origin=origin,
            has_shown_interest=shows_interest,
            is_new=True,
            is_changed=True,
        )
        self.leads[lead.id] = lead
        self.of_lead[lead.id] = []
        return lead

    def bind(self, key: Key, lead: Known | None, *, is_verified: bool, at_us: int) -> Held:
        """Open a binding; the caller has closed the one before."""
        held = Held(key[0], key[1], lead, is_verified, at_us, is_changed=True)
        self.open[key] = held
        if lead is not None:
            self.of_lead[lead.id].append(held)
        return held

    def give(self, held: Held, lead: Known) -> None:
        """A binding without a lead gets one, its history included."""
        held.lead = lead
        held.is_changed = True
        self.of_lead[lead.id].append(held)

    def close(self, held: Held, *, at_us: int) -> None:
        held.closed_us = at_us
        held.is_changed = True
        self.closed.append(held)
        del self.open[held.kind, held.value]

    def add_firm(self, firm: Firm) -> Firm:
        self.firms[firm.id] = firm
        if firm.domain:
            self.by_domain[firm.domain] = firm
        if firm.external_id:
            self.by_external[firm.external_id] = firm
        return firm


def load(keys: Iterable[Key], *, domains: Iterable[str], external_ids: Iterable[str]) -> WorkingSet:
    """Read what the keys refer to and lock the leads in the order of their ids.

    Five queries, whatever the number of keys. Call inside a transaction that holds the lock of
    `locks.passing()`.
    """
    work = WorkingSet()
    vendor = connection.vendor
    with connection.cursor() as cursor:
        named = rows.select_in(
            cursor,
            "SELECT DISTINCT lead_id FROM leads_binding"
            " WHERE closed_at IS NULL AND lead_id IS NOT NULL AND (kind, value) {in}",
            keys := list(keys),
            vendor=vendor,
        )
        _load_leads(cursor, work, [row[0] for row in named], vendor=vendor)
        _load_bindings(cursor, work, keys, vendor=vendor)
        _load_companies(cursor, work, domains, external_ids, vendor=vendor)
    return work


def _load_leads(cursor: rows.Cursor, work: WorkingSet, lead_ids: list[Any], *, vendor: str) -> None:
    lock = " ORDER BY id FOR UPDATE" if vendor == "postgresql" else ""
    found = rows.select_in(
        cursor,
        "SELECT id, created_at, origin, has_shown_interest, is_test, company_id, traits,"
        " trait_marks, undeclared, version FROM leads_lead WHERE id {in}" + lock,
        lead_ids,
        vendor=vendor,
    )
    for row in found:
        lead = Known(
            as_uuid(row[0]),
            row[1],
            row[2],
            bool(row[3]),
            bool(row[4]),
            None if row[5] is None else as_uuid(row[5]),
            as_json(row[6]),
            as_json(row[7]),
            as_json(row[8]),
            row[9],
        )
        work.leads[lead.id] = lead
        work.of_lead[lead.id] = []


def _load_bindings(cursor: rows.Cursor, work: WorkingSet, keys: list[Key], *, vendor: str) -> None:
    columns = "SELECT id, kind, value, lead_id, is_verified, opened_at, said FROM leads_binding"
    found = rows.select_in(
        cursor, f"{columns} WHERE closed_at IS NULL AND lead_id {{in}}", work.leads, vendor=vendor
    )
    found += rows.select_in(
        cursor,
        f"{columns} WHERE closed_at IS NULL AND lead_id IS NULL AND (kind, value) {{in}}",
        keys,
        vendor=vendor,
    )
    for identity, kind, value, lead_id, is_verified, opened_us, said in found:
        lead = None if lead_id is None else work.leads[as_uuid(lead_id)]
        held = Held(kind, value, lead, bool(is_verified), opened_us, identity)
        held.said = as_list(said)
        work.open[kind, value] = held
        if lead is not None:
            work.of_lead[lead.id].append(held)


def _load_companies(
    cursor: rows.Cursor,
    work: WorkingSet,
    domains: Iterable[str],
    external_ids: Iterable[str],
    *,
    vendor: str,
) -> None:
    columns = "SELECT id, name, domain, external_id, traits, created_at FROM leads_company"
    found = rows.select_in(cursor, f"{columns} WHERE domain {{in}}", domains, vendor=vendor)
    found += rows.select_in(
        cursor, f"{columns} WHERE external_id {{in}}", external_ids, vendor=vendor
    )
    for row in found:
        if as_uuid(row[0]) not in work.firms:
            work.add_firm(Firm(as_uuid(row[0]), row[1], row[2], row[3], as_json(row[4]), row[5]))


def write(work: WorkingSet, *, now_us: int) -> None:
    """Write everything that changed. A fixed number of statements; new bindings get their ids."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        _write_companies(cursor, work, vendor=vendor)
        _write_leads(cursor, work, now_us=now_us, vendor=vendor)
        _write_bindings(cursor, work, now_us=now_us, vendor=vendor)
        _write_trait_rows(cursor, work, now_us=now_us, vendor=vendor)
        _write_merges(cursor, work, now_us=now_us, vendor=vendor)


def _write_companies(cursor: rows.Cursor, work: WorkingSet, *, vendor: str) -> None:
    rows.upsert(
        cursor,
        "leads_company",
        ["id", "name", "domain", "external_id", "traits", "created_at"],
        [
            (f.id, f.name, f.domain, f.external_id, as_text(f.traits), f.created_us)
            for f in work.firms.values()
            if f.is_changed
        ],
        key=["id"],
        vendor=vendor,
    )


def _write_leads(cursor: rows.Cursor, work: WorkingSet, *, now_us: int, vendor: str) -> None:
    columns = [
        "id",
        "company_id",
        "origin",
        "has_shown_interest",
        "is_test",
        "traits",
        "trait_marks",
        "undeclared",
        "version",
        "merged_into_id",
        "created_at",
        "known_at",
        "updated_at",
    ]
    changed = [lead for lead in work.leads.values() if lead.is_changed]
    rows.upsert(
        cursor,
        "leads_lead",
        columns,
        [
            (
                lead.id,
                lead.company_id,
                lead.origin,
                lead.has_shown_interest,
                lead.is_test,
                as_text(lead.traits),
                as_text(lead.marks),
                as_text(lead.undeclared),
                lead.version + (0 if lead.is_new else 1),
                lead.merged_into,
                lead.created_us,
                now_us,
                now_us,
            )
            for lead in changed
        ],
        key=["id"],
        vendor=vendor,
        update=[c for c in columns if c not in ("id", "created_at", "known_at")],
    )


def _write_bindings(cursor: rows.Cursor, work: WorkingSet, *, now_us: int, vendor: str) -> None:
    held = list(work.open.values()) + work.closed
    rows.update(
        cursor,
        "leads_binding",
        ["id", "lead_id", "is_verified", "closed_at", "said"],
        [
            (h.id, h.lead.id if h.lead else None, h.is_verified, h.closed_us, as_text(h.said))
            for h in held
            if h.is_changed and h.id is not None
        ],
        key=["id"],
        vendor=vendor,
    )
    fresh = [h for h in held if h.id is None]
    if not fresh:
        return
    cursor.execute("SELECT coalesce(max(id), 0) FROM leads_binding")
    newest = cursor.fetchall()[0][0]
    rows.insert(
        cursor,
        "leads_binding",
        ["kind", "value", "lead_id", "is_verified", "opened_at", "closed_at", "said", "known_at"],
        [
            (
                h.kind,
                h.value,
                h.lead.id if h.lead else None,
                h.is_verified,
                h.opened_us,
                h.closed_us,
                as_text(h.said),
                now_us,
            )
            for h in fresh
        ],
        vendor=vendor,
    )
    _read_binding_ids(cursor, fresh, after_id=newest, vendor=vendor)


def _read_binding_ids(
    cursor: rows.Cursor, fresh: list[Held], *, after_id: int, vendor: str
) -> None:
    # Neither executemany nor COPY returns ids; one query by the key does. A shared computer opens
    # a key several times in one batch, each time for another lead. Closed bindings have no index
    # by key, so without `after_id` the whole table would be read.
    found = rows.select_in(
        cursor,
        "SELECT kind, value, lead_id, opened_at, closed_at, id FROM leads_binding"
        " WHERE id > %s AND (kind, value) {in}",
        [(h.kind, h.value) for h in fresh],
        vendor=vendor,
        before=[after_id],
    )
    identities = {
        (kind, value, lead_id and as_uuid(lead_id), opened, closed): identity
        for kind, value, lead_id, opened, closed, identity in found
    }
    for held in fresh:
        lead_id = held.lead.id if held.lead else None
        held.id = identities[held.kind, held.value, lead_id, held.opened_us, held.closed_us]


def _write_trait_rows(cursor: rows.Cursor, work: WorkingSet, *, now_us: int, vendor: str) -> None:
    rows.insert(
        cursor,
        "leads_traitvalue",
        [
            "lead_id",
            "company_id",
            "name",
            "value",
            "source",
            "method",
            "is_verified",
            "took_effect",
            "occurred_at",
            "known_at",
        ],
        [
            (
                t.lead_id,
                t.company_id,
                t.name,
                as_text(t.value),
                t.source,
                t.method,
                t.is_verified,
                t.took_effect,
                t.occurred_us,
                now_us,
            )
            for t in work.trait_rows
        ],
        vendor=vendor,
    )
    _write_current_traits(cursor, work)


def _write_current_traits(cursor: rows.Cursor, work: WorkingSet) -> None:
    changed = {(t.lead_id, t.name) for t in work.trait_rows if t.lead_id and t.took_effect}
    changed |= {(m.kept.id, name) for m in work.merges for name in m.absorbed.traits}
    current_traits.write(
        cursor,
        [(lead_id, work.leads[lead_id].traits, name) for lead_id, name in changed if lead_id],
    )


def _write_merges(cursor: rows.Cursor, work: WorkingSet, *, now_us: int, vendor: str) -> None:
    moved = {m.absorbed.id: [h.id for h in m.moved if h.id] for m in work.merges}
    _move_closed_bindings(cursor, work, moved, vendor=vendor)
    rows.insert(
        cursor,
        "leads_merge",
        ["kept_id", "absorbed_id", "binding_ids", "kept_before", "because", "at"],
        [
            (
                m.kept.id,
                m.absorbed.id,
                as_text(moved[m.absorbed.id]),
                as_text(m.kept_before),
                m.because,
                now_us,
            )
            for m in work.merges
        ],
        vendor=vendor,
    )
    rows.insert_ignore(
        cursor,
        "leads_mergereview",
        ["first_id", "second_id", "because", "state", "at"],
        [(first, second, because, "open", now_us) for first, second, because in work.reviews],
        vendor=vendor,
    )


def _move_closed_bindings(
    cursor: rows.Cursor, work: WorkingSet, moved: dict[UUID, list[int]], *, vendor: str
) -> None:
    """What a visitor did before a binding was closed goes along, to the last of a chain."""
    kept_of = {m.absorbed.id: m.kept.id for m in work.merges}
    closed = rows.select_in(
        cursor,
        "SELECT id, lead_id FROM leads_binding WHERE closed_at IS NOT NULL AND lead_id {in}",
        kept_of,
        vendor=vendor,
    )
    moves = []
    for identity, lead_id in closed:
        holder = as_uuid(lead_id)
        while holder in kept_of:
            moved[holder].append(identity)
            holder = kept_of[holder]
        moves.append((identity, holder))
    rows.update(cursor, "leads_binding", ["id", "lead_id"], moves, key=["id"], vendor=vendor)


def as_uuid(value: object) -> UUID:
    """SQLite keeps 32 hex digits, PostgreSQL gives a UUID."""
    return value if isinstance(value, UUID) else UUID(hex=str(value))


def as_json(value: Any) -> dict[str, Any]:  # JSON text or, on some paths, decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_list(value: Any) -> list[Any]:  # JSON text or decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_text(value: object) -> str:
    return msgspec.json.encode(value).decode()
