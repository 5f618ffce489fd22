"""Notes that name colleagues: who may see the lead is told, nobody else hears of it."""

from uuid import UUID

import pytest

from leadline.flow import intake, mentions, reactions
from leadline.routing.models import Notification
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World


@pytest.fixture
def lead_id(world: World) -> UUID:
    post = worlds.form("demo", email="grace@navy.example", at=world.now)
    found = intake.run([post], now=world.now).lead_ids[0]
    assert found is not None
    return found


def _note(world: World, lead_id: UUID, text: str, *, by: User) -> mentions.Mentioned:
    made = reactions.log_activity(
        lead_id, kind="note", outcome="", text=text, by=by.pk, began_at=world.now, now=world.now
    )
    return mentions.read(made)


@pytest.mark.django_db
def test_whoever_is_named_and_may_see_the_lead_is_told(world: World, lead_id: UUID) -> None:
    _note(world, lead_id, "@Ada she wants a discount", by=world.ben)
    told = Notification.objects.get(kind="mention")
    assert (told.user_id, told.lead_id) == (world.ada.pk, lead_id)
    assert told.text == "Ben mentioned you: @Ada she wants a discount"


@pytest.mark.django_db
def test_somebody_of_another_team_hears_nothing_and_the_writer_knows(
    world: World, lead_id: UUID
) -> None:
    found = _note(world, lead_id, "@Cleo and @Ada, look", by=world.ben)
    assert found.blind == [world.cleo]
    assert list(Notification.objects.filter(kind="mention").values_list("user", flat=True)) == [
        world.ada.pk
    ]


@pytest.mark.django_db
def test_nobody_is_told_of_their_own_note_or_twice(world: World, lead_id: UUID) -> None:
    _note(world, lead_id, "@Ben me, @Ada and @ada@acme.example", by=world.ben)
    assert Notification.objects.filter(kind="mention").count() == 1


@pytest.mark.django_db
def test_people_who_have_left_are_not_told(world: World, lead_id: UUID) -> None:
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    _note(world, lead_id, "@Ada?", by=world.ben)
    assert not Notification.objects.filter(kind="mention").exists()
