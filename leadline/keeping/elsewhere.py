"""Asking another process of ours about another database than this one's."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


class ProcessFailed(Exception):
    """The other process ended badly; the text holds the last line that it said."""

    permanent = False


def ask(module: str, *, data: Path, database_url: str | None = None) -> Mapping[str, object]:
    """Run `module` on a data folder and a database; returns the JSON object that it prints last.

    `database_url`: "" for the folder's own SQLite, None for what the environment says.
    """
    wish = {"module": module, "data": str(data)}
    if database_url is not None:
        wish["database_url"] = database_url
    done = subprocess.run(  # our own module
        [sys.executable, "-m", "leadline.config.elsewhere"],
        input=json.dumps(wish), capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        said = done.stderr.strip().splitlines()
        raise ProcessFailed(said[-1][:500] if said else f"it ended with {done.returncode}")
    found: Mapping[str, object] = json.loads(lines[-1])
    return found
