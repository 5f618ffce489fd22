"""An upgrade works whole or leaves what was there before."""

from collections.abc import Callable
from pathlib import Path

from tests.keeping.places import made_with, ok, refused, workspace
from tests.worker import tree
from tests.worker.tree import Tree


def asked(data: Path, environment: dict[str, str]) -> Callable[[str], list[tuple[object, ...]]]:
    return Tree(data, 0, environment, {}).query


def test_a_failing_migration_leaves_the_state_of_before(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    later = made_with(environment, "failing_settings")
    said = refused(later, "upgrade", "--data", str(data))
    assert "ValueError: this migration was meant to fail" in said
    assert "The state of before is back" in said
    ask = asked(data, environment)
    assert ask("SELECT name FROM workspace_workspace") == [("Leadline",)]
    assert ask("SELECT count(*) FROM django_migrations WHERE app = 'failing'") == [(0,)]
    assert ok(environment, "doctor", "--data", str(data))["is_well"] is True


def test_a_failing_migration_at_start_refuses_to_serve_and_leaves_the_state_of_before(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    later = made_with(environment, "failing_settings")
    said = refused(later, "serve", "--data", str(data), "--port", str(tree.free_port()))
    assert "The state of before is back" in said
    with tree.started(data, environment) as before:
        assert before.query("SELECT name FROM workspace_workspace") == [("Leadline",)]


def test_an_upgrade_backs_up_and_migrates_and_a_second_run_does_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = workspace(data)
    later = made_with(environment, "later_settings")
    upgraded = ok(later, "upgrade", "--data", str(data))
    assert upgraded["upgraded"] is True
    backup = Path(str(upgraded["backup"]))
    assert asked(data, environment)("SELECT count(*) FROM later_thing") == [(0,)]
    assert ok(later, "upgrade", "--data", str(data)) == {"upgraded": False, "backup": None}
    # The backup made before brings the old state back, elsewhere.
    other = tmp_path / "other"
    old = tree.fresh_environment(other)
    assert ok(old, "restore", str(backup), "--data", str(other))["findings"] == []
    found = asked(other, old)("SELECT count(*) FROM django_migrations WHERE app = 'later'")
    assert found == [(0,)]


def test_a_backup_of_a_newer_version_is_refused_by_an_older_one(tmp_path: Path) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    environment = workspace(data)
    newer = made_with(environment, "later_settings")
    ok(newer, "upgrade", "--data", str(data))
    folder = str(ok(newer, "backup", "--data", str(data))["folder"])
    said = refused(tree.fresh_environment(other), "restore", folder, "--data", str(other))
    assert "newer version" in said
    assert not (other / "leadline.sqlite3").exists()


def test_nothing_is_upgraded_while_it_is_served(tmp_path: Path) -> None:
    with tree.served(tmp_path / "data") as running:
        said = refused(
            made_with(running.environment, "later_settings"), "upgrade", "--data", str(running.data)
        )
    assert "already runs on" in said
