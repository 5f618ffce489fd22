"""How long a verdict is certain."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib.clock import DAY, HOUR, MINUTE
from tests.criteria.examples import NOW, instants_between, offsets, read, rules, snapshots

A_LONG_TIME = 4_000 * DAY


@settings(max_examples=500, deadline=None)
@given(rule=rules, snapshot=snapshots, offset=offsets, data=st.data())
def test_evaluating_anywhere_before_until_gives_the_same_verdict(
    rule: object, snapshot: Snapshot, offset: int, data: st.DataObject
) -> None:
    node = read(rule)
    verdict = evaluate(node, snapshot, NOW, day_offset_minutes=offset)
    end_us = NOW + A_LONG_TIME if verdict.until_us is None else verdict.until_us
    assert end_us > NOW
    for at_us in data.draw(instants_between(NOW, end_us)):
        again = evaluate(node, snapshot, at_us, day_offset_minutes=offset)
        assert again.holds == verdict.holds, at_us - NOW


@settings(max_examples=200, deadline=None)
@given(rule=rules, snapshot=snapshots, offset=offsets)
def test_walking_from_until_to_until_misses_no_change(
    rule: object, snapshot: Snapshot, offset: int
) -> None:
    node = read(rule)
    at_us, known = NOW, []
    for _ in range(60):
        verdict = evaluate(node, snapshot, at_us, day_offset_minutes=offset)
        if verdict.until_us is None:
            break
        known.append((at_us, verdict.until_us, verdict.holds))
        at_us = verdict.until_us
    for start_us, end_us, holds in known:
        halfway_us = (start_us + end_us) // 2
        assert evaluate(node, snapshot, halfway_us, day_offset_minutes=offset).holds == holds
    assert len(known) < 60  # every event comes once and leaves once, so it ends


def opened(*occurred_us: int) -> Snapshot:
    """A lead that opened e-mails at these instants."""
    return Snapshot(
        events=by_name(Event(n, "Email Opened", at) for n, at in enumerate(occurred_us, start=1))
    )


@pytest.mark.parametrize(
    ("rule", "occurred_us", "holds", "until_us"),
    [
        # Two needed within 24 h: it ends when the older of the two newest is 24 h old.
        (
            {"did": "Email Opened", "at_least": 2, "within": "24h"},
            (NOW - 23 * HOUR, NOW - 2 * HOUR, NOW - HOUR),
            True,
            NOW + 22 * HOUR,
        ),
        # One missing: nothing but a new event can change that.
        ({"did": "Email Opened", "at_least": 2, "within": "24h"}, (NOW - HOUR,), False, None),
        # For ever: once done, always done.
        ({"did": "Email Opened"}, (NOW - 900 * DAY,), True, None),
        # Nothing within 60 minutes becomes true when the newest is 60 minutes old.
        (
            {"did_not": "Email Opened", "within": "60m"},
            (NOW - 5 * MINUTE,),
            False,
            NOW + 55 * MINUTE,
        ),
        ({"did_not": "Email Opened", "within": "60m"}, (NOW - 90 * MINUTE,), True, None),
        # Whole days: on the 10th an event of the 8th is 2 days old, within 2d through the 10th.
        ({"did": "Email Opened", "within": "2d"}, (NOW - 2 * DAY,), True, NOW - NOW % DAY + DAY),
        # An event dated 5 minutes ahead begins to exist then.
        ({"did": "Email Opened", "within": "24h"}, (NOW + 5 * MINUTE,), False, NOW + 5 * MINUTE),
    ],
)
def test_the_end_of_a_window_is_exact(
    rule: object, occurred_us: tuple[int, ...], holds: bool, until_us: int | None
) -> None:
    node, snapshot = read(rule), opened(*occurred_us)
    verdict = evaluate(node, snapshot, NOW, day_offset_minutes=0)
    assert (verdict.holds, verdict.until_us) == (holds, until_us)
    if until_us is not None:
        assert evaluate(node, snapshot, until_us, day_offset_minutes=0).holds is not holds


def test_a_verdict_keeps_exact_instants_and_day_boundaries_apart() -> None:
    node = read(
        {
            "all": [
                {"did": "Email Opened", "within": "24h"},
                {"did": "Email Opened", "within": "7d"},
            ]
        }
    )
    verdict = evaluate(node, opened(NOW - HOUR), NOW, day_offset_minutes=60)
    assert verdict.due_us == NOW + 23 * HOUR
    assert verdict.revalue_day == NOW // DAY + 8  # 7 days old through the 7th day, not the 8th
    assert verdict.until_us == verdict.due_us


def test_a_day_boundary_is_where_the_fixed_offset_puts_it() -> None:
    node = read({"did": "Email Opened", "within": "1d"})
    verdict = evaluate(node, opened(NOW), NOW, day_offset_minutes=330)
    # The day after tomorrow begins at 18:30 UTC tomorrow, five and a half hours before UTC's.
    assert verdict.until_us == (NOW // DAY + 2) * DAY - 330 * MINUTE


def test_since_becomes_true_exactly_then() -> None:
    lead = Snapshot(facts={"since.last_touch": NOW - 3 * HOUR, "stage_since": NOW})
    hours = evaluate(
        read({"since": "last_touch", "at_least": "4h"}), lead, NOW, day_offset_minutes=0
    )
    assert (hours.holds, hours.until_us) == (False, NOW + HOUR)
    days = evaluate(read({"since": "stage", "at_least": "14d"}), lead, NOW, day_offset_minutes=0)
    assert (days.holds, days.revalue_day, days.due_us) == (False, NOW // DAY + 14, None)
    later_us = (NOW // DAY + 14) * DAY
    assert evaluate(
        read({"since": "stage", "at_least": "14d"}), lead, later_us, day_offset_minutes=0
    ).holds
