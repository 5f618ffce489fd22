"""A filter over rows says of every lead what the rule in memory says, on both databases."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from leadline.cards import filters
from leadline.cards.models import Card
from leadline.criteria import lists, parse, uses
from leadline.criteria.evaluate import evaluate
from leadline.criteria.lists import Asked, NotForLists
from leadline.criteria.nodes import Node
from leadline.criteria.snapshot import Snapshot
from leadline.criteria.vocabulary import Vocabulary
from leadline.leads import current_traits
from leadline.leads.models import CurrentTrait
from leadline.lib import clock
from leadline.privacy.models import Consent
from leadline.scoring.models import Score, ScoreModel, ScoreModelVersion
from leadline.workspace.models import User
from tests.cards.people import lead, people

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
OFFSET = 60
MICRO = 1_000_000
VOCABULARY = Vocabulary(
    traits={
        "plan": "text", "company.size": "number", "trial": "boolean", "renews_on": "date",
        "interests": "list",
    }
)  # fmt: skip
TEXTS = ["", "pro", "Pro", "PRO", "free", "pro plan", "a%b_c", "ß", "İ", "é", "100"]
NUMBERS = [0, 1, -1, 10, 10.5, 200, 10**15, 2.5]
DAYS = ["2025-12-31", "2026-01-01", "2026-06-30", "soon", "2026-01-01T00:00:00Z"]
INTERESTS = [["ski"], ["ski", "a%b"], ["skiing"], ['s"k', "Ski"], "ski", ["é", "s\\k"]]
MEMBERS: list[object] = ["ski", "Ski", "skiing", "a%b", 's"k', "é", "s\\k", "k", '"', "["]
INSTANTS = [
    AT, AT - timedelta(microseconds=1), AT - timedelta(hours=24), AT - timedelta(days=3),
    AT - timedelta(days=2, hours=10, minutes=30), AT - timedelta(days=40),
]  # fmt: skip

Card_ = dict[str, object]


def _population() -> list[tuple[Card_, dict[str, object]]]:
    """Leads in which every value of every column occurs, in many combinations; some unknown."""
    made = []
    for number in range(66):
        card: Card_ = {
            "total": TOTALS[number % len(TOTALS)],
            "stage": ("lead", "mql", "sql")[number % 3],
            "temperature": ("cold", "warm", "hot")[number // 3 % 3],
            "source": ("", "google", "Google", "bing")[number % 4],
            "created_at": INSTANTS[number % len(INSTANTS)],
            "stage_since": INSTANTS[number // 2 % len(INSTANTS)],
            "owner": (None, "ada", "ben")[number // 2 % 3],
        }
        values: dict[str, object] = {
            "plan": TEXTS[number % len(TEXTS)],
            "company.size": NUMBERS[number % len(NUMBERS)],
            "trial": bool(number % 2),
            "renews_on": DAYS[number % len(DAYS)],
            "interests": INTERESTS[number % len(INTERESTS)],
        }
        for place, name in enumerate(list(values)):
            if number // (place + 1) % 4 == 0:
                del values[name]
        made.append((card, values))
    return made


TOTALS = [0, 49_999_999, 50_000_000, 50_000_001, -5_000_000]


def _operators(values: list[object], *, ordered: bool) -> st.SearchStrategy[dict[str, object]]:
    one = st.sampled_from(values)
    several = st.lists(one, min_size=1, max_size=3)
    choices: dict[str, st.SearchStrategy[object]] = {
        "is": one, "is_not": one, "in": several, "not_in": several, "exists": st.booleans(),
    }  # fmt: skip
    if ordered:
        pair = st.tuples(one, one).map(sorted)  # type: ignore[type-var]
        choices |= {"gte": one, "gt": one, "lte": one, "lt": one, "between": pair}
    return st.lists(st.sampled_from(sorted(choices)), min_size=1, max_size=2, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: choices[name] for name in names})
    )


known_texts: list[object] = [text for text in TEXTS if text]
texts = _operators(known_texts, ordered=False) | st.sampled_from(
    ["contains", "starts", "ends"]
).flatmap(lambda name: st.fixed_dictionaries({name: st.sampled_from(known_texts)}))
leaves = st.one_of(
    texts.map(lambda o: {"trait": "plan", **o}),
    _operators([*NUMBERS], ordered=True).map(lambda o: {"trait": "company.size", **o}),
    _operators([*DAYS[:3]], ordered=True).map(lambda o: {"trait": "renews_on", **o}),
    st.sampled_from(
        [{"is": True}, {"is": False}, {"is_not": True}, {"exists": True}, {"exists": False}]
    ).map(lambda o: {"trait": "trial", **o}),
    st.one_of(
        st.sampled_from(MEMBERS).map(lambda v: {"contains": v}),
        st.tuples(
            st.sampled_from(["in", "not_in"]),
            st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=3),
        ).map(lambda two: {two[0]: two[1]}),
        st.booleans().map(lambda v: {"exists": v}),
    ).map(lambda o: {"trait": "interests", **o}),
    _operators([0, 50, 49.999999, -5], ordered=True).map(lambda o: {"score": "total", **o}),
    st.sampled_from(["lead", "mql", "sql"]).map(lambda v: {"stage": v}),
    st.sampled_from(["cold", "hot"]).map(lambda v: {"temperature": {"is_not": v}}),
    texts.map(lambda o: {"source": o}),
    _operators(["ada@example.com", "ben@example.com", "x@example.com"], ordered=False).map(
        lambda o: {"owner": o}
    ),
    st.tuples(
        st.sampled_from(["created", "stage"]), st.sampled_from(["24h", "1d", "3d", "1m", "2w"])
    ).map(lambda two: {"since": two[0], "at_least": two[1]}),
)
rules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda several: {"all": several}),
        st.lists(inner, min_size=1, max_size=3).map(lambda several: {"any": several}),
        inner.map(lambda one: {"not": one}),
    ),
    max_leaves=6,
)


def _snapshot(card: dict[str, object], values: dict[str, object]) -> Snapshot:
    owner = card["owner"]
    facts = {
        "score.total": card["total"],
        "stage": card["stage"],
        "temperature": card["temperature"],
        "source": card["source"] or None,
        "since.created": clock.micros(card["created_at"]),  # type: ignore[arg-type]
        "stage_since": clock.micros(card["stage_since"]),  # type: ignore[arg-type]
        "owner": owner and f"{owner}@example.com",
    }
    return Snapshot(values, {}, facts)


def _store(card: Card_, values: dict[str, object], owner: User | None) -> UUID:
    lead_id = lead(AT, **{**card, "owner": owner, "total": 0})
    Card.objects.filter(pk=lead_id).update(total=card["total"])
    for name, value in values.items():
        text, number = current_traits.columns(value)
        CurrentTrait.objects.create(lead_id=lead_id, name=name, text=text, number=number)
    return lead_id


@pytest.mark.django_db
def test_a_list_and_the_rule_in_memory_agree() -> None:
    who = people()
    owners = {"ada": who.ada, "ben": who.ben, None: None}
    stored = {
        _store(card, values, owners[card["owner"]]): _snapshot(card, values)  # type: ignore[index]
        for card, values in _population()
    }

    # Shrinking would take minutes, and says no more than the rule itself.
    @settings(
        max_examples=300, deadline=None, suppress_health_check=list(HealthCheck),
        derandomize=True, phases=[Phase.generate],
    )  # fmt: skip
    @given(rules, st.booleans())
    def agree(document: dict[str, object], few: bool) -> None:
        rule = parse.parse(document, vocabulary=VOCABULARY, allowed=uses.LIST)
        assert _listed(rule, few=few) == _held(rule, stored), document

    agree()


def _listed(rule: Node, *, few: bool) -> set[UUID]:
    columns = lists.Columns(
        **{  # type: ignore[arg-type]  # the same columns with another estimate
            name: getattr(filters.columns(), name)
            for name in ("facts", "score", "since", "traits", "consent")
        },
        are_few=lambda rows: few,
    )
    asked = Asked(clock.micros(AT), OFFSET)
    condition = lists.condition(rule, columns=columns, asked=asked)
    return set(Card.objects.filter(condition).values_list("pk", flat=True))


def _held(rule: Node, stored: dict[UUID, Snapshot]) -> set[UUID]:
    at_us = clock.micros(AT)
    return {
        lead_id
        for lead_id, snapshot in stored.items()
        if evaluate(rule, snapshot, at_us, day_offset_minutes=OFFSET).holds
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"trait": "plan", "matches": "^p"}, "matches"),
        ({"since": "last_touch", "at_least": "14d"}, "since last_touch"),
        ({"not": {"any": [{"stage": "mql"}, {"trait": "plan", "matches": "p$"}]}}, "matches"),
    ],
)
def test_what_no_list_can_answer_is_refused(document: dict[str, object], word: str) -> None:
    rule = parse.parse(document, vocabulary=VOCABULARY, allowed=uses.LIST)
    with pytest.raises(NotForLists, match="save this as a segment") as refused:
        lists.condition(rule, columns=filters.columns(), asked=Asked(0))
    assert f"{word}”" in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("document", [
    {"did": "Page Viewed"}, {"did_not": "Page Viewed"},
    {"ratio_of": "Email Opened", "to": "Email Delivered", "at_least": 0.5},
])  # fmt: skip
def test_a_rule_over_events_is_refused_before_it_is_built(document: dict[str, object]) -> None:
    rule = parse.parse(document, vocabulary=VOCABULARY, allowed=uses.SCORE)
    with pytest.raises(NotForLists, match=next(iter(document))):
        lists.condition(rule, columns=filters.columns(), asked=Asked(0))


@pytest.mark.django_db
def test_a_consent_counts_when_the_newest_word_of_every_address_is_yes(now: datetime) -> None:
    def said(address: str, *states: str) -> UUID:
        lead_id = lead(now, email=address)
        for state in states:
            Consent.objects.create(
                identifier_kind="email", identifier=address, purpose="marketing",
                channel="email", state=state, source="test", at=now, known_at=now,
            )  # fmt: skip
        return lead_id

    yes = {said("a@x.example", "granted"), said("b@x.example", "withdrawn", "granted")}
    for number, states in enumerate([(), ("pending",), ("granted", "withdrawn"), ("denied",)]):
        said(f"no{number}@x.example", *states)
    document = {"consent": "marketing", "channel": "email"}
    rule = parse.parse(document, vocabulary=VOCABULARY, allowed=uses.LIST)
    condition = lists.condition(rule, columns=filters.columns(), asked=Asked(0))
    assert set(Card.objects.filter(condition).values_list("pk", flat=True)) == yes


@pytest.mark.django_db
def test_fit_and_engagement_are_read_from_the_score(now: datetime) -> None:
    version = ScoreModelVersion.objects.create(
        model=ScoreModel.objects.create(name="m"), number=1, document={}, created_at=now
    )
    good, bad, unscored = lead(now), lead(now), lead(now)
    for lead_id, fit in ((good, 20), (bad, 5)):
        Score.objects.create(
            lead_id=lead_id, version=version, total=0, fit=fit * MICRO, engagement=0, at=now
        )
    for document, expected in [
        ({"score": "fit", "gte": 10}, {good}),
        ({"not": {"score": "fit", "gte": 10}}, {bad, unscored}),
        ({"score": "fit", "exists": True, "lt": 10}, {bad}),
    ]:
        rule = parse.parse(document, vocabulary=VOCABULARY, allowed=uses.LIST)
        condition = lists.condition(rule, columns=filters.columns(), asked=Asked(0))
        assert set(Card.objects.filter(condition).values_list("pk", flat=True)) == expected
