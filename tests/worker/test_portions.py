"""One bad item holds up no other: portions shrink to it, and it is set aside."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from leadline.capture import imports
from leadline.capture.models import ImportRow
from leadline.capture.submission import Submission
from leadline.flow import bulk, checkups, evaluation, intake, timers
from leadline.flow.models import Checkup
from leadline.flow.snapshots import Loaded
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.worker import portions
from leadline.worker.step import Step
from tests.world import World, said

pytestmark = pytest.mark.django_db(transaction=True)


def work(step: Step, *, times: int = 40) -> None:
    step.longest_pause_seconds = 0.0
    for _ in range(times):
        step.attempt()


def checkups_at(now: datetime) -> Step:
    return portions.Portions(
        timers.check_up, timers.postpone_next, most=portions.CHECKUPS, read_clock=lambda: now
    ).step("checkups")


def test_a_lead_that_cannot_be_looked_at_holds_up_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.run(
        [said(name="Demo Requested", email=f"p{n}@acme.test", at=world.now) for n in range(7)],
        now=world.now,
    )
    bad = Lead.objects.get(bindings__value="p3@acme.test").id
    later = world.now + timedelta(days=3)
    look = evaluation.look

    def broken(loaded: Loaded, **options: object) -> evaluation.Looked:
        if loaded.id == bad:
            raise ArithmeticError("a rule that nobody thought of")
        return look(loaded, **options)  # type: ignore[arg-type]  # as given

    with monkeypatch.context() as fault:
        fault.setattr(evaluation, "look", broken)
        work(checkups_at(later))
    today = clock.local_day(clock.micros(later), 60)
    assert checkups.due(at_us=clock.micros(later), day=today, limit=10) == []
    assert Checkup.objects.get(lead_id=bad).due_at == later + timedelta(hours=1)
    # The fault is gone an hour later, and so is the delay.
    hour = later + timedelta(hours=1)
    work(checkups_at(hour))
    assert checkups.due(at_us=clock.micros(hour), day=today, limit=10) == []


def test_a_row_that_cannot_be_taken_in_is_rejected_with_the_reason(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email\n" + "".join(f"p{n}@acme.test\n" for n in range(9)), "utf-8")
    batch = imports.start(file, now=world.now)
    take = bulk.take

    def broken(submissions: Sequence[Submission], **options: object) -> list[imports.Effect]:
        if any(each.email == "p4@acme.test" for each in submissions):
            raise ArithmeticError("a row that nobody thought of")
        return take(submissions, **options)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(bulk, "take", broken)
    work(portions.import_rows())
    batch.refresh_from_db()
    assert (batch.state, batch.created_count, batch.rejected_count) == ("done", 8, 1)
    assert Lead.objects.count() == 8
    row = ImportRow.objects.get(state=ImportRow.State.REJECTED)
    assert (row.number, row.error) == (6, "This row could not be taken in (ArithmeticError).")
