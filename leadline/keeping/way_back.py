"""Which backup leads back from an upgrade that has begun: a file beside the data.

A process can be killed between two migrations. Whoever goes on must still know the state of
before: a backup made then would hold the half that was done.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from leadline.keeping import manifest
from leadline.keeping.shelf import Backup

FILE_NAME = "upgrading.json"


def note(backup: Backup) -> None:
    """From now on the database changes, and this is what it was before."""
    beside = _file().with_suffix(".new")
    with beside.open("w") as stream:
        json.dump({"backup": str(backup.folder)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(beside, _file())


def forget() -> None:
    """The upgrade is over, one way or the other."""
    _file().unlink(missing_ok=True)


def folder() -> Path | None:
    """Where the backup stands that nobody may delete now; None when no upgrade has begun."""
    try:
        found: Mapping[str, str] = json.loads(_file().read_text())
    except FileNotFoundError:
        return None
    return Path(found["backup"])


def begun(*, applied: set[tuple[str, str]]) -> Backup | None:
    """The state before an upgrade that did a part of its migrations and was interrupted.

    None when nothing was done: the older version may have gone on and written since, and its words
    are not in that backup. With a part done it refuses to start, so nobody has.
    """
    place = folder()
    if place is None:
        return None
    try:
        backup = Backup(place, manifest.read(place))
    except manifest.NotABackup:
        return None
    before = {(app, name) for app, names in backup.manifest.migrations.items() for name in names}
    return backup if before < applied else None


def _file() -> Path:
    return Path(settings.ENVIRONMENT.data) / FILE_NAME
