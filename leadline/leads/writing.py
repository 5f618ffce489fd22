"""Writing what a batch changed, as sets: companies, leads, bindings, traits, merges."""

from uuid import UUID

from django.db import connection

from leadline.leads import current_traits
from leadline.leads.stored import as_text
from leadline.leads.working_set import Held, WorkingSet
from leadline.lib import rows
from leadline.lib.ids import as_uuid


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
        ["id", "lead_id", "is_verified", "is_claim", "closed_at", "said", "given_at"],
        [
            (
                h.id,
                h.lead.id if h.lead else None,
                h.is_verified,
                h.is_claim,
                h.closed_us,
                as_text(h.said),
                now_us if h.is_given else h.given_us,
            )
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
        [
            "kind",
            "value",
            "lead_id",
            "is_verified",
            "is_claim",
            "opened_at",
            "closed_at",
            "said",
            "known_at",
        ],
        [
            (
                h.kind,
                h.value,
                h.lead.id if h.lead else None,
                h.is_verified,
                h.is_claim,
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
    known: list[tuple[UUID, current_traits.Traits, str]] = []
    fresh: list[tuple[UUID, current_traits.Traits, str]] = []
    for lead_id, name in changed:
        lead = work.leads[lead_id]
        (fresh if lead.is_new else known).append((lead_id, lead.traits, name))
    current_traits.write(cursor, known)
    current_traits.add(cursor, fresh)
    of_firms = {(t.company_id, t.name) for t in work.trait_rows if t.company_id}
    current_traits.write_companies(
        cursor, [(key, work.firms[key].traits, name) for key, name in of_firms]
    )


def _write_merges(cursor: rows.Cursor, work: WorkingSet, *, now_us: int, vendor: str) -> None:
    moved = {m.absorbed.id: sorted(h.id for h in m.moved if h.id) for m in work.merges}
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
