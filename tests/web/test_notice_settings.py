"""Settings → Notifications, and the bell that says why."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from leadline.cards.models import Card
from leadline.lib import clock
from leadline.routing import notice_choices, notice_kinds, notifications
from leadline.routing.models import NoticeChoice, Notification
from leadline.routing.notifications import Notice
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]

pytestmark = pytest.mark.django_db

PLACE = "/settings/notifications"


def test_out_of_the_box_the_table_shows_the_policy(world: World, enter: Enter) -> None:
    page = enter(world.ben).get(PLACE).content.decode()
    ticked = page.count(" checked")
    assert ticked == sum(len(kind.channels) for kind in notice_kinds.KINDS)
    assert page.count('name="on"') == len(notice_kinds.KINDS) * 4


def test_what_is_saved_is_ones_own_and_shown_again(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    answer = client.post(PLACE, {"on": ["mention:mail", "followed:push", "nonsense", "x:y"]})
    assert answer.status_code == 302
    page = client.get(PLACE).content.decode()
    assert page.count(" checked") == 2
    mine = notice_choices.of([world.ben.pk, world.ada.pk])
    assert mine[world.ben.pk, "followed"] == {"push"}
    assert mine[world.ada.pk, "mention"] == notice_kinds.of("mention").channels
    assert set(NoticeChoice.objects.values_list("user", flat=True)) == {world.ben.pk}


def test_each_notification_says_why_and_offers_less(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    page = enter(world.ben).get("/notices").content.decode()
    assert "You are told because this hot lead was assigned to you." in page
    assert f'href="{PLACE}#hot_lead"' in page


def test_a_sentence_without_a_name_stands_behind_it(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    assert "<bdi>Grace Lindqvist asked for a demo</bdi>" in bell(enter(world.ben))
    Notification.objects.update(text="The response time is nearly over.")
    assert "<bdi>Grace Lindqvist: The response time is nearly over.</bdi>" in bell(enter(world.ben))
    Card.objects.filter(pk=lead_id).update(name="")
    assert "<bdi>grace@halvorsen.example.com: The response" in bell(enter(world.ben))


def test_the_name_of_a_lead_that_one_may_not_see_stays_out(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    Notification.objects.update(text="The response time is nearly over.", user=world.cleo)
    assert "<bdi>The response time is nearly over.</bdi>" in bell(enter(world.cleo))


def bell(client: Client) -> str:
    return client.get("/notices").content.decode()


def test_what_grew_says_by_how_much(world: World, enter: Enter, lead_id: UUID) -> None:
    notifications.tell([Notice(world.ben.pk, lead_id, "followed", "a call")], now=clock.now())
    assert "and 1 more" in enter(world.ben).get("/notices").content.decode()


def test_reading_a_lead_reads_what_was_told_about_it_and_nothing_else(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    notifications.tell([Notice(world.ben.pk, None, "assigned", "3 leads")], now=clock.now())
    client = enter(world.ben)
    assert client.post("/notices/read", {"lead": str(lead_id)}).status_code == 302
    assert [each.text for each in notifications.unread(world.ben.pk)] == ["3 leads"]
    client.post("/notices/read", {"lead": "no id"})
    assert len(notifications.unread(world.ben.pk)) == 1


def test_nobody_reads_for_somebody_else(world: World, enter: Enter, lead_id: UUID) -> None:
    enter(world.cleo).post("/notices/read", {"lead": str(lead_id)})
    enter(world.cleo).post("/notices/read")
    assert len(notifications.unread(world.ben.pk)) == 1
