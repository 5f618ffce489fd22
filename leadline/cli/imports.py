"""`leadline import`: a CSV file, previewed or brought in."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import runtime

if TYPE_CHECKING:
    from leadline.capture.import_preview import Preview
    from leadline.capture.imports import Options
    from leadline.capture.models import Import

LOOK_EVERY_SECONDS = 0.3


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=TRAIT", help="May be repeated.")
@click.option("--preview", "only_preview", is_flag=True, help="Say what would happen, and stop.")
@click.option("--live", is_flag=True, help="Assign and tell people, as if it happened now.")
@click.option("--source", "lead_source", default="", help="Where the leads come from.")
@click.option("--origin", type=click.Choice(["inbound", "outbound", "referral"]), default="inbound")
@click.option("--no-wait", is_flag=True, help="Leave the rows to the running worker.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="CSV to write.")
@runtime.data_option
@runtime.json_option
def command(  # noqa: PLR0913, PLR0917  # one option each
    file: Path,
    mapped: tuple[str, ...],
    only_preview: bool,
    live: bool,
    lead_source: str,
    origin: str,
    no_wait: bool,
    rejected: Path | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Bring in the leads of FILE. The same file again changes nothing.

    A running worker works the rows off when nothing else waits; without one it is done here. May
    be interrupted at any time: what is stored goes on by itself.
    """
    runtime.start_migrated(data)
    from leadline.capture import imports
    from leadline.capture.import_columns import UnknownColumn
    from leadline.leads import addresses
    from leadline.lib import csv_file
    from leadline.workspace import fields

    mapping = mapping_from(mapped)
    expected = (csv_file.NotCsv, UnknownColumn, imports.CannotImport)
    with runtime.refusing(*expected), runtime.refusing_database_trouble():
        if only_preview:
            _show_preview(
                imports.preview(
                    file, mapping=mapping, known=addresses.known, labels=fields.by_label()
                ),
                as_json=as_json,
            )
            return
        options = imports.Options(
            is_history=not live,
            lead_source=lead_source,
            origin=origin,  # type: ignore[arg-type]  # one of the choices
        )
        batch = _bring_in(file, mapping, options, waits=not no_wait, as_json=as_json)
    if rejected is not None:
        with rejected.open("w", encoding="utf-8", newline="") as stream:
            imports.write_rejected(batch, stream=stream)
    _show(batch, as_json=as_json)


def mapping_from(mapped: Sequence[str]) -> dict[str, str] | None:
    """{"Work mail": "email"} of ["Work mail=email"]; None without any. Refuses what has no '='."""
    if not mapped:
        return None
    for text in mapped:
        if "=" not in text:
            raise runtime.Refusal(f"--map {text!r}: write COLUMN=TRAIT, such as 'E-mail=email'.")
    return {column: trait for column, _, trait in (text.rpartition("=") for text in mapped)}


def _bring_in(
    file: Path,
    mapping: dict[str, str] | None,
    options: "Options",
    *,
    waits: bool,
    as_json: bool,
) -> "Import":
    from leadline.capture import imports
    from leadline.flow import bulk
    from leadline.lib import clock, memory
    from leadline.worker import turn

    batch = imports.start(file, mapping=mapping, options=options, now=clock.now())
    if not waits:
        return batch
    memory.settle(young=memory.BATCHES)
    with runtime.progress(batch.row_count, label="Importing", as_json=as_json) as advance:
        done = _done(batch)
        advance(done)
        while batch.state == batch.State.RUNNING:
            # Two that write back to back would leave new arrivals no turn at SQLite's one lock.
            if turn.is_taken() or bulk.run_waiting(now=clock.now()) == 0:
                time.sleep(LOOK_EVERY_SECONDS)
            batch.refresh_from_db()
            advance(_done(batch) - done)
            done = _done(batch)
    return batch


def _done(batch: "Import") -> int:
    counts = (batch.created_count, batch.updated_count, batch.unchanged_count)
    return sum(counts) + batch.rejected_count


def _show(batch: "Import", *, as_json: bool) -> None:
    result = {
        "id": str(batch.id),
        "state": batch.state,
        "rows": batch.row_count,
        "created": batch.created_count,
        "updated": batch.updated_count,
        "unchanged": batch.unchanged_count,
        "rejected": batch.rejected_count,
    }
    words = ("rows", "created", "updated", "unchanged", "rejected")
    line = f"{batch.file_name}: " + ", ".join(f"{result[word]} {word}" for word in words)
    runtime.show(result, as_json=as_json, lines=[line])


def _show_preview(found: "Preview", *, as_json: bool) -> None:
    import msgspec

    lines = [f"{found.file_name}: {found.row_count} rows, {found.encoding}"]
    lines += [f"  {head} → {target}   ({example})" for head, target, example in found.columns]
    lines += [
        f"  {found.new_count} new, {found.known_count} known,"
        f" {found.duplicate_count} twice in the file,"
        f" {found.without_email_count} without an address, {found.unreadable_count} unreadable"
    ]
    lines += [f"  warning: {text}" for text in found.warnings]
    lines += [f"  problem: {text}" for text in found.problems]
    runtime.show(msgspec.to_builtins(found), as_json=as_json, lines=lines)
