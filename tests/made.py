"""Folders that are made once per test run, by whichever process needs one first, and copied.

Bringing an empty database up to date takes five seconds of CPU, which is Django's drawing of every
model after each migration; what is about something else need not do it again.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests import scratch

ROOT = Path(__file__).parents[1]
_SHARED = "TESTS_SHARED"
_MIGRATE = """
from leadline.config import environment
environment.prepare_data_folder()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""


def share() -> None:
    """Called by the process that starts the others: they find the folder in its environment."""
    os.environ[_SHARED] = str(scratch.folder("made"))


def once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of that name, filled by `make` unless somebody has; others wait for it. What
    failed half way is made anew by the next. To be copied, never written to."""
    if _SHARED not in os.environ:
        share()
    shared = Path(os.environ[_SHARED])
    done, fresh = shared / name, shared / f"{name}.new"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(mode=0o700)
            make(fresh)
            fresh.rename(done)
    return done


def migrated() -> Path:
    """A data folder with empty tables on SQLite."""
    return once("migrated", lambda folder: migrate(on_sqlite(folder)))


def migrate(environment: Mapping[str, str]) -> None:
    """Bring the database that the environment names up to date."""
    run(_MIGRATE, environment)


def on_sqlite(folder: Path) -> dict[str, str]:
    """The environment of a program on a data folder of its own, whatever the run is on."""
    kept = {name: value for name, value in os.environ.items() if name != "LEADLINE_DATABASE_URL"}
    return {
        "DJANGO_SETTINGS_MODULE": "leadline.config.settings",
        **kept,
        "LEADLINE_DATA": str(folder),
        "PYTHONPATH": str(ROOT),
    }


def run(program: str, environment: Mapping[str, str], *arguments: str) -> str:
    """Run a program of ours to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout
