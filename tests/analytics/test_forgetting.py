"""Whoever is erased is read out of the lake no more, at once, and then stands in no file."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq
import pytest
from django.db import transaction

from leadline.analytics import forgetting, refreshing, tombstones
from leadline.analytics.lake import Lake
from leadline.analytics.models import Tombstone
from leadline.analytics.store import LakeError, Store
from leadline.flow import intake
from leadline.leads import trash
from leadline.leads.models import Binding
from tests.analytics import lakes
from tests.world import World, form, said

pytestmark = pytest.mark.django_db

MARKS = ("stone-4711", "plan-of-grace")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


@pytest.fixture
def grace(world: World, lake: Lake) -> UUID:
    """One of two leads in the lake, with an event, a trait, a score, a stage, a consent."""
    made = [
        form("demo", email="grace@navy.example", at=world.now, anonymous_id="v1"),
        said(at=world.now, anonymous_id="v1", properties={"path": MARKS[0], "plan": MARKS[1]}),
        said("identify", email="linus@kernel.example", at=world.now, traits={"country": "FI"}),
    ]
    found = intake.run(made, now=world.now).lead_ids[0]
    assert found is not None
    lakes.refreshed(lake, world.now)
    return found


def erase(lead_id: UUID, world: World) -> None:
    trash.put([lead_id], by=world.ada.pk, now=world.now)
    assert trash.remove([lead_id], now=world.now) == 1


def found_of(lake: Lake, lead_id: UUID) -> set[str]:
    """The tables in which something of the lead is read."""
    mine = set(Binding.objects.filter(lead=lead_id).values_list("pk", flat=True))
    return {
        name
        for name in lake.manifest().tables
        for row in lakes.rows(lake, name)
        if str(lead_id) in row.values()
        or row.get("binding_id") in mine
        or (name == "bindings" and row["id"] in mine)
    }


def everything(lake: Lake) -> str:
    """Every byte of every file, and every cell: pages are compressed."""
    text = ""
    for path in lakes.files(lake):
        text += path.read_bytes().decode("latin-1")
        text += repr(pq.read_table(path, partitioning=None).to_pylist())
    return text


def test_an_erased_lead_is_gone_for_readers_at_once(world: World, lake: Lake, grace: UUID) -> None:
    everywhere = {"events", "touches", "bindings", "leads", "standings", "score_changes",
                  "stage_changes", "assignments", "trait_values"}  # fmt: skip
    assert everywhere - {"touches"} <= found_of(lake, grace)
    before = len(lakes.rows(lake, "leads"))
    erase(grace, world)
    assert found_of(lake, grace) == set()
    assert len(lakes.rows(lake, "leads")) == before - 1


def test_an_erasure_that_is_undone_leaves_no_tombstone(
    world: World, lake: Lake, grace: UUID
) -> None:
    with transaction.atomic():
        erase(grace, world)
        transaction.set_rollback(True)
    assert found_of(lake, grace) != set()


def test_no_file_holds_a_byte_of_them(world: World, lake: Lake, grace: UUID) -> None:
    assert all(mark in everything(lake) for mark in (*MARKS, str(grace)))
    erase(grace, world)
    done = forgetting.forget(lake, verify=True)
    assert done.tombstone_count == 1
    assert done.rewritten_count > 5
    found = everything(lake)
    assert not [mark for mark in (*MARKS, str(grace), grace.hex) if mark in found]
    assert "FI" in found, "the other lead stays"
    content = Path(lake.address, "manifest.json").read_text()
    assert str(grace) not in content


def test_a_second_run_rewrites_nothing(world: World, lake: Lake, grace: UUID) -> None:
    erase(grace, world)
    forgetting.forget(lake)
    generation = lake.manifest().generation
    again = forgetting.forget(lake, verify=True)
    assert (again.tombstone_count, again.rewritten_count) == (0, 0)
    assert lake.manifest().generation == generation


def test_nothing_of_them_is_ever_written_again(world: World, lake: Lake, grace: UUID) -> None:
    erase(grace, world)
    forgetting.forget(lake)
    refreshing.rebuild(lake, now=world.now + timedelta(days=1), is_alone=True)
    assert str(grace) not in everything(lake)
    assert found_of(Lake(lake.address, gone=lambda _: tombstones.NOBODY), grace) == set()


def test_who_was_erased_before_the_first_refresh_is_in_no_file(world: World, lake: Lake) -> None:
    seen = said("identify", email="a@b.example", at=world.now, traits={"country": "FI"})
    lead_id = intake.run([seen], now=world.now).lead_ids[0]
    assert lead_id is not None
    erase(lead_id, world)
    lakes.refreshed(lake, world.now)
    assert str(lead_id) not in everything(lake)


def test_whoever_reads_the_generation_before_still_leaves_them_out(
    world: World, lake: Lake, grace: UUID
) -> None:
    before = lake.manifest().generation
    erase(grace, world)
    forgetting.forget(lake)
    assert str(grace) in tombstones.pending(before).lead_ids
    assert not tombstones.pending(lake.manifest().generation)


def test_a_word_that_is_still_there_is_found(
    world: World, lake: Lake, grace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    erase(grace, world)
    monkeypatch.setattr("leadline.analytics.compaction.drop", lambda *_: 0)
    with pytest.raises(LakeError, match="still holds what was erased"):
        forgetting.forget(lake, verify=True)
    assert Tombstone.objects.filter(forgotten_in=None).exists()


def test_a_field_that_is_hidden_is_read_no_more(world: World, lake: Lake, grace: UUID) -> None:
    assert "country" in {row["name"] for row in lakes.rows(lake, "trait_values")}
    tombstones.hide("country", now=world.now)
    assert "country" not in {row["name"] for row in lakes.rows(lake, "trait_values")}
    assert forgetting.forget(lake, verify=True).rewritten_count == 1
    assert "'country'" not in everything(lake)


def test_where_there_is_no_lake_there_is_nothing_to_forget(world: World, lake: Lake) -> None:
    stray = Store(str(lake.address))
    with stray.writing(f"events/2026-01/{'0' * 32}.parquet") as file:
        file.write(b"left by a run that was killed")
    assert forgetting.forget(lake, verify=True).deleted_count == 1
