"""What a permission is worth after several words about it, and which word is the last."""

from datetime import timedelta
from uuid import uuid4

import pytest

from leadline.cards import filters, queries
from leadline.cards.queries import Listing
from leadline.flow import intake
from leadline.lib import clock
from leadline.privacy import consents
from leadline.privacy import queries as permissions
from leadline.privacy.claims import ConsentClaim
from leadline.privacy.consents import Given
from tests.world import World, form

pytestmark = pytest.mark.django_db

ADDRESS = "grace@navy.example"
# (what was said, whether by somebody we trust, on which day); in the order in which it came.
Word = tuple[str, bool, int]
CASES: list[tuple[list[Word], str]] = [
    ([("granted", True, 1)], "granted"),
    ([("granted", False, 1)], "pending"),
    ([("granted", True, 1), ("granted", False, 2)], "granted"),  # nothing to confirm any more
    ([("granted", False, 1), ("granted", True, 2)], "granted"),
    ([("granted", True, 1), ("withdrawn", False, 2)], "withdrawn"),
    ([("withdrawn", True, 2), ("granted", True, 1)], "withdrawn"),  # an old list comes in later
    ([("denied", False, 2), ("granted", False, 1)], "denied"),
    ([("withdrawn", True, 2), ("granted", True, 3)], "granted"),
    ([("denied", True, 2), ("granted", False, 3)], "pending"),
    # A refusal counts when it comes: the clock it was said by may be slow.
    ([("granted", True, 2), ("withdrawn", False, 1)], "withdrawn"),
    ([("withdrawn", True, 3), ("withdrawn", True, 1), ("granted", True, 2)], "withdrawn"),
]


@pytest.mark.parametrize(("words", "expected"), CASES)
def test_the_last_word_counts_at_every_door(world: World, words: list[Word], expected: str) -> None:
    [lead_id] = intake.run([form("demo", email=ADDRESS, at=world.now)], now=world.now).lead_ids
    assert lead_id is not None
    for state, is_trusted, day in words:
        at_us = clock.micros(world.now + timedelta(days=day))
        claim = ConsentClaim(purpose="marketing", channel="email", state=state)  # type: ignore[arg-type]  # one of them
        said = Given("email", ADDRESS, (claim,), is_trusted, "api", str(uuid4()), at_us)
        consents.record([said], now_us=at_us)
    rule = filters.read({"consent": "marketing", "channel": "email"})
    found = {row.lead_id for row in queries.page(Listing(world.ada, world.now, rule)).rows}
    facts = consents.facts({lead_id: [ADDRESS]})[lead_id]
    assert facts == {"consent.marketing.email": expected == "granted"}
    assert consents.states([ADDRESS]) == {"marketing.email": expected}
    assert permissions.states({lead_id: [ADDRESS]}) == {lead_id: {"marketing.email": expected}}
    assert found == ({lead_id} if expected == "granted" else set())
