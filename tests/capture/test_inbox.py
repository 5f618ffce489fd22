"""The writer thread: nothing is acknowledged before it is stored, nothing waits for ever."""

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from leadline.capture import inbox
from leadline.capture.inbox_sqlite import FILE_NAME, TIDY_ROWS, SqliteInbox
from leadline.capture.reader import SqliteReader

AT = 1_773_135_000_000_000


def draft(number: int = 0, *, body: bytes = b"{}") -> inbox.Draft:
    return inbox.Draft(AT + number, "key:1", "track", 1, 0, "{}", body)


class Gate:
    """A store whose commits wait until the test lets them through; remembers their sizes."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.groups: list[int] = []
        self.failure: inbox.InboxUnavailable | None = None
        self.fault: Exception | None = None

    def append(self, drafts: Sequence[inbox.Draft]) -> None:
        self.open.wait(10)
        if self.fault is not None:
            raise self.fault
        if self.failure is not None:
            raise self.failure
        self.groups.append(len(drafts))

    def probe(self) -> None:
        if self.failure is not None:
            raise self.failure

    def tidy(self) -> bool:
        return False

    def close(self) -> None:
        return


def test_what_gathers_during_a_commit_is_one_commit() -> None:
    async def story() -> list[int]:
        gate = Gate()
        writer = inbox.Writer(gate)
        writer.start()
        first = writer.append(draft())
        while writer.waiting_count:  # the thread has taken the first and stands at the gate
            await asyncio.sleep(0)
        rest = [writer.append(draft(n)) for n in range(1, 51)]
        gate.open.set()
        await asyncio.gather(first, *rest)
        writer.stop()
        return gate.groups

    assert asyncio.run(story()) == [1, 50]


def test_a_large_gathering_is_cut_into_groups() -> None:
    async def story() -> list[int]:
        gate = Gate()
        writer = inbox.Writer(gate)
        writer.start()
        waiting = [writer.append(draft(n)) for n in range(inbox.MAX_GROUP_ROWS * 2 + 7)]
        gate.open.set()
        await asyncio.gather(*waiting)
        writer.stop()
        return gate.groups

    groups = asyncio.run(story())
    assert sum(groups) == inbox.MAX_GROUP_ROWS * 2 + 7
    assert max(groups) <= inbox.MAX_GROUP_ROWS


def test_a_failed_commit_tells_everyone_and_the_next_one_works() -> None:
    async def story() -> tuple[list[object], None]:
        gate = Gate()
        gate.open.set()
        gate.failure = inbox.InboxUnavailable("disk full")
        writer = inbox.Writer(gate)
        writer.start()
        failed = await asyncio.gather(
            *[writer.append(draft(n)) for n in range(3)], return_exceptions=True
        )
        assert writer.last_commit_failed
        gate.failure = None
        worked = await writer.append(draft())
        assert not writer.last_commit_failed
        writer.stop()
        return list(failed), worked

    failed, worked = asyncio.run(story())
    assert [type(error) for error in failed] == [inbox.InboxUnavailable] * 3
    assert worked is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_ever_when_the_thread_ends() -> None:
    async def story() -> list[object]:
        gate = Gate()
        gate.fault = RuntimeError("a fault of ours")
        writer = inbox.Writer(gate)
        writer.start()
        waiting = [writer.append(draft(n)) for n in range(300)]
        gate.open.set()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        writer.stop()
        assert not writer.is_running
        with pytest.raises(inbox.InboxUnavailable):
            writer.append(draft())
        return list(found)

    assert {type(error) for error in asyncio.run(story())} == {inbox.InboxUnavailable}


def test_memory_is_bounded_by_refusing_what_does_not_fit() -> None:
    async def story() -> None:
        gate = Gate()
        writer = inbox.Writer(gate)
        writer.start()
        large = b"x" * (inbox.MAX_WAITING_BYTES // 4)
        waiting = [writer.append(draft(n, body=large)) for n in range(4)]
        with pytest.raises(inbox.InboxUnavailable):
            writer.append(draft(5))
        gate.open.set()
        await asyncio.gather(*waiting)
        await writer.append(draft(6))
        writer.stop()

    asyncio.run(story())


def test_stopping_writes_what_waits(tmp_path: Path) -> None:
    async def story() -> None:
        writer = inbox.Writer(SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0))
        writer.start()
        waiting = [writer.append(draft(n)) for n in range(20)]
        await asyncio.get_running_loop().run_in_executor(None, writer.stop)
        await asyncio.gather(*waiting)

    asyncio.run(story())
    assert len(SqliteReader(tmp_path / FILE_NAME).after(0, 100)) == 20


def test_rows_come_back_as_they_went_in(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    body = bytes(range(256))
    store.append([inbox.Draft(AT, "form:démo", "form", 0, 1, '{"rejected":[1]}', body)])
    store.append([draft(1)])
    store.close()
    first, second = SqliteReader(tmp_path / FILE_NAME).after(0, 10)
    assert first == inbox.Row(1, AT, "form:démo", "form", False, True, '{"rejected":[1]}', body)
    assert (second.id, second.is_trusted, second.is_history) == (2, True, False)


def test_the_reader_goes_on_behind_its_position(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    reader = SqliteReader(tmp_path / FILE_NAME)
    assert reader.after(0, 10) == []
    assert reader.pending(0) == (0, None)
    store.append([draft(n) for n in range(5)])
    assert [row.id for row in reader.after(2, 2)] == [3, 4]
    assert reader.pending(2) == (3, AT + 2)
    store.close()


def test_the_reader_cannot_write(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    store.append([draft()])
    reader = SqliteReader(tmp_path / FILE_NAME)
    reader.after(0, 1)
    assert reader._connection is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM inbox")


def test_consumed_rows_go_in_small_steps_and_ids_are_never_used_again(tmp_path: Path) -> None:
    position = 0
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: position)
    for start in range(0, TIDY_ROWS + 100, 100):
        store.append([draft(start + n) for n in range(100)])
    assert store.tidy() is False
    position = TIDY_ROWS + 100
    assert store.tidy() is True
    reader = SqliteReader(tmp_path / FILE_NAME)
    assert len(reader.after(0, 10_000)) == 100
    assert store.tidy() is True
    assert store.tidy() is False
    store.append([draft()])
    assert [row.id for row in reader.after(0, 10)] == [position + 1]


def test_what_was_removed_is_in_no_file_any_more(tmp_path: Path) -> None:
    position = 0
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: position)
    secret = b"ada.lovelace@example.com"
    store.append([draft(n, body=secret * 100) for n in range(50)])
    position = 50
    while store.tidy():
        pass
    store.append([draft()])
    found = [path.name for path in tmp_path.iterdir() if secret in path.read_bytes()]
    store.close()
    assert found == []


def test_a_locked_file_refuses_and_recovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadline.capture.inbox_sqlite.BUSY_SECONDS", 0.05)
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    store.append([draft(0)])
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(inbox.InboxUnavailable, match="locked"):
        store.append([draft(1)])
    other.execute("ROLLBACK")
    store.append([draft(2)])
    rows = SqliteReader(tmp_path / FILE_NAME).after(0, 10)
    assert [row.received_us - AT for row in rows] == [0, 2]
    other.close()


def test_a_full_disk_refuses_and_keeps_what_was_accepted(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    store.append([draft(0)])
    assert store._connection is not None
    store._connection.execute("PRAGMA max_page_count=8")  # what a full disk answers: SQLITE_FULL
    with pytest.raises(inbox.InboxUnavailable, match="full"):
        store.append([draft(n, body=b"x" * 10_000) for n in range(1, 20)])
    store.append([draft(30)])
    rows = SqliteReader(tmp_path / FILE_NAME).after(0, 100)
    assert [row.received_us - AT for row in rows] == [0, 30]


def test_a_folder_that_cannot_be_written_refuses(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / "missing" / FILE_NAME, consumed=lambda: 0)
    with pytest.raises(inbox.InboxUnavailable, match="cannot be written"):
        store.append([draft()])
    (tmp_path / "missing").mkdir()
    store.append([draft()])
    assert len(SqliteReader(tmp_path / "missing" / FILE_NAME).after(0, 10)) == 1


def test_a_commit_is_on_stable_storage_before_it_returns(tmp_path: Path) -> None:
    store = SqliteInbox(tmp_path / FILE_NAME, consumed=lambda: 0)
    store.append([draft()])
    assert store._connection is not None
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._connection.execute("PRAGMA secure_delete").fetchone() == (1,)
    store.close()


def test_the_writer_finds_out_by_itself_that_it_can_store_again() -> None:
    async def story() -> None:
        gate = Gate()
        gate.open.set()
        gate.failure = inbox.InboxUnavailable("full")
        writer = inbox.Writer(gate)
        writer.start()
        with pytest.raises(inbox.InboxUnavailable):
            await writer.append(draft())
        assert writer.last_commit_failed
        gate.failure = None
        for _ in range(200):
            await asyncio.sleep(0.05)
            if not writer.last_commit_failed:
                break
        assert not writer.last_commit_failed
        assert gate.groups == []
        writer.stop()

    asyncio.run(story())
