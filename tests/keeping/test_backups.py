"""What was acknowledged before a backup began is in it, and comes back with equal counts."""

import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from leadline.keeping import manifest
from leadline.lib import ledger
from tests.keeping.places import ok, refused
from tests.worker import tree
from tests.worker.tree import Tree


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with tree.served(tmp_path_factory.mktemp("kept") / "data") as found:
        yield found


class Sender:
    """Posts events one after the other and remembers which were acknowledged."""

    def __init__(self, to: Tree) -> None:
        self._tree = to
        self._stop = threading.Event()
        self.acknowledged: list[str] = []
        self._thread = threading.Thread(target=self._post)

    def __enter__(self) -> "Sender":
        self._thread.start()
        tree.until(lambda: len(self.acknowledged) >= 50, what="the first 50 events")
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _post(self) -> None:
        with httpx.Client(auth=(self._tree.keys["write_key"], ""), timeout=20) as client:
            number = 0
            while not self._stop.is_set():
                number += 1
                email = f"p{number % 40}@example.com"
                said = {
                    "userId": f"u{number % 40}", "event": "Page Viewed", "messageId": f"m{number}",
                    "context": {"traits": {"email": email}},
                }  # fmt: skip
                if client.post(f"{self._tree.url}/v1/track", json=said).status_code == 200:
                    self.acknowledged.append(f"m{number}")


def test_no_acknowledged_event_is_missing_in_a_backup_made_while_many_arrive(
    served: Tree, tmp_path: Path
) -> None:
    shelf = tmp_path / "shelf"
    with Sender(served) as sender:
        before = set(sender.acknowledged)
        made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(shelf))
    assert made["is_proven"] is True
    data = tmp_path / "other"
    environment = tree.fresh_environment(data)
    back = ok(environment, "restore", str(made["folder"]), "--data", str(data))
    assert back["rows"] == made["rows"]
    assert back["findings"] == []
    with tree.started(data, environment) as copy:
        tree.until(lambda: copy.pending() == 0, what="the rest of the inbox")
        found = {str(key) for (key,) in copy.query("SELECT message_id FROM timeline_event")}
        assert before - found == set()


def test_a_restored_copy_takes_new_events_and_sends_nothing(served: Tree, tmp_path: Path) -> None:
    made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(tmp_path))
    data = tmp_path / "other"
    environment = tree.fresh_environment(data)
    ok(environment, "restore", str(made["folder"]), "--data", str(data))
    held = "SELECT count(*) FROM workspace_lease WHERE holder <> '' AND until > 0"
    assert Tree(data, 0, environment, {}).query(held) == [(0,)], "its worker would wait"
    with tree.started(data, environment, keys=served.keys) as copy:
        form = {"email": "grace@navy.example.com", "name": "Grace"}
        said = {"userId": "new", "event": "Demo Requested", "context": {"traits": form}}
        answer = httpx.post(
            f"{copy.url}/v1/track", json=said, auth=(served.keys["write_key"], ""), timeout=20
        )
        assert answer.status_code == 200
        tree.until(
            lambda: copy.query("SELECT count(*) FROM cards_card WHERE name = 'Grace'") == [(1,)],
            what="the card of Grace",
        )
        assert copy.query("SELECT count(*) FROM delivery_message WHERE state = 'pending'") != [(0,)]
        left = (
            "SELECT count(*) FROM delivery_message m, delivery_sender s WHERE m.sent_at > s.held_at"
        )
        assert copy.query(left) == [(0,)]
        assert copy.query("SELECT count(held_at) FROM delivery_sender") == [(1,)]
    assert ok(environment, "resume-sending", "--data", str(data), "--skip-old")["skipped"] == 0
    assert "not held" in refused(environment, "resume-sending", "--data", str(data))


_TWO = "SELECT id FROM leads_lead ORDER BY id LIMIT 2"


def test_who_was_removed_for_good_since_does_not_come_back(served: Tree, tmp_path: Path) -> None:
    with Sender(served):
        tree.until(lambda: len(served.query(_TWO)) == 2, what="two leads")
    shelf, data = tmp_path / "shelf", tmp_path / "other"
    to = ("--data", str(served.data), "--to", str(shelf))
    made = Path(str(ok(served.environment, "backup", *to)["folder"]))
    older = shutil.copytree(made, shelf / "kept-longer")  # the newer one of a day stays
    (gone,), (kept,) = served.query(_TWO)
    ledger.append(served.data / ledger.REMOVED_LEADS, [UUID(str(gone))], at_us=2**60)
    ok(served.environment, "backup", *to)
    environment = tree.fresh_environment(data)
    done = tree.run(environment, "restore", str(older), "--data", str(data))
    assert "\n1 leads removed for good after the backup are so again.\n" in done.stdout, done.stderr
    copy = Tree(data, 0, environment, {})
    known = dict(copy.query("SELECT id, CAST(traits AS text) FROM leads_lead"))
    assert (known[gone], known[kept] == "{}") == ("{}", False)
    elsewhere = shutil.copytree(older, tmp_path / "alone" / made.name)
    data = tmp_path / "third"
    said = tree.run(tree.fresh_environment(data), "restore", str(elsewhere), "--data", str(data))
    assert f"is back: there is no {ledger.REMOVED_LEADS}" in said.stdout


def test_a_damaged_backup_is_refused(served: Tree, tmp_path: Path) -> None:
    made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(tmp_path))
    folder = Path(str(made["folder"]))
    largest = max(folder.iterdir(), key=lambda path: path.stat().st_size)
    content = bytearray(largest.read_bytes())
    content[len(content) // 2] ^= 0xFF
    largest.write_bytes(content)
    data = tmp_path / "other"
    said = refused(tree.fresh_environment(data), "restore", str(folder), "--data", str(data))
    assert f"{largest.name} in {folder} is not as it was written" in said
    assert not (data / "leadline.sqlite3").exists()


def test_a_backup_whose_counts_differ_is_refused_and_leaves_nothing(
    served: Tree, tmp_path: Path
) -> None:
    made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(tmp_path))
    folder = Path(str(made["folder"]))
    written = json.loads((folder / manifest.FILE_NAME).read_text())
    written["tables"]["workspace_user"] += 1
    (folder / manifest.FILE_NAME).write_text(json.dumps(written))
    data = tmp_path / "other"
    environment = tree.fresh_environment(data)
    assert "workspace_user" in refused(environment, "restore", str(folder), "--data", str(data))
    assert [path.name for path in data.iterdir()] == ["serve.lock"]


def test_a_workspace_that_is_there_is_never_overwritten(served: Tree, tmp_path: Path) -> None:
    made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(tmp_path))
    said = refused(served.environment, "restore", str(made["folder"]), "--data", str(served.data))
    assert "already runs on" in said


def test_backups_are_readable_by_their_owner_only(served: Tree, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    made = ok(served.environment, "backup", "--data", str(served.data), "--to", str(shelf))
    assert shelf.stat().st_mode & 0o077 == 0
    assert Path(str(made["folder"])).stat().st_mode & 0o077 == 0
    listed = ok(
        served.environment, "backup", "--list", "--data", str(served.data), "--to", str(shelf)
    )
    assert listed == {"backups": [made]}
