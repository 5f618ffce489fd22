"""Every comparison, on values of the right type, of the wrong type, and on none."""

import pytest

from leadline.criteria.errors import CriterionError
from leadline.criteria.evaluate import evaluate
from leadline.criteria.snapshot import Event, Snapshot
from tests.criteria.examples import NOW, read

MISSING = object()


def trait_holds(rule: object, value: object) -> bool:
    """Whether a rule about a trait holds for this value of it."""
    assert isinstance(rule, dict)
    traits = {} if value is MISSING else {str(rule["trait"]): value}
    return evaluate(read(rule), Snapshot(traits), NOW, day_offset_minutes=0).holds


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ({"is": "vp"}, ["vp"], ["VP", "v", 1, True, None, MISSING, ["vp"]]),
        ({"is_not": "vp"}, ["manager", "VP"], ["vp", None, MISSING, 1]),
        ({"in": ["vp", "c_level"]}, ["vp", "c_level"], ["", "manager", None, MISSING, ["vp"]]),
        ({"not_in": ["vp", "c_level"]}, ["manager"], ["vp", None, MISSING, 7]),
        ({"contains": "level"}, ["c_level", "level"], ["Level", "", None, MISSING, ["level"]]),
        ({"starts": "c_"}, ["c_level"], ["xc_", "", None, MISSING, 5]),
        ({"ends": "level"}, ["c_level"], ["levels", None, MISSING, 5]),
        ({"matches": "^(vp|c_.*)$"}, ["vp", "c_"], ["svp", "\ud800", None, MISSING, 5]),
        ({"matches": "b+"}, ["abbc"], ["ac"]),  # found anywhere unless anchored
        ({"exists": True}, ["vp", "0"], ["", None, MISSING]),
        ({"exists": False}, ["", None, MISSING], ["vp"]),
        ({"starts": "c", "ends": "l"}, ["c_level"], ["c_", "level"]),  # both must hold
    ],
)
def test_text(test: dict[str, object], yes: list[object], no: list[object]) -> None:
    rule = {"trait": "title_seniority", **test}
    assert [value for value in yes if not trait_holds(rule, value)] == []
    assert [value for value in no if trait_holds(rule, value)] == []


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ({"is": 50}, [50, 50.0], [51, "50", True, None, MISSING]),
        ({"is": 1}, [1], [True, "1"]),
        ({"is_not": 50}, [51, 0], [50, "51", True, float("nan"), None, MISSING]),
        ({"in": [10, 20]}, [10, 20.0], [15, "10", None]),
        ({"not_in": [1, 2]}, [3], [1, True, "3", None, MISSING]),
        ({"gte": 50}, [50, 10**30], [49.9, "50", float("nan"), None, MISSING, True]),
        ({"gt": 0}, [0.1, float("inf")], [0, -1, True, "1"]),
        ({"lte": 50}, [50, -1], [50.1, "1", float("nan"), False]),
        ({"lt": 50}, [49.999], [50, None]),
        ({"between": [10, 20]}, [10, 15, 20], [9.99, 20.01, "15", None]),  # both ends belong
        ({"gte": 50, "lt": 200}, [50, 199.9], [49, 200]),  # a half-open band
        ({"exists": True}, [0, -5], [None, MISSING]),
    ],
)
def test_numbers(test: dict[str, object], yes: list[object], no: list[object]) -> None:
    rule = {"trait": "company.employee_count", **test}
    assert [value for value in yes if not trait_holds(rule, value)] == []
    assert [value for value in no if trait_holds(rule, value)] == []


@pytest.mark.parametrize(
    ("trait", "test", "yes", "no"),
    [
        ("is_partner", {"is": True}, [True], [False, 1, "true", None, MISSING]),
        ("is_partner", {"is_not": True}, [False], [True, 0, None, MISSING]),
        ("birthday", {"gte": "1990-01-01"}, ["1990-01-01", "2001-12-31"], ["1989-12-31", "2001"]),
        ("birthday", {"lt": "1990-01-01"}, ["1989-12-31"], ["1990-01-01", "0", None, 1989]),
        ("birthday", {"between": ["1990-01-01", "1990-12-31"]}, ["1990-06-15"], ["1991-01-01"]),
        ("tags", {"contains": "expo"}, [["expo", "x"], ("expo",)], ["expo", [], ["export"], None]),
        ("tags", {"in": ["a", "b"]}, [["b", "z"]], [["z"], "a", [], [["a"]], None]),
        ("tags", {"not_in": ["a", "b"]}, [["z"], []], [["a"], "z", None, MISSING]),
        ("tags", {"exists": True}, [["a"]], [[], (), None, MISSING]),
    ],
)
def test_other_types(
    trait: str, test: dict[str, object], yes: list[object], no: list[object]
) -> None:
    rule = {"trait": trait, **test}
    assert [value for value in yes if not trait_holds(rule, value)] == []
    assert [value for value in no if trait_holds(rule, value)] == []


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ({"is": 5}, [5], ["5", True]),
        ({"is": True}, [True], [1, "true"]),
        ({"is": "5"}, ["5"], [5]),
        ({"gte": 5}, [5], ["6", None]),
        ({"gte": "2026-01-01"}, ["2026-03-01"], [20260301, "2025-12-31"]),
        ({"in": ["a", "b"]}, ["a"], [["a"], {"a": 1}]),
        ({"contains": "x"}, ["axb"], [["x"]]),
        ({"exists": False}, [None, ""], [0, False]),
    ],
)
def test_the_operand_decides_the_type_of_a_property(
    test: object, yes: list[object], no: list[object]
) -> None:
    node = read({"did": "Page Viewed", "where": {"value": test}})

    def holds(value: object) -> bool:
        snapshot = Snapshot(
            events={"Page Viewed": [Event(1, "Page Viewed", NOW, {"value": value})]}
        )
        return evaluate(node, snapshot, NOW, day_offset_minutes=0).holds

    assert [value for value in yes if not holds(value)] == []
    assert [value for value in no if holds(value)] == []


FACTS = {
    "score.total": 50_000_000,
    "stage": "mql",
    "temperature": "hot",
    "owner": "ben@example.com",
    "deal.is_open": True,
    "segments": frozenset({"Target accounts"}),
    "consent.marketing.email": True,
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"score": "total", "gte": 50}, True),
        ({"score": "total", "gt": 50}, False),
        ({"score": "total", "between": [49.999999, 50]}, True),
        ({"score": "fit", "gte": 0}, False),  # not known
        ({"stage": "mql"}, True),
        ({"stage": {"in": ["lead"]}}, False),
        ({"temperature": {"is_not": "cold"}}, True),
        ({"owner": {"exists": True}}, True),
        ({"team": {"exists": False}}, True),
        ({"source": "google"}, False),
        ({"fact": "deal.is_open", "is": True}, True),
        ({"fact": "deal.is_won", "is": False}, False),  # not known, so not known to be false
        ({"in_segment": "Target accounts"}, True),
        ({"in_segment": "target accounts"}, False),
        ({"consent": "marketing", "channel": "email"}, True),
        ({"consent": "marketing", "channel": "phone"}, False),
        ({"since": "last_touch", "at_least": "1d"}, False),
        ({"not": {"stage": "mql"}}, False),
        ({"all": [{"stage": "mql"}, {"temperature": "cold"}]}, False),
        ({"any": [{"stage": "lead"}, {"temperature": "hot"}]}, True),
    ],
)
def test_facts(rule: object, expected: bool) -> None:
    snapshot = Snapshot(facts=FACTS)
    assert evaluate(read(rule), snapshot, NOW, day_offset_minutes=0).holds is expected


def test_a_snapshot_with_more_facts_leaves_the_first_alone() -> None:
    before = Snapshot(facts={"stage": "lead"})
    after = before.with_facts({"stage": "mql", "score.total": 1})
    assert (before.facts["stage"], after.facts["stage"]) == ("lead", "mql")


@pytest.mark.parametrize(
    "pattern",
    ["a{1001}", "(", "a**", "(?i)a", "(?P<n>a)", "[[:alpha:]]", r"\pL", "[a&&b]", "a++", r"\Aa",
     "[z-a]", "(?=a)", r"(a)\1", "x" * 201, "", "a\nb", r"\x41", "(" * 150 + ")" * 150 + "{"],
)  # fmt: skip
def test_a_pattern_outside_the_common_subset_is_refused(pattern: str) -> None:
    with pytest.raises(CriterionError) as refusal:
        read({"trait": "title_seniority", "matches": pattern})
    assert refusal.value.path == "/matches"


def test_a_pattern_that_ruins_others_takes_no_time_here() -> None:
    rule = {"trait": "title_seniority", "matches": "^(a+)+$"}
    assert not trait_holds(rule, "a" * 50_000 + "!")
