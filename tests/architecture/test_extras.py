"""Importing and serving need none of the extras; the web process loads no science stack.

What the analyst's own process loads is installed with the product and known to few modules; every
other one is imported here while it is out of reach.
"""

import os
import subprocess
import sys
from pathlib import Path

EXTRAS = (
    "faker", "pyspark", "ibis", "duckdb", "hypothesis", "pytest", "pytest_django", "playwright",
    "schemathesis", "segment", "mypy", "ruff", "xdist", "pyarrow", "pandas",
)  # fmt: skip
SCIENCE = ("pandas", "numpy", "pyarrow", "sklearn", "lightgbm", "duckdb", "ibis", "pyspark")

BLOCKED = """
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ImportError(name + " is an extra and must not be needed")

sys.meta_path.insert(0, Blocker())
"""
# Modules that may know Ibis, DuckDB and Arrow; what serves may know of `analytics` only the rest.
LIGHT = "apps client facts freshness models personal stamps tombstones vocabulary".split()
HEAVY = rf"leadline\.(analytics\.(?!({'|'.join(LIGHT)})$|migrations)|\w+\.batch)"
SERVE = """
import asyncio, re, pkgutil, importlib
from leadline.config import environment
environment.prepare_data_folder()
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import leadline
for found in pkgutil.walk_packages(leadline.__path__, "leadline."):
    if not found.name.endswith("__main__") and not re.match({heavy!r}, found.name):
        importlib.import_module(found.name)

async def ask():
    import httpx
    from leadline.config.asgi import Site
    site = Site()
    await site.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(site)) as client:
        health = await client.get("http://127.0.0.1/healthz")
        screen = await client.get("http://127.0.0.1/set-up")
        refused = await client.post("http://127.0.0.1/v1/track", json={"event": "x"})
    await site.close()
    return health.status_code, screen.status_code, refused.status_code

print(asyncio.run(ask()))
"""
LOADED = """
import asyncio, sys
from leadline.config import environment
environment.prepare_data_folder()
from leadline.config.asgi import Site
import leadline.config.wsgi
import leadline.config.front
from django.urls import get_resolver
get_resolver().url_patterns
print(sorted(set({science!r}) & set(sys.modules)))
"""


def run(script: str, data: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "LEADLINE_DATA": str(data),
        "LEADLINE_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "leadline.config.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_every_module_imports_and_the_site_answers_without_the_extras(tmp_path: Path) -> None:
    serve = SERVE.replace("{heavy!r}", repr(HEAVY))
    done = run(BLOCKED.format(blocked=(*EXTRAS, *SCIENCE, "fsspec")) + serve, tmp_path / "data")
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.strip() == "(200, 200, 400)"


def test_the_web_process_loads_no_science_stack(tmp_path: Path) -> None:
    done = run(LOADED.format(science=SCIENCE), tmp_path / "data")
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.strip() == "[]"


def test_the_help_text_and_the_supervisor_load_no_django(tmp_path: Path) -> None:
    script = (
        "import sys; import leadline.cli.root, leadline.cli.serve, leadline.worker.supervisor;"
        "print(sorted(name for name in sys.modules if name.startswith('django.db')))"
    )
    done = run(script, tmp_path / "data")
    assert done.stdout.strip() == "[]", done.stderr[-2_000:]
