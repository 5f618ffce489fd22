"""A backup is refused in one sentence when it cannot be good, and the old ones stay."""

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from leadline.activities import files, store
from leadline.keeping import backups, checks, elsewhere, manifest, shelf
from leadline.keeping.manifest import Manifest
from leadline.leads.models import Lead
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sqlite_only]


@pytest.fixture
def place(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "shelf"
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, backups=folder)
    return folder


def old(place: Path, made_at: datetime) -> Path:
    folder = place / manifest.folder_name(made_at)
    folder.mkdir(parents=True)
    manifest.write(
        folder,
        Manifest(
            format=1, made_at=made_at, version="0.1.0", engine="sqlite", cause="nightly",
            tables={}, migrations={}, files={}, is_proven=True,
        ),
    )  # fmt: skip
    return folder


def test_a_copy_that_does_not_hold_together_never_becomes_a_backup(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite, like the rest of this file: on PostgreSQL the same code is behind the dump."""
    before = old(place, world.now - timedelta(days=60))
    said = {"is_current": True, "findings": ["3 scores do not add up"]}
    monkeypatch.setattr(elsewhere, "ask", lambda *_, **__: said)
    with pytest.raises(backups.BackupFailed, match="3 scores do not add up"):
        backups.make(cause="asked", now=world.now)
    assert [each.folder for each in shelf.listing(place)] == [before]
    assert list(place.glob("partial-*")) == []


def test_files_of_leads_are_in_a_backup_and_what_is_missing_is_noticed(
    world: World, place: Path
) -> None:
    now = world.now
    lead = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    row = files.keep(lead.pk, io.BytesIO(b"%PDF-1.7"), name="offer.pdf", by=None, now=now)
    made = backups.make(cause="asked", now=now)
    name = f"media/files/{row.stored[:2]}/{row.stored}"
    assert made.manifest.files[name].sha256 == row.sha256
    assert (made.folder / name).read_bytes() == b"%PDF-1.7"
    assert checks.stored_files(now).is_well
    store.delete(row.stored)
    assert "media/files: 1." in checks.stored_files(now).sentence
    backups.make(cause="asked", now=now + timedelta(days=1))


def test_without_room_nothing_is_begun(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = old(place, world.now - timedelta(days=60))
    monkeypatch.setattr(backups, "live_size_bytes", lambda: 10**15)
    with pytest.raises(backups.BackupFailed, match="LEADLINE_BACKUPS"):
        backups.make(cause="asked", now=world.now)
    assert [each.folder for each in shelf.listing(place)] == [before]


def test_two_backups_at_once_are_one_and_a_sentence(world: World, place: Path) -> None:
    place.mkdir()
    with backups._alone(place), pytest.raises(backups.BackupFailed, match="right now"):
        backups.make(cause="asked", now=world.now)


def test_a_good_backup_lets_the_oldest_and_what_was_interrupted_go(
    world: World, place: Path
) -> None:
    for days in (0, 1, 40, 50):
        old(place, world.now - timedelta(days=days, hours=1))
    (place / "partial-leadline-20260101T000000Z-7").mkdir()
    made = backups.make(cause="nightly", now=world.now)
    assert made.manifest.is_proven
    ages = [(world.now - each.manifest.made_at).days for each in shelf.listing(place)]
    assert ages == [0, 1]
    assert list(place.glob("partial-*")) == []
