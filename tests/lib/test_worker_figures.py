"""Figures of worker processes as files: whole, by process, and gone with it."""

from pathlib import Path

from leadline.lib import worker_figures
from leadline.lib.worker_figures import FOLDER, GONE_AFTER_SECONDS, Figures

AT_US = 1_000_000_000
ONE, TWO = (Figures(f"host:{number}", renewed_us=AT_US, items={"inbox": 3}) for number in (1, 2))


def test_each_process_has_figures_of_its_own_and_takes_them_along(tmp_path: Path) -> None:
    worker_figures.write(tmp_path, TWO)
    worker_figures.write(tmp_path, ONE)
    worker_figures.write(tmp_path, ONE)
    assert worker_figures.of_all(tmp_path, at_us=AT_US) == [ONE, TWO]
    worker_figures.remove(tmp_path, "host:1")
    worker_figures.remove(tmp_path, "host:1")
    assert worker_figures.of_all(tmp_path, at_us=AT_US) == [TWO]


def test_nothing_is_known_of_a_folder_without_workers(tmp_path: Path) -> None:
    assert worker_figures.of_all(tmp_path, at_us=AT_US) == []
    worker_figures.sweep(tmp_path, at_us=AT_US)


def test_who_was_killed_is_forgotten_after_a_while_and_swept_by_the_next(tmp_path: Path) -> None:
    worker_figures.write(tmp_path, ONE)
    (tmp_path / FOLDER / "worker-odd.json").write_text('{"worker": 1}')
    last_us = AT_US + GONE_AFTER_SECONDS * 1_000_000
    assert worker_figures.of_all(tmp_path, at_us=last_us) == [ONE]
    assert worker_figures.of_all(tmp_path, at_us=last_us + 1) == []
    worker_figures.sweep(tmp_path, at_us=last_us)
    assert [file.name for file in (tmp_path / FOLDER).iterdir()] == ["worker-host-1.json"]
    worker_figures.sweep(tmp_path, at_us=last_us + 1)
    assert list((tmp_path / FOLDER).iterdir()) == []
