"""Settings, System: what is kept, what waits, and sending after a restore."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from leadline.delivery import holding, outbox
from leadline.delivery.models import Message
from leadline.keeping import manifest
from leadline.keeping.manifest import Manifest
from leadline.lib import clock
from leadline.workspace.models import Job, User, Workspace
from tests.world import World

Enter = Callable[[User], Client]
OLD = "There has been no good backup for 48 hours"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, backups=folder)
    return folder


def backup(shelf: Path, *, hours: int) -> None:
    made_at = clock.now() - timedelta(hours=hours)
    folder = shelf / manifest.folder_name(made_at)
    folder.mkdir()
    manifest.write(
        folder,
        Manifest(
            format=1, made_at=made_at, version="0.1.0", engine="sqlite", cause="nightly",
            tables={}, migrations={}, files={"x": manifest.File(3_000_000, "")}, is_proven=True,
        ),
    )  # fmt: skip


def text(client: Client, address: str = "/settings/system") -> str:
    return client.get(address).content.decode()


def test_a_backup_of_last_night_is_shown_without_a_warning(
    world: World, enter: Enter, shelf: Path
) -> None:
    backup(shelf, hours=9)
    shown = text(enter(world.ada))
    assert "3.0 MB" in shown
    assert "opened and examined" in shown
    assert OLD not in shown


def test_after_48_hours_without_a_good_backup_the_page_warns(
    world: World, enter: Enter, shelf: Path
) -> None:
    backup(shelf, hours=49)
    assert OLD in text(enter(world.ada))


def test_a_new_workspace_has_two_days_for_its_first_backup(world: World, enter: Enter) -> None:
    Workspace.objects.update(created_at=clock.now() - timedelta(hours=47))
    assert OLD not in text(enter(world.ada))
    Workspace.objects.update(created_at=clock.now() - timedelta(hours=49))
    assert OLD in text(enter(world.ada))


def test_a_backup_can_be_asked_for_and_is_made_once(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    for _ in range(2):
        answer = client.post("/settings/system/backup")
        assert answer["Location"] == "/settings/system?done=backup"
    assert Job.objects.filter(kind="backup").count() == 1


def test_while_sending_is_held_every_screen_says_so_and_the_owner_decides(
    world: World, enter: Enter
) -> None:
    now = clock.now()
    draft = outbox.Draft("account", "old", "ben@acme.example", "Hello", "text")
    outbox.put([draft], now=now - timedelta(hours=1))
    holding.hold(now)
    client = enter(world.ada)
    assert "Restored from a backup: no message leaves." in text(client, "/today")
    assert "1 message waited in the backup" in text(client)
    client.post("/settings/system/resume", {"old": "skip"})
    assert holding.held_at() is None
    assert Message.objects.get().state == Message.State.SUPPRESSED
    assert "no message leaves" not in text(client, "/today")


def test_the_old_messages_can_be_sent_too(world: World, enter: Enter) -> None:
    now = clock.now()
    draft = outbox.Draft("account", "old", "ben@acme.example", "Hello", "text")
    outbox.put([draft], now=now - timedelta(hours=1))
    holding.hold(now)
    enter(world.ada).post("/settings/system/resume", {"old": "send"})
    assert Message.objects.get().state == Message.State.PENDING


def test_a_rep_is_told_and_not_offered_to_decide(world: World, enter: Enter) -> None:
    holding.hold(clock.now())
    client = enter(world.ben)
    shown = text(client, "/today")
    assert "no message leaves" in shown
    assert "/settings/system" not in shown
    assert client.post("/settings/system/resume", {"old": "send"}).status_code == 403
    assert holding.held_at() is not None
