"""Reading the working set of a batch, with its leads locked."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from leadline.leads.stored import as_json, as_list
from leadline.leads.working_set import Firm, Held, Key, Known, WorkingSet
from leadline.lib import rows
from leadline.lib.ids import as_uuid


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
    columns = (
        "SELECT id, kind, value, lead_id, is_verified, opened_at, said, is_claim, given_at"
        " FROM leads_binding"
    )
    found = rows.select_in(
        cursor, f"{columns} WHERE closed_at IS NULL AND lead_id {{in}}", work.leads, vendor=vendor
    )
    found += rows.select_in(
        cursor,
        f"{columns} WHERE closed_at IS NULL AND lead_id IS NULL AND (kind, value) {{in}}",
        keys,
        vendor=vendor,
    )
    for identity, kind, value, lead_id, is_verified, opened_us, said, is_claim, given_us in found:
        lead = None if lead_id is None else work.leads[as_uuid(lead_id)]
        held = Held(kind, value, lead, bool(is_verified), opened_us, identity)
        held.said, held.is_claim, held.given_us = as_list(said), bool(is_claim), given_us
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
