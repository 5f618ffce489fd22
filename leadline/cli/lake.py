"""`leadline lake refresh|status|rebuild|forget`: the analyst does it, this asks."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from leadline.cli import runtime

WITHIN_SECONDS = 6 * 3_600.0
Answer = Mapping[str, Any]  # JSON, as `analytics.upkeep` describes


@click.group("lake")
def command() -> None:
    """Keep the lake: what reports, backtests and checks of scores read (Parquet files)."""


@command.command("refresh")
@runtime.data_option
@runtime.json_option
def refresh(data: Path | None, as_json: bool) -> None:
    """Take in everything that happened by now. What was interrupted is gone on with."""
    _ask("lake_refresh", {}, data=data, as_json=as_json, lines=_written)


@command.command("rebuild")
@runtime.data_option
@runtime.json_option
def rebuild(data: Path | None, as_json: bool) -> None:
    """Write the lake anew from the database: when a file is broken, missing or of another
    version, and after a restore."""
    _ask("lake_rebuild", {}, data=data, as_json=as_json, lines=_written)


@command.command("status")
@runtime.data_option
@runtime.json_option
def status(data: Path | None, as_json: bool) -> None:
    """How fresh and how large the lake is. Exit code 2 when it cannot be read."""
    _ask("lake_status", {}, data=data, as_json=as_json, lines=_state)


@command.command("forget")
@click.option("--verify", is_flag=True, help="Read every file once more afterwards.")
@runtime.data_option
@runtime.json_option
def forget(verify: bool, data: Path | None, as_json: bool) -> None:
    """Let nothing that was erased stand in any file, now and not with the next night's job."""
    _ask("lake_forget", {"verify": verify}, data=data, as_json=as_json, lines=_forgotten)


def _ask(
    question: str, arguments: Mapping[str, object], *, data: Path | None, as_json: bool,
    lines: Callable[[Answer], list[str]],
) -> None:  # fmt: skip
    runtime.start_migrated(data)
    from leadline.analytics import client

    with runtime.refusing(client.AnalystError):
        answer = client.ask(question, arguments, timeout_s=WITHIN_SECONDS)
    runtime.show(answer, as_json=as_json, lines=lines(answer))


def _written(answer: Answer) -> list[str]:
    added = sum(answer["added"].values())
    return [
        f"{added:,} new rows; the lake has {answer['rows']:,} in {_size(answer['bytes'])}",
        *(f"  {name:<18} {count:>12,}" for name, count in answer["added"].items() if count),
    ]


def _state(answer: Answer) -> list[str]:
    if answer["age_seconds"] is None:
        return ["There is no lake yet. Make it with: leadline lake refresh"]
    age = timedelta(seconds=round(answer["age_seconds"]))
    return [
        f"{answer['rows']:,} rows in {answer['files']:,} files, {_size(answer['bytes'])}",
        f"It knows everything until {age} ago (hours, minutes, seconds).",
    ]


def _forgotten(answer: Answer) -> list[str]:
    return [
        f"{answer['tombstones']:,} erasures worked off: {answer['rewritten']:,} files written"
        f" anew, {answer['deleted']:,} deleted."
    ]


def _size(count: int) -> str:
    return f"{count / 1_000_000:,.1f} MB"
