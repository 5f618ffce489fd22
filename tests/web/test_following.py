"""The Follow button: for whoever may see the lead."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from leadline.routing import follows
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def test_following_shows_on_the_page_and_ends_there(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client, address = enter(world.ben), f"/leads/{lead_id}/follow"
    assert "Hear of stage changes" in client.get(f"/leads/{lead_id}").content.decode()
    assert client.post(address, {"follow": "on"}).status_code == 302
    assert follows.is_following(lead_id, user_id=world.ben.pk)
    assert "Stop hearing of this lead" in client.get(f"/leads/{lead_id}").content.decode()
    part = client.post(address, {"follow": "off"}, headers={"HX-Request": "true"})
    assert b'value="on"' in part.content
    assert b"<html" not in part.content
    assert not follows.is_following(lead_id, user_id=world.ben.pk)


def test_a_lead_that_one_may_not_see_cannot_be_followed(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    answers = [
        enter(world.cleo).post(f"/leads/{each}/follow", {"follow": "on"})
        for each in (lead_id, UUID(int=7))
    ]
    assert [each.status_code for each in answers] == [404, 404]
    assert not follows.followers([lead_id])


def test_colleagues_are_offered_to_whoever_may_write(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    address, asks = f"/leads/{lead_id}/colleagues?q=ad", {"HX-Request": "true"}
    part = enter(world.ben).get(address, headers=asks).content.decode()
    assert 'data-written="Ada"' in part
    assert "Cleo" not in part
    assert enter(world.ben).get(address).status_code == 302, "a bare link leads to the page"
    assert enter(world.cleo).get(address, headers=asks).status_code == 404


def test_in_a_note_on_many_leads_every_colleague_is_offered(world: World, enter: Enter) -> None:
    asks = {"HX-Request": "true"}
    part = enter(world.ben).get("/leads/colleagues?q=cl", headers=asks).content.decode()
    assert 'data-written="Cleo"' in part
    assert "Ben" not in part
    assert enter(world.ben).get("/leads/colleagues")["Location"] == "/leads"
    form = enter(world.ben).get("/leads/bulk/form/log", headers=asks).content.decode()
    assert 'data-mentions="/leads/colleagues"' in form
