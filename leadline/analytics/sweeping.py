"""Deleting files that nobody can be reading any more. Only files that a lake may have written."""

import re
from collections.abc import Collection

from leadline.analytics import exporting
from leadline.analytics.exporting import Progress
from leadline.analytics.manifest import Manifest
from leadline.analytics.store import Store

KEPT_GENERATIONS = 2
"""Whoever began with a manifest has until the second one after it."""
_OURS = re.compile(r"[a-z_]+/(?:-?[0-9]+-[0-9]{2}/)?[0-9a-f]{32}\.parquet")


def sweep(store: Store, manifest: Manifest, progress: Progress | None) -> int:
    """Delete what neither this manifest, nor one just before, nor `progress` names; how many.

    The caller is the one writer. Without a progress what it had written is in the manifest.
    """
    kept = {path: at for path, at in manifest.retired.items() if _is_kept(at, manifest)}
    named = {file.path for file in manifest.files()} | kept.keys()
    if progress is not None:
        named |= {file.path for file in progress.files()}
    found = [path for path in store.sizes() if is_ours(path, besides=named)]
    manifest.retired = kept
    if progress is None:
        found.append(exporting.NAME)
    return store.remove(found)


def clear(store: Store, manifest: Manifest) -> int:
    """Delete everything that this manifest does not name, at once; how many files.

    For an erasure, which counts more than who still reads: they are told that a file is missing,
    and ask again.
    """
    manifest.retired = {}
    return sweep(store, manifest, None)


def is_ours(path: str, *, besides: Collection[str]) -> bool:
    """Whether a lake wrote this file of rows, and it is none of `besides`."""
    return _OURS.fullmatch(path) is not None and path not in besides


def _is_kept(retired_in: int, manifest: Manifest) -> bool:
    return manifest.generation - retired_in < KEPT_GENERATIONS
