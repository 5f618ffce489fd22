"""The lock of the data folder: whoever serves it, restores it or upgrades it is alone there."""

import fcntl
import os
from pathlib import Path

from leadline.lib.folder_move import LOCK


class InUse(Exception):
    """Somebody else holds the folder; the text names the process and what to do."""

    permanent = False


class FolderLock:
    """Held from its making until `close`, or until the last child that keeps `descriptor` ends."""

    def __init__(self, folder: Path) -> None:
        self.descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            other = os.read(self.descriptor, 20).decode("ascii", "replace").strip()
            self.close()
            raise InUse(
                f"Leadline already runs on {folder} (process {other or 'unknown'}). "
                "End it first, or choose another folder with --data."
            ) from problem
        os.ftruncate(self.descriptor, 0)
        os.write(self.descriptor, str(os.getpid()).encode())

    def close(self) -> None:
        os.close(self.descriptor)
