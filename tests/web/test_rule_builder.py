"""The builder of sentences: every rule survives the form, and what is wrong is said at its row."""

from dataclasses import replace

import pytest
from django.http import QueryDict
from hypothesis import example, given, settings

from leadline.criteria import parse, uses
from leadline.criteria.canonical import canonical, digest
from leadline.web import pages, rule_builder
from leadline.web.rule_builder import Builder
from leadline.web.rule_words import Words
from tests.criteria.examples import VOCABULARY, rules
from tests.web.html_forms import posted

SEGMENTS = {"Target accounts": "Target accounts"}
WORDS = Words(
    uses.ROUTING,
    replace(VOCABULARY, segments=SEGMENTS),
    choices={
        "trait:title_seniority": [("vp", "VP"), ("c_level", "C level"), ("manager", "Manager")],
        "stage": [("lead", "Lead"), ("mql", "MQL")],
        "temperature": [("cold", "Cold"), ("warm", "Warm"), ("hot", "Hot")],
        "owner": [("ben@acme.example", "Ben")],
    },
    segments=list(SEGMENTS.items()),
    purposes=[("marketing", "Marketing")],
    channels=[("email", "E-mail")],
    events=["Page Viewed"],
)


def _html(built: Builder) -> str:
    template = pages._environment().from_string(
        '{% from "rule_builder.html" import rule_builder %}{{ rule_builder(built, "/here") }}'
    )
    return template.render(built=built)


def _again(built: Builder, *, pressed: str = "", **changed: str) -> Builder:
    button = (f"{built.name}.do", pressed) if pressed else None
    post = posted(_html(built), pressed=button, **changed)
    return rule_builder.read(post, words=WORDS, name=built.name, is_act=built.is_act)


def _canonical(document: object) -> dict[str, object]:
    return canonical(parse.parse(document, vocabulary=WORDS.vocabulary, allowed=uses.ROUTING))


EVERY_OPERATOR = {
    "all": [
        {"trait": "title_seniority", "is": "vp", "is_not": "manager", "not_in": ["c_level"],
         "contains": "v", "starts": "v", "ends": "p", "matches": "^v.*$", "exists": True},
        {"trait": "company.employee_count", "is": 7, "is_not": 0.5, "in": [1, 2.5],
         "not_in": [10**15], "gt": -3, "lte": 9, "between": [1, 2]},
        {"trait": "birthday", "is": "1985-05-05", "in": ["2044-01-01"], "lt": "1990-01-01"},
        {"trait": "tags", "contains": "expo", "in": ["a", "b"], "not_in": ["c"], "exists": False},
        {"trait": "is_partner", "is": False, "is_not": True},
        {"did": [{"event": "Page Viewed",
                  "where": {"path": {"starts": "/a", "is_not": "/ab"}, "seats": {"in": [1, 2]},
                            "on": {"gte": "2026-01-01"}, "is_new": {"is": True}}}]},
        {"ratio_of": "Email Opened", "to": "Email Delivered", "at_least": 0.123457},
        {"source": {"in": ["google", "news, weekly"]}}, {"team": "Sales"},
        {"owner": {"is_not": "somebody@gone.example"}}, {"fact": "deal.is_won", "is_not": True},
        {"score": "engagement", "gt": 12.5, "exists": True},
    ]
}  # fmt: skip


@settings(max_examples=150)
@given(rules)
@example(EVERY_OPERATOR)
def test_every_rule_comes_back_from_its_form_as_it_was(document: object) -> None:
    built = rule_builder.shown(_canonical(document), words=WORDS)
    assert built.node is not None
    again = _again(built)
    assert again.problems == {}
    assert again.node is not None
    # Ticked values come in the order in which they are offered, which says nothing.
    assert digest(again.node) == digest(built.node)
    as_text = _again(again, pressed="text")
    assert as_text.is_text
    back = _again(as_text, pressed="rows")
    assert (back.is_text, back.document) == (False, again.document)


def test_the_one_event_of_a_score_rule_comes_back_without_times_or_groups() -> None:
    act = {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}}, "within": "7d"}
    built = rule_builder.shown(act, words=WORDS, is_act=True)
    html = _html(built)
    assert ".times" not in html
    assert "Add a condition" not in html
    assert _again(built).document == _canonical(act)


def test_buttons_add_group_take_out_and_remove_and_nothing_that_was_typed_is_lost() -> None:
    built = rule_builder.shown({"temperature": "hot"}, words=WORDS)
    two = _again(built, pressed="add rule")
    assert two.focus == "rule-1.what"
    assert (two.root.what, [each.what for each in two.root.children]) == (
        "all",
        ["temperature", ""],
    )
    typed = _again(two, pressed="show", rule__1_what="trait:company.employee_count")
    filled = _again(typed, rule__1_t0_op="gte", rule__1_t0_v="200")
    assert filled.document == {
        "all": [{"temperature": "hot"}, {"trait": "company.employee_count", "gte": 200}]
    }
    grouped = _again(filled, pressed="group rule-1")
    assert grouped.root.children[1].what == "any"
    out = _again(grouped, pressed="out rule-1-0")
    assert [each.what for each in out.root.children] == [
        "temperature", "trait:company.employee_count",
    ]  # fmt: skip
    one = _again(out, pressed="remove rule-0")
    assert [each.about for each in one.root.children] == ["company.employee_count"]


def test_events_and_their_properties_are_added_and_removed_by_button() -> None:
    built = rule_builder.shown({"did": "Page Viewed"}, words=WORDS)
    asked = _again(built, pressed="compare rule.a0.w")
    assert asked.focus == "rule.a0.w0.name"
    named = _again(asked, rule_a0_w0_name="path", rule_a0_w0_op="starts", rule_a0_w0_v="/pricing",
                   rule_times="2", rule_span="7")  # fmt: skip
    assert (
        named.said
        == "Visited a page whose path starts with /pricing at least 2 times within 7 days"
    )
    other = _again(named, pressed="event rule.a")
    assert len(other.root.acts) == 2
    both = _again(other, rule_a1_event="Demo Requested")
    assert "or asked for a demo" in both.said
    assert _again(both, pressed="no_event rule.a1").root.acts == named.root.acts
    assert _again(named, pressed="no_compare rule.a0.w0").root.acts[0].where == []


@pytest.mark.parametrize(
    ("changed", "row", "sentence"),
    [
        ({"rule__0_t0_v": "many"}, "rule-0.t0", "This is no number."),
        ({"rule__0_t0_v": ""}, "rule-0.t0", "Write or choose a value."),
        ({"rule__0_t0_v": "1e300"}, "rule-0.t0", "This number is too large."),
        ({"rule__1_times": "twice"}, "rule-1", "How many times? Write a whole number."),
        (
            {"rule__1_times": "0"},
            "rule-1",
            "Here stands 0; possible: a whole number from 1 to 10000.",
        ),
        ({"rule__1_span": "-7"}, "rule-1", "a duration like 30m"),
        ({"rule__1_a0_event": " "}, "rule-1.a0", "Name the event."),
        ({"rule__1_a0_w0_name": "a b"}, "rule-1.a0.w0", "a name of letters"),
        ({"rule__1_a0_w0_v": "(?=x)"}, "rule-1.a0.w0", "literals"),
        (
            {"rule__2_what": "trait:gone", "rule__2_was": "trait:gone"},
            "rule-2",
            "possible: birthday",
        ),
        ({"rule__2_what": ""}, "rule-2", "Choose what this is about."),
    ],
)
def test_what_is_wrong_stands_at_its_row_and_there_is_no_rule(
    changed: dict[str, str], row: str, sentence: str
) -> None:
    document = {
        "all": [
            {"trait": "company.employee_count", "gte": 200},
            {"did": "Page Viewed", "where": {"path": {"matches": "^/p"}}, "at_least": 2,
             "within": "7d"},
            {"temperature": "hot"},
        ]
    }  # fmt: skip
    built = _again(rule_builder.shown(document, words=WORDS), **changed)
    assert (built.document, built.node) == (None, None)
    assert sentence in " ".join(built.wrong(row)), built.problems
    assert sentence in _html(built).replace("&gt;", ">")


def test_a_comparison_that_stands_twice_is_refused_instead_of_forgotten() -> None:
    built = rule_builder.shown({"score": "total", "gte": 10}, words=WORDS)
    two = _again(built, pressed="compare rule.t")
    twice = _again(two, rule_t1_op="gte", rule_t1_v="50")
    assert twice.document is None
    assert twice.wrong("rule.t1") == ["This comparison stands twice: change or remove one."]


def test_text_that_is_no_rule_stays_as_it_was_typed_with_its_path() -> None:
    built = _again(rule_builder.shown({"temperature": "hot"}, words=WORDS), pressed="text")
    wrong = _again(built, rule_text="all:\n  - temperature: boiling\n")
    assert (wrong.document, wrong.is_text) == (None, True)
    assert "/all/0/temperature" in " ".join(wrong.wrong("rule"))
    assert _again(wrong, pressed="rows").is_text, "rows cannot show what is no rule"
    broken = _again(built, rule_text="all: [")
    assert "line 2" in " ".join(broken.wrong("rule")) or "line 1" in " ".join(broken.wrong("rule"))


def test_a_stored_rule_that_cannot_be_read_any_more_is_shown_as_text() -> None:
    built = rule_builder.shown({"trait": "archived", "is": "x"}, words=WORDS)
    assert built.is_text
    assert built.text == "trait: archived\nis: x\n"
    assert "/trait" in " ".join(built.wrong("rule"))


@pytest.mark.parametrize(
    "asked", ["remove rule-9", "group other-1", "add rule-0-0-0", "explode rule", "add", "out rule",
              "compare rule.a7.w", "no_event rule.a9", "remove rule-999999999999"],
)  # fmt: skip
def test_a_button_of_what_is_gone_changes_nothing(asked: str) -> None:
    built = rule_builder.shown({"all": [{"temperature": "hot"}]}, words=WORDS)
    assert _again(built, pressed=asked).root == built.root


def test_hostile_posts_are_bounded() -> None:
    post = QueryDict(mutable=True)
    deep = "rule"
    for _level in range(200):
        post[f"{deep}.what"] = "all"
        deep += "-0"
    for place in range(1_000):
        post[f"rule-{place}.what"] = "temperature"
    built = rule_builder.read(post, words=WORDS)
    assert built.document is None
    assert len(built.root.children) <= 60
