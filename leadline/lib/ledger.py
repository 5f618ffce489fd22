"""An append-only file of ids: what must stay gone although an older database comes back.

One line each, "<uuid> <microseconds>", the instant being when it went. It stands outside of the
database that a backup overwrites, and says nothing of who anybody was.
"""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from uuid import UUID

import msgspec

REMOVED_LEADS = "removed-leads.txt"


class Ledger(msgspec.Struct, frozen=True):
    """When each id went (microseconds), and how many lines could not be read."""

    gone_us: Mapping[UUID, int] = {}
    unreadable_count: int = 0


def append(file: Path, ids: Collection[UUID], *, at_us: int) -> None:
    """Add ids, on the disk before this returns; the file is there afterwards, also without any.

    Raises OSError. A second run adds them again, which means nothing.
    """
    # A line that was cut off by a crash stays a line of its own.
    begin = "\n" if _is_cut_off(file) else ""
    _put(file, begin + _lines((each, at_us) for each in ids), os.O_APPEND)


def read(files: Iterable[Path]) -> Ledger | None:
    """What these say together, each id when it went last; None when none of them is there."""
    gone: dict[UUID, int] = {}
    unreadable, is_there = 0, False
    for file in files:
        if not file.exists():
            continue
        is_there = True
        for line in file.read_text("utf-8", "replace").splitlines():
            entry = _entry(line)
            if entry is not None:
                gone[entry[0]] = max(entry[1], gone.get(entry[0], 0))
            elif line:
                unreadable += 1
    return Ledger(gone, unreadable) if is_there else None


def carry(files: Iterable[Path], *, to: Path) -> Ledger | None:
    """Let `to` say all that these and itself say, also when that is nothing yet. Raises OSError.

    None, and no file, when none of them is there.
    """
    found = read([*files, to])
    if found is not None:
        fresh = to.with_name(f".{to.name}")
        fresh.unlink(missing_ok=True)
        _put(fresh, _lines(found.gone_us.items()), os.O_EXCL)
        os.replace(fresh, to)
    return found


def _entry(line: str) -> tuple[UUID, int] | None:
    key, _, at_us = line.partition(" ")
    try:
        return UUID(key), int(at_us)
    except ValueError:
        return None


def _lines(entries: Iterable[tuple[UUID, int]]) -> str:
    return "".join(f"{key} {at_us}\n" for key, at_us in entries)


def _is_cut_off(file: Path) -> bool:
    if not file.exists() or file.stat().st_size == 0:
        return False
    with file.open("rb") as content:
        content.seek(-1, os.SEEK_END)
        return content.read(1) != b"\n"


def _put(file: Path, text: str, flag: int) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | flag, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
