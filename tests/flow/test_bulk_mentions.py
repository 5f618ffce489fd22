"""A note for many leads names colleagues: each is told once, of the leads that they may see."""

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity
from leadline.cards import selection
from leadline.cards.models import Card
from leadline.flow import bulk_actions, mentions, reactions
from leadline.routing.models import Notification
from leadline.workspace import kept
from leadline.workspace.models import User
from tests.flow import many
from tests.flow.many import LEADS, Do, undo, work
from tests.world import World

pytestmark = pytest.mark.django_db
lead_ids, do = many.lead_ids, many.do  # the fixtures


def told() -> dict[str, str]:
    """Who was told in what words; each at a lead that they may see."""
    found = list(Notification.objects.filter(kind="mention").select_related("user"))
    for each in found:
        assert each.lead_id is not None
        assert selection.visible(each.user, [each.lead_id])
    return {each.user.name: each.text for each in found}


def test_whoever_is_named_is_told_once_and_undoing_takes_the_notes_back(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    action = do("log", lead_ids, kind="note", text="@Ben @ben@acme.example they were at the fair")
    words = "Ada mentioned you on 7 leads: @Ben @ben@acme.example they were at the fair"
    assert told() == {"Ben": words}
    assert Activity.objects.count() == LEADS
    undone = undo(world, action)
    assert undone is not None
    assert undone.returned_count == LEADS
    assert not Activity.objects.exists()
    assert Notification.objects.filter(kind="mention").count() == 1, "undoing tells nobody"


def test_each_hears_of_the_leads_that_they_may_see_and_nobody_of_others(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    dan = User.objects.create_user("dan@acme.example", name="Dan", role="rep", team=world.other)
    for lead_id in lead_ids[:2]:
        reactions.assign(lead_id, world.cleo.pk, by=world.ada.pk, because="-", now=world.now)
    do("log", lead_ids[1:], kind="call", outcome="connected", text="@Cleo @Ben @Dan @Ada: look")
    said = {name: words.split(":")[0] for name, words in told().items()}
    assert said["Cleo"] == "Ada mentioned you on 1 lead"
    assert said["Ben"] == "Ada mentioned you on 5 leads"
    assert said.get("Dan") == "Ada mentioned you on 1 lead", dan.team
    assert "Ada" not in said, "nobody tells themselves"


def test_nobody_hears_of_a_note_that_was_written_to_no_lead(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    do("log", lead_ids, by=world.cleo, kind="note", text="@Ada?")
    assert told() == {}


def test_a_job_of_many_portions_tells_once(
    world: World, lead_ids: list[UUID], do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 1)
    monkeypatch.setattr(bulk_actions, "PORTION", 2)
    action = do("log", lead_ids, kind="note", text="@Ben see them all")
    assert told() == {}
    work(world)
    bulk_actions.run({"action": str(action.pk)}, world.now)
    assert told() == {"Ben": "Ada mentioned you on 7 leads: @Ben see them all"}


def test_the_words_are_known_to_who_tells_them_in_other_languages() -> None:
    assert "%(who)s mentioned you on %(what)s: %(text)s" in kept.TEXTS


def test_whom_a_note_names_costs_two_queries_and_none_without_an_at(
    world: World, lead_ids: list[UUID]
) -> None:
    leads = Card.objects.values("pk")
    for text, cost in (("@Ben @Cleo @ben@acme.example", 2), ("@Ben", 2), ("nobody", 0)):
        with CaptureQueriesContext(connection) as seen:
            mentions.of_many(text, leads, by_id=world.ada.pk)
        assert len(seen) == cost, text
