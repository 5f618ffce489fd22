"""A small vocabulary, and rules and leads drawn from it so that they often meet."""

from hypothesis import strategies as st

from leadline.criteria import parse, uses
from leadline.criteria.nodes import Node
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib.clock import DAY, HOUR, MINUTE

NOW = 20_522 * DAY + 9 * HOUR + 30 * MINUTE  # Tuesday 10 March 2026, 09:30 UTC

VOCABULARY = Vocabulary(
    traits={
        "title_seniority": "text",
        "company.employee_count": "number",
        "is_partner": "boolean",
        "birthday": "date",
        "tags": "list",
    },
    stages=frozenset({"lead", "mql"}),
)


def read(document: object, allowed: frozenset[str] = uses.ROUTING) -> Node:
    """The criterion in `document`, over the vocabulary of these tests."""
    return parse.parse(document, vocabulary=VOCABULARY, allowed=allowed)


# Rules

EVENTS = ("Page Viewed", "Email Opened", "Demo Requested")
PATHS = ("/pricing", "/pricing/enterprise", "/blog")
SPANS = ("1m", "90m", "24h", "25h", "1d", "7d", "2w")

names = st.sampled_from(EVENTS)
wheres = st.sampled_from(
    [
        {"path": {"starts": "/pricing"}},
        {"path": {"is_not": "/blog"}, "visits": {"gte": 2}},
        {"path": {"matches": "^/pri.*e$"}},
        {"visits": {"exists": False}},
    ]
)
acts = names | st.lists(
    names | st.fixed_dictionaries({"event": names}, optional={"where": wheres}),
    min_size=1,
    max_size=3,
)
spans = st.sampled_from(SPANS)
times = st.integers(1, 4)
within = {"within": spans}

traits = st.sampled_from(
    [
        {"trait": "title_seniority", "in": ["vp", "c_level"]},
        {"trait": "title_seniority", "exists": False},
        {"trait": "company.employee_count", "gte": 50, "lt": 200},
        {"trait": "is_partner", "is": True},
        {"trait": "birthday", "between": ["1980-01-01", "1990-12-31"]},
        {"trait": "tags", "contains": "expo"},
    ]
)
timed = st.one_of(
    st.fixed_dictionaries({"did": names}, optional={"where": wheres, "at_least": times} | within),
    st.fixed_dictionaries({"did": acts}, optional={"at_least": times} | within),
    st.fixed_dictionaries({"did_not": acts}, optional=within),
    st.fixed_dictionaries(
        {"ratio_of": acts, "to": names, "at_least": st.sampled_from([0, 0.25, 0.5, 0.6, 1])},
        optional=within,
    ),
    st.fixed_dictionaries(
        {"since": st.sampled_from(["last_touch", "last_event"]), "at_least": spans}
    ),
)
standing = st.sampled_from(
    [
        {"score": "total", "gte": 50},
        {"score": "fit", "between": [0, 12.5]},
        {"stage": "mql"},
        {"stage": {"in": ["mql", "lead"]}},
        {"temperature": "hot"},
        {"owner": {"exists": True}},
        {"fact": "deal.is_open", "is": True},
        {"in_segment": "Target accounts"},
        {"consent": "marketing", "channel": "email"},
    ]
)


def combined(leaves: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    """Trees of all, any and not over these leaves."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda each: {"all": each}),
            st.lists(inner, min_size=1, max_size=3).map(lambda each: {"any": each}),
            inner.map(lambda each: {"not": each}),
        ),
        max_leaves=6,
    )


rules = combined(st.one_of(timed, traits, standing))
score_rules = combined(st.one_of(timed, traits))

# Leads

LENGTHS_US = [MINUTE, 90 * MINUTE, 24 * HOUR, 25 * HOUR, DAY, 7 * DAY, 8 * DAY, 14 * DAY]
ages_us = st.one_of(
    st.integers(-2 * HOUR, 20 * DAY),
    st.builds(
        lambda length, nudge: length + nudge, st.sampled_from(LENGTHS_US), st.integers(-1, 1)
    ),
    st.integers(0, 16).map(lambda days: days * DAY + NOW % DAY),  # the first instant of a day
)
properties = st.fixed_dictionaries(
    {}, optional={"path": st.sampled_from(PATHS), "visits": st.integers(0, 3) | st.just("two")}
)


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    """Up to 12 events around NOW, some of them still to come, some that do not count."""
    drawn = draw(st.lists(st.tuples(names, ages_us, properties, st.integers(0, 9)), max_size=12))
    return [
        Event(number, name, NOW - age_us, stored, chance > 0)
        for number, (name, age_us, stored, chance) in enumerate(drawn, start=1)
    ]


trait_values = st.fixed_dictionaries(
    {},
    optional={
        "title_seniority": st.sampled_from(["vp", "manager", "", None, 7]),
        "company.employee_count": st.sampled_from([49, 50, 199.5, 200, "50", True]),
        "is_partner": st.sampled_from([True, False, "true", 1]),
        "birthday": st.sampled_from(["1985-05-05", "1999-01-01", "yesterday"]),
        "tags": st.sampled_from([["expo"], [], ("a", "b"), "expo"]),
    },
)
fact_values = st.fixed_dictionaries(
    {},
    optional={
        "score.total": st.integers(0, 99_000_000),
        "stage": st.sampled_from(["lead", "mql"]),
        "temperature": st.sampled_from(["cold", "hot"]),
        "since.last_touch": ages_us.map(lambda age_us: NOW - age_us),
        "since.last_event": st.integers(0, 20 * DAY).map(lambda age_us: NOW - age_us),
        "coming.last_event": st.integers(1, 2 * HOUR).map(lambda ahead_us: NOW + ahead_us),
        "segments": st.just(frozenset({"Target accounts"})),
        "deal.is_open": st.booleans(),
        "consent.marketing.email": st.booleans(),
    },
)
snapshots = st.builds(
    Snapshot, traits=trait_values, events=event_lists().map(by_name), facts=fact_values
)
offsets = st.sampled_from([0, 60, -300, 330, 840, -720])


@st.composite
def instants_between(draw: st.DrawFn, start_us: int, end_us: int) -> list[int]:
    """Instants in [start, end), its edges among them, most of them where something may happen."""
    last_us = end_us - 1
    near = st.sampled_from(LENGTHS_US).map(lambda length: start_us + length)
    drawn = draw(st.lists(near | st.integers(start_us, last_us), min_size=3, max_size=6))
    return [start_us, last_us, *(instant for instant in drawn if start_us <= instant <= last_us)]
