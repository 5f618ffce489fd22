"""Who is looked at at an instant, and what counts as won."""

import ibis
import pyarrow as pa
import pytest

from leadline.analytics import instants, looks
from leadline.analytics.worlds import Worlds
from leadline.lib import clock
from leadline.lib.clock import DAY
from tests.analytics.looking import TABLES, Row, lead, table

AT = 1_000 * DAY
HORIZON = 90 * DAY


def deal(number: int, state: str, opened: int, closed: int | None = None) -> Row:
    """Of a lead, with days around the instant."""
    return {
        "id": f"d{number}-{opened}", "lead_id": f"l{number}", "state": state,
        "opened_us": AT + opened * DAY, "closed_us": None if closed is None else AT + closed * DAY,
        "known_us": 0,
    }  # fmt: skip


def outcomes(leads: list[Row], deals: list[Row]) -> dict[int, int]:
    tables = {"leads": table("leads", leads), "deals": table("deals", deals)}
    found = looks.outcomes(tables, Worlds([AT]), horizon_us=HORIZON).to_pyarrow().to_pydict()
    return dict(zip(found["lead"], found["won"], strict=True))


@pytest.mark.parametrize(
    ("deals", "won"),
    [
        ([], 0),
        ([deal(1, "won", -10, 30)], 1),
        ([deal(1, "won", 10, 90)], 1),  # on the last day of the horizon
        ([deal(1, "won", 10, 91)], 0),
        ([deal(1, "lost", -10, 30)], 0),
        ([deal(1, "open", -10)], 0),
        ([deal(1, "won", -10, 0)], None),  # at the instant itself: it was won before
        ([deal(1, "won", -10, -1), deal(1, "won", 1, 5)], None),
        ([deal(1, "lost", -10, -1)], None),
        ([deal(1, "lost", -10, -1), deal(1, "won", -2, 5)], 1),  # another one was open
        ([deal(1, "lost", -10, -1), deal(1, "won", 2, 5)], None),  # nobody had opened it yet
    ],
)
def test_won_is_won_within_the_horizon_and_nobody_is_looked_at_who_is_done(
    deals: list[Row], won: int | None
) -> None:
    assert outcomes([lead(1)], deals).get(1) == won


def test_looked_at_is_who_was_there_and_is_nobodys_test() -> None:
    leads = [
        lead(1), lead(2, created_us=AT), lead(3, created_us=AT + 1), lead(4, is_test=True),
        lead(5, is_absent=True), lead(6, is_absent=True, lead_no=None),
    ]  # fmt: skip
    assert outcomes(leads, []) == {1: 0, 2: 0}


def test_history_that_was_brought_in_was_known_when_it_happened_and_late_events_stay_late() -> None:
    rows = [
        {"id": 1, "occurred_us": 0, "known_us": 500 * DAY},
        {"id": 2, "occurred_us": 10 * DAY, "known_us": 17 * DAY},
        {"id": 3, "occurred_us": 10 * DAY, "known_us": 17 * DAY + 1},
    ]
    tables = {name: table(name, rows if name == "events" else []) for name in TABLES}
    found = looks.as_it_happened(tables)["events"].to_pyarrow()
    known = dict(zip(*(found[name].to_pylist() for name in ("id", "known_us")), strict=True))
    assert known == {1: 0, 2: 17 * DAY, 3: 10 * DAY}


def test_each_instant_has_its_own_outcomes() -> None:
    tables = {"leads": table("leads", [lead(1), lead(2, created_us=AT)]),
              "deals": table("deals", [deal(1, "won", -100, -50)])}  # fmt: skip
    worlds = Worlds([AT - 100 * DAY, AT])
    found = looks.outcomes(tables, worlds, horizon_us=HORIZON).to_pyarrow()
    # At the first instant one of them was there, at the last one was done.
    assert sorted(found.to_pylist(), key=lambda row: row["at_us"]) == [
        {"at_us": AT - 100 * DAY, "lead": 1, "won": 1},
        {"at_us": AT, "lead": 2, "won": 0},
    ]


def test_what_a_visitor_did_is_the_leads_from_when_they_said_who_they_are() -> None:
    leads = [lead(1, created_us=0), lead(2, created_us=0, known_us=500 * DAY)]
    given = {1: (1, AT), 2: (2, 500 * DAY), 3: (2, AT), 4: (2, None)}
    rows = [{"id": n, "lead_no": no, "given_us": at_us} for n, (no, at_us) in given.items()]
    tables = {"leads": table("leads", leads), "bindings": table("bindings", rows)}
    found = looks.as_it_happened(tables)["bindings"].to_pyarrow().to_pydict()
    # Lead 2 was brought in long after: as soon as there is a lead, the past that came with it is
    # its own. What it said of itself another 500 days later came live.
    expected = {1: AT, 2: None, 3: AT, 4: None}
    assert dict(zip(found["id"], found["given_us"], strict=True)) == expected


@pytest.mark.parametrize(
    ("micro", "tenths"),
    [
        (0, 0), (99_999, 0), (100_000, 1), (49_999_999, 499), (50_000_000, 500),
        (-1, -1), (-100_000, -1), (-100_001, -2), (20_000_000_000_000, 200_000_000),
    ],
)  # fmt: skip
def test_scores_are_rounded_down_to_tenths(micro: int, tenths: int) -> None:
    rows = ibis.memtable(pa.table({"micro": pa.array([micro], pa.int64())}))
    assert rows.select(t=looks.tenths(rows.micro)).to_pyarrow()["t"].to_pylist() == [tenths]


def us(text: str) -> int:
    return clock.micros(clock.parse_iso(text))


def test_months_end_where_the_model_cuts_days() -> None:
    found = instants.month_ends(
        us("2026-01-31T22:59:59.999999Z"), us("2026-03-31T22:00Z"), day_offset_minutes=60
    )
    assert found == [us("2026-01-31T22:59:59.999999Z"), us("2026-02-28T22:59:59.999999Z")]
    assert instants.month_ends(us("2025-12-31T23:00Z"), us("2026-01-31T22:59Z"),
                               day_offset_minutes=60) == []  # fmt: skip


def test_an_instant_whose_horizon_is_not_over_is_left_out_and_named() -> None:
    found = instants.chosen(
        us("2025-01-15T00:00Z"), us("2026-03-10T09:30Z"), horizon_days=90, day_offset_minutes=0,
        most=3,
    )  # fmt: skip
    assert [clock.from_micros(each).strftime("%Y-%m-%d") for each in found.over] == [
        "2025-09-30", "2025-10-31", "2025-11-30",
    ]  # fmt: skip
    assert [clock.from_micros(each).strftime("%Y-%m-%d") for each in found.open] == [
        "2025-12-31", "2026-01-31", "2026-02-28",
    ]  # fmt: skip


def test_of_each_week_five_days_are_worked() -> None:
    assert instants.working_days([0, 3 * DAY, 28 * DAY]) == 20
    assert instants.working_days([5]) == instants.working_days([]) == 0
