"""The lake as questions find it: fresh, keeping all that is asked for; and how old it is."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from leadline.analytics import forgetting, refreshing, turn, vocabulary
from leadline.analytics import manifest as manifests
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import Manifest
from leadline.analytics.store import LakeError, Store
from leadline.analytics.store import rebuild as rebuild_it
from leadline.lib import clock

FRESH_US = clock.MINUTE
# Longer than the turn of a writer that was killed.
PATIENCE_SECONDS = turn.SECONDS + 5.0
LOOK_EVERY_SECONDS = 0.25

Json = dict[str, Any]
T = TypeVar("T")


def refresh(_arguments: Mapping[str, Any], now: datetime, lake: Lake) -> Json:
    """Take in everything that was committed by now: {"generation", "added", "rows", "bytes"}."""
    return _said(_refreshed(lake, (), now=now))


def rebuild(_arguments: Mapping[str, Any], now: datetime, lake: Lake) -> Json:
    """Write the lake anew from the database, whatever stands at its address; as `refresh`."""
    return _said(_patiently(lambda: refreshing.rebuild(lake, now=now)))


def forget(arguments: Mapping[str, Any], _now: datetime, lake: Lake) -> Json:
    """Let nothing that was erased stand in any file: {"tombstones", "rewritten", "deleted"}.

    With `verify` true every file is read once more.
    """
    verify = arguments.get("verify") is True
    done = _patiently(lambda: forgetting.forget(lake, verify=verify))
    return {
        "tombstones": done.tombstone_count, "rewritten": done.rewritten_count,
        "deleted": done.deleted_count,
    }  # fmt: skip


def check(_arguments: Mapping[str, Any], _now: datetime, lake: Lake) -> Json:
    """Look at every file there is: {"files"}. Raises LakeError for what is broken, or of another
    state of this database; a lake that is not there is whole."""
    manifest = _manifest(lake)
    if manifest is None:
        return {"files": 0}
    if not refreshing.is_ours(manifest):
        said = _("The lake is of another state of this database.")
        raise LakeError(f"{said} {rebuild_it()}")
    lake.check(manifest)
    return {"files": len(manifest.files())}


def status(_arguments: Mapping[str, Any], now: datetime, lake: Lake) -> Json:
    """How old and how large the lake is: {"age_seconds", "rows", "bytes", "files"}; null before
    the first refresh."""
    manifest = _manifest(lake)
    if manifest is None:
        return {"age_seconds": None, "rows": 0, "bytes": 0, "files": 0}
    files = manifest.files()
    return {
        "age_seconds": max(0.0, (clock.micros(now) - manifest.lake_us) / clock.SECOND),
        "rows": sum(file.row_count for file in files),
        "bytes": sum(file.size_bytes for file in files),
        "files": len(files),
    }


def freshen(lake: Lake, *, documents: Iterable[object] = (), now: datetime) -> None:
    """Refresh the lake unless it is at most a minute old and keeps all that `documents` and the
    stored rules ask for. Raises LakeError, also for a lake of another database, however fresh."""
    documents = list(documents)
    manifest = _manifest(lake)
    is_fresh = manifest is not None and clock.micros(now) - manifest.lake_us <= FRESH_US
    if manifest is not None and is_fresh and refreshing.is_ours(manifest):
        wanted = vocabulary.wanted(documents)
        is_kept = set(wanted.properties) <= manifest.properties.keys()
        if is_kept and set(wanted.traits) <= set(manifest.traits):
            return
    _refreshed(lake, documents, now=now)


def known_us(lake: Lake) -> int | None:
    """As of when the lake knows everything; None where there is none."""
    manifest = _manifest(lake)
    return None if manifest is None else manifest.lake_us


def _manifest(lake: Lake) -> Manifest | None:
    return manifests.read(Store(str(lake.address)))


def _said(done: refreshing.Refreshed) -> Json:
    return {
        "generation": done.generation, "added": done.added, "rows": done.row_count,
        "bytes": done.size_bytes,
    }  # fmt: skip


def _refreshed(lake: Lake, documents: Iterable[object], *, now: datetime) -> refreshing.Refreshed:
    return _patiently(lambda: refreshing.refresh(lake, now=now, also=documents))


def _patiently(act: Callable[[], T]) -> T:
    """Waits for another writer, also one that was killed and whose turn must run out."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act()
        except LakeError as problem:
            if problem.permanent or time.monotonic() > until:
                raise
            time.sleep(LOOK_EVERY_SECONDS)
