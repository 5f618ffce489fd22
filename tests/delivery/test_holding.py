"""A restored copy sends nothing until somebody has confirmed."""

from datetime import datetime, timedelta

import pytest

from leadline.delivery import holding, leases, outbox, senders
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.lib import clock
from leadline.workspace.audit import COMMAND_LINE

pytestmark = pytest.mark.django_db


def put(cause: str, at: datetime) -> None:
    outbox.put([Draft("account", cause, "ben@example.com", "Hello", "text")], now=at)


def _resume(*, skips_old: bool) -> holding.Resumed | None:
    return holding.resume(skips_old=skips_old, by=COMMAND_LINE, now=clock.now())


def test_while_sending_is_held_no_message_can_be_claimed(now: datetime) -> None:
    put("a", now)
    assert holding.hold(now)
    assert not holding.hold(now + timedelta(hours=1))
    assert leases.claim("w", limit=8) == []
    assert holding.held_at() == now


def test_after_confirmation_everything_that_waited_leaves(now: datetime) -> None:
    put("a", now)
    holding.hold(now)
    assert _resume(skips_old=False) == holding.Resumed(1, 0)
    assert len(leases.claim("w", limit=8)) == 1
    assert _resume(skips_old=False) is None


def test_what_waited_in_the_backup_can_be_passed_over(now: datetime) -> None:
    put("old", now)
    holding.hold(now)
    put("new", now + timedelta(hours=1))
    assert holding.waiting_count(before=now) == 1
    assert _resume(skips_old=True) == holding.Resumed(1, 1)
    assert [each.subject for each in leases.claim("w", limit=8)] == ["Hello"]
    assert Message.objects.get(cause="old").state == Message.State.SUPPRESSED


def test_a_sender_that_was_set_keeps_its_address_through_a_hold(now: datetime) -> None:
    senders.change_address("sales@example.com")
    holding.hold(now)
    assert senders.current().from_address == "sales@example.com"
