"""Days are cut at a fixed offset: nothing jumps when clocks are put forward or back."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from leadline.analytics import instants
from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib import clock
from leadline.lib.clock import DAY, HOUR
from leadline.scoring import rules, tally
from tests.criteria.examples import VOCABULARY, read

pytestmark = pytest.mark.pure
BERLIN = 60
"""Minutes: what its clocks say in winter, all year."""

# The days around 29 March 2026, 01:00 UTC, and 25 October 2026, 01:00 UTC.
CHANGES = [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]


def opened(at: datetime) -> Snapshot:
    return Snapshot(events=by_name([Event(1, "Email Opened", clock.micros(at))]))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("days", [1, 2, 7])
@pytest.mark.parametrize("hours", range(-50, 50, 7))
def test_a_window_of_days_ends_where_winters_day_does(
    change: datetime, days: int, hours: int
) -> None:
    at = change + timedelta(hours=hours)
    verdict = evaluate(
        read({"did": "Email Opened", "within": f"{days}d"}), opened(at), clock.micros(at),
        day_offset_minutes=BERLIN,
    )  # fmt: skip
    assert verdict.until_us is not None
    until = clock.from_micros(verdict.until_us)
    assert (until.hour, until.minute, until.second, until.microsecond) == (23, 0, 0, 0)
    assert timedelta(days=days) < until - at <= timedelta(days=days + 1)


@pytest.mark.parametrize("change", CHANGES)
def test_points_fade_once_a_day_at_the_same_instant_of_the_day(change: datetime) -> None:
    fading = {"name": "Opens", "each": {"did": "Email Opened"}, "points": 16, "half_life": "1d"}
    document = {"name": "Fading", "fit": None, "engagement": [fading]}
    model = rules.parse_model(document, vocabulary=VOCABULARY, day_offset_minutes=BERLIN)
    begin = change.replace(hour=0) - timedelta(days=2)
    lead, seen = opened(begin), []
    for hour in range(24 * 4):
        at_us = clock.micros(begin) + hour * HOUR
        seen.append((at_us, tally.total_only(model, lead, at_us).total))
    falls = [at_us for (_, before), (at_us, after) in pairwise(seen)
             if after != before]  # fmt: skip
    assert [total for _, total in seen[::24]] == [16_000_000 >> age for age in range(4)]
    assert [(each + HOUR) % DAY for each in falls] == [0] * 4


def test_months_end_at_the_same_instant_of_the_day_all_year() -> None:
    first, last = (clock.micros(datetime(year, 1, 1, tzinfo=UTC)) for year in (2026, 2027))
    found = instants.month_ends(first, last, day_offset_minutes=BERLIN)
    assert len(found) == 12
    assert {(each + 1 + HOUR) % DAY for each in found} == {0}
    assert {(later - each) % DAY for each, later in pairwise(found)} == {0}
