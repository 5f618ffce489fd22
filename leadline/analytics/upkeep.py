"""The lake as questions find it: fresh, keeping all that is asked for; and how old it is."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from leadline.analytics import manifest as manifests
from leadline.analytics import refreshing, turn, vocabulary
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import Manifest
from leadline.analytics.store import LakeError, Store
from leadline.lib import clock

FRESH_US = clock.MINUTE
# Longer than the turn of a writer that was killed.
PATIENCE_SECONDS = turn.SECONDS + 5.0
LOOK_EVERY_SECONDS = 0.25

Json = dict[str, Any]


def refresh(_arguments: Mapping[str, Any], now: datetime, lake: Lake) -> Json:
    """Take in everything that was committed by now: {"generation", "added", "rows", "bytes"}."""
    done = _refreshed(lake, (), now=now)
    found = asdict(done)
    return {
        "generation": found["generation"], "added": found["added"], "rows": found["row_count"],
        "bytes": found["size_bytes"],
    }  # fmt: skip


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
    stored rules ask for. Raises LakeError."""
    documents = list(documents)
    manifest = _manifest(lake)
    if manifest is not None and clock.micros(now) - manifest.lake_us <= FRESH_US:
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


def _refreshed(lake: Lake, documents: Iterable[object], *, now: datetime) -> refreshing.Refreshed:
    """Waits for another writer, also one that was killed and whose turn must run out."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return refreshing.refresh(lake, now=now, also=documents)
        except LakeError as problem:
            if problem.permanent or time.monotonic() > until:
                raise
            time.sleep(LOOK_EVERY_SECONDS)
