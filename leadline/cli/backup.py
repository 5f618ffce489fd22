"""`leadline backup`: a verified copy of everything, while it runs."""

from pathlib import Path

import click

from leadline.cli import runtime


@click.command("backup")
@click.option(
    "--to", "shelf_folder", type=click.Path(file_okay=False, path_type=Path),
    help="The folder in which backups stand (default: $LEADLINE_BACKUPS, else DATA/backups).",
)  # fmt: skip
@click.option("--list", "only_lists", is_flag=True, help="Show what is there and make none.")
@runtime.data_option
@runtime.json_option
def command(shelf_folder: Path | None, only_lists: bool, data: Path | None, as_json: bool) -> None:
    """Copy the running workspace, open the copy and run every check of `doctor` on it.

    The newest of each of 7 days and of each of 4 weeks stay; older ones are deleted.
    """
    runtime.start(data)
    from leadline.config import environment
    from leadline.keeping import backups, shelf
    from leadline.lib import clock

    if only_lists:
        found = shelf.listing(shelf_folder or environment.read().backups)
        lines = [sentence(each) for each in found] or ["There is no backup."]
        result: dict[str, object] = {"backups": [described(each) for each in found]}
        runtime.show(result, as_json=as_json, lines=lines)
        return
    with runtime.refusing(backups.BackupFailed), runtime.refusing_database_trouble():
        made = backups.make(
            cause="asked", now=clock.now(), to=shelf_folder and shelf_folder.resolve()
        )
    runtime.show(described(made), as_json=as_json, lines=[sentence(made)])


def described(backup: "object") -> dict[str, object]:
    """One backup for machines."""
    from leadline.keeping.shelf import Backup

    assert isinstance(backup, Backup)
    found = backup.manifest
    return {
        "folder": str(backup.folder),
        "made_at": found.made_at.isoformat(),
        "cause": found.cause,
        "bytes": found.size_bytes,
        "rows": sum(found.tables.values()),
        "is_proven": found.is_proven,
        "note": found.note,
    }


def sentence(backup: "object") -> str:
    """One backup for a person."""
    each = described(backup)
    proof = "opened and examined" if each["is_proven"] else str(each["note"])
    size = f"{int(str(each['bytes'])) / 2**20:,.1f} MB"
    return f"{each['folder']}  {size}, {each['rows']:,} rows, {proof}"
