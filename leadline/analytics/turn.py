"""One writer of the lake at a time: a lease by database time, renewed beside the work.

Whoever is killed loses it within `SECONDS`; whoever lost it must not publish.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from leadline.analytics.store import LakeError
from leadline.workspace import leases
from leadline.workspace.leases import Held

NAME = "lake"
SECONDS = 45.0  # renewed thrice in that time: a busy machine keeps a thread waiting


class Busy(LakeError):
    """Another process writes the lake just now."""

    def __init__(self) -> None:
        super().__init__(_("The lake is being written just now. Ask again."), permanent=False)


class Turn:
    """A lease that was ours when it was taken."""

    def __init__(self, held: Held) -> None:
        self._held = held

    def check(self) -> None:
        """Extend the lease. Raises LakeError when somebody else has it by now."""
        if not leases.renew(self._held, seconds=SECONDS):
            raise LakeError(_("Somebody else writes the lake by now. Ask again."), permanent=False)


@contextmanager
def taken() -> Iterator[Turn]:
    """Be the one writer in the block. Raises Busy when there is another."""
    held = leases.take(NAME, holder=uuid4().hex, seconds=SECONDS)
    if held is None:
        raise Busy
    done = threading.Event()
    renewing = threading.Thread(target=_renew, args=(held, done), name="lake", daemon=True)
    # Inside of a transaction of the caller (a test) nobody else sees the row, nor may write.
    has_thread = not connection.in_atomic_block
    if has_thread:
        renewing.start()
    try:
        yield Turn(held)
    finally:
        done.set()
        if has_thread:
            renewing.join()
        leases.release(held)


def _renew(held: Held, done: threading.Event) -> None:
    try:
        while not done.wait(SECONDS / 3):
            try:
                if not leases.renew(held, seconds=SECONDS):
                    return
            except DatabaseError:
                # Tried again; without an answer the lease runs out, and `check` says so.
                connection.close()
    finally:
        connection.close()
