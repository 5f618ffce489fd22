"""From documents to nodes; what is refused, and in which words."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.criteria import parse, uses
from leadline.criteria.canonical import canonical, digest
from leadline.criteria.errors import CriterionError
from leadline.criteria.nodes import Act, Did, Property, Test, Trait
from leadline.criteria.span import Span
from tests.criteria.examples import VOCABULARY, read, rules


def test_a_leaf_becomes_a_node() -> None:
    document = {
        "did": "Page Viewed",
        "where": {"path": {"starts": "/pricing"}},
        "at_least": 2,
        "within": "1w",
    }
    path = Property("path", (Test("starts", "/pricing", "text"),))
    assert read(document) == Did((Act("Page Viewed", (path,)),), 2, Span(days=7))


def test_several_operators_in_one_leaf_must_all_hold() -> None:
    node = read({"trait": "company.employee_count", "lt": 200, "gte": 50})
    tests = (Test("gte", 50, "number"), Test("lt", 200, "number"))
    assert node == Trait("company.employee_count", tests)


def test_dates_may_come_as_yaml_reads_them() -> None:
    assert read({"trait": "birthday", "is": date(1990, 1, 1)}) == read(
        {"trait": "birthday", "is": "1990-01-01"}
    )


@pytest.mark.parametrize(
    ("document", "path", "found", "allowed"),
    [
        ({}, "", "an object with 0 keys", "an object with one of"),
        (None, "", "nothing", "an object with one of"),
        ({"trait": "shoe_size", "is": 43}, "/trait", '"shoe_size"', "birthday, company.employee"),
        ({"trait": "title_seniority"}, "", '"no operator"', "is, is_not"),
        ({"trait": "title_seniority", "gte": 5}, "/gte", '"gte"', "for a text: is, is_not"),
        ({"trait": "title_seniority", "is": False}, "/is", "false", "text of 1 to 500"),
        ({"trait": "company.employee_count", "gte": "200"}, "/gte", '"200"', "a number"),
        ({"trait": "company.employee_count", "is": float("nan")}, "/is", "nan", "a number between"),
        ({"trait": "company.employee_count", "is": 2**63}, "/is", "922337", "a number between"),
        ({"trait": "company.employee_count", "is": 10**5000}, "/is", "a number beyond 64", "a num"),
        ({"trait": "birthday", "gte": "2026-02-30"}, "/gte", '"2026-02-30"', "YYYY-MM-DD"),
        ({"trait": "title_seniority", "is": "vp", "was": 1}, "/was", '"was"', "beside trait"),
        ({"all": [{"stage": "mql"}, {"stage": "sqll"}]}, "/all/1/stage/is", '"sqll"', "lead, mql"),
        ({"all": []}, "/all", "a list of 0", "a list of 1 to 500"),
        ({"not": [{"stage": "mql"}]}, "/not", "a list of 1", "an object with one of"),
        ({"stage": "mql", "temperature": "hot"}, "", '"stage, temperature"', "one of"),
        ({"temperature": "tepid"}, "/temperature/is", '"tepid"', "cold, hot, warm"),
        ({"did": "X", "within": "7 days"}, "/within", '"7 days"', "30m, 24h, 7d or 2w"),
        ({"did": "X", "within": "0d"}, "/within", '"0d"', "a duration"),
        ({"did": "X", "within": "9999d"}, "/within", '"9999d"', "at most 3650 days"),
        ({"did": "X", "at_least": 0}, "/at_least", "0", "a whole number from 1"),
        ({"did": "X", "at_least": True}, "/at_least", "true", "a whole number"),
        ({"did": "X", "where": {"a b": {"is": 1}}}, "/where/a b", '"a b"', "a name of letters"),
        ({"did": "X", "where": {"path": "/a"}}, "/where/path", '"/a"', "is, is_not"),
        ({"did": ["X"], "where": {"path": {"is": "/a"}}}, "/where", "an object", "inside each"),
        ({"did": ["X", {"event": "Y", "if": 1}]}, "/did/1/if", '"if"', "event, where"),
        ({"did": "a\x00b"}, "/did", '"a\\x00b"', "text of 1 to 200"),
        ({"did": "\ud800"}, "/did", '"\\ud800"', "text of 1 to 200"),
        ({"did_not": "X", "at_least": 2}, "/at_least", '"at_least"', "did_not, where, within"),
        ({"ratio_of": "X", "at_least": 1}, "/to", "nothing", "text"),
        ({"ratio_of": "X", "to": "Y", "at_least": 0.1234567}, "/at_least", "0.1234567", "six dec"),
        ({"score": "grade", "gte": 1}, "/score", '"grade"', "engagement, fit, total"),
        ({"score": "total", "gte": 10**9}, "/gte", "1000000000", "a number from -1000000"),
        ({"consent": "marketing"}, "/channel", "nothing", "text"),
        ({"since": "breakfast", "at_least": "1d"}, "/since", '"breakfast"', "created"),
        ({"since": "created"}, "/at_least", "nothing", "a duration"),
        ({"fact": "deal.amount", "is": True}, "/fact", '"deal.amount"', "deal.is_open"),
        ({True: "mql"}, "", "true", "keys that are text"),
        ({"a/b~c": 1}, "", '"a/b~c"', "an object with one of"),
        ({"stage": "mql", "a/b~c": 1}, "/a~1b~0c", '"a/b~c"', "beside stage"),
        ({"trait": "company.employee_count", "between": [2, 1]}, "/between", "a list", "lower one"),
        ({"trait": "title_seniority", "in": "vp"}, "/in", '"vp"', "a list of 1 to 500"),
        ({"trait": "title_seniority", "in": ["vp", 3]}, "/in/1", "3", "text of 1 to 500"),
    ],
)  # fmt: skip
def test_an_error_names_the_path_what_was_found_and_what_is_allowed(
    document: object, path: str, found: str, allowed: str
) -> None:
    with pytest.raises(CriterionError) as refusal:
        read(document)
    error = refusal.value
    assert (error.path, error.found[: len(found)]) == (path, found)
    assert allowed in error.allowed
    assert str(error).isprintable()


def test_the_path_of_a_larger_document_comes_first() -> None:
    with pytest.raises(CriterionError) as refusal:
        parse.parse(
            {"any": [{"stage": "x"}]},
            vocabulary=VOCABULARY,
            allowed=uses.ROUTING,
            path="/engagement/0/when",
        )
    assert refusal.value.path == "/engagement/0/when/any/0/stage/is"


def nested(depth: int) -> object:
    document: object = {"temperature": "hot"}
    for _ in range(depth - 1):
        document = {"not": document}
    return document


def test_a_rule_is_at_most_twenty_levels_deep() -> None:
    assert read(nested(20))
    for depth in (21, 100_000):
        with pytest.raises(CriterionError, match="at most 20 levels"):
            read(nested(depth))


def test_a_rule_has_at_most_five_hundred_nodes() -> None:
    groups = [{"any": [{"temperature": "hot"}] * 48}] * 10  # 1 + 10 · 49 = 491
    read({"all": groups})
    with pytest.raises(CriterionError, match="at most 500 in one rule"):
        read({"all": [*groups, {"any": [{"temperature": "hot"}] * 10}]})  # 502


@pytest.mark.parametrize(
    ("allowed", "refused"),
    [
        (uses.SCORE, ["score", "stage", "temperature", "fact", "in_segment", "owner"]),
        (uses.TEMPERATURE, ["stage", "temperature", "fact", "in_segment", "owner"]),
        (uses.STAGE, ["stage", "in_segment", "owner"]),
        (uses.SEGMENT, ["owner", "team", "source"]),
        (uses.ROUTING, []),
        (uses.LIST, ["did", "did_not", "ratio_of", "fact"]),
    ],
)
def test_each_use_accepts_what_is_decided_before_it(
    allowed: frozenset[str], refused: list[str]
) -> None:
    assert sorted(set(refused) - allowed) == sorted(refused)
    for head in refused:
        with pytest.raises(CriterionError, match=f"/{head}: found"):
            read({"not": {head: "hot"}}, allowed)


# Whatever comes in

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["Page Viewed", "title_seniority", "7d", "hot", "^a", "\ud800", "x" * 600]),
    st.dates(),
    st.binary(max_size=3),
)
keys = st.one_of(
    st.sampled_from([*sorted(parse.HEADS), "is", "in", "gte", "matches", "within", "at_least"]),
    st.sampled_from(["where", "to", "channel", "event", "between", "exists", "path"]),
    st.integers() | st.none() | st.text(max_size=3),
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


def refusal_of(document: object) -> CriterionError | None:
    """The error with which the document is refused, if it is."""
    try:
        read(document)
    except CriterionError as error:
        return error
    return None


@settings(max_examples=1_500, deadline=None)
@given(document=anything)
def test_anything_at_all_is_a_rule_or_a_criterion_error(document: object) -> None:
    error = refusal_of(document)
    assert error is None or str(error).isprintable()


@st.composite
def spoiled(draw: st.DrawFn) -> object:
    """A good rule with one value in it replaced by anything."""
    document: object = draw(rules)
    root = [document]
    place: list[object] | dict[object, object] = root
    key: object = 0
    while isinstance(document, (list, dict)) and draw(st.integers(0, 4)):
        place = document
        inner = list(range(len(document))) if isinstance(document, list) else list(document)
        key = draw(st.sampled_from(inner))
        document = document[key]  # type: ignore[index,call-overload]
    root = _copied(root)  # type: ignore[assignment]
    return draw(anything) if place is root else _with(root[0], place, key, draw(anything))


def _copied(document: object) -> object:
    if isinstance(document, dict):
        return {key: _copied(value) for key, value in document.items()}
    return [_copied(value) for value in document] if isinstance(document, list) else document


def _with(document: object, place: object, key: object, value: object) -> object:
    """`document` with what equals `place` having `value` at `key`."""
    if isinstance(document, dict):
        inner = {name: _with(each, place, key, value) for name, each in document.items()}
        return inner | {key: value} if document == place else inner
    if isinstance(document, list):
        return [_with(each, place, key, value) for each in document]
    return document


@settings(max_examples=800, deadline=None)
@given(document=spoiled())
def test_a_spoiled_rule_is_a_rule_or_a_criterion_error(document: object) -> None:
    error = refusal_of(document)
    assert error is None or str(error).isprintable()


# One way to write it


@settings(max_examples=400, deadline=None)
@given(document=rules)
def test_the_canonical_form_reads_back_as_the_same_rule(document: object) -> None:
    node = read(document)
    again = read(canonical(node))
    assert again == node
    assert canonical(again) == canonical(node)
    assert digest(again) == digest(node)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"did": "X", "within": "1w"}, {"within": "7d", "at_least": 1, "did": ["X"]}),
        ({"did": "X", "within": "120m"}, {"did": "X", "within": "2h"}),
        ({"stage": "mql"}, {"stage": {"is": "mql"}}),
        ({"score": "total", "gte": 50}, {"score": "total", "gte": 50.0}),
        ({"trait": "tags", "in": ["a", "b"]}, {"trait": "tags", "in": ["b", "a", "b"]}),
        (
            {"all": [{"stage": "mql"}, {"temperature": "hot"}]},
            {"all": [{"temperature": "hot"}, {"stage": "mql"}]},
        ),
    ],
)
def test_rules_that_mean_the_same_have_one_hash(one: object, other: object) -> None:
    assert digest(read(one)) == digest(read(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"did": "X", "within": "24h"}, {"did": "X", "within": "1d"}),
        ({"did": "X"}, {"did": "X", "at_least": 2}),
        ({"all": [{"stage": "mql"}]}, {"any": [{"stage": "mql"}]}),
        (
            {"did": "X", "where": {"a": {"is": 1}}},
            {"did": "X", "where": {"a": {"is": True}}},
        ),
    ],
)
def test_rules_that_mean_something_else_differ(one: object, other: object) -> None:
    assert read(one) != read(other)
    assert digest(read(one)) != digest(read(other))
