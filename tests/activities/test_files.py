"""Files on a lead: whole or not at all, by their content, gone when nobody may keep them."""

import errno
import io
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest
from django.conf import settings

from leadline.activities import files, homes, personal, store
from leadline.activities.files import NotAFile
from leadline.activities.models import File
from leadline.leads.models import Lead
from leadline.lib.file_type import PDF, TEXT

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 an offer"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder() -> Iterator[Path]:
    """Where files lie; empty before and after."""
    place = Path(settings.ENVIRONMENT.data) / "media" / "files"
    shutil.rmtree(place, ignore_errors=True)
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def lead(now: datetime) -> Lead:
    return Lead.objects.create(created_at=now, known_at=now, updated_at=now)


def _keep(lead: Lead, now: datetime, content: bytes = CONTENT, name: str = "offer.pdf") -> File:
    return files.keep(lead.pk, io.BytesIO(content), name=name, by=None, now=now)


def _on_disk(folder: Path) -> list[bytes]:
    return [each.read_bytes() for each in folder.glob("*/*")]


def test_a_file_is_on_disk_under_a_name_of_ours_with_its_hash(
    lead: Lead, now: datetime, folder: Path
) -> None:
    row = _keep(lead, now)
    assert _on_disk(folder) == [CONTENT]
    assert store.path(row.stored).read_bytes() == CONTENT
    assert "offer" not in str(store.path(row.stored))
    assert (row.size_bytes, len(row.sha256), row.media_type) == (17, 64, "application/pdf")
    assert files.missing() == []
    store.path(row.stored).write_bytes(b"less")
    assert files.missing() == [row.pk]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"<script>", "not_allowed"), (b"", "not_allowed"), (b"%PDF-" + b"x" * 50, "too_large")],
)
def test_what_is_refused_leaves_nothing(
    lead: Lead, now: datetime, folder: Path, content: bytes, reason: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(files, "MOST_BYTES", 40)
    with pytest.raises(NotAFile) as refused:
        _keep(lead, now, content)
    assert refused.value.reason == reason
    assert (_on_disk(folder), File.objects.count()) == ([], 0)


def test_a_full_disk_is_said_and_leaves_nothing_half(
    lead: Lead, now: datetime, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: BinaryIO, stream: BinaryIO, *, most_bytes: int) -> tuple[int, str]:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(store, "_copy", full)
    with pytest.raises(NotAFile) as refused:
        _keep(lead, now)
    assert refused.value.reason == "no_room"
    assert (_on_disk(folder), File.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("offer.pdf", "offer.pdf"), ("../../etc/passwd", "passwd.pdf"), ("", "file.pdf"),
        ("..\\x\\offer.exe", "offer.exe.pdf"), ("a\u202egpj.exe", "agpj.exe.pdf"),
        ("OFFER.PDF", "OFFER.pdf"), ("...", "file.pdf"), ('a"b\r\n<c>.pdf', "a b c.pdf"),
        ("ä" * 300 + ".pdf", "ä" * 120 + ".pdf"), ("報告書.pdf", "報告書.pdf"),
        (".pdf", "file.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(given: str, kept: str) -> None:
    assert files.safe_name(given, PDF) == kept


def test_an_ending_that_fits_stays() -> None:
    assert files.safe_name("people.csv", TEXT) == "people.csv"
    assert files.safe_name("people.html", TEXT) == "people.html.txt"


def test_a_removed_file_comes_back_until_it_is_swept(
    lead: Lead, now: datetime, folder: Path
) -> None:
    row, other = _keep(lead, now), _keep(lead, now)
    assert (files.remove(row.pk, by=None, now=now), files.remove(row.pk, by=None, now=now)) == (  # type: ignore[arg-type]  # nobody in particular
        True, False,
    )  # fmt: skip
    assert files.bring_back(row.pk) is True
    files.remove(row.pk, by=None, now=now)  # type: ignore[arg-type]  # as above
    assert files.sweep(now=now + DAY / 2) == 0
    assert [files.sweep(now=now + 2 * DAY) for _ in range(2)] == [1, 0]
    assert files.bring_back(row.pk) is False
    assert [each.pk for each in File.objects.all()] == [other.pk]
    assert _on_disk(folder) == [CONTENT]


def test_what_a_crash_left_without_a_row_is_swept_a_day_later(
    lead: Lead, now: datetime, folder: Path
) -> None:
    kept = _keep(lead, now)
    lost = store.write(io.BytesIO(b"lost"), most_bytes=10)
    half = store.path("aa" + "0" * 38).with_suffix(".partial")
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    for path in (store.path(lost.name), half, store.path(kept.stored)):
        os.utime(path, (now.timestamp(), now.timestamp()))
    assert files.sweep(now=now + DAY / 2) == 0
    assert files.sweep(now=now + 2 * DAY) == 2
    assert _on_disk(folder) == [CONTENT]


def test_an_erased_lead_takes_its_files_along(
    lead: Lead, now: datetime, folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    _keep(lead, now)
    assert [each["name"] for each in personal.export_files(lead.pk)] == ["offer.pdf"]
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture
        assert files.erase([lead.pk], now=now) == 1
    row = File.objects.get()
    assert (row.name, row.stored, row.sha256) == ("", "", "")
    assert _on_disk(folder) == []
    assert files.bring_back(row.pk) is False


def test_files_follow_a_merge_and_its_undoing(lead: Lead, now: datetime) -> None:
    other = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    row, own = _keep(other, now), _keep(lead, now)
    assert homes.absorb(File, [(lead.pk, other.pk)]) == 1
    assert {each.lead_id for each in File.objects.all()} == {lead.pk}
    assert homes.part(File, lead.pk, other.pk) == 1
    assert dict(File.objects.values_list("pk", "lead")) == {row.pk: other.pk, own.pk: lead.pk}
