"""`leadline resume-sending`: a restored copy is the real one now."""

from pathlib import Path

import click

from leadline.cli import runtime


@click.command("resume-sending")
@click.option("--skip-old", "skips_old", is_flag=True, help="Pass over what waited in the backup.")
@runtime.data_option
@runtime.json_option
def command(skips_old: bool, data: Path | None, as_json: bool) -> None:
    """Let messages leave again after a restore."""
    runtime.start_migrated(data)
    from leadline.delivery import holding
    from leadline.lib import clock
    from leadline.workspace import audit

    with runtime.refusing_database_trouble():
        resumed = holding.resume(skips_old=skips_old, by=audit.COMMAND_LINE, now=clock.now())
    if resumed is None:
        raise runtime.Refusal("Sending is not held.")
    result = {"waiting": resumed.waiting_count, "skipped": resumed.skipped_count}
    lines = [
        f"Sending goes on: {resumed.waiting_count} messages wait,"
        f" {resumed.skipped_count} were passed over."
    ]
    runtime.show(result, as_json=as_json, lines=lines)
