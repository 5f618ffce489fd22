"""When to look at a lead again: the earliest moment at which any of its verdicts may change."""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec
from django.db import connection

from leadline.criteria.span import NEVER
from leadline.lib import rows
from leadline.lib.ids import as_uuid


class Next(msgspec.Struct):
    """The next moments of a lead; NEVER where nothing changes by itself."""

    lead_id: UUID
    due_us: int
    revalue_day: int
    total: int
    # The part that comes from segments.
    segments_due_us: int = NEVER
    segments_day: int = NEVER


Plan = tuple[int | None, int | None, int, int | None, int | None]
Planned = dict[UUID, Plan]
"""By lead: due_at, revalue_on, total, segments_due_at, segments_revalue_on."""

_COLUMNS = ["lead_id", "due_at", "revalue_on", "total", "segments_due_at", "segments_revalue_on"]


def planned(lead_ids: Iterable[UUID]) -> Planned:
    """What is planned for the leads; held until the end of the transaction. One query.

    Ask before anything about the leads is read: who asks for an earlier look meanwhile waits, and
    is not overwritten by a plan that was made without knowing why.
    """
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            f"SELECT {', '.join(_COLUMNS)} FROM flow_checkup WHERE lead_id {{in}}" + _held(),
            lead_ids,
            vendor=connection.vendor,
        )
    return {as_uuid(row[0]): row[1:] for row in found}


def write(following: Iterable[Next], *, before: Planned) -> None:
    """Set the checkups that differ from what was `planned`; one statement."""
    wanted = {each.lead_id: _plan(each) for each in following}
    with connection.cursor() as cursor:
        rows.upsert(
            cursor,
            "flow_checkup",
            _COLUMNS,
            [(key, *value) for key, value in wanted.items() if before.get(key) != value],
            key=["lead_id"],
            vendor=connection.vendor,
        )


def is_due(plan: Plan | None, *, at_us: int, day: int) -> bool:
    """Whether something about the lead may have changed by itself; also for one without a plan."""
    if plan is None:
        return True
    due_us, revalue_day, _total, segments_due_us, segments_day = plan
    moments = [each for each in (due_us, segments_due_us) if each is not None]
    days = [each for each in (revalue_day, segments_day) if each is not None]
    return any(each <= at_us for each in moments) or any(each <= day for each in days)


def due(*, at_us: int, day: int, limit: int) -> list[UUID]:
    """Leads to look at now: sub-day moments first, then the sweep of the day, hottest first."""
    found = _ids(
        "SELECT lead_id FROM flow_checkup WHERE due_at <= %s ORDER BY due_at LIMIT %s",
        [at_us, limit],
    )
    if len(found) < limit:
        found += _ids(
            "SELECT lead_id FROM flow_checkup WHERE revalue_on <= %s"
            " ORDER BY revalue_on, total DESC LIMIT %s",
            [day, limit - len(found)],
        )
    return list(dict.fromkeys(found))


def postpone(lead_id: UUID, *, until_us: int) -> None:
    """Look at this lead at `until_us` and not before, whatever was planned."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE flow_checkup SET due_at = %s, revalue_on = NULL WHERE lead_id = %s",
            [until_us, lead_id],
        )


def ask_for(lead_ids: Iterable[UUID], *, at_us: int) -> None:
    """Look at these leads at `at_us`, or earlier if that was planned."""
    with connection.cursor() as cursor:
        rows.select_in(
            cursor,
            "UPDATE flow_checkup SET due_at = %s WHERE (due_at IS NULL OR due_at > %s)"
            " AND lead_id {in} RETURNING lead_id",
            lead_ids,
            vendor=connection.vendor,
            before=[at_us, at_us],
        )


def ask_for_day(lead_ids: Collection[UUID], *, day: int) -> int:
    """Look at these leads in the sweep of `day`, or of an earlier one if that was planned.

    Returns of how many the plan changed.
    """
    # Held in the order of the ids, as every pass does, so that two never wait for each other.
    planned(lead_ids)
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "UPDATE flow_checkup SET revalue_on = %s WHERE (revalue_on IS NULL OR revalue_on > %s)"
            " AND lead_id {in} RETURNING lead_id",
            lead_ids,
            vendor=connection.vendor,
            before=[day, day],
        )
    return len(found)


def ask_for_companies(company_ids: Iterable[UUID], *, at_us: int) -> None:
    """Look at all leads of these companies: something about the company changed."""
    theirs = "lead_id IN (SELECT id FROM leads_lead WHERE company_id {in})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # In the order of the ids, as every pass does, so that two never wait for each other.
            rows.select_in(
                cursor,
                f"SELECT lead_id FROM flow_checkup WHERE {theirs}" + _held(),
                company_ids,
                vendor=connection.vendor,
            )
        rows.select_in(
            cursor,
            "UPDATE flow_checkup SET due_at = %s WHERE (due_at IS NULL OR due_at > %s)"
            f" AND {theirs} RETURNING lead_id",
            company_ids,
            vendor=connection.vendor,
            before=[at_us, at_us],
        )


def _held() -> str:
    return " ORDER BY lead_id FOR UPDATE" if connection.vendor == "postgresql" else ""


def _ids(sql: str, params: list[int]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [as_uuid(v) for (v,) in cursor.fetchall()]


def _plan(each: Next) -> Plan:
    return (
        _or_none(each.due_us),
        _or_none(each.revalue_day),
        each.total,
        _or_none(each.segments_due_us),
        _or_none(each.segments_day),
    )


def _or_none(moment: int) -> int | None:
    return None if moment == NEVER else moment
