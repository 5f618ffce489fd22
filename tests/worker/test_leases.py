"""What only one process may do at a time, by database time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from leadline.workspace import database_time, leases
from leadline.workspace.models import Lease
from tests.worker.together import together

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_lease_is_held_until_it_runs_out() -> None:
    held = leases.take("inbox", holder="one", seconds=30, now=AT)
    assert held == leases.Held("inbox", "one", 1)
    assert leases.take("inbox", holder="two", now=AT + timedelta(seconds=29)) is None
    assert leases.take("inbox", holder="two", now=AT + timedelta(seconds=30)) == leases.Held(
        "inbox", "two", 2
    )


@pytest.mark.django_db
def test_what_a_killed_process_held_is_free_within_a_minute() -> None:
    leases.take("inbox", holder="killed", now=AT)
    assert leases.take("inbox", holder="next", now=AT + timedelta(seconds=60)) is not None


@pytest.mark.django_db
def test_taking_a_lease_again_extends_it_and_keeps_the_fence() -> None:
    first = leases.take("inbox", holder="one", seconds=30, now=AT)
    again = leases.take("inbox", holder="one", seconds=30, now=AT + timedelta(seconds=20))
    assert first == again
    assert leases.take("inbox", holder="two", now=AT + timedelta(seconds=40)) is None


@pytest.mark.django_db
def test_a_lost_lease_cannot_be_renewed_by_its_old_holder() -> None:
    old = leases.take("inbox", holder="one", seconds=30, now=AT)
    assert old is not None
    leases.take("inbox", holder="two", seconds=30, now=AT + timedelta(seconds=31))
    assert not leases.renew(old, now=AT + timedelta(seconds=32))


@pytest.mark.django_db
def test_a_lease_that_ran_out_cannot_be_renewed_although_nobody_took_it() -> None:
    old = leases.take("inbox", holder="one", seconds=30, now=AT)
    assert old is not None
    assert leases.renew(old, seconds=30, now=AT + timedelta(seconds=29))
    assert not leases.renew(old, seconds=30, now=AT + timedelta(seconds=60))


@pytest.mark.django_db
def test_a_copy_frees_what_others_held_and_no_slot() -> None:
    leases.take("inbox", holder="of the original", now=AT)
    leases.take_slot("daily", ends_at=AT + timedelta(days=1))
    assert (leases.release_all(), leases.release_all()) == (1, 0)
    assert leases.take("inbox", holder="of the copy", now=AT) is not None
    assert not leases.take_slot("daily", ends_at=AT + timedelta(days=1))


@pytest.mark.django_db
def test_a_released_lease_is_free_at_once() -> None:
    held = leases.take("inbox", holder="one")
    assert held is not None
    leases.release(held)
    assert leases.take("inbox", holder="two") is not None


@pytest.mark.django_db
def test_the_time_of_a_lease_is_the_database_s_and_not_the_machine_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A worker whose clock runs ten years ahead must not take what another holds.
    leases.take("inbox", holder="one", seconds=30)
    monkeypatch.setattr("time.time", lambda: 2_100_000_000.0)
    assert leases.take("inbox", holder="two") is None
    until = Lease.objects.get(name="inbox").until
    assert abs(int(until.timestamp() * 1e6) - database_time.micros() - 30_000_000) < 5_000_000


@pytest.mark.django_db(transaction=True)
def test_of_many_takers_at_once_one_gets_the_lease() -> None:
    found = together(8, lambda n: leases.take("inbox", holder=f"worker {n}"))
    assert sum(held is not None for held in found) == 1


@pytest.mark.django_db(transaction=True)
def test_the_twin_that_reads_first_and_writes_then_gives_it_to_several() -> None:
    everyone_has_read = threading.Barrier(4)

    def take(number: int) -> bool:
        free = not Lease.objects.filter(name="inbox").exists()
        everyone_has_read.wait(20)
        if free:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO workspace_lease (name, holder, fence, until)"
                    " VALUES ('inbox', %s, 1, 0) ON CONFLICT (name)"
                    " DO UPDATE SET holder = excluded.holder",
                    [f"worker {number}"],
                )
        return free

    assert sum(together(4, take)) == 4


@pytest.mark.django_db(transaction=True)
def test_a_slot_belongs_to_one_caller_however_many_ask() -> None:
    def ask(_number: int) -> int:
        mine = 0
        for day in range(3):
            mine += leases.take_slot("daily", ends_at=AT + timedelta(days=day + 1))
        return mine

    assert sum(together(6, ask)) == 3
