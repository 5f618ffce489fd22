"""What worker processes have done, as files in the data folder that the web process reads.

One file for each process, replaced whole, so that nobody reads half of one. It costs neither a
lock nor a write of the database, and says with its age whether the process still works.
"""

import os
from pathlib import Path

import msgspec

FOLDER = "figures"
# Who has not renewed its file for so long has ended without tidying up.
GONE_AFTER_SECONDS = 120


class Figures(msgspec.Struct):
    """Counts since the process began, by step; seconds of its transactions on SQLite."""

    worker: str
    renewed_us: int = 0
    portions: dict[str, int] = {}
    items: dict[str, int] = {}
    failures: dict[str, int] = {}
    lock_count: int = 0
    lock_seconds: float = 0.0
    lock_last_seconds: float = 0.0
    lock_longest_seconds: float = 0.0


def write(data: Path, figures: Figures) -> None:
    """Replace the file of the process that these are of. Raises OSError."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    unfinished = folder / f".{_name(figures.worker)}"
    unfinished.write_bytes(msgspec.json.encode(figures))
    os.replace(unfinished, folder / _name(figures.worker))


def remove(data: Path, worker: str) -> None:
    """The process has ended: its figures go with it. Does nothing the second time."""
    (data / FOLDER / _name(worker)).unlink(missing_ok=True)


def of_all(data: Path, *, at_us: int) -> list[Figures]:
    """The figures of the processes that still work, by name; of one that was killed, for two
    minutes more."""
    found = [_read(file) for file in _files(data)]
    return [each for each in found if each is not None and not _is_gone(each, at_us=at_us)]


def sweep(data: Path, *, at_us: int) -> None:
    """Remove the files of processes that have ended without doing so."""
    for file in _files(data):
        figures = _read(file)
        if figures is None or _is_gone(figures, at_us=at_us):
            file.unlink(missing_ok=True)


def _files(data: Path) -> list[Path]:
    return sorted((data / FOLDER).glob("worker-*.json"))


def _read(file: Path) -> Figures | None:
    """None when the process has ended just now, or is of a version that counted other things."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Figures)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _is_gone(figures: Figures, *, at_us: int) -> bool:
    return at_us - figures.renewed_us > GONE_AFTER_SECONDS * 1_000_000


def _name(worker: str) -> str:
    return f"worker-{worker.replace('/', '-').replace(':', '-')}.json"
