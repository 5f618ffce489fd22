"""The line that serves the user's objective, and when there is none."""

from typing import Any

import pytest

from leadline.analytics import advice, objective
from leadline.analytics.advice import Climb
from leadline.analytics.objective import NotAnObjective, Objective
from leadline.analytics.ranking import Step
from leadline.analytics.shares import Share
from leadline.criteria.nodes import MICRO

PER_HOUR = Objective()
PUBLISHED = {30: (100, 5), 35: (100, 5), 40: (100, 5), 45: (100, 5), 50: (50, 15), 60: (50, 15)}
"""The published example: 50 points and more convert at 30 %, 30 to 50 at 5 %."""


def once(leads: dict[int, tuple[int, int]], *, days: float = 0.0) -> Climb:
    """Every lead came once, at the only score it ever had: points → (leads, won)."""
    steps = [Step(points * MICRO, *leads[points]) for points in sorted(leads)]
    return Climb(reached=steps, held=[], begun=[], peaks=steps, working_days=days)


@pytest.mark.parametrize(
    "aim",
    [
        PER_HOUR,
        # A call pays from 10 % on: 30 % does, 5 % does not.
        Objective(kind="value", value=1_000, cost=100),
        Objective(kind="value", value=1_000, cost=290),
    ],
)
def test_the_published_example_gives_50(aim: Objective) -> None:
    found = advice.advise(once(PUBLISHED), aim)
    assert (found["line"], found["objective"]) == (50, aim.kind)
    assert found["over"] == {
        "leads": 100, "won": 30, "rate": 0.3, "low": 0.218949, "high": 0.395849,
    }  # fmt: skip
    assert found["below"]["rate"] == 0.05  # type: ignore[index]
    assert found["sentence"] == (
        "50: of the leads that come over it 30 % were won (22 % to 40 %), below it 5 %."
    )


def test_cheap_calls_reach_further_down_and_dear_ones_nowhere() -> None:
    cheap = advice.advise(once(PUBLISHED), Objective(kind="value", value=1_000, cost=40))
    assert cheap["line"] == 30
    assert cheap["sentence"] == "Call everybody: 10 % were won (8 % to 13 %)."
    # 50 of 500 won; each call 100·… : 0.1·1000 - 40.
    assert (cheap["unit"], cheap["expected"]) == ("money_per_call", 60)
    dear = advice.advise(once(PUBLISHED), Objective(kind="value", value=1_000, cost=310))
    assert dear["line"] is None
    assert dear["sentence"] == "no line: a call costs more than it brings"


def test_three_reps_with_twenty_calls_a_day_fill_their_calendar_from_62() -> None:
    # 20 leads a score from 40 to 99 in 10 working days: 2 a day each. From 70 on that is 60 a
    # day, the 60 calls of three reps: but 8 a day at 62 to 65 fill what 52 from 66 on leave.
    leads = {points: (20, points // 10) for points in range(40, 62)}
    leads |= {points: (16, points // 10) for points in range(62, 66)}
    leads |= {points: (16, points // 10) for points in range(66, 99)}
    leads[99] = (8, 7)
    # Over 62: (4 + 33)·16 + 8 = 600 leads in 10 days.
    aim = Objective(reps=3, calls_a_day=20)
    found = advice.advise(once(leads, days=10.0), aim)
    assert (found["line"], found["leads_a_day"]) == (62, 60)
    assert str(found["sentence"]).startswith("3 reps × 20 calls a day: 62. Of the leads that")
    won = sum(each[1] for points, each in leads.items() if points >= 62)
    # 60 calls a day in 3 × 8 hours.
    assert found["expected"] == round(60 * won / 600 / 24, 6)
    assert found["unit"] == "conversions_per_rep_hour"


def test_who_has_more_calls_than_leads_calls_them_all() -> None:
    found = advice.advise(once(PUBLISHED, days=100.0), Objective(reps=50, calls_a_day=100))
    assert (found["line"], found["leads_a_day"]) == (30, 5)


def test_fourteen_conversions_are_not_enough() -> None:
    few = {30: (100, 4), 50: (40, 10)}
    found = advice.advise(once(few), PER_HOUR)
    assert found["line"] is None
    assert found["sentence"] == "not enough data: 14 of 30 conversions"


def test_a_score_that_says_nothing_gives_no_line() -> None:
    same = dict.fromkeys(range(10, 60, 10), (100, 20))
    found = advice.advise(once(same), Objective(reps=1, calls_a_day=5))
    assert found["sentence"] == "not enough data: the history is too short to count leads a day"
    found = advice.advise(once(same, days=50.0), Objective(reps=1, calls_a_day=4))
    assert found["line"] is None
    assert found["sentence"] == "no line: leads above and below it were won alike"


def test_two_lucky_leads_make_no_line() -> None:
    lucky = PUBLISHED | {90: (2, 2)}
    assert advice.advise(once(lucky), PER_HOUR)["line"] == 50


def test_a_lead_counts_once_for_each_line_when_it_first_comes_over_it() -> None:
    # One lead at 10, 40, 20, 45, won only within the horizon of the last look; another one at 10.
    # It is over 40 from the second look on, which was not won; over 45 from the last, which was.
    # Before the second it held 10, before the third 20 (of 40), before the fourth 40.
    reached = [
        Step(10 * MICRO, 2, 0),
        *(Step(each * MICRO, 1, each // 45) for each in (20, 40, 45)),
    ]
    held = [Step(10 * MICRO, 1, 0), Step(20 * MICRO, 1, 0), Step(40 * MICRO, 1, 1)]
    peaks = [Step(10 * MICRO, 1, 0), Step(45 * MICRO, 1, 1)]
    climb = Climb(reached, held, [], peaks, 0.0)
    found = {line.at // MICRO: line.over for line in advice.lines(climb)}
    assert found == {10: Share(0, 2), 40: Share(0, 1), 45: Share(1, 1)}


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ([], "/objective"),
        ({"kind": "luck"}, "/objective/kind"),
        ({"goal": 1}, "/objective/goal"),
        ({"reps": 3}, "/objective/calls_a_day"),
        ({"calls_a_day": 3}, "/objective/reps"),
        ({"reps": 0, "calls_a_day": 3}, "/objective/reps"),
        ({"reps": True, "calls_a_day": 3}, "/objective/reps"),
        ({"kind": "value"}, "/objective/value"),
        ({"kind": "value", "value": -1}, "/objective/value"),
        ({"kind": "value", "value": "much"}, "/objective/value"),
        ({"kind": "value", "value": float("nan")}, "/objective/value"),
        ({"hours_a_day": True}, "/objective/hours_a_day"),
    ],
)
def test_what_cannot_be_aimed_at_is_refused_with_its_path(document: Any, path: str) -> None:
    with pytest.raises(NotAnObjective) as refused:
        objective.read(document)
    assert refused.value.path == path


def test_without_a_word_the_aim_is_conversions_per_rep_hour() -> None:
    assert objective.read(None) == objective.read({}) == Objective()
    assert objective.read({"reps": 3, "calls_a_day": 20}).capacity == 60
