"""`leadline worker`: one more worker process on the same PostgreSQL."""

from pathlib import Path

import click

from leadline.cli import runtime


@click.command("worker")
@runtime.data_option
@runtime.json_option
def command(data: Path | None, as_json: bool) -> None:
    """Add a worker process. One of all workers consumes the inbox; all share the rest."""
    runtime.start_migrated(data)
    from django.db import connection

    from leadline.worker import main as worker

    if connection.vendor == "sqlite":
        raise runtime.Refusal(
            "The embedded SQLite takes one worker, which `leadline serve` runs. "
            "Set LEADLINE_DATABASE_URL to use PostgreSQL."
        )
    if as_json:
        runtime.show({"event": "working"}, as_json=True, lines=())
    worker.main(is_wary=False)
