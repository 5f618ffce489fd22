"""What surrounds the data is looked at, with one sentence to fix what is not well."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from pytest_django.fixtures import Settings

from leadline.analytics import client, shadow
from leadline.analytics.models import LakeState
from leadline.capture.models import Submission
from leadline.keeping import checks, manifest
from leadline.keeping.manifest import Manifest
from leadline.lib import clock, http_client
from tests.world import World

pytestmark = pytest.mark.django_db

PUBLIC = "https://leads.example.com"


def here(settings: Settings, **changes: object) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **changes)


def test_a_fresh_installation_is_told_what_to_do(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    here(settings, backups=tmp_path)
    found = {each.name: each for each in checks.all_of_them(world.now)}
    assert list(found) == [
        "address", "https", "proxy", "clock", "disk", "database", "mail", "files",
        "backup", "lake", "scores",
    ]  # fmt: skip
    assert "LEADLINE_BASE_URL" in found["address"].sentence
    assert "LEADLINE_EMAIL_URL" in found["mail"].sentence
    assert "leadline backup" in found["backup"].sentence
    assert "after the first night" in found["backup"].sentence
    assert not any(found[name].is_well for name in ("address", "mail", "backup"))
    assert found["database"].is_well
    assert "none yet" in found["lake"].sentence


def test_how_fresh_and_how_large_the_lake_is_is_told(world: World, analyst: None) -> None:
    client.ask("lake_refresh")
    LakeState.objects.update(
        refreshed_at=world.now - timedelta(minutes=7), row_count=1_234, size_bytes=2_500_000
    )
    told = checks.lake(world.now)
    assert (told.is_well, told.sentence) == (True, "1,234 rows, 2.5 MB, of 7 minutes ago.")
    old = checks.lake(world.now + timedelta(hours=48))
    assert not old.is_well
    assert old.sentence == "1,234 rows, 2.5 MB, 48 hours old: leadline lake refresh"
    LakeState.objects.update(key="of another")
    assert checks.lake(world.now).sentence.endswith("leadline lake rebuild")


def test_scores_that_differ_or_were_not_compared_for_two_nights_are_told(world: World) -> None:
    assert "done at night" in checks.scores(world.now).sentence
    found = {
        "as_of_us": clock.micros(world.now), "compared": 1_200, "differing": 0, "left_out": {},
        "seconds": 2.5, "engine": "duckdb",
    }  # fmt: skip
    shadow.keep(found, now=world.now)
    well = checks.scores(world.now + timedelta(hours=49))
    assert (well.is_well, well.sentence.split(" as of")[0]) == (True, "1,200 compared")
    assert not checks.scores(world.now + timedelta(hours=51)).is_well
    shadow.keep({**found, "differing": 3}, now=world.now)
    wrong = checks.scores(world.now)
    assert not wrong.is_well
    assert wrong.sentence.endswith(f"--check --as-of {world.now.isoformat()}")


def test_a_public_address_without_https_or_behind_an_unknown_proxy_is_noticed(
    world: World, settings: Settings
) -> None:
    here(settings, base_url="http://leads.example.com")
    assert "in the clear" in checks.https(world.now).sentence
    here(settings, base_url=PUBLIC)
    assert checks.https(world.now).is_well
    assert "LEADLINE_TRUSTED_PROXIES=1" in checks.proxy(world.now).sentence
    here(settings, trusted_proxy_count=1)
    assert checks.proxy(world.now).is_well


@pytest.mark.parametrize(
    ("status", "body", "is_well"),
    [(200, b'{"status":"ok"}', True), (200, b"<h1>Welcome</h1>", False), (502, b"", False)],
)
def test_the_public_address_must_lead_to_us(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch,
    status: int, body: bytes, is_well: bool,
) -> None:  # fmt: skip
    here(settings, base_url=PUBLIC)
    asked: list[str] = []

    def send(_method: str, url: str, **_: object) -> http_client.Answer:
        asked.append(url)
        return http_client.Answer(status, {}, body, False, 0.1)

    monkeypatch.setattr(http_client, "send", send)
    assert checks.address(world.now).is_well is is_well
    assert asked == [f"{PUBLIC}/healthz"]


def test_a_public_address_that_does_not_answer_is_noticed(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> http_client.Answer:
        raise http_client.NoAnswer("leads.example.com could not be reached")

    here(settings, base_url=PUBLIC)
    monkeypatch.setattr(http_client, "send", refuse)
    assert "check DNS" in checks.address(world.now).sentence


def test_a_clock_behind_what_was_stored_is_noticed(world: World) -> None:
    later = world.now + timedelta(hours=1)
    Submission.objects.create(
        form_slug="demo", message_id="m", raw="{}", state="accepted", received_at=later,
        known_at=later,
    )  # fmt: skip
    assert "behind what was stored" in checks.machine_clock(world.now).sentence


def test_a_full_disk_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    full = shutil.disk_usage("/")._replace(free=1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    assert "free some" in checks.disk(world.now).sentence


def test_a_mail_server_that_cannot_be_reached_is_noticed(world: World, settings: Settings) -> None:
    here(settings, email={})
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert "The mail server refuses" in checks.mail_server(world.now).sentence


@pytest.mark.parametrize(
    ("version", "encoding", "may_create", "said"),
    [
        (150_004, "UTF8", True, "PostgreSQL 15."),
        (140_004, "UTF8", True, "is too old"),
        (150_004, "SQL_ASCII", True, "--encoding=UTF8"),
        (150_004, "UTF8", False, "CREATEDB"),
    ],
)
def test_a_server_that_does_not_fit_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch,
    version: int, encoding: str, may_create: bool, said: str,
) -> None:  # fmt: skip
    answering = MagicMock(vendor="postgresql")
    asked = answering.cursor.return_value.__enter__.return_value
    asked.fetchone.return_value = (version, encoding, may_create)
    monkeypatch.setattr(checks, "connection", answering)
    monkeypatch.setattr(checks.shutil, "which", lambda name: name)
    found = checks.database(world.now)
    assert said in found.sentence
    assert found.is_well is (said == "PostgreSQL 15.")


@pytest.mark.parametrize(("hours", "is_well"), [(47, True), (49, False)])
def test_a_backup_is_late_after_two_days(
    world: World, settings: Settings, tmp_path: Path, hours: int, is_well: bool
) -> None:
    here(settings, backups=tmp_path)
    made_at = world.now - timedelta(hours=hours)
    folder = tmp_path / manifest.folder_name(made_at)
    folder.mkdir()
    manifest.write(
        folder,
        Manifest(
            format=1, made_at=made_at, version="0.1.0", engine="sqlite", cause="nightly",
            tables={}, migrations={}, files={}, is_proven=True,
        ),
    )  # fmt: skip
    assert checks.last_backup(world.now).is_well is is_well
