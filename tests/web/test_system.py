"""Settings, System: what is kept, what waits, and sending after a restore."""

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

import leadline
from leadline.analytics import shadow
from leadline.analytics.models import LakeState
from leadline.capture.inbox import COLUMNS, Draft
from leadline.capture.inbox_sqlite import FILE_NAME, SqliteInbox
from leadline.capture.models import Parked
from leadline.delivery import holding, outbox
from leadline.delivery.models import Message
from leadline.keeping import backups, manifest
from leadline.keeping.manifest import Manifest
from leadline.lib import clock
from leadline.workspace import jobs
from leadline.workspace.models import Job, User, Workspace
from tests.world import World

Enter = Callable[[User], Client]
Inbox = Callable[[datetime, int], None]
OLD = "There has been no good backup for 48 hours"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shelf(tmp_path: Path, settings: Settings) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, backups=folder)
    return folder


@pytest.fixture
def inbox(tmp_path: Path, settings: Settings, shelf: Path) -> Inbox:
    """Puts so many rows, received then, where the public door puts them."""
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, data=tmp_path)

    def put(at: datetime, count: int) -> None:
        drafts = [Draft(clock.micros(at), "key:1", "track", 1, 0, "{}", b"")] * count
        if connection.vendor == "postgresql":
            # Through the connection of the test, which takes it back.
            names, places = ", ".join(COLUMNS), ", ".join(["%s"] * len(COLUMNS))
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO capture_inbox ({names}) VALUES ({places})", drafts)
            return
        store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
        store.append(drafts)
        store.close()

    return put


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


def values(client: Client) -> dict[str, str]:
    """What stands beside each name on the page, without its tags."""
    found = re.findall(r"<dt>(.*?)</dt><dd[^>]*>(.*?)</dd>", text(client), re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in found}


QUEUES = ("Arrivals not yet worked off", "Lag", "Jobs that are due", "Jobs that failed",
          "Parked rows", "Messages to look at")  # fmt: skip


def test_each_queue_shows_what_waits_in_it(world: World, enter: Enter, inbox: Inbox) -> None:
    client = enter(world.ada)
    assert [values(client)[name] for name in QUEUES] == ["0", "0 seconds", "0", "0", "0", "0"]
    now = clock.now()
    inbox(now - timedelta(seconds=90), 1)
    inbox(now, 2)
    _jobs(now)
    _parked(now)
    for number, state in enumerate(("failed", "unknown", "held", "unknown", "sent", "folder")):
        Message.objects.create(kind="test", cause=f"t{number}", state=state, due_at=now,
                               created_at=now)  # fmt: skip
    shown = values(client)
    assert 90 <= int(shown.pop("Lag").split()[0]) <= 150  # as long as the test has taken
    assert [shown.get(name) for name in QUEUES] == ["3", None, "2", "1", "1", "4"]


def _jobs(now: datetime) -> None:
    for due_at in (now, now, now, now + timedelta(hours=1)):
        jobs.enqueue("backup", now=now, due_at=due_at)
    Job.objects.filter(pk=Job.objects.order_by("pk")[0].pk).update(state=Job.State.FAILED)


def _parked(now: datetime) -> None:
    for state in ("parked", "retried"):
        Parked.objects.create(source="key:1", received_at=now, body=b"", meta="", error="",
                              tries=5, state=state, parked_at=now)  # fmt: skip


def test_storage_and_version_are_those_of_this_installation(
    world: World, enter: Enter, shelf: Path, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, taken = enter(world.ada), backups.live_size_bytes()
    before = values(client)
    assert before["Version"] == leadline.__version__
    assert before["Database"].startswith(
        {"sqlite": "SQLite · ", "postgresql": "PostgreSQL · "}[connection.vendor]
    )
    assert (before["Backups"], before["Kept"].split(" ")[0]) == ("0 bytes", "0")
    backup(shelf, hours=9)
    backup(shelf, hours=33)
    monkeypatch.setattr(leadline, "__version__", "9.8.7")
    room = SimpleNamespace(free=456_000_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: room)
    file = Path(settings.ENVIRONMENT.data) / "media" / "plan.pdf"
    file.parent.mkdir()
    with file.open("wb") as written:
        written.truncate(3_000_000_000)  # a hole takes no room on the disk
    shown = values(client)
    assert shown["Version"] == "9.8.7"
    size, unit = shown["Database"].rsplit(" ", 2)[1:]
    # The database of the tests holds what earlier ones have left.
    assert unit == "GB"
    assert abs(float(size) - (taken / 1e9 + 3)) < 0.06
    assert not before["Database"].endswith(" GB")
    assert 3_000_000_000 <= backups.live_size_bytes() - taken < 3_010_000_000
    assert (shown["Backups"], shown["Kept"].split(" ")[0]) == ("6.0 MB", "2")
    assert shown["Free"] == "456.0 GB"


def test_how_fresh_and_how_large_the_lake_is_is_shown(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    assert values(client)["Data for reports"] == "none yet; the first report makes it"
    LakeState.objects.create(
        pk=1, key="x", refreshed_at=clock.now() - timedelta(minutes=7), row_count=12_345,
        size_bytes=2_500_000,
    )  # fmt: skip
    assert values(client)["Data for reports"].startswith("2.5 MB · 12,345 rows · 7")


def test_scores_that_differ_from_what_the_night_computed_are_an_alert(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    assert values(client)["All computed again"] == "not yet; it is done every night"
    found = {
        "as_of_us": clock.micros(clock.now()), "compared": 12_345, "differing": 0, "left_out": {},
        "seconds": 2.5, "engine": "duckdb",
    }  # fmt: skip
    shadow.keep(found, now=clock.now())
    assert values(client)["All computed again"].endswith("12,345 leads · 0 differ")
    alert = "1 stored score is not what computing it again gives."
    assert alert not in text(client, "/settings/system")
    shadow.keep({**found, "differing": 1}, now=clock.now())
    assert alert in text(client, "/settings/system")
    assert values(client)["All computed again"].endswith("12,345 leads · 1 differs")


def test_a_rep_is_told_and_not_offered_to_decide(world: World, enter: Enter) -> None:
    holding.hold(clock.now())
    client = enter(world.ben)
    shown = text(client, "/today")
    assert "no message leaves" in shown
    assert "/settings/system" not in shown
    assert client.post("/settings/system/resume", {"old": "send"}).status_code == 403
    assert holding.held_at() is not None
