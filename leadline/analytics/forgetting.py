"""An erasure reaches the files: whatever a tombstone names is written nowhere any more."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from leadline.analytics import compaction, refreshing, sweeping, tombstones, turn
from leadline.analytics import manifest as manifests
from leadline.analytics.lake import Lake
from leadline.analytics.manifest import VERSION, Manifest
from leadline.analytics.store import Store, broken
from leadline.analytics.tombstones import Gone


@dataclass(frozen=True)
class Forgotten:
    """Tombstones that were worked off, files written anew, files deleted."""

    tombstone_count: int
    rewritten_count: int
    deleted_count: int


def forget(lake: Lake, *, verify: bool = False) -> Forgotten:
    """Write anew every file that holds something which a tombstone names, and delete the old ones
    at once. A second run rewrites none.

    With `verify` every file there is is read again, and a word that is still there raises
    LakeError.
    """
    store = Store(str(lake.address))
    with turn.taken() as mine:
        ids = tombstones.waiting()
        manifest = manifests.read(store)
        if manifest is None:
            deleted = sweeping.clear(store, Manifest(VERSION, "", ""))
            return Forgotten(tombstones.forgotten(ids, generation=0), 0, deleted)
        gone = tombstones.every(manifest.generation)
        rewritten = compaction.drop(store, manifest, gone) if ids or verify else 0
        if rewritten:
            refreshing.publish(store, manifest, mine)
            refreshing.note(manifest)
        deleted = sweeping.clear(store, manifest) if ids or verify else 0
        if verify:
            _verify(store, manifest, gone)
        count = tombstones.forgotten(ids, generation=manifest.generation)
    return Forgotten(count, rewritten, deleted)


def _verify(store: Store, manifest: Manifest, gone: Gone) -> None:
    """Read every file there is once more. Raises LakeError."""
    for name, table in manifest.tables.items():
        for file in table.files:
            if compaction.holds(store, file, name, gone):
                raise broken(file.path, _("still holds what was erased"))
    named = {file.path for file in manifest.files()}
    if left := sorted(path for path in store.sizes() if sweeping.is_ours(path, besides=named)):
        raise broken(left[0], _("should be gone"))
