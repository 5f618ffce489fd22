"""kill -9 of any process under load: nothing acknowledged is lost, nothing happens twice."""

import time
from pathlib import Path

import pytest

from tests.races import safe_tree, storm
from tests.worker.tree import Tree, served


def survive(tree: Tree, *, rounds: int, seed: int) -> None:
    load = storm.rage(tree, rounds=rounds, seed=seed)
    assert len(load.acknowledged) > 10 * rounds
    storm.check(tree, load)
    assert tree.end() == 0
    storm.check_mails(tree)
    storm.check_doctor(tree)


@pytest.mark.sqlite_only
def test_five_kills_in_a_storm_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    """PostgreSQL has a storm of its own, on a cluster that waits for the disk."""
    with served(tmp_path / "data") as tree:
        survive(tree, rounds=5, seed=11)


@pytest.mark.sqlite_only
def test_five_kills_on_postgresql_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    """Brings its own cluster, so running it once is enough."""
    with safe_tree.served(tmp_path / "data") as tree:
        survive(tree, rounds=5, seed=12)


@pytest.mark.torture
@pytest.mark.sqlite_only
def test_a_hundred_kills_in_a_storm_lose_nothing(tmp_path: Path) -> None:
    """As the five, with another seed every time."""
    with served(tmp_path / "data") as tree:
        survive(tree, rounds=100, seed=time.time_ns())


@pytest.mark.torture
@pytest.mark.sqlite_only
def test_a_hundred_kills_on_postgresql_lose_nothing(tmp_path: Path) -> None:
    """As the five, with another seed every time."""
    with safe_tree.served(tmp_path / "data") as tree:
        survive(tree, rounds=100, seed=time.time_ns())
