"""Whether one rule holds whenever another does, and what names a person."""

import pytest
from hypothesis import given, settings

from leadline.criteria import identifiers
from leadline.criteria.covering import covers
from leadline.criteria.errors import CriterionError
from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Snapshot
from tests.criteria.examples import NOW, read, score_rules, snapshots

SIZE = "company.employee_count"
VP = {"trait": "title_seniority", "is": "vp"}
OPENED = {"did": "Email Opened"}


@pytest.mark.parametrize(
    ("earlier", "later", "holds"),
    [
        ({"trait": SIZE, "gte": 50}, {"trait": SIZE, "gte": 200}, True),
        ({"trait": SIZE, "gte": 200}, {"trait": SIZE, "gte": 50}, False),
        ({"trait": SIZE, "gte": 50}, {"trait": SIZE, "gt": 50}, True),
        ({"trait": SIZE, "gt": 50}, {"trait": SIZE, "gte": 50}, False),
        ({"trait": SIZE, "between": [10, 50]}, {"trait": SIZE, "gte": 10, "lt": 50}, True),
        ({"trait": SIZE, "gte": 10, "lt": 50}, {"trait": SIZE, "between": [10, 50]}, False),
        ({"trait": SIZE, "gte": 10, "lt": 50}, {"trait": SIZE, "is": 20}, True),
        ({"trait": SIZE, "gte": 10, "lt": 50}, {"trait": SIZE, "in": [20, 60]}, False),
        ({"trait": SIZE, "exists": True}, {"trait": SIZE, "lt": 5}, True),
        ({"trait": SIZE, "exists": False}, {"trait": SIZE, "lt": 5}, False),
        ({"trait": SIZE, "gte": 5}, VP, False),
        ({"trait": "title_seniority", "in": ["vp", "c_level"]}, VP, True),
        ({"trait": "title_seniority", "is_not": "manager"}, VP, True),
        ({"trait": "birthday", "gte": "1980-01-01"}, {"trait": "birthday", "gte": "1990-01-01"},
         True),
        ({"trait": "tags", "in": ["a", "b"]}, {"trait": "tags", "in": ["a"]}, False),
        ({"any": [VP, OPENED]}, {"all": [OPENED, {"trait": SIZE, "gte": 1}]}, True),
        ({"all": [VP, OPENED]}, VP, False),
        (OPENED, {"did": "Email Opened", "at_least": 3, "within": "7d"}, True),
        ({"did": "Email Opened", "within": "7d"}, OPENED, False),
        ({"did": "Email Opened", "within": "1d"}, {"did": "Email Opened", "within": "24h"}, True),
        ({"did": "Email Opened", "within": "24h"}, {"did": "Email Opened", "within": "1d"}, False),
    ],
)  # fmt: skip
def test_a_rule_that_always_holds_first_is_seen(
    earlier: object, later: object, holds: bool
) -> None:
    assert covers(read(earlier), read(later)) is holds


@settings(max_examples=300)
@given(one=score_rules, other=score_rules, lead=snapshots)
def test_what_is_said_to_cover_does(one: object, other: object, lead: Snapshot) -> None:
    first, second = read(one), read(other)
    if covers(first, second):
        holds = [evaluate(each, lead, NOW, day_offset_minutes=0).holds for each in (first, second)]
        assert holds != [False, True]
    assert covers(first, first)
    assert covers(read({"any": [one, other]}), second)


@pytest.mark.parametrize(
    "name", ["email", "phone", "first_name", "user_id", "ip", "message", "title"]
)
def test_what_names_a_person_or_was_written_by_hand_cannot_be_asked_for(name: str) -> None:
    asks = {"event": "Form Submitted", "where": {name: {"ends": "@x.example"}}}
    inner = {"did": ["Email Opened", asks]}
    with pytest.raises(CriterionError) as caught:
        identifiers.refuse({"all": [VP, inner]}, path="/when")
    assert caught.value.path == f"/when/all/1/did/1/where/{name}"
    identifiers.refuse({"did": "Form Submitted", "where": {"purpose": {"is": "demo"}}})
