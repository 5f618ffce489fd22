"""Command lines on real folders and, with --postgres, databases of their own."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.worker import tree


def ok(environment: Mapping[str, str], *arguments: str) -> dict[str, object]:
    """Run a command with --json; what it printed."""
    done = tree.run(dict(environment), *arguments, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def refused(environment: Mapping[str, str], *arguments: str) -> str:
    """Run a command that must be refused with one sentence; that sentence."""
    done: subprocess.CompletedProcess[str] = tree.run(dict(environment), *arguments)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stderr


def made_with(environment: Mapping[str, str], settings: str) -> dict[str, str]:
    """The same place, used by another version of the program."""
    return {**environment, "DJANGO_SETTINGS_MODULE": f"tests.keeping.{settings}"}


def workspace(data: Path) -> dict[str, str]:
    """A workspace that is set up and not served; returns its environment."""
    environment = tree.copied(data)
    environment.pop("LEADLINE_BACKUPS", None)
    return environment
