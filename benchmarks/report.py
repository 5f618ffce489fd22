"""What a benchmark prints: one JSON document per database, each figure beside what it is held to.

A figure has a floor (what is promised) and a physical limit of the same run (what nobody can go
below, or above). `leadline bench` starts every program twice, once with `--postgres`.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from tests import cluster

SECRET_KEY = "only-for-benchmarks-" + "k" * 40


class Limit(msgspec.Struct, frozen=True):
    """The physical limit: in the figure's unit, and what was measured for it."""

    value: float
    of: str


class Figure(msgspec.Struct, frozen=True):
    """One measured number. Exactly one of `at_least` and `at_most` is its floor."""

    name: str
    value: float
    unit: str
    limit: Limit
    at_least: float | None = None
    at_most: float | None = None

    @property
    def has_held(self) -> bool:
        """Whether the floor is reached."""
        if self.at_least is not None:
            return self.value >= self.at_least
        return self.at_most is not None and self.value <= self.at_most

    def told(self) -> dict[str, object]:
        """As JSON."""
        floor = {"at_least": self.at_least, "at_most": self.at_most}
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "floor": {word: value for word, value in floor.items() if value is not None},
            "held": self.has_held,
            "physical": {"value": self.limit.value, "of": self.limit.of},
        }


def arguments() -> argparse.ArgumentParser:
    """What every benchmark understands."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--postgres", action="store_true", help="on a throw-away cluster")
    parser.add_argument(
        "--small", action="store_true", help="only to see that it runs: the figures say nothing"
    )
    return parser


@contextmanager
def database(*, postgres: bool) -> Iterator[str]:
    """Points everything that starts now at one database; yields its address, "" for SQLite.

    PostgreSQL is a cluster of its own with fsync on, as in production.
    """
    os.environ["LEADLINE_SECRET_KEY"] = SECRET_KEY
    os.environ["LEADLINE_LOG_LEVEL"] = "WARNING"
    os.environ.pop("LEADLINE_DATABASE_URL", None)
    if not postgres:
        yield ""
        return
    with cluster.running(safe=True) as url:
        os.environ["LEADLINE_DATABASE_URL"] = url
        yield url


def show(
    figures: Sequence[Figure], *, options: argparse.Namespace, details: dict[str, object]
) -> None:
    """Print the document of one run. `details`: what else was seen, held to nothing."""
    found = {
        "database": "postgresql" if options.postgres else "sqlite",
        "figures": [figure.told() for figure in figures],
        "details": details,
        "load_average": os.getloadavg(),
    }
    print(json.dumps(found, indent=2))
