"""Two versions of a model compared, as sentences."""

from copy import deepcopy
from typing import Any

import pytest
from django.utils import translation

from leadline.scoring import complexity, differences, rules
from tests.criteria.examples import VOCABULARY

BEFORE: dict[str, Any] = {  # JSON
    "name": "Test",
    "thresholds": {"mql": 50},
    "fit": [
        {"name": "Seniority", "first_of": [
            {"when": {"trait": "title_seniority", "is": "c_level"}, "points": 20},
            {"when": {"trait": "title_seniority", "is": "vp"}, "points": 15},
        ]},
        {"name": "Size", "when": {"trait": "company.employee_count", "gte": 200}, "points": 10},
    ],
    "engagement": [
        {"name": "Pricing page visit", "each": {"did": "Page Viewed"}, "points": 15, "cap": 45,
         "half_life": "30d"},
        {"name": "Webinar attended", "each": {"did": "Webinar Attended"}, "points": 10, "cap": 20},
    ],
}  # fmt: skip


def parsed(document: dict[str, Any]) -> rules.Model:
    return rules.parse_model(document, vocabulary=VOCABULARY)


def told(**changes: Any) -> list[str]:  # Any: where to put what
    """What is said after these changes; a key is the path with `__` between its steps."""
    after = deepcopy(BEFORE)
    for path, value in changes.items():
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        place: Any = after  # lists and objects
        for step in steps:
            place = place[step]
        if value is None:
            del place[last]
        elif last == len(place):
            place.append(value)
        else:
            place[last] = value
    return differences.sentences(parsed(BEFORE), parsed(after))


NEW = {"name": "Reply", "when": {"did": "Email Opened", "within": "7d"}, "points": 5}
BANDS = BEFORE["fit"][0]["first_of"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, []),
        ({"engagement__0__points": 25}, ["Pricing page visit: 15 → 25 points"]),
        ({"engagement__1__cap": None}, ["Webinar attended: limit 20 → none"]),
        ({"engagement__1__half_life": "60d"},
         ["Webinar attended: half as much after never → 60 days"]),
        ({"engagement__2": NEW},
         ["New rule: Reply: opened an e-mail within 7 days, 5 points"]),
        ({"engagement__1": None},
         ["Removed: Webinar attended: attended a webinar, 10 points each time, at most 20"]),
        ({"engagement__1__name": "Webinar"}, ["Renamed: Webinar attended → Webinar"]),
        ({"fit__1__when__gte": 500},
         ["Size: “company employee count is at least 200” → "
          "“company employee count is at least 500”"]),
        ({"fit__0__first_of__1__points": 12}, ["Seniority, title seniority is vp: 15 → 12 points"]),
        ({"fit__0__first_of__2": {"when": {"trait": "title_seniority", "is": "manager"},
                                  "points": 5}},
         ["Seniority: new case, title seniority is manager: 5 points"]),
        ({"fit__0__first_of__0": None}, ["Seniority: no more case for title seniority is c_level"]),
        ({"fit__0__first_of": BANDS[::-1]}, ["Seniority: the cases are tried in another order"]),
        ({"engagement__0__each__within": "7d"},
         ["Pricing page visit: “visited a page” → “visited a page within 7 days”"]),
        ({"fit__1": None, "engagement__2": BEFORE["fit"][1]}, ["Size: fit → engagement"]),
        ({"engagement__1": {**NEW, "name": "Webinar attended"}},
         ["Written anew: Webinar attended: opened an e-mail within 7 days, 5 points"]),
        ({"thresholds": {"mql": 60, "sql": 80}, "cap": 100, "floor": -10},
         ["Lowest score: none → -10", "Highest score: none → 100",
          "Threshold of “mql”: 50 → 60", "Threshold of “sql”: none → 80"]),
    ],
)  # fmt: skip
def test_what_changed_is_said(changes: dict[str, Any], said: list[str]) -> None:
    assert told(**changes) == said


def test_the_sentences_are_in_the_language_of_the_reader() -> None:
    with translation.override("de"):
        assert told(engagement__1__cap=None) == ["Webinar attended: Grenze 20 → keine"]


def test_a_model_of_many_rules_or_conditions_is_called_complex_with_its_numbers() -> None:
    assert complexity.measure(parsed(BEFORE)) == complexity.Complexity(rules=4, conditions=5)
    assert complexity.warning(parsed(BEFORE)) == ""
    many = deepcopy(BEFORE)
    many["engagement"] += [{**NEW, "name": f"Rule {n}"} for n in range(17)]
    said = complexity.warning(parsed(many))
    assert said.startswith("21 rules with 22 conditions")
    few = deepcopy(BEFORE)
    few["fit"][1]["when"] = {"any": [{"not": few["fit"][1]["when"]}] * 60}
    assert complexity.warning(parsed(few)).startswith("4 rules with 64 conditions")
