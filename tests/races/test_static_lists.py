"""Two people at one static list at once: a name stands once, nobody is put on what ends."""

from uuid import UUID

import pytest

from leadline.flow import bulk_actions, bulk_choice, intake, static_lists
from leadline.segments import lists
from leadline.segments.models import Membership, Segment
from leadline.workspace import audit
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from tests.races.side_by_side import at_once, meeting, overtaken, unguarded
from tests.world import World, form

pytestmark = pytest.mark.django_db(transaction=True)
LEADS = 4


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    posts = [form("demo", email=f"p{n}@firm{n}.example", at=world.now) for n in range(LEADS)]
    return [each for each in intake.run(posts, now=world.now).lead_ids if each is not None]


def by(user: User) -> Doer:
    return audit.by(user, origin="")


def made(world: World, name: str) -> Segment:
    return lists.named(name, by=world.ada.pk, now=world.now)


def test_two_lists_that_get_one_name_at_once_are_one_list_and_one_sentence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [made(world, "Fair"), made(world, "Expo")]

    def rename(segment: Segment) -> object:
        return static_lists.rename(segment.pk, "Same", by=by(world.ada), now=world.now)

    with meeting(monkeypatch, lists, "called"):
        found = at_once(lambda: rename(both[0]), lambda: rename(both[1]))
    refused = [each for each in found if isinstance(each, lists.NotAList)]
    assert [str(each) for each in refused] == ["Another list has this name."]
    assert Segment.objects.filter(name="Same").count() == 1
    assert len(audit.newest(limit=9)) == 1, "who was refused changed nothing"


def test_two_people_who_make_one_list_at_once_make_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting(monkeypatch, lists, "called"):
        found = at_once(lambda: made(world, "Fair"), lambda: made(world, "fair"))
    assert found == [Segment.objects.get(kind="static")] * 2


def test_a_new_list_and_one_with_its_key_at_once_are_two(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key of a new list called “Fair” is “Fair 2”, which another is called just now."""
    lists.rename(made(world, "Fair"), "Old", now=world.now)
    with meeting(monkeypatch, lists, "called"):
        found = at_once(lambda: made(world, "Fair"), lambda: made(world, "Fair 2"))
    assert sorted(str(each) for each in found) == ["Fair", "Fair 2"]
    assert len(lists.static()) == 3


def _putting_overtaken_by_the_end(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> list[Exception]:
    segment, choice = made(world, "Fair"), bulk_choice.of_leads(lead_ids)

    def put() -> object:
        said = {"list": "Fair"}
        return bulk_actions.begin("list", choice, said, by=by(world.ada), now=world.now)

    def delete() -> object:
        return static_lists.delete(
            segment.pk, reader=world.ada, by=by(world.ada), now=world.now
        )  # fmt: skip

    return overtaken(monkeypatch, lists, "find", slow=put, fast=delete)


def test_nobody_is_put_on_a_list_that_ends_meanwhile(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _putting_overtaken_by_the_end(world, lead_ids, monkeypatch) == []
    assert not Segment.objects.filter(kind="static").exists()
    assert not Membership.objects.exists()


def test_without_the_lock_the_list_ends_under_who_puts_leads_on_it(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch):
        assert _putting_overtaken_by_the_end(world, lead_ids, monkeypatch) != []
