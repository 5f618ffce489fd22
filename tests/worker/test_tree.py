"""One process tree on one data folder: what it starts, refuses, restarts and ends."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from leadline.config import environment, sqlite
from leadline.worker import supervisor
from tests.worker.tree import END_SECONDS, LEADLINE, Tree, free_port, is_alive, run, served, until

ANALYST = "leadline.analytics.analyst"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    with served(tmp_path_factory.mktemp("tree") / "data") as found:
        yield found


def test_what_is_sent_to_the_web_process_is_worked_off_by_the_worker(tree: Tree) -> None:
    said = {"userId": "u1", "traits": {"email": "grace@navy.example.com", "name": "Grace"}}
    answer = httpx.post(f"{tree.url}/v1/identify", json=said, auth=(tree.keys["write_key"], ""))
    assert answer.status_code == 200
    until(
        lambda: tree.query("SELECT name FROM cards_card") == [("Grace",)], what="the card of Grace"
    )


def test_the_figures_tell_of_the_worker_too(tree: Tree) -> None:
    httpx.post(
        f"{tree.url}/v1/track", json={"userId": "u1", "event": "Seen"},
        auth=(tree.keys["write_key"], ""),
    )  # fmt: skip

    def figures() -> str:
        return httpx.get(f"{tree.url}/metrics", timeout=5).text

    until(
        lambda: 'leadline_worker_portions_total{step="inbox"' in figures(),
        what="the worker's portions in the figures",
    )
    said = figures()
    assert "leadline_worker_age_seconds{" in said
    assert 'leadline_waiting{lane="outbox"} 0.0' in said
    assert 'leadline_failed{lane="inbox"} 0.0' in said
    is_measured = "leadline_worker_write_lock_longest_seconds{" in said
    assert is_measured is not bool(tree.environment.get("LEADLINE_DATABASE_URL"))


def test_a_second_instance_on_the_folder_is_refused_in_one_line(tree: Tree) -> None:
    second = run(tree.environment, "serve", "--data", str(tree.data), "--port", "1")
    assert second.returncode == 2
    assert tree.process is not None
    assert second.stderr.count("\n") == 1
    assert f"already runs on {tree.data} (process {tree.process.pid})" in second.stderr


def test_a_port_in_use_is_refused_in_one_line(tree: Tree, tmp_path: Path) -> None:
    other = run(
        {**tree.environment, "LEADLINE_DATABASE_URL": ""},
        "serve", "--data", str(tmp_path / "other"), "--port", str(tree.port),
    )  # fmt: skip
    assert other.returncode == 2
    assert f"Port {tree.port}" in other.stderr
    assert "--port" in other.stderr


@pytest.mark.parametrize("module", ["leadline.worker.main", "leadline.worker.web"])
def test_a_killed_child_is_started_again(tree: Tree, module: str) -> None:
    first = tree.child(module)
    tree.kill(module)
    until(lambda: tree.child(module) not in (None, first), what=f"a new {module}")
    until(tree.is_ready, what="the tree to be ready")
    assert tree.pending() == 0


def test_the_analyst_is_called_by_the_first_question_and_again_after_it_was_killed(
    tree: Tree,
) -> None:
    def ask() -> int:
        done = run(tree.environment, "lake", "refresh", "--data", str(tree.data), "--json")
        assert done.returncode == 0, done.stderr
        return int(json.loads(done.stdout)["generation"])

    assert tree.child(ANALYST) is None
    first = ask()
    number = tree.child(ANALYST)
    assert number is not None
    tree.kill(ANALYST)
    until(lambda: not is_alive(number), what="the analyst to be gone")
    assert tree.child(ANALYST) is None
    assert ask() > first
    assert tree.child(ANALYST) not in (None, number)


def test_while_the_web_process_starts_again_connections_wait_and_are_answered(tree: Tree) -> None:
    tree.kill("leadline.worker.web")
    assert httpx.get(f"{tree.url}/healthz", timeout=30).status_code == 200


def test_sigterm_ends_everyone_in_good_order_within_thirty_seconds(tmp_path: Path) -> None:
    with served(tmp_path / "data") as tree:
        assert tree.process is not None
        run(tree.environment, "lake", "status", "--data", str(tree.data))
        everyone = [
            number
            for module in ("leadline.worker.main", "leadline.worker.web", ANALYST)
            if (number := tree.child(module))
        ]
        assert len(everyone) == 3
        assert tree.end() == 0
        assert not any(map(is_alive, everyone))
        assert not (tree.data / "analyst.sock").exists()


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    with served(tmp_path / "data") as tree:
        assert tree.process is not None
        everyone = [tree.child("leadline.worker.main"), tree.child("leadline.worker.web")]
        os.kill(tree.process.pid, signal.SIGKILL)
        tree.process.wait(10)
        until(
            lambda: not any(number and is_alive(number) for number in everyone),
            what="the children to be gone",
        )


@pytest.mark.sqlite_only
def test_the_embedded_database_takes_one_worker_and_says_so(tree: Tree) -> None:
    """About SQLite: PostgreSQL takes many."""
    done = run(tree.environment, "worker", "--data", str(tree.data))
    assert done.returncode == 2
    assert "LEADLINE_DATABASE_URL" in done.stderr


@pytest.mark.skipif(not os.environ.get("LEADLINE_DATABASE_URL"), reason="about PostgreSQL itself")
def test_an_added_worker_takes_over_when_the_first_is_killed(tmp_path: Path) -> None:
    with served(tmp_path / "data") as tree:
        second = subprocess.Popen(
            [*LEADLINE, "worker", "--data", str(tree.data)], env=tree.environment
        )
        try:
            for number in range(3):
                tree.kill("leadline.worker.main")
                said = {"userId": f"u{number}", "event": "Demo Requested"}
                key = tree.keys["write_key"]
                assert httpx.post(f"{tree.url}/v1/track", json=said, auth=(key, "")).is_success
            until(
                lambda: tree.query("SELECT count(*) FROM timeline_event") == [(3,)],
                what="three events, once each",
            )
        finally:
            second.terminate()
            assert second.wait(END_SECONDS) == 0


def test_a_setting_that_makes_no_sense_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    environment = {**os.environ, "LEADLINE_BASE_URL": "leads.example.com"}
    done = run(environment, "serve", "--data", str(folder), "--port", str(free_port()))
    assert done.returncode == 2
    assert "LEADLINE_BASE_URL" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_vulnerable_sqlite_is_refused() -> None:
    with pytest.raises(sqlite.VulnerableSqlite, match=r"SQLite 3\.40\.1 can lose committed rows"):
        sqlite.check((3, 40, 1))


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A file where a folder above should be: refused for root as well, whom modes do not stop.
    (tmp_path / "file").write_text("not a folder")
    place = tmp_path / "file" / "data"
    monkeypatch.setenv("LEADLINE_DATA", str(place))
    said: list[object] = []
    address = supervisor.Address("127.0.0.1", free_port())
    with pytest.raises(supervisor.CannotServe, match="cannot be written"):
        supervisor.run(address=address, say=said.append)
    assert said == []
    assert environment.data_folder() == place


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
    ],
)
def test_the_address_that_is_shown_can_be_opened(host: str, url: str) -> None:
    assert supervisor.Address(host, 8000).url == url
