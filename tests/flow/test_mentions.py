"""Notes that name colleagues: who may see the lead is told, nobody else hears of it."""

from uuid import UUID

import pytest
from django.test import TestCase

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
@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Nguyễn Văn An", "An"), ("山田 太郎", "太郎"), ("山田 太郎", "山田"), ("王小明", "王小明"),
        ("Ada Lovelace", "Lovelace"), ("Jón Þór Birgisson", "jón"), ("Orbán Viktor", "Viktor"),
    ],
)  # fmt: skip
def test_whichever_word_of_a_name_people_call_somebody_by_names_them(
    world: World, lead_id: UUID, name: str, called: str
) -> None:
    User.objects.filter(pk=world.ada.pk).update(name=name)
    found = _note(world, lead_id, f"@{called}, look", by=world.ben)
    assert [each.pk for each in found.told] == [world.ada.pk]


@pytest.mark.django_db
def test_a_word_that_two_names_share_names_neither(world: World, lead_id: UUID) -> None:
    User.objects.filter(pk=world.ada.pk).update(name="Martin Schulz")
    User.objects.create_user("anna@acme.example", name="Anna Martin", team=world.sales)
    assert _note(world, lead_id, "@Martin?", by=world.ben) == mentions.Mentioned()
    assert len(_note(world, lead_id, "@Schulz and @Anna", by=world.ben).told) == 2


@pytest.mark.django_db
def test_people_who_have_left_are_not_told(world: World, lead_id: UUID) -> None:
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    _note(world, lead_id, "@Ada?", by=world.ben)
    assert not Notification.objects.filter(kind="mention").exists()


def _offered(world: World, lead_id: UUID, typed: str) -> list[str]:
    return [each.written for each in mentions.offer(lead_id, typed, by=world.ben.pk)]


@pytest.mark.django_db
def test_colleagues_who_may_see_the_lead_are_offered_by_any_word_of_their_name(
    world: World, lead_id: UUID
) -> None:
    User.objects.filter(pk=world.ada.pk).update(name="Ada Lovelace")
    assert _offered(world, lead_id, "") == ["Ada Lovelace"], "not Cleo, not oneself"
    for typed in ("a", "ADA l", "love", "ada@ac"):
        assert _offered(world, lead_id, typed) == ["Ada Lovelace"], typed
    assert _offered(world, lead_id, "cle") == []
    assert _offered(world, lead_id, "x") == []


@pytest.mark.django_db
def test_what_is_written_names_exactly_the_one_who_was_chosen(world: World, lead_id: UUID) -> None:
    twin = User.objects.create_user("ada2@acme.example", name="Ada", team=world.sales)
    written = _offered(world, lead_id, "ada")
    assert written == ["ada2@acme.example", "ada@acme.example"]
    found = _note(world, lead_id, f"@{written[0]} look", by=world.ben)
    assert found.told == [twin]


@pytest.mark.django_db
def test_offering_costs_two_queries_however_many_work_here(world: World, lead_id: UUID) -> None:
    for number in range(15):
        User.objects.create_user(f"d{number}@acme.example", name=f"Dan {number}", team=world.sales)
    with TestCase().assertNumQueries(2):
        assert len(mentions.offer(lead_id, "dan", by=world.ben.pk)) == 8
