"""Adding up: caps, bands, limits, lines, and when a score can change by itself."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib.clock import DAY, HOUR, MINUTE
from leadline.scoring import rules, tally
from tests.criteria import examples
from tests.criteria.examples import NOW, VOCABULARY, event_lists, instants_between, offsets

A_LONG_TIME = 4_000 * DAY


def model(*written: dict[str, object], offset: int = 0, **others: object) -> rules.Model:
    """A model of these engagement rules, named by their place."""
    named = [{"name": f"Rule {place}", **rule} for place, rule in enumerate(written)]
    return rules.parse_model(
        {"name": "Test", "engagement": named, **others},
        vocabulary=VOCABULARY,
        day_offset_minutes=offset,
    )


def lead(*events: Event) -> Snapshot:
    return Snapshot(events=by_name(events))


def opened(number: int, age_us: int) -> Event:
    return Event(number, "Email Opened", NOW - age_us)


EACH_OPEN: dict[str, object] = {"each": {"did": "Email Opened"}, "points": 10}


@pytest.mark.parametrize(
    ("rule", "ages_days", "expected"),
    [
        (EACH_OPEN, (), 0),
        (EACH_OPEN, (0, 5, 900), 30_000_000),
        ({**EACH_OPEN, "cap": 25}, (0, 5), 20_000_000),
        ({**EACH_OPEN, "cap": 25}, (0, 5, 6), 25_000_000),
        ({**EACH_OPEN, "points": -10, "cap": -15}, (0, 5), -15_000_000),
        ({**EACH_OPEN, "points": -10, "cap": -15}, (0,), -10_000_000),
        ({**EACH_OPEN, "points": 0.5}, (0, 1, 2), 1_500_000),
        ({**EACH_OPEN, "half_life": "7d"}, (0, 7, 14), 17_500_000),  # 10 + 5 + 2.5
        ({**EACH_OPEN, "half_life": "1w", "cap": 16}, (0, 7, 14), 16_000_000),
        ({**EACH_OPEN, "points": -10, "half_life": "7d", "cap": -12}, (0, 7), -12_000_000),
        ({**EACH_OPEN, "half_life": "7d"}, (70,), 9_766),  # 10 · 10⁶ / 1024, the last day
        ({**EACH_OPEN, "half_life": "7d"}, (71,), 0),
        # within 10 days of the two: 10 · 2^(−7/7) = 5
        (
            {"each": {"did": "Email Opened", "within": "10d"}, "points": 10, "half_life": "7d"},
            (7, 14),
            5_000_000,
        ),
        # a window in hours that is longer than the table: 1 + 1/1024, and nothing of day 11
        (
            {"each": {"did": "Email Opened", "within": "480h"}, "points": 1, "half_life": "1d"},
            (0, 10, 11),
            1_000_977,
        ),
    ],
)
def test_a_rule_for_each_event(
    rule: dict[str, object], ages_days: tuple[int, ...], expected: int
) -> None:
    events = [opened(number, days * DAY) for number, days in enumerate(ages_days)]
    assert tally.total_only(model(rule), lead(*events), NOW).total == expected


def test_the_first_band_that_holds_decides() -> None:
    bands = [
        {"when": {"did": "Email Opened", "at_least": 3}, "points": 20},
        {"when": {"did": "Email Opened", "at_least": 2}, "points": 0},
        {"when": {"did": "Email Opened"}, "points": 5},
    ]
    by_count = [
        tally.total_only(
            model({"first_of": bands}), lead(*(opened(n, 0) for n in range(count))), NOW
        ).total
        for count in range(5)
    ]
    assert by_count == [0, 5_000_000, 0, 20_000_000, 20_000_000]


@pytest.mark.parametrize(
    ("limits", "opens", "total", "said"),
    [
        ({"floor": 0}, -3, 0, "Raised to 0"),
        ({"cap": 25}, 3, 25_000_000, "Limited to at most 25"),
        ({"cap": 30}, 3, 30_000_000, None),
        ({"floor": 5, "cap": 25}, 0, 5_000_000, "Raised to 5"),
    ],
)
def test_a_limit_on_the_total_is_a_line_of_its_own(
    limits: dict[str, object], opens: int, total: int, said: str | None
) -> None:
    rule = {**EACH_OPEN, "points": 10 if opens > 0 else -10}
    events = [opened(number, 0) for number in range(abs(opens))]
    found = tally.score(model(rule, **limits), lead(*events), NOW)
    assert found.total == total == sum(line.points_micro for line in found.lines)
    assert found.engagement == opens * 10_000_000
    assert [line.sentence for line in found.lines if line.group == "limit"] == (
        [said] if said else []
    )


def test_lines_say_which_rule_gave_what_because_of_which_events() -> None:
    scoring = model(
        {**EACH_OPEN, "cap": 25},
        {"when": {"did": "Demo Requested", "within": "7d"}, "points": 30},
        {"when": {"did": "Unsubscribed"}, "points": -30},
    )
    events = [opened(1, 5 * DAY), opened(2, 3 * DAY), opened(3, 4 * DAY)]
    found = tally.score(scoring, lead(*events, Event(9, "Demo Requested", NOW)), NOW)
    assert [
        (line.rule, line.points_micro, line.because, line.sentence, line.index)
        for line in found.lines
    ] == [
        ("Rule 0", 25_000_000, (2, 3, 1), "Rule 0 · 3 × 10 · 3 d ago · limited to 25", 0),
        ("Rule 1", 30_000_000, (9,), "Rule 1 · asked for a demo within 7 days", 1),
    ]


def test_lines_can_be_told_in_another_language() -> None:
    german = {"today": "heute", "Email": "E-Mail"}
    found = tally.score(
        model(EACH_OPEN), lead(opened(1, 0)), NOW, translate=lambda text: german.get(text, text)
    )
    assert [line.sentence for line in found.lines] == ["Rule 0 · 1 × 10 · heute"]


def test_exact_instants_and_day_boundaries_are_told_apart() -> None:
    scoring = model(
        {"when": {"did": "Email Opened", "within": "24h"}, "points": 5},
        {**EACH_OPEN, "half_life": "30d"},
    )
    found = tally.total_only(scoring, lead(opened(1, HOUR)), NOW)
    assert found.due_us == NOW + 23 * HOUR
    assert found.revalue_day == NOW // DAY + 1
    assert found.until_us == (NOW // DAY + 1) * DAY
    nothing = tally.total_only(scoring, lead(), NOW)
    assert (nothing.until_us, nothing.due_us, nothing.revalue_day) == (None, None, None)


def test_days_are_those_of_the_model() -> None:
    fading = {**EACH_OPEN, "half_life": "1d"}
    late = opened(1, 10 * HOUR)  # yesterday at 23:30 UTC, today at 00:30 an hour further east
    assert tally.total_only(model(fading), lead(late), NOW).total == 5_000_000
    assert tally.total_only(model(fading, offset=60), lead(late), NOW).total == 10_000_000


def test_a_capped_rule_without_fading_changes_when_the_cap_is_no_longer_reached() -> None:
    acts = ["Email Opened", "Demo Requested"]
    rule = {"each": {"did": acts, "within": "24h"}, "points": 10, "cap": 20}
    events = [opened(number, number * HOUR) for number in (2, 3, 4, 5)]
    asked = Event(1, "Demo Requested", NOW - HOUR)
    found = tally.total_only(model(rule), lead(asked, *events), NOW)
    # The two newest, 1 h and 2 h old, reach the cap until the second is 24 h old.
    assert (found.total, found.until_us) == (20_000_000, NOW + 22 * HOUR)


# Properties

points = st.sampled_from([-30, -7, -0.5, 1, 3, 10, 12.25])
half_lives = st.sampled_from([None, None, "1d", "7d", "2w"])


@st.composite
def each_rules(draw: st.DrawFn) -> dict[str, object]:
    """A rule for each event, with or without cap, window and half-life."""
    worth = draw(points)
    cap = draw(st.none() | st.integers(1, 40))
    did = draw(st.fixed_dictionaries({"did": examples.acts}, optional=examples.within))
    return {
        "each": did,
        "points": worth,
        "cap": cap if cap is None or worth > 0 else -cap,
        "half_life": draw(half_lives),
    }


score_rules = st.one_of(
    each_rules(),
    st.fixed_dictionaries({"when": examples.score_rules, "points": points}),
    st.fixed_dictionaries(
        {
            "first_of": st.lists(
                st.fixed_dictionaries({"when": examples.score_rules, "points": points}),
                min_size=1,
                max_size=3,
            )
        }
    ),
)
limits = st.fixed_dictionaries(
    {}, optional={"floor": st.sampled_from([-5, 0]), "cap": st.sampled_from([5, 25.5])}
)


@st.composite
def models(draw: st.DrawFn) -> rules.Model:
    """A model of up to four rules, in both groups."""
    written = draw(st.lists(score_rules, min_size=1, max_size=4))
    named = [{"name": f"Rule {place}", **rule} for place, rule in enumerate(written)]
    split = draw(st.integers(0, len(named)))
    groups = {"fit": named[:split] or None, "engagement": named[split:] or None}
    return rules.parse_model(
        {"name": "Drawn", **groups, **draw(limits)},
        vocabulary=VOCABULARY,
        day_offset_minutes=draw(offsets),
    )


@settings(max_examples=400, deadline=None)
@given(scoring=models(), snapshot=examples.snapshots)
def test_the_lines_add_up_and_both_paths_agree(scoring: rules.Model, snapshot: Snapshot) -> None:
    found = tally.score(scoring, snapshot, NOW)
    quick = tally.total_only(scoring, snapshot, NOW)
    assert sum(line.points_micro for line in found.lines) == found.total
    for group, total in (("fit", found.fit), ("engagement", found.engagement)):
        assert sum(line.points_micro for line in found.lines if line.group == group) == total
    assert all(line.points_micro for line in found.lines)
    assert (quick.total, quick.fit, quick.engagement) == (found.total, found.fit, found.engagement)
    assert (quick.until_us, quick.due_us, quick.revalue_day) == (
        found.until_us,
        found.due_us,
        found.revalue_day,
    )


@settings(max_examples=500, deadline=None)
@given(scoring=models(), snapshot=examples.snapshots, data=st.data())
def test_scoring_anywhere_before_until_gives_the_same_score(
    scoring: rules.Model, snapshot: Snapshot, data: st.DataObject
) -> None:
    found = tally.total_only(scoring, snapshot, NOW)
    end_us = NOW + A_LONG_TIME if found.until_us is None else found.until_us
    assert end_us > NOW
    for at_us in data.draw(instants_between(NOW, end_us)):
        again = tally.total_only(scoring, snapshot, at_us)
        assert (again.fit, again.engagement) == (found.fit, found.engagement), at_us - NOW


@settings(max_examples=200, deadline=None)
@given(scoring=models(), events=event_lists(), seed=st.integers(0, 99))
def test_the_order_in_which_events_arrive_changes_nothing(
    scoring: rules.Model, events: list[Event], seed: int
) -> None:
    shuffled = list(events)
    random.Random(seed).shuffle(shuffled)
    expected = tally.score(scoring, lead(*events), NOW)
    assert tally.score(scoring, lead(*shuffled), NOW) == expected


@settings(max_examples=200, deadline=None)
@given(scoring=models(), events=event_lists(), cut=st.integers(0, 12))
def test_scoring_on_the_way_leaves_no_trace_in_the_score_at_the_end(
    scoring: rules.Model, events: list[Event], cut: int
) -> None:
    fresh = [
        Event(each.id, each.name, each.occurred_us, each.stored, each.counts) for each in events
    ]
    expected = tally.score(scoring, lead(*fresh), NOW)
    tally.score(scoring, lead(*events[:cut]), NOW)
    tally.score(scoring, lead(*events[cut:]), NOW - DAY)
    assert tally.score(scoring, lead(*events), NOW) == expected


@settings(max_examples=200, deadline=None)
@given(scoring=models(), snapshot=examples.snapshots, age_minutes=st.integers(0, 40_000))
def test_what_happens_later_does_not_change_a_score_of_the_past(
    scoring: rules.Model, snapshot: Snapshot, age_minutes: int
) -> None:
    at_us = NOW - age_minutes * MINUTE
    known = {
        name: [event for event in group if event.occurred_us <= at_us]
        for name, group in snapshot.events.items()
    }
    then = tally.total_only(scoring, Snapshot(snapshot.traits, known, snapshot.facts), at_us)
    assert tally.total_only(scoring, snapshot, at_us).total == then.total


@settings(max_examples=200, deadline=None)
@given(scoring=models(), snapshot=examples.snapshots)
def test_what_a_model_reads_is_all_it_needs(scoring: rules.Model, snapshot: Snapshot) -> None:
    reads = rules.reads(scoring)
    loaded = {
        name: [event for event in group if reach_us is None or event.occurred_us >= NOW - reach_us]
        for name, reach_us in reads.events.items()
        for group in [snapshot.events.get(name, [])]
    }
    traits = {name: snapshot.traits[name] for name in reads.traits if name in snapshot.traits}
    facts = {name: snapshot.facts[name] for name in reads.facts if name in snapshot.facts}
    expected = tally.score(scoring, snapshot, NOW)
    assert tally.score(scoring, Snapshot(traits, loaded, facts), NOW).lines == expected.lines
