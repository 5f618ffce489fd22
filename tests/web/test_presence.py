"""Who else has a lead open: said to whoever may see it, and over within a minute."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.cards.models import Visit
from leadline.lib import clock
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def _said(client: Client, lead_id: UUID) -> str:
    """What the open page of the lead is told when it says that it is open."""
    answer = client.post("/visited", {"lead": str(lead_id)}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_who_have_a_lead_open_hear_of_each_other(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ada, ben = enter(world.ada), enter(world.ben)
    assert _said(ada, lead_id).strip() == ""
    assert "Ada is here too" in _said(ben, lead_id)
    assert "Ben is here too" in _said(ada, lead_id)
    kim = User.objects.create_user("kim@acme.example", name="Kim", role="admin")
    assert "Ada, Ben are here too" in _said(enter(kim), lead_id)


def test_whoever_has_closed_it_is_gone_within_a_minute(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _said(enter(world.ada), lead_id)
    Visit.objects.update(at=clock.now() - timedelta(seconds=50))
    assert "Ada" not in _said(enter(world.ben), lead_id)


def test_nobody_hears_who_has_a_lead_open_that_they_may_not_see(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    _said(enter(world.ada), lead_id)
    answer = enter(world.cleo).post(
        "/visited", {"lead": str(lead_id)}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 404
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    assert "Ada" not in _said(enter(world.ben), lead_id)
