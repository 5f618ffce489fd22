"""Many say the same address at the same moment: one lead, everything kept, one person told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection

from leadline.delivery.models import Message
from leadline.flow import intake
from leadline.leads import loading
from leadline.leads.models import Binding, Lead, Merge
from leadline.routing.models import Assignment, Clock, Notification
from leadline.timeline.models import Event
from tests.races.side_by_side import at_once, in_processes, meeting, unguarded
from tests.world import World, form, said

pytestmark = pytest.mark.django_db(transaction=True)

PASSES = 5
THREADS = 10


def posting(world: World, number: int) -> Callable[[], None]:
    """Five passes with one demo request each, all of the same address."""

    def post() -> None:
        for each in range(PASSES):
            at = world.now + timedelta(milliseconds=number * PASSES + each)
            made = form("demo", email="a@acme.test", at=at, message_id=f"post-{number}-{each}")
            intake.run([made], now=at)

    return post


def check_one_of_everything() -> None:
    assert Lead.objects.count() == 1
    assert Event.objects.values("message_id").distinct().count() == PASSES * THREADS
    assert Event.objects.count() == PASSES * THREADS
    assert Binding.objects.filter(kind="email", closed_at=None).count() == 1
    assert Assignment.objects.count() == 1
    assert Clock.objects.filter(state="running").count() == 1
    assert Message.objects.filter(kind="notification").count() == 1
    assert Notification.objects.count() == 1


def test_fifty_posts_on_ten_threads_are_one_lead_with_one_owner_clock_and_mail(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting(monkeypatch, loading, "load", count=THREADS):
        failed = at_once(*(posting(world, number) for number in range(THREADS)))
    assert failed == [None] * THREADS
    check_one_of_everything()


def test_fifty_posts_of_ten_processes_are_one_lead(world: World) -> None:
    in_processes(THREADS, lambda number: posting(world, number)())
    check_one_of_everything()


def test_the_twin_without_the_lock_breaks_when_two_find_the_address_unknown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch), meeting(monkeypatch, loading, "load"):
        failed = at_once(posting(world, 0), posting(world, 1))
    kinds = {type(error) for error in failed} - {type(None)}
    assert kinds == {IntegrityError if connection.vendor == "postgresql" else OperationalError}


def test_a_mail_and_a_phone_at_once_and_then_both_are_one_merge(world: World) -> None:
    by_mail = form("newsletter", email="a@acme.test", at=world.now)
    by_phone = said("track", "Called", phone="+4930123456", at=world.now)
    at_once(
        lambda: intake.run([by_mail], now=world.now) and None,
        lambda: intake.run([by_phone], now=world.now) and None,
    )
    both = [
        said("identify", "Identified", email="a@acme.test", phone="+4930123456", at=world.now)
        for _ in range(4)
    ]
    at_once(*(lambda one=one: intake.run([one], now=world.now) for one in both))
    merge = Merge.objects.get()
    assert merge.because == "Identified named both"
    kept = Lead.objects.get(merged_into=None)
    assert set(Binding.objects.values_list("lead", flat=True)) == {kept.id}
    assert Event.objects.filter(binding__lead=kept).count() == 6
