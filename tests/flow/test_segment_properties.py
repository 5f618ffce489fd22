"""However what happens is cut into batches, and whenever somebody looks: the same members."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadline.capture.submission import Submission
from leadline.flow import grouping, intake, recomputation, rulebook, segments, timers
from leadline.leads.models import Binding
from leadline.segments.models import Membership, MembershipChange
from tests.flow.test_properties import stories, tangled
from tests.segments import sample
from tests.world import World, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture
slow = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def groups() -> dict[tuple[tuple[str, str], ...], set[str]]:
    """By the identifiers of each lead the segments that it is in."""
    found: dict[object, set[str]] = {}
    for lead_id, key in Membership.objects.values_list("lead", "segment__key"):
        found.setdefault(lead_id, set()).add(key)
    named: dict[object, list[tuple[str, str]]] = {}
    for lead_id, kind, value in Binding.objects.values_list("lead", "kind", "value"):
        named.setdefault(lead_id, []).append((kind, value))
    # When a lead came into being depends on the cut where people share identifiers.
    return {
        tuple(sorted(named.get(lead_id, []))): keys - {"Known for a week"}
        for lead_id, keys in found.items()
    }


def differences(now: datetime) -> list[segments.Difference]:
    return [d for ids in recomputation.portions() for d in segments.check(ids, now=now)]


def settle(now: datetime) -> None:
    while timers.check_up(limit=200, now=now):
        pass


def run_all(batches: Sequence[Sequence[Submission]], now: datetime) -> object:
    """The members after the batches, with none that a full recompute would change; then undone."""
    with transaction.atomic():
        for batch in batches:
            intake.run(batch, now=now)
        settle(now)  # colleagues of whose company something became known
        assert differences(now) == []
        assert replayed() == now_in()
        found = groups()
        transaction.set_rollback(True)
    return found


def now_in() -> set[tuple[object, object]]:
    return set(Membership.objects.values_list("segment", "lead"))


def replayed() -> set[tuple[object, object]]:
    """Who is in, by the changes alone."""
    inside: set[tuple[object, object]] = set()
    told = MembershipChange.objects.order_by("id").values_list("segment", "lead", "entered")
    for segment, lead, entered in told:
        assert ((segment, lead) in inside) is not entered, "entered twice, or left without being in"
        (inside.add if entered else inside.remove)((segment, lead))
    return inside


@slow
@given(stories() | tangled(), st.integers(1, 6))
def test_every_partition_gives_the_same_members(
    world: World, story: list[Submission], size: int
) -> None:
    if not rulebook.current(world.now).segments.rules:
        sample.make_all(world)
    cut = [story[start : start + size] for start in range(0, len(story), size)]
    assert run_all([story], world.now) == run_all(cut, world.now)


@slow
@given(tangled(), st.lists(st.integers(1, 60 * 24 * 20), min_size=1, max_size=5))
def test_at_every_instant_between_passes_the_members_are_right(
    world: World, story: list[Submission], minutes: list[int]
) -> None:
    """Checkups at `until` and nothing else move people in and out while time goes by."""
    if not rulebook.current(world.now).segments.rules:
        sample.make_all(world)
    with transaction.atomic():
        intake.run(story, now=world.now)
        for minute in sorted(minutes):
            now = world.now + timedelta(minutes=minute)
            settle(now)
            assert differences(now) == []
            assert replayed() == now_in()
        transaction.set_rollback(True)


def test_a_pass_that_looked_at_nothing_would_be_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: with an index that forgets, the comparison above fails."""
    sample.make_all(world)
    at = world.now - timedelta(hours=1)
    intake.run([said(user_id="a", at=at, name="Visit Started")], now=world.now)
    with monkeypatch.context() as forgetting:
        forgetting.setattr(grouping, "_changed", lambda *_a, **_k: frozenset())
        views = [said(user_id="a", at=at, properties={"path": "/pricing"}) for _ in range(2)]
        intake.run(views, now=world.now)
    assert {each.segment for each in differences(world.now)} >= {"Active", "Just now", "Quiet"}
