"""Counts of people who are there all the time differ by at most one, also under eight processes."""

import multiprocessing
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from django.db import connection, connections

from leadline.routing import assignments, rotations
from leadline.routing.assignments import Request
from leadline.routing.models import Absence, Assignment, Seat
from leadline.routing.turns import Place
from leadline.workspace.models import User
from tests.routing.people import NOW, leads, team_of

pytestmark = pytest.mark.django_db(transaction=True)

PROCESSES = 8
BATCHES = (1, 3, 7, 1, 20, 30)  # 62 leads per process


def deal_batches(team_id: int, lead_ids: list[uuid.UUID], sizes: tuple[int, ...]) -> None:
    for size in sizes:
        batch, lead_ids = lead_ids[:size], lead_ids[size:]
        assignments.deal([Request(lead_id, team_id) for lead_id in batch], now=NOW)


def in_process(act: Callable[[], None]) -> multiprocessing.process.BaseProcess:
    """Run in a forked child with database connections of its own."""

    def run() -> None:
        try:
            act()
        finally:
            connections.close_all()

    child = multiprocessing.get_context("fork").Process(target=run)
    connections.close_all()
    child.start()
    return child


def test_eight_processes_deal_fairly_while_one_person_comes_and_goes() -> None:
    team, people = team_of("Ben", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jan")
    jan = people[-1]
    pool = [lead.id for lead in leads(PROCESSES * sum(BATCHES) + 500)]
    shares = [pool[n * 62 : (n + 1) * 62] for n in range(PROCESSES)]
    children = [
        in_process(lambda share=share: deal_batches(team.id, share, BATCHES)) for share in shares
    ]
    children.append(in_process(lambda: deal_batches(team.id, pool[-500:], (500,))))
    while any(child.is_alive() for child in children):
        absence = rotations.absent(jan.id, start=NOW, end=None)
        time.sleep(0.01)
        Absence.objects.filter(id=absence.id).delete()
        time.sleep(0.01)
    for child in children:
        child.join()
        assert child.exitcode == 0
    owners = Counter(Assignment.objects.values_list("owner__name", flat=True))
    assert sum(owners.values()) == len(pool) == 996
    assert Assignment.objects.values("lead").distinct().count() == 996
    steady = [owners[person.name] for person in people[:-1]]
    assert max(steady) - min(steady) <= 1
    assert owners["Jan"] <= max(steady) + 1


def two_at_once(team_id: int, lead_ids: list[uuid.UUID]) -> None:
    """Two threads deal one lead each at the same time."""

    def act(lead_id: uuid.UUID) -> None:
        try:
            assignments.deal([Request(lead_id, team_id)], now=NOW)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(lead_id,)) for lead_id in lead_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> threading.Barrier:
    """Both threads look at the counts before either writes, if nothing keeps them apart."""
    barrier = threading.Barrier(2)
    lock = rotations.lock

    def look(*args: object, **options: object) -> list[Place]:
        places = lock(*args, **options)  # type: ignore[arg-type]
        try:
            barrier.wait(timeout=0.5)
        except threading.BrokenBarrierError:
            # The other one is kept waiting by the lock, as it should.
            barrier.reset()
        return places

    monkeypatch.setattr(rotations, "lock", look)
    return barrier


@pytest.mark.usefixtures("meeting")
def test_two_at_once_are_dealt_to_two_people() -> None:
    team, _people = team_of("Ben", "Dan")
    two_at_once(team.id, [lead.id for lead in leads(2)])
    assert sorted(Assignment.objects.values_list("owner__name", flat=True)) == ["Ben", "Dan"]
    assert list(Seat.objects.values_list("dealt", flat=True)) == [1, 1]


@pytest.mark.usefixtures("meeting")
def test_the_twin_without_the_lock_deals_both_to_one_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(assignments.transaction, "atomic", lambda **_options: nullcontext())
    team, _people = team_of("Ben", "Dan")
    two_at_once(team.id, [lead.id for lead in leads(2)])
    assert list(Assignment.objects.values_list("owner__name", flat=True)) == ["Ben", "Ben"]
    assert User.objects.count() == 2
