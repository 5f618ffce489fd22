"""`leadline upgrade`: back up, migrate, check; the old state returns when anything fails."""

from contextlib import closing
from pathlib import Path

import click

from leadline.cli import runtime


@click.command("upgrade")
@runtime.data_option
@runtime.json_option
def command(data: Path | None, as_json: bool) -> None:
    """Bring the data to the state that this version expects, while nothing else runs on it.

    Exit code 2 when it failed; the state of before is back then.
    """
    folder = runtime.start(data)
    from leadline.keeping import backups, upgrades
    from leadline.lib import clock
    from leadline.worker import folder_lock

    with (
        runtime.refusing(upgrades.UpgradeFailed, backups.BackupFailed, folder_lock.InUse),
        runtime.refusing_database_trouble(),
        closing(folder_lock.FolderLock(folder)),
    ):
        upgraded = upgrades.run(now=clock.now(), is_thorough=True)
    backup = upgraded.backup if upgraded else None
    result = {"upgraded": upgraded is not None, "backup": backup and str(backup.folder)}
    if upgraded is None:
        lines = ["There is nothing to do: the data is at this version's state."]
    else:
        lines = ["Upgraded and checked."] + ([f"  backup {backup.folder}"] if backup else [])
    runtime.show(result, as_json=as_json, lines=lines)
