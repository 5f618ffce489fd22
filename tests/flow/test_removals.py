"""Who was removed for good is removed again when an older database comes back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import transaction

from leadline.delivery.models import Message
from leadline.flow import doctor, intake, reactions, removals, trash
from leadline.leads.models import Lead
from leadline.lib import clock, ledger
from leadline.routing.models import Clock
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
AFTER = timedelta(days=31)


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The data folder and the shelf of backups."""
    found = tmp_path / "data", tmp_path / "shelf"
    for folder in found:
        folder.mkdir()
    here = replace(settings.ENVIRONMENT, data=found[0], backups=found[1])
    monkeypatch.setattr(settings, "ENVIRONMENT", here)
    return found


def _arrive(world: World, email: str) -> UUID:
    said = worlds.form("demo", email=email, at=world.now, traits={"name": "Grace Lindqvist"})
    (lead_id,) = intake.run([said], now=world.now).lead_ids
    assert lead_id is not None
    return lead_id


def _known(folder: Path) -> dict[UUID, int]:
    found = ledger.read([folder / ledger.REMOVED_LEADS])
    assert found is not None
    return dict(found.gone_us)


def test_a_removal_is_noted_by_id_here_and_beside_the_backups(
    world: World, places: tuple[Path, Path]
) -> None:
    kept, absorbed = _arrive(world, "a@x.example"), _arrive(world, "b@y.example")
    reactions.merge(kept, absorbed, because="the same", now=world.now)
    trash.move([kept], by=world.ada, now=world.now)
    gone = world.now + AFTER
    assert trash.empty(now=gone) == 1
    expected = dict.fromkeys([kept, absorbed], clock.micros(gone))
    assert [_known(place) for place in places] == [expected, expected]


def test_nobody_is_removed_who_cannot_be_noted(world: World, places: tuple[Path, Path]) -> None:
    lead_id = _arrive(world, "a@x.example")
    trash.move([lead_id], by=world.ada, now=world.now)
    (places[0] / ledger.REMOVED_LEADS).mkdir()
    with pytest.raises(IsADirectoryError), transaction.atomic():
        trash.empty(now=world.now + AFTER)
    assert Lead.objects.get(pk=lead_id).traits["name"] == "Grace Lindqvist"


def test_a_shelf_that_is_away_holds_no_removal_up(world: World, places: tuple[Path, Path]) -> None:
    places[1].rmdir()
    trash.move([_arrive(world, "a@x.example")], by=world.ada, now=world.now)
    assert trash.empty(now=world.now + AFTER) == 1


def test_who_came_back_with_a_backup_goes_again_with_all_that_waited(
    world: World, places: tuple[Path, Path]
) -> None:
    back, other = _arrive(world, "a@x.example"), _arrive(world, "b@y.example")
    later = world.now + AFTER
    known = {back: clock.micros(world.now), UUID(int=7): 1}
    assert removals.again(known, now=later) == 1
    assert removals.again(known, now=later) == 0
    assert Lead.objects.get(pk=back).traits == {}
    assert Lead.objects.get(pk=other).traits["name"] == "Grace Lindqvist"
    assert not Message.objects.filter(lead=back, state="pending").exists()
    assert not Clock.objects.filter(lead=back, state="running").exists()
    assert doctor.examine(now=later).is_well
    assert back in _known(places[0]), "the next restore knows it too"


def test_who_was_taken_out_of_the_trash_since_stays(world: World) -> None:
    lead_id = _arrive(world, "a@x.example")
    trash.move([lead_id], by=world.ada, now=world.now)
    trash.restore([lead_id], by=world.ada, now=world.now + timedelta(minutes=5))
    noted = {lead_id: clock.micros(world.now + timedelta(minutes=1))}
    assert removals.again(noted, now=world.now + AFTER) == 0
    noted = {lead_id: clock.micros(world.now + timedelta(minutes=9))}
    assert removals.again(noted, now=world.now + AFTER) == 1
