"""`leadline setup`: without a question, and safe to run again."""

import json
import stat
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from leadline.worker import folder_lock
from tests.worker import tree

ASKED = ("--owner-email", "ada@example.com", "--owner-password", "correct horse battery")


@pytest.fixture
def place(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    return tmp_path / "data", tree.fresh_environment(tmp_path / "data")


def test_a_second_run_changes_nothing_and_shows_no_secret_again(
    place: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = place
    first = tree.run(environment, "setup", "--data", str(folder), *ASKED, "--json")
    made = json.loads(first.stdout)
    assert (made["owner"], made["base_url"]) == ("ada@example.com", "http://127.0.0.1:8000")
    assert all(made[key] for key in ("write_key", "browser_key", "api_key"))

    second = tree.run(environment, "setup", "--data", str(folder), *ASKED, "--json")
    again = json.loads(second.stdout)
    assert (again["write_key"], again["api_key"]) == (None, None)
    assert again["browser_key"] == made["browser_key"]  # public, printed into every page
    assert made["write_key"] not in second.stdout + second.stderr

    third = tree.run(environment, "setup", "--data", str(folder), "--new-keys", "--json")
    assert json.loads(third.stdout)["write_key"] not in (None, made["write_key"])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A folder with tables and nobody in it: what is refused leaves it so for the next."""
    folder = tmp_path_factory.mktemp("set_up") / "data"
    environment = tree.fresh_environment(folder)
    assert "needs an owner" in tree.run(environment, "setup", "--data", str(folder)).stderr
    return folder, environment


def test_the_data_folder_and_its_key_are_for_their_owner_only(
    empty: tuple[Path, dict[str, str]],
) -> None:
    folder, _environment = empty
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--owner-email", "nobody"), "email:"),
        (("--owner-email", "ada@example.com", "--owner-password", "short"), "password:"),
        ((*ASKED, "--time-zone", "Mars/Base"), "time zone"),
        ((), "--owner-email"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_one_sentence(
    empty: tuple[Path, dict[str, str]], arguments: tuple[str, ...], sentence: str
) -> None:
    folder, environment = empty
    done = tree.run(environment, "setup", "--data", str(folder), *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_playbook_is_refused(empty: tuple[Path, dict[str, str]]) -> None:
    folder, environment = empty
    done = tree.run(environment, "setup", "--data", str(folder), *ASKED, "--playbook", "b3b")
    assert done.returncode == 2
    assert "b3b" in done.stderr
    again = tree.run(environment, "setup", "--data", str(folder))
    assert "needs an owner" in again.stderr  # nor did the refused one leave an owner


def test_serving_an_empty_folder_offers_the_set_up_page_with_a_one_time_token(
    place: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = place
    with tree.started(folder, environment) as served:
        token = (folder / "set_up_token").read_text()
        assert len(token) >= 32
        assert stat.S_IMODE((folder / "set_up_token").stat().st_mode) == 0o600
        assert served.is_ready()
        assert claimed(served) == 302
        assert served.query("SELECT role, email FROM workspace_user") == [
            ("owner", "ada@example.com")
        ]
        # A workspace that was made on the page has rules and pages through which leads come.
        # The front door reads its definitions every two seconds.
        tree.until(
            lambda: httpx.get(f"{served.url}/p/demo").status_code == 200, what="the page /p/demo"
        )
        assert served.query("SELECT count(*) FROM playbooks_appliedplaybook") == [(1,)]


def claimed(served: tree.Tree) -> int:
    """Fill in the set-up page from this machine; the status of the answer."""
    with httpx.Client(base_url=served.url) as client:
        client.get("/set-up")
        form = {
            "csrfmiddlewaretoken": client.cookies["leadline_csrf"],
            "workspace_name": "Acme",
            "name": "Ada",
            "email": "ada@example.com",
            "password": "correct horse battery",
            "time_zone": "Europe/Berlin",
        }
        return client.post("/set-up", data=form).status_code


def test_it_leaves_a_folder_alone_that_somebody_serves(
    place: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = place
    folder.mkdir()
    with closing(folder_lock.FolderLock(folder)):
        done = tree.run(environment, "setup", "--data", str(folder), *ASKED, "--json")
    assert done.returncode == 2
    assert "already runs" in done.stderr
    assert not (folder / "leadline.sqlite3").exists()
