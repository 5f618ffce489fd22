"""`leadline playbook apply|export|diff`: rules as a folder under version control."""

from pathlib import Path

import click

from leadline.cli import runtime


@click.group("playbook")
def command() -> None:
    """Apply, export or compare a folder of rules."""


@command.command("apply")
@click.argument("source")
@runtime.data_option
@runtime.json_option
def apply_(source: str, data: Path | None, as_json: bool) -> None:
    """Bring the workspace to what SOURCE (a folder or a shipped playbook) says."""
    runtime.start_migrated(data)
    from django.db import transaction

    from leadline.lib import clock
    from leadline.playbooks import folder, parts
    from leadline.workspace import audit
    from leadline.workspace.audit import Change

    with runtime.refusing(folder.PlaybookError), transaction.atomic():
        applied = parts.apply(source, now=clock.now())
        if applied.changes:
            after: dict[str, audit.Value] = {"changes": len(applied.changes)}
            said = Change("playbook.applied", "playbook", applied.name, applied.name, {}, after)
            audit.record(said, by=audit.COMMAND_LINE, now=clock.now())
    lines = list(applied.changes) or ["Nothing to change."]
    result = {"name": applied.name, "digest": applied.digest, "changes": list(applied.changes)}
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", default="own", show_default=True)
@click.option("--title", default="Our playbook", show_default=True)
@runtime.data_option
@runtime.json_option
def export(folder: Path, name: str, title: str, data: Path | None, as_json: bool) -> None:
    """Write the workspace's rules into FOLDER."""
    runtime.start_migrated(data)
    from leadline.playbooks import parts

    with runtime.refusing(OSError):
        files = parts.export_to(folder, name=name, title=title)
    runtime.show(
        {"folder": str(folder), "files": files},
        as_json=as_json,
        lines=[f"{folder / file}" for file in files],
    )


@command.command("diff")
@click.argument("source")
@runtime.data_option
@runtime.json_option
def diff(source: str, data: Path | None, as_json: bool) -> None:
    """Say what applying SOURCE would change."""
    runtime.start_migrated(data)
    from leadline.playbooks import folder, parts

    with runtime.refusing(folder.PlaybookError):
        found = parts.diff(source)
    runtime.show({"changes": found}, as_json=as_json, lines=found or ["No difference."])
