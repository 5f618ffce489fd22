"""A ledger says what went, whatever happened to the process that wrote it."""

from pathlib import Path
from uuid import UUID

from leadline.lib import ledger

ONE, TWO, THREE = (UUID(int=n) for n in (1, 2, 3))


def test_what_is_appended_is_read_each_with_its_last_instant(tmp_path: Path) -> None:
    file = tmp_path / "gone.txt"
    ledger.append(file, [ONE, TWO], at_us=5)
    ledger.append(file, [TWO], at_us=9)
    ledger.append(file, [ONE], at_us=3)
    assert ledger.read([file]) == ledger.Ledger({ONE: 5, TWO: 9}, 0)
    assert file.stat().st_mode & 0o077 == 0


def test_a_line_that_was_cut_off_spoils_no_other_and_is_counted(tmp_path: Path) -> None:
    file = tmp_path / "gone.txt"
    ledger.append(file, [ONE, TWO], at_us=5)
    file.write_bytes(file.read_bytes()[:-20])
    ledger.append(file, [THREE], at_us=7)
    assert ledger.read([file]) == ledger.Ledger({ONE: 5, THREE: 7}, 1)


def test_none_at_all_is_not_the_same_as_nobody_gone(tmp_path: Path) -> None:
    file = tmp_path / "gone.txt"
    assert ledger.read([file]) is None
    assert ledger.carry([file], to=tmp_path / "other.txt") is None
    ledger.append(file, [], at_us=0)
    assert ledger.read([file]) == ledger.Ledger({}, 0)


def test_carrying_forgets_nobody_on_either_side(tmp_path: Path) -> None:
    here, there = tmp_path / "here.txt", tmp_path / "there.txt"
    ledger.append(here, [ONE, TWO], at_us=5)
    ledger.append(there, [TWO, THREE], at_us=7)
    for _ in range(2):
        ledger.carry([here], to=there)
        assert ledger.read([there]) == ledger.Ledger({ONE: 5, TWO: 7, THREE: 7}, 0)
    assert [each.name for each in tmp_path.iterdir() if each not in (here, there)] == []
