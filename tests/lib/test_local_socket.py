"""A socket in a folder: who may ask, long folders, long lines, sides that go away."""

import os
import socket
import stat
import time
from pathlib import Path

import pytest

from leadline.lib import local_socket

SOON = 5.0


def pair(folder: Path) -> tuple[socket.socket, socket.socket]:
    """(what the asker holds, what the asked one holds)"""
    with local_socket.listening(folder / "s") as listener:
        asking = local_socket.connected(folder / "s", timeout_s=SOON)
        assert asking is not None
        assert local_socket.is_asked(listener)
        asked, _ = listener.accept()
    return asking, asked


def read(connection: socket.socket, *, at_most: int = 1_000) -> bytes:
    return local_socket.read_line(connection, at_most=at_most, until=time.monotonic() + SOON)


def test_only_this_user_may_ask(tmp_path: Path) -> None:
    with local_socket.listening(tmp_path / "s"):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o600


def test_a_line_goes_there_and_a_line_comes_back(tmp_path: Path) -> None:
    asking, asked = pair(tmp_path)
    with asking, asked:
        asking.sendall(b"x" * 900 + b"\n")
        assert read(asked) == b"x" * 900
        asked.sendall(b"well\nand more")
        assert read(asking) == b"well"


def test_a_folder_may_have_a_longer_name_than_an_address_has_room_for(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    folder.mkdir()
    asking, asked = pair(folder)
    with asking, asked:
        asking.sendall(b"there\n")
        assert read(asked) == b"there"
    assert os.listdir(folder) == ["s"]


def test_with_nobody_there_or_a_file_that_was_left_behind_there_is_no_connection(
    tmp_path: Path,
) -> None:
    assert local_socket.connected(tmp_path / "s", timeout_s=SOON) is None
    local_socket.listening(tmp_path / "s").close()
    assert (tmp_path / "s").exists()
    assert local_socket.connected(tmp_path / "s", timeout_s=SOON) is None
    with local_socket.listening(tmp_path / "s"):
        again = local_socket.connected(tmp_path / "s", timeout_s=SOON)
        assert again is not None
        again.close()


def test_a_line_that_is_too_long_is_refused_before_it_is_all_in_memory(tmp_path: Path) -> None:
    asking, asked = pair(tmp_path)
    with asking, asked:
        asking.sendall(b"x" * 2_000)
        with pytest.raises(local_socket.TooLong):
            read(asked)


def test_whoever_goes_away_in_the_middle_of_a_line_has_said_nothing(tmp_path: Path) -> None:
    asking, asked = pair(tmp_path)
    with asked:
        assert not local_socket.is_gone(asked)
        asking.sendall(b"half a ")
        asking.close()
        with pytest.raises(local_socket.Unfinished):
            read(asked)
        assert local_socket.is_gone(asked)


def test_a_line_that_does_not_come_is_not_waited_for_longer_than_said(tmp_path: Path) -> None:
    asking, asked = pair(tmp_path)
    with asking, asked, pytest.raises(TimeoutError):
        local_socket.read_line(asked, at_most=10, until=time.monotonic() + 0.05)
