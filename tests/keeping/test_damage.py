"""A broken page is found, said in a sentence, and never takes a good backup away."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from leadline.keeping import manifest
from tests.keeping.places import ok, refused, workspace
from tests.worker import tree

pytestmark = pytest.mark.sqlite_only  # PostgreSQL has checksums of its own, and a dump reads all


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A workspace with one good backup, of a year ago: the next good one would replace it."""
    data = tmp_path_factory.mktemp("damage") / "data"
    environment = workspace(data)
    folder = Path(str(ok(environment, "backup", "--data", str(data))["folder"]))
    written = (folder / manifest.FILE_NAME).read_text()
    year = written.partition('"made_at": "')[2][:4]
    (folder / manifest.FILE_NAME).write_text(written.replace(f'"{year}-', f'"{int(year) - 1}-', 1))
    return data, environment


def broken(whole: tuple[Path, dict[str, str]], data: Path, *, page_of: str) -> dict[str, str]:
    """A copy in which the first page of a table or an index holds nothing of use."""
    original, environment = whole
    shutil.copytree(original, data)
    file = data / "leadline.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        asked = "SELECT rootpage FROM sqlite_schema WHERE name = ?"
        (page,) = connection.execute(asked, (page_of,)).fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)
    return {**environment, "LEADLINE_DATA": str(data)}


# A table that every pass reads, one that backups read first, and an index that none of them uses.
@pytest.mark.parametrize("page_of", ["workspace_field", "django_migrations", "audit_of_person"])
def test_backup_says_it_and_leaves_the_good_one_where_it_is(
    whole: tuple[Path, dict[str, str]], tmp_path: Path, page_of: str
) -> None:
    data = tmp_path / "data"
    environment = broken(whole, data, page_of=page_of)
    before = sorted(path.name for path in (data / "backups").glob("*-*"))
    said = refused(environment, "backup", "--data", str(data))
    assert "leadline.sqlite3 is damaged: " in said
    assert said.count("\n") == 1
    assert sorted(path.name for path in (data / "backups").glob("*-*")) == before


@pytest.mark.parametrize("page_of", ["workspace_field", "audit_of_person"])
def test_the_doctor_says_it_and_what_to_do(
    whole: tuple[Path, dict[str, str]], tmp_path: Path, page_of: str
) -> None:
    data = tmp_path / "data"
    environment = broken(whole, data, page_of=page_of)
    done = tree.run(environment, "doctor", "--repair", "--data", str(data))
    assert done.returncode == 1
    assert "leadline.sqlite3 is damaged: " in done.stdout
    assert "bring back a backup" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["doctor", "serve", "upgrade"])
def test_what_cannot_even_be_opened_is_refused_in_a_sentence(
    whole: tuple[Path, dict[str, str]], tmp_path: Path, command: str
) -> None:
    data = tmp_path / "data"
    environment = broken(whole, data, page_of="django_migrations")
    assert "The database is damaged" in refused(environment, command, "--data", str(data))


def test_what_the_sentence_advises_works(
    whole: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    data, other = tmp_path / "data", tmp_path / "other"
    broken(whole, data, page_of="workspace_workspace")
    (backup,) = (data / "backups").glob("leadline-*")
    environment = tree.fresh_environment(other)
    assert ok(environment, "restore", str(backup), "--data", str(other))["findings"] == []
