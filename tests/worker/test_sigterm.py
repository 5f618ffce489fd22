"""SIGTERM under load loses nothing and repeats nothing; `races.test_storm` is about kill -9."""

import time
from pathlib import Path

from tests.worker import sending_load
from tests.worker.tree import served, until


def test_sigterm_under_load_finishes_what_was_begun(tmp_path: Path) -> None:
    with served(tmp_path / "data") as tree:
        with sending_load.Load(tree) as load:
            time.sleep(1.5)
            assert tree.end() == 0
        tree.start()
        until(lambda: tree.pending() == 0, what="the inbox to be empty")
        assert load.acknowledged
        assert sending_load.lost(tree, load) == set()
        assert sending_load.repeated(tree) == []
