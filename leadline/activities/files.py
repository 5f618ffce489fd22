"""Files on a lead: kept, listed, removed with a way back, gone for good a day later."""

import re
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import DatabaseError, transaction

from leadline.activities import store
from leadline.activities.models import File
from leadline.lib import file_type, ids, text
from leadline.lib.file_type import Type

MOST_BYTES = 10 * 1024 * 1024
MOST_PER_LEAD = 200
KEPT_AFTER_REMOVAL = timedelta(days=1)
"""As long a removed file stays on disk: for Undo, and for a backup that copies files after rows."""
_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


class NotAFile(ValueError):
    """A file that is not kept. `reason` is one of too_large, not_allowed, too_many, no_room."""

    permanent = True

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def keep(
    lead_id: uuid.UUID,
    file: BinaryIO,
    *,
    name: str,
    by: uuid.UUID | None,
    now: datetime,
    key: uuid.UUID | None = None,
) -> File:
    """Keep a file with a lead: on disk first, then its row. Raises NotAFile; nothing is left then.

    What it is is read from its content; its name says nothing but what it is called. `key` makes
    it safe to send twice: with a key of this lead's nothing is kept and the first row comes back.
    """
    if key is not None and (known := File.objects.filter(pk=key, lead=lead_id).first()):
        return known
    try:
        found = file_type.of(file)
    except file_type.NotAllowed as refusal:
        raise NotAFile("not_allowed", str(refusal)) from None
    if File.objects.filter(lead=lead_id, removed_at=None).count() >= MOST_PER_LEAD:
        raise NotAFile("too_many")
    try:
        stored = store.write(file, most_bytes=MOST_BYTES)
    except store.TooLarge:
        raise NotAFile("too_large") from None
    except store.NoRoom as problem:
        raise NotAFile("no_room", str(problem)) from problem
    try:
        with transaction.atomic():
            return File.objects.create(
                id=key or ids.uuid7(), lead_id=lead_id, written_for_id=lead_id, by_id=by, at=now,
                name=safe_name(name, found), media_type=found.media_type,
                size_bytes=stored.size_bytes, sha256=stored.sha256, stored=stored.name,
            )  # fmt: skip
    except DatabaseError:
        store.delete(stored.name)
        raise


def safe_name(name: str, of: Type) -> str:
    """What the file is called, without a path or letters that hide others, ending as it is."""
    last = re.split(r"[/\\]", text.clean(name))[-1]
    plain = " ".join(_UNSAFE.sub(" ", last).split())
    ending = next((e for e in of.endings if plain.lower().endswith(e)), "")
    stem = plain[: len(plain) - len(ending)] if ending else plain
    return (stem.strip(". ")[:_LONGEST_NAME] or "file") + (ending or of.endings[0])


def remove(file_id: uuid.UUID, *, by: uuid.UUID, now: datetime) -> bool:
    """Take the file off its lead; False when it was gone. It can be brought back for a while."""
    return bool(
        File.objects.filter(pk=file_id, removed_at=None).update(removed_at=now, removed_by=by)
    )


def bring_back(file_id: uuid.UUID) -> bool:
    """Undo a removal; False when there is nothing to bring back."""
    removed = File.objects.filter(pk=file_id, removed_at__isnull=False).exclude(stored="")
    return bool(removed.update(removed_at=None, removed_by=None))


def sweep(*, now: datetime) -> int:
    """Delete for good what was removed a day ago, and what is on disk without a row since then
    (a crash between the two); returns how many files. Safe to run twice."""
    before = now - KEPT_AFTER_REMOVAL
    old = File.objects.filter(removed_at__lt=before)
    gone = [stored for stored in old.values_list("stored", flat=True) if stored]
    old.delete()
    known = set(File.objects.values_list("stored", flat=True))
    cut = before.timestamp()
    gone += [name for name, at in store.names() if name not in known and at < cut]
    for name in dict.fromkeys(gone):
        store.delete(name)
    return len(set(gone))


def missing() -> list[uuid.UUID]:
    """Files that should be on disk and are not, or not as large: what `doctor` asks. One query."""
    found = File.objects.filter(removed_at=None).values_list("pk", "stored", "size_bytes")
    return [pk for pk, stored, size in found.iterator() if _size(stored) != size]


def erase(lead_ids: Collection[uuid.UUID], *, now: datetime) -> int:
    """Empty rows and delete the contents with the transaction; that there was a file stays."""
    mine = File.objects.filter(lead__in=lead_ids).exclude(stored="")
    names = list(mine.values_list("stored", flat=True))

    def delete() -> None:
        for name in names:
            store.delete(name)

    transaction.on_commit(delete)
    return mine.update(name="", stored="", sha256="", removed_at=now)


def _size(stored: str) -> int:
    try:
        return store.path(stored).stat().st_size
    except OSError:
        return -1
