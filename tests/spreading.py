"""Which of several processes runs which tests: a whole file at a time, long ones among the others.

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
_ENDS_AT = 0.9
"""By this share of the others the last long file has begun."""
_LONG = frozenset({"analytics", "benchmarks", "demo", "faults", "keeping", "programs", "stories"})


class ByFile(LoadScopeScheduling):
    """A file after the other, in their order, to whoever is free."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        config.option.loadscopereorder = False  # not the files with most tests first
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return "spark" if _file(nodeid) in ON_SPARK else _file(nodeid)


def spread(items: list[pytest.Item]) -> None:
    """Let files that take long, most of which drive a browser, stand evenly among the others: they
    are not all at work at once, and the run ends with short ones."""
    every = list(dict.fromkeys(_file(item.nodeid) for item in items))
    long = {_file(item.nodeid) for item in items if _is_long(item)}
    places: dict[str, tuple[float, str]] = {}
    for share, files in (
        (_ENDS_AT, [file for file in every if file in long]),
        (1.0, [file for file in every if file not in long]),
    ):
        places |= {file: (share * at / len(files), file) for at, file in enumerate(files)}
    items.sort(key=lambda item: places[_file(item.nodeid)])


def refuse_strays(items: Iterable[pytest.Item]) -> None:
    """Raises UsageError for a file that asks Spark and is not named here."""
    for item in items:
        file = _file(item.nodeid)
        if "spark" in getattr(item, "fixturenames", ()) and file not in ON_SPARK:
            raise pytest.UsageError(f"{file} asks Spark: name it in tests/spreading.py")


def _file(nodeid: str) -> str:
    return nodeid.partition("::")[0]


def _is_long(item: pytest.Item) -> bool:
    return "browser" in item.keywords or item.path.parent.name in _LONG
