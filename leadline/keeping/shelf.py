"""The folder in which backups stand: which there are, and which may go."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from leadline.keeping import manifest, retention
from leadline.keeping.manifest import Manifest

PARTIAL = "partial-"


@dataclass(frozen=True, slots=True)
class Backup:
    """A whole backup and where it stands."""

    folder: Path
    manifest: Manifest


def listing(shelf: Path) -> list[Backup]:
    """Every whole backup on the shelf, newest first; [] when there is no such folder."""
    found = []
    for folder in shelf.glob("leadline-*"):
        try:
            found.append(Backup(folder, manifest.read(folder)))
        except manifest.NotABackup:
            continue  # somebody else's folder, or one that was deleted half
    return sorted(found, key=lambda backup: backup.manifest.made_at, reverse=True)


def newest(shelf: Path) -> Backup | None:
    return next(iter(listing(shelf)), None)


def tidy(shelf: Path, *, now: datetime, spared: Path | None = None) -> int:
    """Delete what need not be kept, and what was begun and never finished; returns how many.

    The folder `spared` stays whatever its age.
    """
    everything = listing(shelf)
    kept = retention.kept([each.manifest.made_at for each in everything], now=now)
    gone = [each.folder for each in everything if each.manifest.made_at not in kept]
    gone += list(shelf.glob(f"{PARTIAL}*"))
    gone = [folder for folder in gone if folder != spared]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)
