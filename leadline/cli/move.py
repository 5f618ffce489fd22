"""`leadline move --to postgres://…`: from the embedded SQLite to PostgreSQL."""

from contextlib import closing
from pathlib import Path

import click

from leadline.cli import runtime


@click.command("move")
@click.option("--to", "address", required=True, help="postgres://user:password@host/name, empty.")
@runtime.data_option
@runtime.json_option
def command(address: str, data: Path | None, as_json: bool) -> None:
    """Copy the workspace from SQLite to an empty PostgreSQL database and count both sides.

    Nothing may run on it. SQLite stays as it is, to go back to.
    """
    folder = runtime.choose_folder(data)
    if not folder.is_dir():
        raise runtime.Refusal(f"There is no data folder {folder}.")
    from leadline.config import environment
    from leadline.keeping import moving
    from leadline.keeping.postgres_dump import Server
    from leadline.worker import folder_lock

    with (
        runtime.refusing(
            moving.MoveFailed, folder_lock.InUse, environment.EnvironmentProblem, OSError
        ),
        closing(folder_lock.FolderLock(folder)),
    ):
        to = Server.of(environment.postgres_database(address))
        moved = moving.move(data=folder, to=to)
    rows = sum(moved.tables.values())
    result = {"tables": dict(moved.tables), "rows": rows, "waiting": moved.waiting_count}
    lines = [f"{count:>12,} {name}" for name, count in moved.tables.items() if count]
    lines += [
        f"{rows:,} rows in {len(moved.tables)} tables, equal on both sides;"
        f" {moved.waiting_count} arrivals still to be worked off.",
        f"Set LEADLINE_DATABASE_URL and start. {folder / 'leadline.sqlite3'} is not used any more.",
    ]
    runtime.show(result, as_json=as_json, lines=lines)
