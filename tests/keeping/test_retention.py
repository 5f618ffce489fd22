"""Seven days and four weeks are kept, and nothing older: what was erased must be gone from them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadline.keeping import retention

NOW = datetime(2026, 3, 11, 0, 5, tzinfo=UTC)  # a Wednesday


def nights(count: int) -> list[datetime]:
    return [NOW - timedelta(days=number) for number in range(count)]


def test_of_a_hundred_nights_seven_days_and_four_weeks_stay() -> None:
    kept = retention.kept(nights(100), now=NOW)
    # 11 to 5 March, and the last of each of four weeks: 11 (this one), 8, 1 March, 22 February.
    assert sorted({(at.month, at.day) for at in kept}) == [
        (2, 22), (3, 1), (3, 5), (3, 6), (3, 7), (3, 8), (3, 9), (3, 10), (3, 11),
    ]  # fmt: skip


def test_of_one_day_the_newest_stays() -> None:
    hours = [NOW - timedelta(minutes=number) for number in range(5)]
    assert retention.kept(hours, now=NOW) == {NOW}


def test_the_newest_of_all_stays_however_old() -> None:
    old = NOW - timedelta(days=300)
    assert retention.kept([old, old - timedelta(days=1)], now=NOW) == {old}


@given(st.sets(st.integers(0, 2_000), min_size=1))
def test_at_most_eleven_stay_and_all_but_the_newest_are_younger_than_35_days(
    ages_hours: set[int],
) -> None:
    made = [NOW - timedelta(hours=hours) for hours in ages_hours]
    kept = retention.kept(made, now=NOW)
    assert max(made) in kept
    assert len(kept) <= retention.DAYS + retention.WEEKS
    assert all(NOW - at < timedelta(days=35) for at in kept - {max(made)})
