"""Rules and leads where engines like to differ: odd types, texts, numbers, instants on the edge."""

from hypothesis import strategies as st

from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.vocabulary import SINCE
from leadline.lib.clock import DAY, MINUTE
from tests.criteria import examples
from tests.criteria.examples import EVENTS, LENGTHS_US, NOW

BIG = 2**53
TEXTS = (
    "/pricing", "/Pricing", "/pricing\n", "a\nb", "café", "caf", "ab caf\u00e9", "naïve\u2028x", "",
    " ", "it's", 'say "so"', "100%", "a_b", "back\\slash", "\x0b", "😀", "é", "e\u0301", "7",
    "true", "2026-03-10", "2026-03-10\n", "2026-3-1", "２０２６-03-10", "1985-05-05", "vp", "expo",
)  # fmt: skip
NUMBERS = (
    -1, 0, 0.0, -0.0, 1, 1.5, 0.1, 0.30000000000000004, 49, 50, 199.5, 200, 10**15, 10**15 + 1,
    BIG - 1, BIG, BIG + 1, -BIG - 1, 2**62, 1e300, 5e-324,
)  # fmt: skip
LISTS = ([], ["expo"], ["a", "b"], ["it's", "a\\"], ["", "expo"], [7, None], [["expo"]])
OBJECTS = ({}, {"a": 1})
PATTERNS = (
    "^/pri.*g$", "a.b", r"\bcaf\b", r"caf\B", r"\s", r"\S", r"[\s]", r"[^\s]", r"[\S]", r"\d{4}",
    r"^\w+$", "it's", r"back\\s", "(?:a|é)$", "^$", r"\.", "x?+"[:2], r"[^a-z/]", "😀", r"100\%",
)  # fmt: skip

values = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from(LISTS),
    st.sampled_from(OBJECTS),
    st.booleans(),
    st.none(),
)
operands = st.sampled_from([text for text in TEXTS if text and text.isprintable()])
numbers = st.sampled_from([each for each in NUMBERS if abs(each) <= 10**15])
days = st.sampled_from(["2026-03-10", "1985-05-05", "1999-12-31"])


def _one(operator: str, operand: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return operand.map(lambda each: {operator: each})


def _some(operand: st.SearchStrategy[object]) -> st.SearchStrategy[list[object]]:
    return st.lists(operand, min_size=1, max_size=3)


text_tests = st.one_of(
    *(_one(each, operands) for each in ("is", "is_not", "contains", "starts", "ends")),
    *(_one(each, _some(operands)) for each in ("in", "not_in")),
    _one("matches", st.sampled_from(PATTERNS)),
    _one("exists", st.booleans()),
)
number_tests = st.one_of(
    *(_one(each, numbers) for each in ("is", "is_not", "gte", "gt", "lte", "lt")),
    *(_one(each, _some(numbers)) for each in ("in", "not_in")),
    _one("between", st.tuples(numbers, numbers).map(sorted)),
    _one("exists", st.booleans()),
)
date_tests = st.one_of(
    *(_one(each, days) for each in ("is", "is_not", "gte", "gt", "lte", "lt")),
    *(_one(each, _some(days)) for each in ("in", "not_in")),
    _one("between", st.tuples(days, days).map(sorted)),
)
list_tests = st.one_of(
    _one("contains", operands),
    *(_one(each, _some(operands)) for each in ("in", "not_in")),
    _one("exists", st.booleans()),
)
flag_tests = st.one_of(*(_one(each, st.booleans()) for each in ("is", "is_not", "exists")))

wheres = st.dictionaries(
    st.sampled_from(["path", "visits", "said"]),
    st.one_of(text_tests, number_tests, flag_tests, date_tests),
    min_size=1,
    max_size=2,
)


def _of_trait(name: str, tests: st.SearchStrategy[dict[str, object]]) -> st.SearchStrategy[object]:
    return tests.map(lambda each: {"trait": name, **each})


traits = st.one_of(
    _of_trait("title_seniority", text_tests),
    _of_trait("company.employee_count", number_tests),
    _of_trait("is_partner", flag_tests),
    _of_trait("birthday", date_tests),
    _of_trait("tags", list_tests),
)
names = st.sampled_from(EVENTS)
acts = names | st.lists(
    names | st.fixed_dictionaries({"event": names}, optional={"where": wheres}),
    min_size=1,
    max_size=3,
)
within = {"within": st.sampled_from(examples.SPANS)}
counted = st.one_of(
    st.fixed_dictionaries({"did": names}, optional={"where": wheres, **within}),
    st.fixed_dictionaries({"did": acts}, optional=within),
)
timed = st.one_of(
    counted,
    st.fixed_dictionaries({"did": acts, "at_least": st.integers(2, 4)}, optional=within),
    st.fixed_dictionaries({"did_not": acts}, optional=within),
    st.fixed_dictionaries(
        {"ratio_of": acts, "to": names, "at_least": st.sampled_from([0, 0.25, 0.333333, 0.6, 1])},
        optional=within,
    ),
    st.fixed_dictionaries(
        {
            "since": st.sampled_from(sorted(SINCE)),
            "at_least": st.sampled_from(examples.SPANS),
        }
    ),
)
consent = st.just({"consent": "marketing", "channel": "email"})
rules = examples.combined(st.one_of(timed, traits, examples.standing))
score_rules = examples.combined(st.one_of(timed, traits, consent))

# Models

points = st.sampled_from([-30, -10.5, -0.000001, 0.5, 1, 15, 100_000])
worths = st.one_of(
    st.fixed_dictionaries({"when": score_rules, "points": points}),
    st.fixed_dictionaries(
        {
            "first_of": st.lists(
                st.fixed_dictionaries({"when": score_rules, "points": points | st.just(0)}),
                min_size=1,
                max_size=3,
            )
        }
    ),
    st.tuples(
        st.fixed_dictionaries(
            {"each": counted, "points": points},
            optional={
                "cap": st.sampled_from([1, 20.5]),
                "half_life": st.sampled_from(["1d", "7d", "2w"]),
            },
        )
    ).map(lambda one: _signed(one[0])),
)


def _signed(rule: dict[str, object]) -> dict[str, object]:
    """The cap has the sign of the points."""
    points, cap = rule["points"], rule.get("cap")
    assert isinstance(points, int | float)
    return {**rule, "cap": -cap} if isinstance(cap, int | float) and points < 0 else rule


@st.composite
def models(draw: st.DrawFn) -> dict[str, object]:
    """A model of two to five rules, some with a floor and a cap."""
    written = draw(st.lists(worths, min_size=2, max_size=5))
    named = [{"name": f"Rule {place}", **rule} for place, rule in enumerate(written)]
    found: dict[str, object] = {"name": "Drawn", "fit": named[:1], "engagement": named[1:]}
    limits = draw(st.fixed_dictionaries({}, optional={"floor": st.just(0), "cap": st.just(40)}))
    return found | limits


# Leads

instants = st.one_of(
    st.just(NOW),
    st.builds(lambda days: (NOW // DAY + days) * DAY, st.integers(-1, 2)),
    st.builds(
        lambda days, nudge: (NOW // DAY + days) * DAY + nudge,
        st.integers(0, 1),
        st.sampled_from([-1, 1]),
    ),
    # The days of other zones begin elsewhere.
    st.builds(
        lambda offset, nudge: NOW // DAY * DAY - offset * MINUTE + nudge,
        examples.offsets,
        st.sampled_from([-1, 0, 1]),
    ),
)
properties = st.dictionaries(st.sampled_from(["path", "visits", "said"]), values, max_size=3)


@st.composite
def events_before(draw: st.DrawFn, at_us: int) -> list[Event]:
    """Up to ten events on the edges of windows and days, some twice, some still to come."""
    edges = st.one_of(
        st.builds(
            lambda length, nudge: length + nudge, st.sampled_from(LENGTHS_US), st.integers(-1, 1)
        ),
        st.integers(-2, 2),
        st.builds(
            lambda days, offset, nudge: at_us % DAY + offset * MINUTE + days * DAY + nudge,
            st.integers(0, 20),
            examples.offsets,
            st.integers(-1, 1),
        ),
        st.just(4_000 * DAY),
    )
    drawn = draw(st.lists(st.tuples(names, edges, properties, st.integers(0, 5)), max_size=8))
    again = draw(st.lists(st.sampled_from(drawn), max_size=2)) if drawn else []
    return [
        Event(number, name, at_us - age_us, stored, chance > 0)
        for number, (name, age_us, stored, chance) in enumerate([*drawn, *again], start=1)
    ]


trait_values = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ["title_seniority", "company.employee_count", "is_partner", "birthday", "tags"], values
    ),
)


def adjustments(at_us: int) -> st.SearchStrategy[tuple[int, int, int, int | None]]:
    """(id, when, micro-points, half-life in days or None) of points given by hand."""
    ages_us = st.sampled_from([0, 1, -1, DAY, 7 * DAY, 10 * DAY, 10 * DAY + 1, 11 * DAY])
    return st.tuples(
        st.integers(1, 9),
        ages_us.map(lambda age_us: at_us - age_us),
        st.sampled_from([-10_000_000, 1, 25_500_000]),
        st.sampled_from([None, 1, 7]),
    )


@st.composite
def leads(draw: st.DrawFn, at_us: int) -> Snapshot:
    """One lead around the instant."""
    moment = st.sampled_from([0, 1, -1, *LENGTHS_US, DAY - 1]).map(lambda age_us: at_us - age_us)
    facts: dict[str, object] = dict(
        draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "score.total": st.sampled_from([0, 49_999_999, 50_000_000, -1]),
                    "score.fit": st.sampled_from([0, 12_500_000, 12_500_001]),
                    "stage": st.sampled_from(["lead", "mql"]),
                    "stage_since": moment,
                    "temperature": st.sampled_from(["cold", "hot"]),
                    "owner": st.just("ben@acme.example"),
                    **{f"since.{what}": moment for what in sorted(SINCE - {"stage"})},
                    "segments": st.sampled_from([frozenset(), frozenset({"Target accounts"})]),
                    "deal.is_open": st.booleans(),
                    "consent.marketing.email": st.booleans(),
                    "adjustments": st.lists(adjustments(at_us), max_size=3).map(tuple),
                },
            )
        )
    )
    return Snapshot(draw(trait_values), by_name(draw(events_before(at_us))), facts)
