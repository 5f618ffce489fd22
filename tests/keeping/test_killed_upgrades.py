"""An upgrade that was killed goes on at the next start, or the state of before comes back."""

import signal
from pathlib import Path

from django.db.migrations.loader import MigrationLoader

from leadline.keeping import way_back
from tests.keeping.killed import fate
from tests.keeping.places import made_with, ok, refused, workspace
from tests.worker import tree
from tests.worker.tree import Tree

NAME = "SELECT name FROM workspace_workspace"
DONE = "SELECT name FROM django_migrations WHERE app = 'killed' ORDER BY name"


def later(environment: dict[str, str], fate_of: str = "") -> dict[str, str]:
    return {**made_with(environment, "killed_settings"), fate.VARIABLE: fate_of}


def killed(data: Path, environment: dict[str, str], *, at: str) -> None:
    done = tree.run(later(environment, f"{at}:kill"), "upgrade", "--data", str(data))
    assert done.returncode == -signal.SIGKILL, (done.returncode, done.stderr)


def check_upgraded(data: Path, environment: dict[str, str]) -> None:
    """Each migration was applied once, and nothing is missing."""
    asked = Tree(data, 0, environment, {}).query
    assert asked(NAME) == [("Leadline upgraded",)]
    assert asked("SELECT id, words FROM killed_thing ORDER BY id") == [(1, ""), (2, "")]
    assert asked("SELECT count(*) FROM workspace_user") == [(1,)]
    assert ok(later(environment), "doctor", "--data", str(data))["is_well"] is True
    assert not (data / way_back.FILE_NAME).exists()


def test_killed_in_the_first_migration_the_old_version_runs_and_the_new_one_begins_again(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    killed(data, environment, at="0001")
    with tree.started(data, environment) as old:
        assert (old.query(NAME), old.query(DONE)) == ([("Leadline",)], [])
    assert ok(later(environment), "upgrade", "--data", str(data))["upgraded"] is True
    check_upgraded(data, environment)


def test_killed_in_between_the_next_upgrade_goes_on(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    killed(data, environment, at="0003")
    assert len(Tree(data, 0, environment, {}).query(DONE)) == 2
    assert "newer version" in refused(environment, "upgrade", "--data", str(data))
    assert ok(later(environment), "upgrade", "--data", str(data))["upgraded"] is True
    check_upgraded(data, environment)


def test_a_start_that_is_killed_while_it_migrates_goes_on_at_the_next_start(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    serve = ("serve", "--data", str(data), "--port", str(tree.free_port()))
    refused(later(environment, "0002:kill"), *serve)
    with tree.started(data, later(environment)):
        pass
    check_upgraded(data, environment)


def test_what_fails_after_a_kill_brings_back_the_state_before_the_first_try(
    tmp_path: Path,
) -> None:
    """Not the half that the killed one had done: that is no state of any version. A backup made
    in between by hand does not push the way back off the shelf."""
    data = tmp_path / "data"
    environment = workspace(data)
    killed(data, environment, at="0002")
    ok(later(environment), "backup", "--data", str(data))
    said = refused(later(environment, "0003:fail"), "upgrade", "--data", str(data))
    assert "The state of before is back" in said
    asked = Tree(data, 0, environment, {}).query
    assert (asked(NAME), asked(DONE)) == ([("Leadline",)], [])
    assert ok(environment, "doctor", "--data", str(data))["is_well"] is True
    ok(later(environment), "upgrade", "--data", str(data))
    check_upgraded(data, environment)


def test_every_migration_of_ours_is_one_transaction() -> None:
    """So that one that is killed has not happened."""
    found = MigrationLoader(None).disk_migrations
    assert len(found) > 20
    assert [key for key, each in found.items() if not each.atomic] == []
