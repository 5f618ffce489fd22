"""How long a decision is certain: nothing about it changes before the moment that it names."""

from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.span import NEVER, start_of
from leadline.criteria.vocabulary import FACTS, Vocabulary
from leadline.lib.clock import DAY
from leadline.lifecycle import rules
from leadline.lifecycle.rules import Decision, Where
from leadline.playbooks import folder

NOW = 20_000 * DAY + 12_345_678
OFFSET = 60
DOCUMENT = yaml.safe_load(
    (Path(folder.__file__).parent / "b2b-saas" / "lifecycle.yaml").read_text()
)
LIFECYCLE = rules.read(
    DOCUMENT,
    vocabulary=Vocabulary(traits={}, facts={**FACTS, "shows_interest": "boolean"}),
    day_offset_minutes=OFFSET,
)
NAMES = ["Demo Requested", "Ebook Downloaded", "Trial Started", "Feature Used", "Product Added"]

moments = st.integers(NOW - 70 * DAY, NOW)
happened = st.lists(st.tuples(st.sampled_from(NAMES), moments), max_size=6)
places = st.builds(
    Where,
    stage=st.sampled_from([step.key for step in LIFECYCLE.steps]),
    since_us=moments,
    set_by=st.sampled_from(["rule", "person"]),
    held_until_us=st.one_of(
        st.just(0), st.just(NEVER), st.integers(NOW - 40 * DAY, NOW + 40 * DAY)
    ),
)


@settings(max_examples=300, deadline=None)
@given(events=happened, where=places, points=st.sampled_from([10, 45, 60]), data=st.data())
def test_deciding_anywhere_before_until_gives_the_same(
    events: list[tuple[str, int]], where: Where, points: int, data: st.DataObject
) -> None:
    snapshot = Snapshot(
        events=by_name(Event(n, name, at_us) for n, (name, at_us) in enumerate(events, start=1)),
        facts={"score.total": points * 1_000_000, "shows_interest": True, "deal.is_open": False,
               "deal.is_won": False},
    )  # fmt: skip
    now = rules.decide(LIFECYCLE, snapshot, where, NOW)
    end_us = min(now.due_us, start_of(now.revalue_day, day_offset_minutes=OFFSET))
    assert end_us > NOW
    last_us = min(end_us - 1, NOW + 400 * DAY)
    for at_us in (last_us, data.draw(st.integers(NOW, last_us))):
        assert said(rules.decide(LIFECYCLE, snapshot, where, at_us)) == said(now)


def said(decision: Decision) -> object:
    return (
        decision.temperature, decision.hand_raise, decision.stage, decision.proposes_return,
    )  # fmt: skip
