"""Jobs: enqueued with their cause, claimed once, tried again, given up in the end."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from leadline.workspace import jobs
from leadline.workspace.models import Job
from tests.worker.together import together

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def claim_one(worker: str = "one", now: datetime = AT) -> jobs.Claim:
    (claimed,) = jobs.claim(worker=worker, limit=1, now=now)
    return claimed


@pytest.mark.django_db(transaction=True)
def test_a_job_exists_only_if_its_cause_was_committed() -> None:
    with transaction.atomic():
        jobs.enqueue("fields.fill", {"field": "plan"}, now=AT)
        transaction.set_rollback(True)
    assert Job.objects.count() == 0
    with transaction.atomic():
        jobs.enqueue("fields.fill", {"field": "plan"}, now=AT)
    assert Job.objects.get().arguments == {"field": "plan"}


@pytest.mark.django_db
def test_a_claim_gives_the_arguments_as_they_were_enqueued() -> None:
    jobs.enqueue("fields.fill", {"field": "Größe", "ids": [1, 2]}, now=AT)
    claimed = claim_one()
    assert (claimed.kind, claimed.arguments) == ("fields.fill", {"field": "Größe", "ids": [1, 2]})
    assert jobs.claim(worker="two", limit=9, now=AT) == []


@pytest.mark.django_db
def test_a_job_waits_until_it_is_due() -> None:
    jobs.enqueue("later", now=AT, due_at=AT + timedelta(hours=1))
    assert jobs.claim(worker="one", limit=9, now=AT) == []
    assert len(jobs.claim(worker="one", limit=9, now=AT + timedelta(hours=1))) == 1


@pytest.mark.django_db
def test_two_jobs_with_one_key_cannot_wait_at_once() -> None:
    assert jobs.enqueue("rebuild", now=AT, unique_key="rebuild")
    assert not jobs.enqueue("rebuild", now=AT, unique_key="rebuild")
    jobs.finish(claim_one(), now=AT)
    assert jobs.enqueue("rebuild", now=AT, unique_key="rebuild")
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_a_failed_job_comes_back_later_and_is_given_up_in_the_end() -> None:
    jobs.enqueue("shaky", now=AT)
    now, waits = AT, []
    for _ in range(5):
        assert jobs.fail(claim_one(now=now), error="ValueError: no", now=now)
        job = Job.objects.get()
        waits.append((job.due_at - now).total_seconds())
        now = job.due_at
    assert waits == [10, 60, 300, 1_800, 7_200]
    assert (job.state, job.attempts, job.error) == ("failed", 5, "ValueError: no")
    assert jobs.claim(worker="one", limit=1, now=now + timedelta(days=9)) == []


@pytest.mark.django_db
def test_the_job_of_a_killed_worker_is_free_within_a_minute() -> None:
    jobs.enqueue("long", now=AT)
    claim_one("killed")
    assert jobs.reap(now=AT + timedelta(seconds=44)) == 0
    assert jobs.reap(now=AT + timedelta(seconds=60)) == 1
    assert claim_one("next", AT + timedelta(seconds=60)).attempts == 2


@pytest.mark.django_db
def test_a_job_that_kills_its_worker_every_time_is_given_up() -> None:
    jobs.enqueue("deadly", now=AT)
    for attempt in range(5):
        now = AT + timedelta(minutes=attempt)
        claim_one("killed", now)
        jobs.reap(now=now + timedelta(seconds=59))
    assert (Job.objects.get().state, Job.objects.get().attempts) == ("failed", 5)


@pytest.mark.django_db
def test_a_worker_that_lost_its_job_may_not_report_success() -> None:
    jobs.enqueue("long", now=AT)
    stale = claim_one("frozen")
    jobs.reap(now=AT + timedelta(minutes=1))
    current = claim_one("next", AT + timedelta(minutes=1))
    assert not jobs.finish(stale, now=AT)
    assert not jobs.renew(stale)
    assert not jobs.fail(stale, error="late", now=AT)
    assert jobs.finish(current, now=AT + timedelta(minutes=2))
    assert Job.objects.get().state == "done"


@pytest.mark.django_db
def test_an_orderly_end_gives_jobs_back_untried() -> None:
    jobs.enqueue("long", now=AT)
    claim_one("ending")
    assert jobs.release(worker="ending") == 1
    assert claim_one("next").attempts == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_each_job_goes_to_one() -> None:
    for number in range(60):
        jobs.enqueue("small", {"number": number}, now=AT)

    def work(number: int) -> list[int]:
        mine: list[int] = []
        while claimed := jobs.claim(worker=f"worker {number}", limit=3, now=AT):
            mine += [job.id for job in claimed]
        return mine

    claimed = [job_id for mine in together(4, work) for job_id in mine]
    assert len(claimed) == len(set(claimed)) == 60


@pytest.mark.django_db(transaction=True)
def test_the_twin_that_looks_first_and_claims_then_gives_jobs_twice() -> None:
    jobs.enqueue("small", now=AT)
    everyone_has_looked = threading.Barrier(3)

    def work(number: int) -> int:
        found = Job.objects.filter(state="ready").first()
        everyone_has_looked.wait(20)
        assert found is not None
        return Job.objects.filter(id=found.id).update(state="running", worker=str(number))

    assert sum(together(3, work)) == 3


@pytest.mark.django_db(transaction=True)
def test_a_periodic_job_runs_once_per_period_under_three_schedulers() -> None:
    periods = (jobs.Period("report", timedelta(hours=1)),)
    # A job that still runs when the next period begins is not enqueued again, so the three keep
    # step: nobody is an hour ahead of somebody else's job.
    everyone_is_done = threading.Barrier(3)

    def schedule(number: int) -> int:
        count = 0
        for hour in range(3):
            everyone_is_done.wait(20)
            now = AT + timedelta(hours=hour, minutes=number)
            count += jobs.enqueue_due(periods, now=now)
            # Whoever got it is done before the others ask: the slot must still be taken.
            for claimed in jobs.claim(worker=str(number), limit=9, now=now):
                jobs.finish(claimed, now=now)
        return count

    together(3, schedule)
    assert Job.objects.filter(kind="report").count() == 3


@pytest.mark.django_db
def test_done_jobs_are_forgotten_and_failed_ones_kept() -> None:
    for kind in ("good", "bad"):
        jobs.enqueue(kind, now=AT)
    good, bad = jobs.claim(worker="one", limit=2, now=AT)
    jobs.finish(good, now=AT)
    Job.objects.filter(id=bad.id).update(attempts=5)
    jobs.fail(bad, error="no", now=AT)
    assert jobs.forget(before=AT + timedelta(days=8)) == 1
    assert Job.objects.get().kind == "bad"
