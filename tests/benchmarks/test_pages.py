"""The page benchmark still fills a database of today's shape and reads every page."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_page_is_measured_on_a_small_workspace() -> None:
    on_postgres = os.environ.get("LEADLINE_DATABASE_URL", "") != ""
    own = {name: value for name, value in os.environ.items() if not name.startswith("LEADLINE_")}
    size = ["--leads", "300", "--events", "3000", "--requests", "1"]
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", *size, *(["--postgres"] * on_postgres)],
        cwd=ROOT, env=own, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found = json.loads(run.stdout)
    assert found["database"] == ("postgresql" if on_postgres else "sqlite")
    assert found["milliseconds"]["owner"].keys() >= {"list", "lead", "today", "search anna"}
    assert found["milliseconds"]["rep"].keys() == found["milliseconds"]["owner"].keys()
