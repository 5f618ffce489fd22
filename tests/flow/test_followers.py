"""Followers hear of what others do with a lead and what it does itself, while they may see it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.delivery.models import Message
from leadline.flow import intake, reactions
from leadline.leads import merging, trash
from leadline.leads.models import Removal
from leadline.lib import clock, personal_data
from leadline.routing import assignments, follows
from leadline.routing.models import Follow, Notification
from leadline.segments import lists
from leadline.segments.models import Membership
from leadline.workspace.models import User
from tests.world import World, form

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def lead_id(world: World) -> UUID:
    """Grace took something to read; Ben answers for her, Ada follows."""
    post = form("download", email="grace@navy.example", at=world.now)
    found = intake.run([post], now=world.now).lead_ids[0]
    assert found is not None
    follows.follow(found, user_id=world.ada.pk, now=world.now)
    return found


def heard(person: User) -> list[str]:
    mine = Notification.objects.filter(user=person, kind="followed").order_by("id")
    return list(mine.values_list("text", flat=True))


def log(world: World, lead_id: UUID, kind: str, text: str = "", *, hours: int = 1) -> None:
    reactions.log_activity(
        lead_id, kind=kind, outcome={"call": "connected", "mail": "sent"}.get(kind, ""),
        text=text, by=world.ben.pk, began_at=world.now, now=world.now + hours * HOUR,
    )  # fmt: skip


def test_followers_hear_what_colleagues_do_in_the_bell_alone(world: World, lead_id: UUID) -> None:
    log(world, lead_id, "call")
    log(world, lead_id, "mail", hours=2)
    log(world, lead_id, "note", "she is nice", hours=3)
    who = "grace@navy.example"
    assert heard(world.ada) == [
        f"Ben called {who}", f"Ben wrote to {who}", f"Ben wrote a note about {who}",
    ]  # fmt: skip
    assert not Message.objects.filter(to_address=world.ada.email).exists()


def test_followers_hear_of_stages_and_raised_hands(world: World, lead_id: UUID) -> None:
    reactions.set_stage(lead_id, "mql", by=world.ben.pk, reason="good", now=world.now + HOUR)
    assert heard(world.ada) == ["grace@navy.example is now Marketing qualified"]
    later = world.now + 2 * HOUR
    intake.run([form("demo", email="grace@navy.example", at=later)], now=later)
    assert heard(world.ada)[1:] == ["grace@navy.example asked for a demo"]


def test_own_acts_and_what_one_was_told_anyway_are_not_repeated(
    world: World, lead_id: UUID
) -> None:
    follows.follow(lead_id, user_id=world.ben.pk, now=world.now)
    log(world, lead_id, "note", "@Ada look")
    assert heard(world.ben) == []
    row = Notification.objects.get(user=world.ada)
    assert (row.kind, row.count) == ("mention", 1)
    later = world.now + 2 * HOUR
    intake.run([form("demo", email="grace@navy.example", at=later)], now=later)
    newest = Notification.objects.filter(user=world.ben).order_by("-id")[0]
    assert (newest.kind, newest.count) == ("hot_lead", 1)


def test_whoever_may_not_see_the_lead_any_more_hears_nothing(world: World, lead_id: UUID) -> None:
    follows.follow(lead_id, user_id=world.cleo.pk, now=world.now)
    log(world, lead_id, "call")
    assert heard(world.cleo) == []
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    log(world, lead_id, "mail", hours=2)
    assert len(heard(world.ada)) == 1


def test_following_twice_is_once_and_ends(world: World, lead_id: UUID) -> None:
    follows.follow(lead_id, user_id=world.ada.pk, now=world.now)
    assert Follow.objects.count() == 1
    for _ in range(2):
        follows.unfollow(lead_id, user_id=world.ada.pk)
    log(world, lead_id, "call")
    assert heard(world.ada) == []


def test_after_a_merge_followers_follow_who_is_left_and_after_its_undoing_both(
    world: World, lead_id: UUID
) -> None:
    other = intake.run(
        [form("download", email="g@home.example", at=world.now)], now=world.now
    ).lead_ids[0]
    assert other is not None
    follows.follow(other, user_id=world.ben.pk, now=world.now)
    merge_id = reactions.merge(lead_id, other, because="same", now=world.now + HOUR)
    assert set(follows.followers([lead_id])[lead_id]) == {world.ada.pk, world.ben.pk}
    reactions.undo_merge(merge_id, now=world.now + 2 * HOUR)
    assert world.ben.pk in follows.followers([other])[other]


def test_two_merges_in_one_pass_bring_owner_and_followers_to_who_is_left(world: World) -> None:
    posts = [form("download", email=f"{name}@home.example", at=world.now) for name in "abc"]
    left, between, first = (each for each in intake.run(posts, now=world.now).lead_ids if each)
    reactions.assign(first, world.cleo.pk, by=world.ada.pk, because="test", now=world.now)
    for lead_id in (left, between):
        reactions.assign(lead_id, None, by=world.ada.pk, because="test", now=world.now)
    follows.follow(first, user_id=world.ben.pk, now=world.now)
    for lead_id in (left, between):
        trash.put([lead_id], by=world.ada.pk, now=world.now)
    fair = lists.named("Fair", by=world.ada.pk, now=world.now)
    lists.add(fair.pk, [first], by=world.ada.pk, now=world.now)
    pairs = [(between, first), (left, between)]
    made = [
        merging.merge(kept, absorbed, because="one person", now_us=clock.micros(world.now))
        for kept, absorbed in pairs
    ]
    reactions.merged(pairs, now=world.now)
    assert assignments.current([left])[left].owner_id == world.cleo.pk
    assert world.ben.pk in follows.followers([left])[left]
    assert not Removal.objects.filter(lead=left, state="trashed").exists()
    assert Membership.objects.filter(lead=left).exists()
    # Parted again, what came by the first stays with the one that it still is part of.
    reactions.undo_merge(made[1].pk, now=world.now)
    assert world.ben.pk in follows.followers([between])[between]
    assert set(Membership.objects.values_list("lead", flat=True)) == {first, between}


def test_nobody_follows_who_was_erased(world: World, lead_id: UUID) -> None:
    for holder in personal_data.registered():
        if holder.eraser is not None and holder.model_label == "routing.Follow":
            assert holder.eraser([lead_id], now=world.now) == 1
    assert not Follow.objects.exists()


def test_what_nobody_follows_costs_one_question_a_batch(world: World) -> None:
    asked = []
    for count in (2, 12):
        at = world.now + count * HOUR
        posts = [form("demo", email=f"p{count}-{n}@navy.example", at=at) for n in range(count)]
        with CaptureQueriesContext(connection) as caught:
            intake.run(posts, now=at)
        asked.append(sum('"routing_follow"' in each["sql"] for each in caught))
    assert asked == [1, 1]
