"""Rules in words, as a schema, and what they ask for."""

from dataclasses import replace

import jsonschema_rs
import pytest
from hypothesis import given, settings

from leadline.criteria import parse, uses
from leadline.criteria.evidence import evidence
from leadline.criteria.mentions import Mentions, mentions
from leadline.criteria.schema import schema
from leadline.criteria.sentence import sentence
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib.clock import DAY, HOUR
from tests.criteria.examples import NOW, VOCABULARY, read, rules


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {
                "did": "Page Viewed",
                "where": {"path": {"starts": "/pricing"}},
                "at_least": 2,
                "within": "7d",
            },
            "visited a page whose path starts with /pricing at least 2 times within 7 days",
        ),
        ({"did_not": "Email Link Clicked", "within": "60d"},
         "has not clicked a link in an e-mail within 60 days"),
        ({"did": ["Demo Requested", "Lunch Eaten"]}, "asked for a demo or triggered “Lunch Eaten”"),
        ({"ratio_of": "Email Opened", "to": "Email Delivered", "at_least": 0.6, "within": "1d"},
         "opened an e-mail in at least 60 % of the times of: received an e-mail within 1 day"),
        ({"trait": "title_seniority", "in": ["c_level", "vp"]},
         "title seniority is one of c_level, vp"),
        ({"trait": "company.employee_count", "between": [50, 200]},
         "company employee count is between 50 and 200"),
        ({"trait": "is_partner", "is": True}, "is partner is true"),
        ({"trait": "birthday", "exists": False}, "birthday is not known"),
        ({"score": "total", "gte": 49.5, "lt": 60},
         "score is at least 49.5 and score is less than 60"),
        ({"stage": "mql"}, "stage is mql"),
        ({"fact": "deal.is_open", "is": False}, "not: a deal is open"),
        ({"in_segment": "Target accounts"}, "is in the segment “Target accounts”"),
        ({"consent": "marketing", "channel": "email"}, "agreed to marketing by email"),
        ({"since": "last_touch", "at_least": "14d"}, "last touch was at least 14 days ago"),
        ({"all": [{"stage": "mql"}, {"any": [{"did": "X"}, {"did": "Signed Up", "within": "1h"}]}]},
         "stage is mql and (triggered “X” or signed up within 1 hour)"),
        ({"not": {"temperature": "hot"}}, "not: temperature is hot"),
    ],
)  # fmt: skip
def test_a_rule_reads_as_a_sentence(rule: object, said: str) -> None:
    assert sentence(read(rule)) == said


def test_what_is_sensitive_is_not_spelt_out_about_a_lead() -> None:
    words = replace(VOCABULARY, sensitive=frozenset({"title_seniority"}))
    document = {"all": [{"trait": "title_seniority", "in": ["vp"]}, {"stage": "mql"}]}
    rule = parse.parse(document, vocabulary=words, allowed=uses.LIST)
    said = "title seniority is as the rule asks and stage is mql"
    assert sentence(rule, is_about_lead=True) == said
    assert sentence(rule) == "title seniority is one of vp and stage is mql"


def test_the_words_pass_through_the_callers_translation() -> None:
    german = {
        "asked for a demo": "hat eine Vorführung angefragt",
        "{act} within {span}": "{act} innerhalb von {span}",
        "{count} days": "{count} Tagen",
    }
    said = sentence(
        read({"did": "Demo Requested", "within": "7d"}), lambda text: german.get(text, text)
    )
    assert said == "hat eine Vorführung angefragt innerhalb von 7 Tagen"


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Seniority", "seniority is vp"),
        ("CRM rank", "CRM rank is vp"),
        ("", "title seniority is vp"),
    ],
)
def test_traits_are_called_what_people_call_them(label: str, said: str) -> None:
    vocabulary = Vocabulary(traits={"title_seniority": "text"}, labels={"title_seniority": label})
    rule = parse.parse(
        {"trait": "title_seniority", "is": "vp"}, vocabulary=vocabulary, allowed=uses.SCORE
    )
    assert sentence(rule) == said


@settings(max_examples=200, deadline=None)
@given(rule=rules)
def test_every_rule_has_a_sentence(rule: object) -> None:
    said = sentence(read(rule))
    assert said.strip()
    assert "{" not in said


@settings(max_examples=200, deadline=None)
@given(rule=rules)
def test_the_schema_accepts_what_the_parser_accepts(rule: object) -> None:
    assert read(rule)
    VALIDATOR.validate(rule)


VALIDATOR = jsonschema_rs.validator_for(schema(VOCABULARY))


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"trait": "shoe_size", "is": 1},
        {"trait": "title_seniority"},
        {"trait": "title_seniority", "gte": 1},
        {"trait": "company.employee_count", "gte": "200"},
        {"did": "X", "at_least": 0},
        {"did": "X", "within": "7 days"},
        {"did": "X", "where": {"path": "/a"}},
        {"stage": "sqll"},
        {"all": []},
        {"stage": "mql", "temperature": "hot"},
    ],
)
def test_the_schema_refuses_what_the_parser_refuses(rule: object) -> None:
    assert not VALIDATOR.is_valid(rule)


def test_the_schema_of_a_use_has_only_its_words() -> None:
    validator = jsonschema_rs.validator_for(schema(VOCABULARY, allowed=uses.SCORE))
    assert validator.is_valid({"did": "X"})
    assert not validator.is_valid({"not": {"stage": "mql"}})


def test_mentions_are_what_has_to_be_loaded() -> None:
    rule = {
        "all": [
            {"did": "Page Viewed", "within": "24h"},
            {"did_not": ["Page Viewed", "Demo Requested"], "within": "7d"},
            {"ratio_of": "Email Opened", "to": "Email Delivered", "at_least": 1, "within": "30m"},
            {"did": "Email Opened", "where": {"subject": {"is": "Hi"}}},
            {"trait": "title_seniority", "is": "vp"},
            {"not": {"since": "stage", "at_least": "1d"}},
            {"consent": "marketing", "channel": "email"},
        ]
    }
    assert mentions(read(rule)) == Mentions(
        events={
            "Page Viewed": 8 * DAY,  # 7 whole days may reach back almost 8
            "Demo Requested": 8 * DAY,
            "Email Opened": None,  # once without a window: for ever
            "Email Delivered": HOUR // 2,
        },
        detailed=frozenset({"Email Opened"}),
        properties=frozenset({"subject"}),
        traits=frozenset({"title_seniority"}),
        facts=frozenset({"stage_since", "consent.marketing.email"}),
    )


def test_evidence_is_the_events_that_made_it_hold() -> None:
    snapshot = Snapshot(
        events=by_name(
            [
                Event(1, "Page Viewed", NOW - 3 * DAY, {"path": "/pricing"}),
                Event(2, "Page Viewed", NOW - 2 * DAY, {"path": "/blog"}),
                Event(3, "Page Viewed", NOW - DAY, {"path": "/pricing"}),
                Event(4, "Demo Requested", NOW),
            ]
        )
    )

    def because(rule: object) -> tuple[int, ...]:
        return evidence(read(rule), snapshot, NOW, day_offset_minutes=0)

    pricing = {"did": "Page Viewed", "where": {"path": {"is": "/pricing"}}}
    demo, nothing = {"did": "Demo Requested"}, {"did_not": "Email Opened"}
    assert because(pricing) == (3, 1)
    assert because({"all": [demo, pricing, nothing]}) == (4, 3, 1)
    assert because({"any": [nothing, {"did": "Email Opened"}, demo, pricing]}) == (4,)
    assert because({"all": [demo, {"did": "Email Opened"}]}) == ()
    assert because(nothing) == ()
