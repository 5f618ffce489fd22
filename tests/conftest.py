"""Fixtures that every test may use: a database on either engine, the named people, the clock."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests import cluster, made, spreading

if TYPE_CHECKING:
    from ibis.backends.pyspark import Backend as Spark
    from playwright.sync_api import Browser

    from tests.world import World

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday
# How long an example takes is the machine's affair: no test fails because another process ran.
settings.register_profile("leadline", deadline=None)
settings.load_profile("leadline")

_MOSTLY_PURE = {"lib", "criteria", "architecture"}
# Neither verbs, races nor what PostgreSQL might answer otherwise: forms of a library, programs, the
# demo's numbers, what is counted over the lake (how rows come into it runs on both). `make test`
# runs them on SQLite, `make torture` on PostgreSQL too.
_SAME_ON_BOTH = {
    "analytics/test_analyst.py",
    "analytics/test_as_of.py",
    "analytics/test_backtest.py",
    "analytics/test_behind.py",
    "analytics/test_frames.py",
    "analytics/test_on_spark.py",
    "benchmarks/test_programs.py",
    "config/test_environment.py",
    "demo/test_building.py",
    "demo/test_scoring.py",
    "demo/test_sending.py",
    "demo/test_traffic.py",
    "faults/test_broken_lake.py",
    "real_input/test_backtest.py",
    "web/test_password_links.py",
    "web/test_sign_in_address.py",
    "web/test_signing_in.py",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres", action="store_true", help="run on a throw-away PostgreSQL cluster"
    )
    parser.addoption("--torture", action="store_true", help="also run the long rest")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    return spreading.ByFile(config, log)


@pytest.hookimpl(wrapper=True, tryfirst=True)  # marks before `-m` reads them, the order at last
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    on_postgres = os.environ.get("LEADLINE_DATABASE_URL", "") != ""
    for item in items:
        if "torture" in item.keywords and not config.getoption("--torture"):
            item.add_marker(pytest.mark.skip(reason="part of `make torture`"))
        if on_postgres and "sqlite_only" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="about SQLite itself"))
        if _is_pure(item):
            item.add_marker(pytest.mark.pure)
        if f"{item.path.parent.name}/{item.path.name}" in _SAME_ON_BOTH:
            item.add_marker(pytest.mark.once)
        if "spark" in getattr(item, "fixturenames", ()):
            # PySpark leaves the socket by which an answer came to the garbage collector.
            item.add_marker(
                pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
            )
    spreading.refuse_strays(items)
    yield
    spreading.spread(items)


def _is_pure(item: pytest.Item) -> bool:
    """Arithmetic and the drawing of the code, with no database in it: the same on both."""
    fixtures = getattr(item, "fixturenames", ())
    asks_a_database = "db" in fixtures or "transactional_db" in fixtures
    is_marked = item.get_closest_marker("django_db") is not None
    return item.path.parent.name in _MOSTLY_PURE and not asks_a_database and not is_marked


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite tests use a file, as the product does: threads and processes see the same rows. Of
    several processes one brings it up to date, the others copy; alone it is quicker in place."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        name = os.environ.get("PYTEST_XDIST_WORKER")
        path = Path(os.environ["LEADLINE_DATA"]) / f"test-{name or 'main'}.sqlite3"
        database.setdefault("TEST", {})["NAME"] = str(path)
        if name is not None:
            shutil.copy(made.migrated() / "leadline.sqlite3", path)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """PostgreSQL's cluster goes as a whole, whoever may still be connected to a database of it,
    and SQLite's file with its folder."""
    return True


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A cluster of its own, for tests that need PostgreSQL whatever the run is on."""
    with cluster.running() as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    from tests import browser as browsers

    with browsers.running() as started:
        yield started


@pytest.fixture(scope="session")
def spark() -> Iterator["Spark"]:
    """One session of Spark for the whole run; without Java the test says that it did not run."""
    from leadline.analytics import engines

    if shutil.which("java") is None:
        pytest.skip("Java is not on this machine, Spark needs it")
    small = {"spark.driver.memory": "1g", "spark.sql.shuffle.partitions": "1"}
    try:
        connection = engines.spark("local[2]", name="tests", settings=small)
    except engines.EngineMissing as missing:
        pytest.skip(f"{missing}")
    yield connection
    connection.disconnect()


@pytest.fixture
def world(db: None, now: datetime) -> Iterator["World"]:
    """The workspace with Ada, Ben and Cleo, and the default playbook."""
    from leadline.flow import rulebook
    from tests import world as worlds

    yield worlds.again(now)
    rulebook.forget()


@pytest.fixture
def analyst(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are answered here instead of in a process that sees another database: out of a
    lake of the test, within its transaction, as JSON there and back."""
    from django.db import connection

    from leadline.analytics import client, questions, refreshing
    from leadline.lib import clock

    def ask(question: str, arguments: object = None, *, timeout_s: float = 0) -> dict[str, Any]:
        asked = json.loads(json.dumps(arguments or {}))
        found = questions.answer(question, asked, now=clock.now())
        return dict(json.loads(json.dumps(found)))

    alone = partial(refreshing.refresh, is_alone=connection.in_atomic_block)
    folders = {"data": tmp_path, "lake": str(tmp_path / "lake")}
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, **folders)
    monkeypatch.setattr(refreshing, "refresh", alone)
    monkeypatch.setattr(client, "ask", ask)
