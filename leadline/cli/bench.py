"""`leadline bench`: the benchmarks of a source checkout, each a program that prints JSON."""

import json
import subprocess
import sys
from pathlib import Path

import click

import leadline
from leadline.cli import runtime

PROGRAMS = Path(leadline.__file__).parents[1] / "benchmarks"
OUTPUT = Path("build") / "bench"


@click.command("bench")
@click.argument("names", nargs=-1)
@click.option("--list", "only_list", is_flag=True, help="Name the benchmarks and stop.")
@runtime.json_option
def command(names: tuple[str, ...], only_list: bool, as_json: bool) -> None:
    """Run the benchmarks NAMES, or all, one after the other; results also in build/bench/."""
    known = [path.stem for path in sorted(PROGRAMS.glob("*.py")) if is_program(path)]
    if not known:
        raise runtime.Refusal("The benchmarks are part of the source, not of the installed wheel.")
    if unknown := sorted(set(names) - set(known)):
        raise runtime.Refusal(f"No benchmark is called {unknown[0]!r}; choose {', '.join(known)}.")
    if only_list:
        runtime.show({"benchmarks": known}, as_json=as_json, lines=known)
        return
    OUTPUT.mkdir(parents=True, exist_ok=True)
    results = {name: run(name) for name in names or known}
    runtime.show(
        results,
        as_json=as_json,
        lines=[f"{name}\n{json.dumps(found, indent=2)}" for name, found in results.items()],
    )
    if any(found is None for found in results.values()):
        click.get_current_context().exit(1)


def is_program(path: Path) -> bool:
    """A benchmark is started on its own; the modules beside it are not."""
    return '__name__ == "__main__"' in path.read_text()


def run(name: str) -> object | None:
    """Run one benchmark in a process of its own; its JSON, or None when it failed."""
    click.echo(f"== {name}", err=True)
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-m", f"benchmarks.{name}"],
        cwd=PROGRAMS.parent,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return None
    (OUTPUT / f"{name}.json").write_text(done.stdout)
    try:
        found: object = json.loads(done.stdout)
    except json.JSONDecodeError:
        return done.stdout.splitlines()
    return found
