"""Which events count, and when."""

import pytest

from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib.clock import DAY, HOUR, MINUTE
from tests.criteria.examples import NOW, read

MIDNIGHT = NOW - NOW % DAY


def holds(rule: object, *events: Event, at_us: int = NOW, offset: int = 0) -> bool:
    """Whether the rule holds for a lead with these events."""
    snapshot = Snapshot(events=by_name(events))
    return evaluate(read(rule), snapshot, at_us, day_offset_minutes=offset).holds


def viewed(occurred_us: int, number: int = 1, **properties: object) -> Event:
    return Event(number, "Page Viewed", occurred_us, properties)


@pytest.mark.parametrize(
    ("within", "age_us", "is_within"),
    [
        ("24h", 0, True),  # 0 <= now - then
        ("24h", -1, False),  # one microsecond ahead: not yet
        ("24h", 24 * HOUR - 1, True),
        ("24h", 24 * HOUR, False),  # now - then < 24 h
        ("90m", 90 * MINUTE - 1, True),
        ("90m", 90 * MINUTE, False),
        ("1d", NOW - MIDNIGHT, True),  # today at 00:00, age 0
        ("1d", NOW - MIDNIGHT + DAY, True),  # yesterday at 00:00, age 1: 33.5 hours ago
        ("1d", NOW - MIDNIGHT + DAY + 1, False),  # the last instant of the day before, age 2
        ("1w", NOW - MIDNIGHT + 7 * DAY, True),
        ("7d", NOW - MIDNIGHT + 7 * DAY + 1, False),
    ],
)
def test_a_window_has_a_sharp_edge(within: str, age_us: int, is_within: bool) -> None:
    assert holds({"did": "Page Viewed", "within": within}, viewed(NOW - age_us)) is is_within
    assert (
        holds({"did_not": "Page Viewed", "within": within}, viewed(NOW - age_us)) is not is_within
    )


def test_a_day_and_twenty_four_hours_are_different() -> None:
    event = viewed(NOW - 30 * HOUR)  # yesterday morning
    assert holds({"did": "Page Viewed", "within": "1d"}, event)
    assert not holds({"did": "Page Viewed", "within": "24h"}, event)


def test_days_are_cut_at_the_fixed_offset_whatever_summer_time_does() -> None:
    # 29 March 2026, 01:00 UTC: Berlin's clocks go from 02:00 to 03:00. The offset stays +60.
    last_of_march_28 = 20_541 * DAY - HOUR - 1  # 28 March, 23:59:59.999999 at +60
    rule = {"did": "Page Viewed", "within": "1d"}
    event = viewed(last_of_march_28)
    last_of_march_29 = last_of_march_28 + DAY
    assert holds(rule, event, at_us=last_of_march_29, offset=60)
    assert not holds(rule, event, at_us=last_of_march_29 + 1, offset=60)  # the 30th: 2 days old


def test_what_is_still_to_come_does_not_exist() -> None:
    assert not holds({"did": "Page Viewed"}, viewed(NOW + 1))
    assert holds({"did_not": "Page Viewed", "within": "7d"}, viewed(NOW + 1))
    assert holds({"did": "Page Viewed"}, viewed(NOW + 1), at_us=NOW + 1)


def test_what_does_not_count_is_not_counted() -> None:
    machine = Event(2, "Page Viewed", NOW, {}, counts=False)
    assert not holds({"did": "Page Viewed", "at_least": 2}, viewed(NOW), machine)
    assert holds({"did": "Page Viewed", "at_least": 2}, viewed(NOW), viewed(NOW, 2))


def test_where_asks_for_properties_of_the_same_event() -> None:
    rule = {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}, "visits": {"gte": 2}}}
    assert not holds(rule, viewed(NOW, path="/pricing"), viewed(NOW, 2, path="/blog", visits=2))
    assert holds(rule, viewed(NOW, path="/pricing/enterprise", visits=2))


def test_an_event_that_fits_is_found_behind_newer_ones_that_do_not() -> None:
    rule = {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}}, "within": "7d"}
    newer = [viewed(NOW - age, 9 - age, path="/blog") for age in range(3)]
    assert holds(rule, viewed(NOW - HOUR, path="/pricing"), *newer)
    assert not holds(rule, viewed(NOW - 9 * DAY, path="/pricing"), *newer)


def test_one_event_is_counted_once_however_many_alternatives_it_fits() -> None:
    pricing = {"event": "Page Viewed", "where": {"path": {"starts": "/pricing"}}}
    rule = {"did": ["Page Viewed", pricing, "Demo Requested"], "at_least": 2}
    assert not holds(rule, viewed(NOW, path="/pricing"))
    assert holds(rule, viewed(NOW, path="/pricing"), Event(2, "Demo Requested", NOW))


@pytest.mark.parametrize(
    ("opened", "delivered", "expected"),
    [
        (3, 5, True),  # 3 / 5 = 0.6
        (2, 5, False),  # 2 / 5 = 0.4
        (599_999, 0, False),  # nothing delivered: no ratio
        (0, 5, False),
        (7, 5, True),  # opened more often than delivered
    ],
)
def test_a_ratio_compares_whole_numbers(opened: int, delivered: int, expected: bool) -> None:
    opens = [Event(n, "Email Opened", NOW) for n in range(min(opened, 9))]
    mails = [Event(100 + n, "Email Delivered", NOW) for n in range(delivered)]
    rule = {"ratio_of": "Email Opened", "to": "Email Delivered", "at_least": 0.6, "within": "90d"}
    assert holds(rule, *opens, *mails) is expected


def test_a_third_is_no_trap_for_a_ratio() -> None:
    rule = {"ratio_of": "Email Opened", "to": "Page Viewed", "at_least": 0.333333}
    opens = [Event(1, "Email Opened", NOW)]
    assert holds(rule, *opens, *(viewed(NOW, n) for n in range(3)))  # 1 000 000 >= 999 999


def test_properties_are_read_from_stored_json_and_odd_json_is_no_error() -> None:
    rule = {"did": "Page Viewed", "where": {"path": {"is": "/a"}}}
    assert holds(rule, Event(1, "Page Viewed", NOW, '{"path":"/a"}'))
    assert holds(rule, Event(1, "Page Viewed", NOW, b'{"path":"/a"}'))
    for stored in ("", "[]", "{", '"path"', "null", b"\xff", '{"path":{"is":"/a"}}'):
        assert not holds(rule, Event(1, "Page Viewed", NOW, stored))
