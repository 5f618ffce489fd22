"""Reading a score model, and what is refused."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.criteria.errors import CriterionError
from leadline.criteria.nodes import Act
from leadline.criteria.span import Span
from leadline.lib.clock import DAY, HOUR
from leadline.scoring import rules, soundness
from tests.criteria.examples import VOCABULARY
from tests.criteria.test_parse import anything

PRICING = {
    "name": "Pricing page visit",
    "each": {"did": "Page Viewed"},
    "points": 15,
    "cap": 45,
    "half_life": "30d",
}
VIP = {"name": "Senior", "when": {"trait": "title_seniority", "is": "vp"}, "points": 15}
MODEL = {"name": "Ours", "thresholds": {"mql": 50}, "fit": [VIP], "engagement": [PRICING]}


def read(document: object) -> rules.Model:
    return rules.parse_model(document, vocabulary=VOCABULARY)


def test_a_model_is_read_into_micro_points() -> None:
    model = read({**MODEL, "floor": 0, "cap": 99.5})
    assert model.engagement == (
        rules.EachRule(
            "Pricing page visit", (Act("Page Viewed"),), None, 15_000_000, 45_000_000, 30
        ),
    )
    assert model.thresholds_micro == {"mql": 50_000_000}
    assert (model.floor_micro, model.cap_micro) == (0, 99_500_000)
    assert [group for group, _ in model.grouped] == ["fit", "engagement"]


@pytest.mark.parametrize(
    ("change", "path", "allowed"),
    [
        ({"name": None}, "/name", "text of 1 to 120"),
        ({"colour": "red"}, "/colour", "cap, engagement, fit"),
        ({"fit": [], "engagement": None}, "/fit", "a list of 1 to 200"),
        ({"fit": None, "engagement": None}, "", "at least one rule"),
        ({"fit": [{**VIP, "points": 0}]}, "/fit/0/points", "above or below zero"),
        ({"fit": [{**VIP, "points": 1e-7}]}, "/fit/0/points", "six decimals"),
        ({"fit": [{**VIP, "points": "15"}]}, "/fit/0/points", "a number"),
        ({"fit": [{**VIP, "points": 10**9}]}, "/fit/0/points", "a number from -100000"),
        ({"fit": [{**VIP, "when": {"stage": "mql"}}]}, "/fit/0/when/stage", "here: all, any"),
        ({"fit": [{**VIP, "each": {"did": "X"}}]}, "/fit/0", "one of when, each, first_of"),
        ({"fit": [{"name": "x", "points": 1}]}, "/fit/0", "one of when, each, first_of"),
        ({"fit": [VIP, VIP]}, "/fit/1/name", "no other rule has"),
        ({"fit": [{**VIP, "cap": 5}]}, "/fit/0/cap", "name, points, when"),
        ({"engagement": [{**PRICING, "cap": -45}]}, "/engagement/0/cap", "same sign"),
        ({"engagement": [{**PRICING, "cap": 0}]}, "/engagement/0/cap", "above or below"),
        ({"engagement": [{**PRICING, "half_life": "1h"}]}, "/engagement/0/half_life", "whole days"),
        (
            {"engagement": [{**PRICING, "each": {"did": "X", "at_least": 2}}]},
            "/engagement/0/each/at_least",
            "beside did: did, where, within",
        ),
        (
            {"engagement": [{**PRICING, "each": {"did_not": "X"}}]},
            "/engagement/0/each/did_not",
            "here: did",
        ),
        ({"fit": [{"name": "b", "first_of": []}]}, "/fit/0/first_of", "a list of 1 to 50"),
        (
            {"fit": [{"name": "b", "first_of": [{"when": {"did": "X"}}]}]},
            "/fit/0/first_of/0/points",
            "a number",
        ),
        ({"thresholds": {"m q l": 1}}, "/thresholds/m q l", "a name of letters"),
        ({"floor": 10, "cap": 5}, "/floor", "no more than the cap"),
    ],
)  # fmt: skip
def test_an_error_names_the_place_in_the_model(
    change: dict[str, object], path: str, allowed: str
) -> None:
    with pytest.raises(CriterionError) as refusal:
        read({**MODEL, **change})
    assert refusal.value.path == path
    assert allowed in refusal.value.allowed


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from(["fit", "engagement", "when", "each", "first_of", "points"]),
    data=st.data(),
)
def test_anything_at_all_is_a_model_or_a_criterion_error(place: str, data: st.DataObject) -> None:
    found = data.draw(anything)
    document: object = {**MODEL, place: found}
    if place not in rules.GROUPS:
        document = {**MODEL, "fit": [{"name": "x", "points": 1, place: found}]}
    error = None
    try:
        read(document)
    except CriterionError as refusal:
        error = refusal
    assert error is None or str(error).isprintable()


@pytest.mark.parametrize(
    ("each", "half_life", "reach"),
    [
        ({"did": "X"}, None, None),
        ({"did": "X", "within": "14d"}, None, Span(days=14)),
        ({"did": "X"}, "30d", Span(days=300)),  # ten half-lives
        ({"did": "X", "within": "14d"}, "30d", Span(days=14)),
        ({"did": "X", "within": "52w"}, "30d", Span(days=300)),
        ({"did": "X"}, "52w", Span(days=1_095)),
        ({"did": "X", "within": "24h"}, "30d", Span(micros=24 * HOUR)),
    ],
)
def test_events_are_loaded_only_as_far_back_as_they_give_points(
    each: object, half_life: str | None, reach: Span | None
) -> None:
    model = read({**MODEL, "engagement": [{**PRICING, "each": each, "half_life": half_life}]})
    assert isinstance(model.engagement[0], rules.EachRule)
    assert rules.reach(model.engagement[0]) == reach
    assert rules.reads(model).events == {"X": reach and reach.reach_us}


def test_a_model_reads_what_any_of_its_rules_reads() -> None:
    found = rules.reads(read(MODEL))
    assert found.events == {"Page Viewed": 301 * DAY}
    assert found.traits == {"title_seniority"}


def bands(*written: dict[str, object]) -> dict[str, object]:
    """A model of one rule with these cases."""
    cases = [{"when": when, "points": place + 1} for place, when in enumerate(written)]
    return {**MODEL, "fit": [VIP, {"name": "Size", "first_of": cases}]}


def test_a_case_that_an_earlier_one_covers_is_refused_with_both_places() -> None:
    document = bands(
        {"trait": "company.employee_count", "lt": 10},
        {"trait": "company.employee_count", "gte": 50},
        {"trait": "company.employee_count", "gte": 200},
    )
    with pytest.raises(CriterionError) as refusal:
        soundness.read(document, vocabulary=VOCABULARY)
    assert refusal.value.path == "/fit/1/first_of/2/when"
    assert "/fit/1/first_of/1/when" in str(refusal.value)
    assert read(document).fit, "what was published before is still read"


def test_cases_that_leave_something_to_each_other_are_taken() -> None:
    document = bands(
        {"trait": "company.employee_count", "gte": 200},
        {"trait": "company.employee_count", "gte": 50},
    )
    assert soundness.read(document, vocabulary=VOCABULARY) is not None
    asks = {"did": "Form Submitted", "where": {"email": {"ends": "@x.example"}}}
    with pytest.raises(CriterionError) as refusal:
        soundness.read(bands(asks), vocabulary=VOCABULARY)
    assert refusal.value.path == "/fit/1/first_of/0/when/where/email"


def test_a_field_that_the_lake_never_keeps_is_refused_with_its_place() -> None:
    words = replace(VOCABULARY, uncounted=frozenset({"company.employee_count"}))
    document = bands({"not": {"trait": "company.employee_count", "exists": True}})
    with pytest.raises(CriterionError) as refusal:
        soundness.read(document, vocabulary=words)
    assert refusal.value.path == "/fit/1/first_of/0/when/not/trait"
    assert read(document).fit, "what was published before is still read"
