"""`leadline restore`: a backup comes back to an empty folder and sends nothing yet."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import click

from leadline.cli import runtime
from leadline.lib import ledger


@click.command("restore")
@click.argument("backup", type=click.Path(exists=True, file_okay=False, path_type=Path))
@runtime.data_option
@runtime.json_option
def command(backup: Path, data: Path | None, as_json: bool) -> None:
    """Bring the folder BACKUP back to an empty data folder (and an empty PostgreSQL database).

    Every row is counted again. No message leaves until `leadline resume-sending` or the owner's
    click in Settings, System.
    """
    folder = runtime.choose_folder(data)
    import psycopg

    from leadline.config import environment, sqlite
    from leadline.keeping import manifest, postgres_dump, restoring
    from leadline.worker import folder_lock

    if not (backup / "secret_key").exists() and not environment.has_secret_key():
        raise runtime.Refusal(
            "The backup holds no secret key: set LEADLINE_SECRET_KEY to the one it was made with."
        )
    with runtime.refusing(sqlite.VulnerableSqlite, environment.EnvironmentProblem):
        sqlite.check()
        database = environment.database()
    is_sqlite = str(database["ENGINE"]).endswith("sqlite3")
    server = None if is_sqlite else postgres_dump.Server.of(database)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        runtime.refusing(
            restoring.RestoreRefused, manifest.NotABackup, folder_lock.InUse,
            psycopg.Error,
        ),
        closing(folder_lock.FolderLock(folder)),
    ):  # fmt: skip
        restored = restoring.restore(backup.resolve(), data=folder, server=server)
    result: Mapping[str, object] = {
        "folder": str(folder),
        "made_at": restored.manifest.made_at.isoformat(),
        "rows": restored.row_count,
        "tables": dict(restored.manifest.tables),
        "held_messages": restored.held_count,
        "removed_again": restored.removed_count,
        "findings": list(restored.findings),
    }
    runtime.show(result, as_json=as_json, lines=sentences(result))


def sentences(result: Mapping[str, object]) -> list[str]:
    findings = result["findings"]
    assert isinstance(findings, list)
    return [
        f"{result['rows']:,} rows of {result['made_at']} are back in {result['folder']}.",
        _about_the_removed(result),
        f"Sending is held ({result['held_messages']} messages wait).",
        "When this copy is the one that counts: leadline resume-sending, or Settings, System.",
        *(f"  to look at: {each}" for each in findings),
    ]


def _about_the_removed(result: Mapping[str, object]) -> str:
    if result["removed_again"] is None:
        return (
            f"Who was removed for good after the backup is back: there is no {ledger.REMOVED_LEADS}"
            " beside it, which names them. Find that file and restore again, or remove them again."
        )
    return f"{result['removed_again']} leads removed for good after the backup are so again."
