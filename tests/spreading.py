"""Which of several processes runs which tests: a whole file at a time, and the long files first.

What a file needs is made once then: a server, its workspace, a browser. Files that ask Spark go to
one process, so that one JVM starts. (The groups of pytest-xdist 3.8 group nothing under pytest 9.2,
which no longer reads the name that they are written into.)
"""

from collections.abc import Iterable

import pytest
from xdist.scheduler import LoadScopeScheduling

ON_SPARK = frozenset(
    {
        "tests/analytics/test_on_spark.py",
        "tests/analytics/test_scores_check.py",
        "tests/criteria/test_batch.py",
        "tests/scoring/test_batch.py",
    }
)
_LONG = frozenset({"analytics", "benchmarks", "demo", "faults", "keeping", "programs", "stories"})


class ByFile(LoadScopeScheduling):
    """A file after the other to whoever is free."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "spark" if file in ON_SPARK else file


def long_first(items: list[pytest.Item]) -> None:
    """Put in front what takes long, in the order in which it came: the run ends with short ones."""
    items.sort(key=lambda item: not _is_long(item))


def refuse_strays(items: Iterable[pytest.Item]) -> None:
    """Raises UsageError for a file that asks Spark and is not named here."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        if "spark" in getattr(item, "fixturenames", ()) and file not in ON_SPARK:
            raise pytest.UsageError(f"{file} asks Spark: name it in tests/spreading.py")


def _is_long(item: pytest.Item) -> bool:
    return "browser" in item.keywords or item.path.parent.name in _LONG
