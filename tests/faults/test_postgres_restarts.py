"""Ten minutes under load in which PostgreSQL is restarted, throws everybody out or lets nobody in
every 5 to 40 seconds: 503 meanwhile, nobody starts anything again, nothing lost, nothing twice."""

import faulthandler
import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.faults.outage import Postgres, processes
from tests.races import safe_tree, storm
from tests.worker.tree import Tree, until

# Brings its own cluster: once is enough.
pytestmark = [pytest.mark.sqlite_only, pytest.mark.torture]

SECONDS = 600.0
PAUSES = (5.0, 40.0)
# What arrived meanwhile is worked off at the machine's own speed.
REST_SECONDS = 600.0
Harm = Callable[[str, random.Random], None]


def restart(address: str, chance: random.Random) -> None:
    """As a crash: whatever was not committed is gone."""
    postgres = Postgres(address)
    postgres.stop()
    time.sleep(chance.uniform(0.2, 3.0))
    postgres.start()


def throw_everybody_out(address: str, chance: random.Random) -> None:
    """Also those in the middle of a transaction."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def let_nobody_in(address: str, chance: random.Random) -> None:
    """Every place is taken for some seconds, and whoever was inside has to come in again."""
    with ExitStack() as crowd:
        throw_everybody_out(address, chance)
        while True:
            try:
                crowd.enter_context(psycopg.connect(address))
            except psycopg.OperationalError:
                break
        time.sleep(chance.uniform(1.0, 4.0))


HARMS: tuple[Harm, ...] = (restart, throw_everybody_out, let_nobody_in)


def suffer(tree: Tree, *, seconds: float, seed: int) -> tuple[storm.Load, int]:
    """Under load for so long; returns when everything is worked off, and how often it was hurt."""
    chance, address = random.Random(seed), tree.environment["LEADLINE_DATABASE_URL"]
    count, end = 0, time.monotonic() + seconds
    with storm.Load(tree) as load:
        while time.monotonic() < end:
            time.sleep(chance.uniform(*PAUSES))
            HARMS[count % len(HARMS)](address, chance)
            count += 1
            until(tree.is_ready, what=f"readiness after harm {count}")
    rest = time.monotonic() + REST_SECONDS
    while tree.pending() != 0:
        assert time.monotonic() < rest, "what arrived is not worked off"
        time.sleep(0.2)
    return load, count


@pytest.fixture
def patience() -> None:
    """What ends a test that hangs for ten minutes waits longer; pytest calls it off afterwards."""
    faulthandler.dump_traceback_later(SECONDS + REST_SECONDS + 300, exit=True)


def test_ten_minutes_of_restarts_lose_nothing_and_repeat_nothing(
    tmp_path: Path, patience: None
) -> None:
    with safe_tree.served(tmp_path / "data") as tree:
        before = processes(tree)
        load, count = suffer(tree, seconds=SECONDS, seed=time.time_ns())
        assert count >= SECONDS / (PAUSES[1] + 20)
        assert len(load.acknowledged) > 100 * count
        storm.check(tree, load)
        assert processes(tree) == before, "a process was started again"
        assert tree.end() == 0
        storm.check_mails(tree)
        storm.check_doctor(tree)
