"""What somebody wrote and searched for in a bulk action goes when one of its leads is erased."""

from importlib import import_module
from uuid import UUID

import pytest
from django.apps import apps

from leadline.activities.models import Task
from leadline.cards import filters
from leadline.cards.models import SavedView
from leadline.cards.queries import Listing
from leadline.flow import bulk_actions, bulk_choice, bulk_once
from leadline.flow.models import BulkAction, BulkChange
from leadline.lib import clock, ids, personal_data
from leadline.web import bulk_words
from leadline.workspace import audit
from tests.flow import many
from tests.flow.many import Do, later
from tests.world import World

lead_ids, do = many.lead_ids, many.do  # the fixtures
pytestmark = pytest.mark.django_db
WORD = "otter-4711"
TASK = {"text": f"Send the {WORD}"}


def _erase(world: World, lead_id: UUID) -> None:
    for _ in range(2):
        for holder in personal_data.registered():
            if holder.eraser is not None:
                holder.eraser([lead_id], now=later(world, 9))


def _task(world: World) -> dict[str, object]:
    return {**TASK, "due_at": clock.micros(later(world, 9_000))}


def _kept() -> str:
    rows = BulkAction.objects.values_list("wanted", "choice", "asked")
    return str([*rows, *BulkChange.objects.values_list("before", "mark")])


def test_the_text_of_a_task_for_many_goes_with_one_of_them(
    world: World, lead_ids: list[UUID], do: Do
) -> None:
    about_all = do("task", lead_ids, **_task(world))
    other = do("task", lead_ids[1:], **{**_task(world), "text": "Send the badger"})
    do("stage", lead_ids[:2], stage="disqualified", reason=f"Only the {WORD}")
    named = do("field", lead_ids[:2], field="title", value=f"Keeper of the {WORD}")
    assert WORD in _kept()
    _erase(world, lead_ids[0])
    assert WORD not in _kept()
    about_all.refresh_from_db()
    assert "“…”" in bulk_words.Named([about_all]).what("task", about_all.wanted)
    named.refresh_from_db()
    assert bulk_words.Named([named]).what("field", named.wanted) == "Change “Job title”"
    other.refresh_from_db()
    assert other.wanted["text"] == "Send the badger"
    # Nothing of it is needed to undo what was done to the others.
    undone = many.undo(world, about_all)
    assert undone is not None
    assert (undone.state, undone.returned_count) == ("undone", len(lead_ids) - 1)
    assert not Task.objects.filter(text__contains=WORD).exists()


@pytest.mark.parametrize(
    ("search", "rule", "said"),
    [
        ("p0@firm0.example", {}, "1 lead: found by words that were erased"),
        ("", {"trait": "title", "is": "VP Sales"}, "1 lead: found by words that were erased"),
        ("p0@firm0", {"score": "total", "gte": 0}, "1 lead: score is at least 0"),
    ],
)
def test_what_was_searched_for_goes(
    world: World, lead_ids: list[UUID], do: Do, search: str, rule: dict[str, object], said: str
) -> None:
    listing = Listing(world.ada, world.now, filters.read(rule), search=search)
    seen = 7 if not search else 1
    action = do("task", bulk_choice.of_listing(listing, is_everything=False, seen=seen),
                **_task(world))  # fmt: skip
    assert action.done_count == seen
    _erase(world, lead_ids[0])
    action.refresh_from_db()
    action.lead_count = 1
    assert bulk_words.which(action) == said
    assert "firm0" not in _kept()


def test_of_everything_it_still_says_so(world: World, lead_ids: list[UUID], do: Do) -> None:
    listing = Listing(world.ada, world.now)
    everything = bulk_choice.of_listing(listing, is_everything=True, seen=len(lead_ids))
    action = do("task", everything, **_task(world))
    _erase(world, lead_ids[0])
    action.refresh_from_db()
    assert bulk_words.which(action) == "7 leads: every lead"


@pytest.mark.parametrize("end", ["work", "cancel", "refuse"])
def test_an_action_that_is_under_way_keeps_its_words_until_it_ends(
    world: World, lead_ids: list[UUID], do: Do, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 2)
    action = do("task", lead_ids, **_task(world))
    assert action.state == "working"
    _erase(world, lead_ids[0])
    assert WORD in _kept()
    if end == "cancel":
        assert bulk_actions.cancel(action.pk, now=later(world))
    elif end == "refuse":
        world.ada.role = "read_only"
        world.ada.save()
    many.work(world)
    action.refresh_from_db()
    assert action.state == {"work": "done", "cancel": "cancelled", "refuse": "refused"}[end]
    assert WORD not in _kept()
    # The others have the task that was asked for.
    assert Task.objects.filter(text__contains=WORD).exists() is (end == "work")


def test_a_key_that_was_used_is_not_taken_again_when_the_words_are_gone(
    world: World, lead_ids: list[UUID]
) -> None:
    def begin() -> BulkAction:
        return bulk_actions.begin(
            "task", bulk_choice.of_leads(lead_ids[:2]), _task(world),
            by=audit.by(world.ada, origin=""), now=later(world), sent=sent,
        )  # fmt: skip

    sent = bulk_once.once(ids.uuid7(), TASK)
    assert begin() == begin()
    _erase(world, lead_ids[0])
    assert sent.asked not in _kept()
    with pytest.raises(bulk_once.UsedOtherwise):
        begin()


def test_an_address_that_was_typed_into_a_view_goes(world: World, lead_ids: list[UUID]) -> None:
    address = "p0@firm0.example"
    rule = {
        "all": [
            {"trait": "referred_by", "is": "P0@Firm0.example"},
            {"trait": "cc", "in": [address, f"{address}.com", f"x-{address}"]},
            {"owner": "p0@firm0.example"},
            {"trait": "name", "contains": "Schmidt"},
        ]
    }  # fmt: skip
    mine = SavedView.objects.create(user=world.ada, name="p0@firm0.example here", filter=rule)
    other = SavedView.objects.create(user=world.ben, name="Mine", filter={"trait": "a", "is": "b"})
    _erase(world, lead_ids[0])
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.name, other.filter) == ("erased here", {"trait": "a", "is": "b"})
    assert mine.filter == {
        "all": [
            {"trait": "referred_by", "is": "erased"},
            {"trait": "cc", "in": ["erased", f"{address}.com", f"x-{address}"]},
            {"owner": "p0@firm0.example"},
            {"trait": "name", "contains": "Schmidt"},
        ]
    }


def test_words_that_were_left_behind_are_forgotten_by_the_migration(world: World) -> None:
    migration = import_module("leadline.cards.migrations.0005_forget_words_that_stand_nowhere")
    many.arrive(world, 1)
    spellings = apps.get_model("cards", "Spelling").objects
    before = set(spellings.values_list("word", flat=True))
    spellings.create(gram="^^s", word="schmid")
    migration.forget(apps, None)
    assert set(spellings.values_list("word", flat=True)) == before
