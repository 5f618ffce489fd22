"""kill -9 of any process during load loses nothing and repeats nothing."""

import time
from pathlib import Path

import pytest

from tests.worker import kills
from tests.worker.tree import served, until


def check(folder: Path, *, rounds: int, seed: int) -> None:
    with served(folder) as tree:
        load = kills.rounds(tree, count=rounds, seed=seed)
        assert len(load.acknowledged) > 20 * rounds
        assert kills.lost(tree, load) == set()
        assert kills.repeated(tree) == []
        assert kills.invented(tree, load) == set()
        assert tree.query("SELECT count(*) FROM capture_parked") == [(0,)]
        assert tree.end() == 0
    assert kills.mailed_twice(folder / "outbox") == []


def test_five_kills_under_load_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    check(tmp_path / "data", rounds=5, seed=5)


def test_sigterm_under_load_finishes_what_was_begun(tmp_path: Path) -> None:
    with served(tmp_path / "data") as tree:
        with kills.Load(tree) as load:
            time.sleep(1.5)
            assert tree.end() == 0
        tree.start()
        until(lambda: tree.pending() == 0, what="the inbox to be empty")
        assert load.acknowledged
        assert kills.lost(tree, load) == set()
        assert kills.repeated(tree) == []


@pytest.mark.torture
def test_a_hundred_kills_under_load_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    check(tmp_path / "data", rounds=100, seed=100)
