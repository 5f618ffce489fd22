"""What a run leaves in the temporary folder goes with it, or with the next one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import scratch

_RUN = "from tests import scratch; print(scratch.folder('tests'), flush=True); input()"
Start = Callable[..., tuple[subprocess.Popen[str], Path]]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Begins a run with a folder of its own in a temporary folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    begun: list[subprocess.Popen[str]] = []

    def run(code: str = _RUN) -> tuple[subprocess.Popen[str], Path]:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2], env={**os.environ, "TMPDIR": str(tmp_path)},
        )  # fmt: skip
        begun.append(process)
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    yield run
    for process in begun:
        process.kill()
        process.communicate()


def test_a_run_that_ends_takes_its_folder_along(start: Start, tmp_path: Path) -> None:
    process, folder = start()
    (folder / "some").mkdir()
    process.communicate("\n")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes_with_the_next_and_others_stay(
    start: Start, tmp_path: Path
) -> None:
    (killed, left), (_living, kept) = start(), start()
    assert scratch.sweep() == 0
    killed.kill()
    killed.communicate()
    assert scratch.sweep() == 1
    assert (left.exists(), kept.exists()) == (False, True)


def test_a_child_of_a_run_takes_nothing_along(start: Start) -> None:
    fork = "import os, sys; os.fork() or sys.exit()"
    process, folder = start(_RUN.replace("; input()", f"; exec({fork!r}); os.wait(); input()"))
    assert process.poll() is None
    assert folder.exists()
    process.communicate("\n")
    assert not folder.parent.exists()


def test_a_folder_that_is_just_being_made_stays_and_an_old_one_goes(
    start: Start, tmp_path: Path
) -> None:
    old, fresh, foreign = (
        tmp_path / name for name in ("leadline-tests-a", "leadline-tree-b", "leadline-other-c")
    )
    for each in (old, fresh, foreign):
        each.mkdir()
    for each in (old, foreign):
        os.utime(each, (0, 0))
    served = tmp_path / "leadline-postgres-d"
    (served / "db").mkdir(parents=True)
    (served / "db" / "postmaster.pid").write_text("1")
    os.utime(served, (0, 0))
    assert scratch.sweep() == 1
    assert sorted(tmp_path.iterdir()) == [foreign, served, fresh]
