"""Instants, points and marks as people read them; sums and edges in the tables."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from leadline.timeline import queries
from leadline.web import figures, labels, moments

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "just now"), (44, "just now"), (45, "45 s ago"), (60, "1 min ago"),
        (3599, "59 min ago"), (3600, "1 h ago"), (86_400, "1 d ago"), (59 * 86_400, "59 d ago"),
        (90 * 86_400, "3 mo ago"), (800 * 86_400, "2 y ago"), (-4, "just now"),
        (-61, "in 1 min"), (-7200, "in 2 h"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: int, said: str) -> None:
    assert moments.relative(NOW - timedelta(seconds=seconds), now=NOW) == said


@pytest.mark.parametrize(
    ("left", "face", "urgency"),
    [
        (0, "0:00", "soon"), (59, "0:59", "soon"), (119, "1:59", "soon"), (120, "2:00", "calm"),
        (3599, "59:59", "calm"), (3600, "1 h 00", "calm"), (7500, "2 h 05", "calm"),
        (86_400 + 3 * 3600, "1 d 3 h", "calm"), (-1, "1 s late", "late"),
        (-720, "12 min late", "late"), (-90_000, "1 d late", "late"),
    ],
)  # fmt: skip
def test_a_countdown_and_how_urgent_it_is(left: int, face: str, urgency: str) -> None:
    due_at = NOW + timedelta(seconds=left)
    assert moments.countdown(due_at, now=NOW) == face
    assert moments.urgency(due_at, now=NOW) == urgency


def test_the_exact_time_is_in_the_readers_zone() -> None:
    with timezone.override(ZoneInfo("Asia/Kathmandu")):
        assert moments.exact(NOW) == "Tue 10 Mar 2026, 15:15 +0545"
    with timezone.override(ZoneInfo("Europe/Berlin")):
        late = datetime(2026, 3, 9, 23, 30, tzinfo=UTC)
        # Half past midnight in Berlin: the same day as NOW there, the day before in UTC.
        assert moments.heading(late, now=NOW) == "Today"
    with timezone.override(ZoneInfo("UTC")):
        assert moments.heading(late, now=NOW) == "Yesterday"


@pytest.mark.parametrize(
    ("micro", "exact", "whole", "signed"),
    [
        (0, "0", "0", "+0"), (15_000_000, "15", "15", "+15"), (7_500_000, "7.5", "7", "+7.5"),
        (49_999_999, "49.9", "49", "+49.9"), (-30_000_000, "-30", "-30", "−30"),
        (-999_999, "-0.9", "0", "−0.9"), (99_999, "0", "0", "+0"), (-99_999, "0", "0", "+0"),
    ],
)  # fmt: skip
def test_points_are_cut_and_never_rounded_up(
    micro: int, exact: str, whole: str, signed: str
) -> None:
    assert figures.points(micro) == exact
    assert figures.whole_points(micro) == whole
    assert figures.signed_points(micro) == signed


@given(st.integers(-(10**12), 10**12))
def test_no_more_points_are_shown_than_there_are(micro: int) -> None:
    assert abs(float(figures.points(micro).replace(",", ""))) * 1_000_000 <= abs(micro) + 1e-3


@pytest.mark.parametrize(
    ("name", "mark"),
    [
        ("Grace Lindqvist", "GL"), ("ada@example.com", "AC"), ("Madonna", "M"), ("", "?"),
        ("<script>", "?"), ("李 雷", "李雷"), ("Anna van der Berg", "AB"),
        ("王小明", "王"), ("محمد علي", "م"), ("محمد", "م"), ("Łukasz Żak", "ŁŻ"),
        ("3M Norge", "3N"),
    ],
)  # fmt: skip
def test_a_name_has_a_mark_of_two_letters(name: str, mark: str) -> None:
    assert figures.initials(name) == mark


@given(st.text())
def test_any_name_has_a_mark_and_a_tint(name: str) -> None:
    assert figures.initials(name)
    assert figures.tint(name) in {"t0", "t1", "t2", "t3"}


def test_a_stage_of_ones_own_is_spelled_out() -> None:
    assert labels.stage("mql") == "MQL"
    assert labels.stage("in_review") == "In review"


@pytest.mark.parametrize(
    ("form", "purpose", "said"),
    [
        ("demo", "demo", "Submitted the form demo"),
        ("ebook", "download", "Submitted the form ebook (download)"),
        ("talk", "call_back", "Submitted the form talk (call back)"),
    ],
)
def test_a_submission_is_told_once_and_in_words(form: str, purpose: str, said: str) -> None:
    found = queries.sentence("Form Submitted", {"form": form, "purpose": purpose})
    assert found == said
