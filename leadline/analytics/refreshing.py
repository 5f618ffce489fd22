"""The lake is brought up to date: facts that it has not seen, everything else as it stands.

Safe to run twice and to be killed at any moment: a reader goes by the manifest, which is swapped
last, and whoever comes next goes on with what was written.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connection
from django.utils.translation import gettext as _

from leadline.analytics import (
    compaction,
    exporting,
    snapshots,
    source,
    sweeping,
    tombstones,
    turn,
    vocabulary,
)
from leadline.analytics import manifest as manifests
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import VERSION, Manifest, Table
from leadline.analytics.models import LakeState
from leadline.analytics.store import LakeError, Store
from leadline.analytics.store import rebuild as rebuild_it
from leadline.analytics.turn import Turn
from leadline.lib import clock


@dataclass(frozen=True)
class Refreshed:
    """A generation as it was published. `added` counts the new rows of each table of facts."""

    lake_us: int
    generation: int
    added: dict[str, int]
    row_count: int
    size_bytes: int


def refresh(
    lake: Lake, *, now: datetime, also: Iterable[object] = (), is_alone: bool = False
) -> Refreshed:
    """Take in everything that was committed by now.

    `also`: rule documents that are stored nowhere, whose words the lake is to know as well.
    `is_alone`: nobody else writes to the database, so that the caller's own transaction counts
    (`source.horizon`).
    Raises LakeError; then the lake is as it was.
    """
    store = Store(str(lake.address))
    with turn.taken() as mine:
        before = _ours(store)
        return _refreshed(store, before, mine, now=now, also=also, is_alone=is_alone)


def rebuild(
    lake: Lake, *, now: datetime, also: Iterable[object] = (), is_alone: bool = False
) -> Refreshed:
    """Write the lake anew from the database, whatever stands at its address. Readers of the lake
    as it was find it until then."""
    store = Store(str(lake.address))
    with turn.taken() as mine:
        new = _new(store, _readable(store))
        return _refreshed(store, new, mine, now=now, also=also, is_alone=is_alone)


def _refreshed(
    store: Store, before: Manifest, mine: Turn, *, now: datetime, also: Iterable[object],
    is_alone: bool,
) -> Refreshed:  # fmt: skip
    manifest = _with_words(before, vocabulary.wanted(also))
    gone = tombstones.leads()
    progress = exporting.begun(store, manifest, replaces=_key())
    sweeping.sweep(store, manifest, progress)
    with source.snapshot():
        exporting.plan(progress, manifest, horizon=source.horizon(is_alone=is_alone))
        taken = snapshots.take(store, manifest, gone=gone)
    exporting.write(store, progress, gone=gone, check=mine.check)
    added = _joined(manifest, progress, taken)
    compaction.compact(store, manifest)
    manifest.lake_us = clock.micros(now)
    publish(store, manifest, mine)
    tombstones.settle(manifest.traits, generation=manifest.generation)
    sweeping.sweep(store, manifest, None)
    return Refreshed(manifest.lake_us, manifest.generation, added, *note(manifest))


def publish(store: Store, manifest: Manifest, mine: Turn) -> None:
    """Let this be the lake's next generation: noted in the database, then the manifest swapped.

    In this order, so that a lake is never ahead of its database unless that went back in time.
    """
    mine.check()
    state = LakeState.objects.filter(pk=1).first()
    manifest.generation = max(manifest.generation, state.generation if state else 0) + 1
    LakeState.objects.update_or_create(
        pk=1, defaults={"key": manifest.key, "generation": manifest.generation}
    )
    manifests.write(store, manifest)


def note(manifest: Manifest) -> tuple[int, int]:
    """Let screens know what was published; (rows, bytes)."""
    row_count = sum(file.row_count for file in manifest.files())
    size_bytes = sum(file.size_bytes for file in manifest.files())
    LakeState.objects.filter(pk=1).update(
        refreshed_at=manifest.lake_us, size_bytes=size_bytes, row_count=row_count
    )
    return row_count, size_bytes


def is_ours(manifest: Manifest) -> bool:
    """Whether this lake was written from this database as it stands. One query."""
    state = LakeState.objects.filter(pk=1).first()
    if state is None or state.key != manifest.key:
        return False
    return manifest.generation <= state.generation


def _ours(store: Store) -> Manifest:
    """The lake that goes on, or the beginning of a new one. Raises LakeError."""
    found, state = manifests.read(store), LakeState.objects.filter(pk=1).first()
    if found is None or (state is not None and not state.key):
        # Without a key the database came back from a backup: what is here is of another state.
        return _new(store, found)
    if state is not None and state.key != found.key and _is_begun(store, state):
        return _new(store, found)
    if state is None or state.key != found.key:
        said = _("This lake was written from another database, or before a restore of this one.")
        raise LakeError(f"{said} {rebuild_it()}")
    if found.generation > state.generation:
        said = _("The lake is newer than the database, which was set back.")
        raise LakeError(f"{said} {rebuild_it()}")
    return found if found.vendor == connection.vendor else _new(store, found)


def _is_begun(store: Store, state: LakeState) -> bool:
    """Whether a run for this database began a new lake and was interrupted."""
    begun = exporting.read(store)
    return begun is not None and bool(state.key) and state.key in (begun.key, begun.replaces)


def _key() -> str:
    return LakeState.objects.values_list("key", flat=True).filter(pk=1).first() or ""


def _readable(store: Store) -> Manifest | None:
    try:
        return manifests.read(store)
    except LakeError:
        return None


def _new(store: Store, old: Manifest | None) -> Manifest:
    """An empty lake that replaces `old` once it is published, or the one that was begun."""
    state, _is_new = LakeState.objects.get_or_create(pk=1, defaults={"key": uuid4().hex})
    begun = exporting.read(store)
    key = begun.key if begun is not None and _is_begun(store, state) else uuid4().hex
    manifest = Manifest(VERSION, key, connection.vendor)
    if old is not None:
        manifest.generation = old.generation
        manifest.retired = old.retired | {file.path: old.generation for file in old.files()}
    return manifest


def _with_words(manifest: Manifest, wanted: vocabulary.Wanted) -> Manifest:
    """The manifest with the properties and fields that are wanted now.

    A property that nobody asked for before is not in the files: its table is taken anew, and so is
    that of values when other fields are wanted. What nobody asks for any more stays a property.
    """
    new = [name for name in wanted.properties if name not in manifest.properties]
    if new:
        first = len(manifest.properties)
        manifest.properties |= {name: f"p{first + at}" for at, name in enumerate(new)}
        _forget(manifest, "events")
    if list(wanted.traits) != manifest.traits:
        manifest.traits = list(wanted.traits)
        _forget(manifest, "trait_values")
    return manifest


def _forget(manifest: Manifest, table: str) -> None:
    before = manifest.tables.pop(table, None)
    if before is not None:
        manifest.retired |= {file.path: manifest.generation for file in before.files}


def _joined(
    manifest: Manifest, progress: exporting.Progress, taken: dict[str, Table]
) -> dict[str, int]:
    """Put what was written into the manifest; new rows by table."""
    added = {}
    for name, spans in progress.tables.items():
        table = manifest.tables.setdefault(name, Table())
        files = [file for each in spans for file in each.files if file.row_count]
        table.files = [*table.files, *files]
        table.upto = spans[-1].high if spans else table.upto
        added[name] = sum(file.row_count for file in files)
    for name, table in taken.items():
        old = manifest.tables.get(name, Table()).files
        gone = [file for file in old if file not in table.files]
        manifest.retired |= {file.path: manifest.generation for file in gone}
        manifest.tables[name] = table
    return added
