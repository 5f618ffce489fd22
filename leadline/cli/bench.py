"""`leadline bench`: the benchmarks of a source checkout, each a program that prints JSON.

Every program runs once on SQLite and once on PostgreSQL, in a process of its own.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

import leadline
from leadline.cli import runtime

PROGRAMS = Path(leadline.__file__).parents[1] / "benchmarks"
OUTPUT = Path("build") / "bench.json"
DATABASES: dict[str, tuple[str, ...]] = {"sqlite": (), "postgresql": ("--postgres",)}

Document = dict[str, Any]  # what `benchmarks.report` prints
Results = dict[str, dict[str, Document | None]]
"""By benchmark and database; None where the program failed."""


@click.command("bench")
@click.argument("names", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Name the benchmarks and stop.")
@click.option("--only", type=click.Choice(list(DATABASES)), help="On one database, not on both.")
@click.option("--small", is_flag=True, help="Only see that they run: the figures say nothing.")
@runtime.json_option
def command(
    names: tuple[str, ...], only_list: bool, only: str | None, small: bool, as_json: bool
) -> None:
    """Run the benchmarks NAMES, or all, one after the other; results also in build/bench.json.

    Each figure is shown with its floor, whether it held, and the physical limit of the same run.
    Ends with 1 when a program failed or, unless --small, a figure did not hold.
    """
    known = programs()
    if not known:
        raise runtime.Refusal("The benchmarks are part of the source, not of the installed wheel.")
    if unknown := sorted(set(names) - set(known)):
        raise runtime.Refusal(f"No benchmark is called {unknown[0]!r}; choose {', '.join(known)}.")
    if only_list:
        runtime.show({"benchmarks": known}, as_json=as_json, lines=known)
        return
    chosen = [only] if only else list(DATABASES)
    results = measure(names or known, databases=chosen, small=small)
    runtime.show(results, as_json=as_json, lines=table(results))
    failed = [found is None for each in results.values() for found in each.values()]
    if any(failed) or (not small and missed(results)):
        click.get_current_context().exit(1)


def programs() -> list[str]:
    """The names of the benchmarks. The modules beside them are not started on their own."""
    return [path.stem for path in sorted(PROGRAMS.glob("*.py")) if is_program(path)]


def is_program(path: Path) -> bool:
    """A benchmark is started on its own; the modules beside it are not."""
    return '__name__ == "__main__"' in path.read_text()


def measure(names: tuple[str, ...] | list[str], *, databases: list[str], small: bool) -> Results:
    """Run them all; the document of everything is written anew after each program."""
    results: Results = {}
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    for name in names:
        for database in databases:
            found = run(name, database=database, small=small)
            results.setdefault(name, {})[database] = found
            OUTPUT.write_text(json.dumps(results, indent=2))
    return results


def run(name: str, *, database: str, small: bool) -> Document | None:
    """Run one benchmark in a process of its own; its document, or None when it failed."""
    click.echo(f"== {name}, {database}", err=True)
    options = [*DATABASES[database], *(["--small"] if small else [])]
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", f"benchmarks.{name}", *options],
        cwd=PROGRAMS.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return None
    found: Document = json.loads(done.stdout)
    return found


def missed(results: Results) -> list[str]:
    """`ingest, postgresql: form posts` for each figure that did not hold its floor."""
    return [
        f"{name}, {database}: {figure['name']}"
        for name, by_database in results.items()
        for database, found in by_database.items()
        for figure in (found or {"figures": []})["figures"]
        if not figure["held"]
    ]


def table(results: Results) -> Iterator[str]:
    """One line per figure, for people: the number on each database, the floor, the limit; at last
    what did not hold."""
    for name, by_database in results.items():
        yield name
        for database, found in by_database.items():
            if found is None:
                yield f"  {database}: failed, see above"
                continue
            yield from (f"  {database:<10} {line(figure)}" for figure in found["figures"])
    yield from (f"NOT HELD: {each}" for each in missed(results))


def line(figure: Mapping[str, Any]) -> str:  # Any: decoded JSON
    """`single acknowledgements 19,917 per second  floor 18,000, held  bare inbox 29,259`."""
    words = {"at_least": "floor", "at_most": "at most"}
    (bound, floor), *_ = figure["floor"].items()
    verdict = "held" if figure["held"] else "NOT HELD"
    physical = figure["physical"]
    return (
        f"{figure['name']:<44} {figure['value']:>12,} {figure['unit']:<14}"
        f" {words[bound]} {floor:,}: {verdict:<9} {physical['of']}: {physical['value']:,}"
    )
