"""Which segments a lead is in: the order of rules, what is asked again, what is refused."""

from collections.abc import Mapping

import pytest

from leadline.criteria.errors import CriterionError
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib.clock import DAY, HOUR
from leadline.segments import rules, touched
from leadline.segments.rules import Decision, Rules, Written

WORDS = Vocabulary(traits={"title": "text", "plan": "text"})
NOW = 20_000 * DAY


def compiled(**documents: Mapping[str, object]) -> Rules:
    written = [Written(n, key, doc) for n, (key, doc) in enumerate(documents.items())]
    return rules.compile_all(written, vocabulary=WORDS, day_offset_minutes=0)


def decided(found: Rules, snapshot: Snapshot, changed: frozenset[str] | None = None) -> Decision:
    return rules.decide(found, snapshot, at_us=NOW, changed=changed)


CEO = {"trait": "title", "is": "CEO"}
VIEWS = {"did": "Page Viewed", "within": "24h"}
CHAIN = compiled(
    last={"not": {"in_segment": "both"}},
    both={"all": [{"in_segment": "boss"}, {"in_segment": "viewer"}]},
    viewer=VIEWS,
    boss=CEO,
    other={"trait": "plan", "is": "pro"},
)


def lead(title: str, *occurred_us: int, segments: frozenset[str] = frozenset()) -> Snapshot:
    events = [Event(n + 1, "Page Viewed", at) for n, at in enumerate(occurred_us)]
    return Snapshot({"title": title}, by_name(events), {"segments": segments})


def test_segments_come_after_those_that_they_name() -> None:
    keys = [rule.key for rule in CHAIN.rules]
    assert keys.index("both") > max(keys.index("boss"), keys.index("viewer"))
    assert keys.index("last") > keys.index("both")


def test_one_walk_decides_a_segment_within_a_segment() -> None:
    found = decided(CHAIN, lead("CEO", NOW - HOUR))
    assert found.members == {"boss", "viewer", "both"}
    assert {(each.key, each.entered) for each in found.changes} == {
        ("boss", True), ("viewer", True), ("both", True)
    }  # fmt: skip
    # The only moment at which anything changes by itself: the view is a day old.
    assert (found.due_us, found.asked) == (NOW + 23 * HOUR, 5)


def test_who_enters_does_so_by_the_events_that_the_rule_rests_on() -> None:
    found = decided(CHAIN, lead("Clerk", NOW - 2 * HOUR, NOW - HOUR))
    [viewer] = [each for each in found.changes if each.key == "viewer"]
    assert viewer.event_ids == (2, 1)
    assert viewer.because == "visited a page within 24 hours"


def test_only_rules_are_asked_that_mention_what_changed_and_what_follows_from_it() -> None:
    before = decided(CHAIN, lead("CEO"))
    assert before.members == {"boss", "last"}
    now = lead("CEO", NOW - HOUR, segments=before.members)
    found = decided(CHAIN, now, touched.by_events(["Page Viewed"]))
    assert found.members == {"boss", "viewer", "both"}
    assert found.asked == 3, "viewer, then both because of it, then last because of both"
    assert decided(CHAIN, now, touched.by_events(["Email Opened"])).asked == 0
    assert decided(CHAIN, now, touched.by_traits(["plan"])).asked == 1


def test_a_lead_that_is_gone_leaves_every_segment_with_a_rule_and_no_list() -> None:
    snapshot = lead("CEO", segments=frozenset({"boss", "A list by hand"}))
    found = rules.leave_all(CHAIN, snapshot, because="gone")
    assert found.members == {"A list by hand"}
    assert [(each.key, each.entered, each.because) for each in found.changes] == [
        ("boss", False, "gone")
    ]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"in_segment": "a"}, "/in_segment"),
        ({"all": [CEO, {"not": {"in_segment": "b"}}]}, "/all/1/not/in_segment"),
        ({"any": [{"in_segment": "c"}, {"in_segment": "static"}]}, "/any/0/in_segment"),
    ],
)
def test_a_circle_is_refused_with_the_place_that_closes_it(
    document: dict[str, object], path: str
) -> None:
    others = {"b": {"in_segment": "c"}, "c": {"not": {"in_segment": "a"}}, "d": CEO}
    with pytest.raises(CriterionError) as refused:
        rules.refuse_circles("a", document, others)
    assert refused.value.path == path
    rules.refuse_circles("a", {"any": [{"in_segment": "d"}, {"in_segment": "static"}]}, others)


def test_circular_rules_are_not_compiled() -> None:
    with pytest.raises(CriterionError, match="in a circle"):
        compiled(a={"in_segment": "b"}, b={"in_segment": "a"})


@pytest.mark.parametrize("word", ["owner", "team", "source"])
def test_a_segment_cannot_ask_what_is_decided_after_it(word: str) -> None:
    with pytest.raises(CriterionError) as refused:
        rules.read({"all": [CEO, {word: "x"}]}, vocabulary=WORDS)
    assert refused.value.path == f"/all/1/{word}"
