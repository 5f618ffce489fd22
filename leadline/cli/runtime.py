"""What every command shares: the data folder, Django, and how results and refusals look."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from leadline.config import environment

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder (default: $LEADLINE_DATA, else ./data).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


class Refusal(click.ClickException):
    """A command cannot do what it was asked to; the sentence says why and what to do."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # Any: click's own signature
        click.echo(f"leadline: {self.message}", err=True)


def choose_folder(data: Path | None) -> Path:
    """Use this data folder from now on, here and in every child; it need not exist yet."""
    if data is not None:
        environment.set_data_folder(data)
    return environment.data_folder()


def start(data: Path | None, *, create: bool = False) -> Path:
    """Set Django up on a data folder that exists (or, with `create`, is made now).

    Raises Refusal for a vulnerable SQLite, a wrong environment, a folder that cannot be used.
    """
    folder = choose_folder(data)
    import django
    from django.core.exceptions import ImproperlyConfigured

    from leadline.config import sqlite

    if not create and not environment.has_secret_key():
        raise Refusal(f"There is no workspace in {folder}. Run: leadline setup --data {folder}")
    try:
        sqlite.check()
        environment.prepare_data_folder()
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
        django.setup()
    except (sqlite.VulnerableSqlite, ImproperlyConfigured) as problem:
        raise Refusal(str(problem)) from problem
    except OSError as problem:
        raise Refusal(f"The data folder {folder} cannot be used: {problem.strerror}.") from problem
    return folder


def start_migrated(data: Path | None) -> Path:
    """`start`, and refuse when the database is not up to date."""
    folder = start(data)
    from leadline.worker import prepare

    with refusing_database_trouble():
        if not prepare.is_migrated():
            raise Refusal("The database is not up to date. Run: leadline setup, or leadline serve.")
    return folder


@contextmanager
def refusing(*expected: type[Exception]) -> Iterator[None]:
    """Turn the domain's own errors into one sentence and exit code 2."""
    try:
        yield
    except expected as problem:
        raise Refusal(str(problem)) from problem


@contextmanager
def refusing_database_trouble() -> Iterator[None]:
    """One sentence for a database that is away, locked, full or broken."""
    from django.db import DatabaseError, InterfaceError, OperationalError

    from leadline.keeping import examination

    try:
        with refusing(OperationalError, InterfaceError):
            yield
    except DatabaseError as problem:
        if not examination.is_damage(problem):
            raise
        raise Refusal(f"{examination.WAY_OUT} SQLite says: {problem}.") from problem


def show(result: Mapping[str, object], *, as_json: bool, lines: Iterable[str]) -> None:
    """Print the result: as one JSON object, or as lines for a person."""
    if as_json:
        click.echo(json.dumps(result, default=str, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def progress(
    length: int, *, label: str, as_json: bool
) -> AbstractContextManager[Callable[[int], None]]:
    """A bar on standard error for people; nothing when the output is for machines."""
    if as_json:
        return nullcontext(lambda _: None)
    return _bar(length, label=label)


@contextmanager
def _bar(length: int, *, label: str) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label=label, file=click.get_text_stream("stderr")) as bar:
        yield bar.update
