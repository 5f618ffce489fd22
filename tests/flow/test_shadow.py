"""Every night all scores are computed again in batch, once the day's sweep is through."""

from datetime import timedelta

import pytest

from leadline.analytics import client, shadow, tombstones
from leadline.analytics.client import AnalystError
from leadline.analytics.models import ShadowRun
from leadline.flow import intake, timers
from leadline.flow import shadow as flow
from leadline.leads.models import Binding
from leadline.lib import clock, ids, personal_data
from leadline.scoring.models import ScoreChange
from leadline.worker import kinds
from leadline.workspace import jobs
from leadline.workspace.models import Job
from tests.world import World, form

pytestmark = pytest.mark.django_db
ANSWER = {
    "as_of_us": 0, "compared": 1, "differing": 0, "left_out": {}, "seconds": 1.0,
    "engine": "duckdb",
}  # fmt: skip


def night() -> ShadowRun | None:
    kinds.verb(flow.SHADOW)({}, clock.now())
    return shadow.latest()


def arrive() -> None:
    now = clock.now()
    intake.run([form("demo", email="ann@alder.example", at=now)], now=now)


def test_every_night_once_the_start_is_over(world: World) -> None:
    jobs.enqueue_due(kinds.PERIODS, now=world.now)
    due = dict(Job.objects.values_list("kind", "due_at"))
    assert due[flow.SHADOW] - world.now == timedelta(minutes=20)


def test_what_came_of_it_is_kept_one_row_a_night(world: World, analyst: None) -> None:
    assert night() is None
    arrive()
    first = night()
    assert first is not None
    assert (first.lead_count, first.differing_count, first.left_out_count) == (1, 0, 0)
    assert first.engine == "duckdb"
    again = shadow.keep(
        {"as_of_us": clock.micros(first.as_of), "compared": 5, "differing": 2, "seconds": 1.0,
         "left_out": {"due": 3, "merged": 1}, "engine": "spark"},
        now=clock.now(),
    )  # fmt: skip
    assert (again.pk, again.left_out_count) == (first.pk, 4)


def test_a_score_that_differs_is_counted(world: World, analyst: None) -> None:
    arrive()
    ScoreChange.objects.update(total=1)
    found = night()
    assert found is not None
    assert (found.lead_count, found.differing_count) == (1, 1)
    assert shadow.named(found) == [Binding.objects.get(kind="email").lead_id]


def test_who_is_erased_is_named_by_no_run(world: World) -> None:
    gone, stays = ids.uuid7(), ids.uuid7()
    answer = {**ANSWER, "differing": 2, "lead_ids": [str(gone), str(stays)]}
    assert shadow.named(shadow.keep(answer, now=world.now)) == [gone, stays]
    [eraser] = [
        each.eraser
        for each in personal_data.registered()
        if each.model_label == "analytics.ShadowRun"
    ]
    assert eraser is not None
    assert [eraser([gone], now=world.now), eraser([gone], now=world.now)] == [1, 0]
    run = ShadowRun.objects.get()
    assert (shadow.named(run), run.differing_count) == ([stays], 2)


def test_who_was_erased_while_all_were_compared_is_not_kept(world: World) -> None:
    gone, stays = ids.uuid7(), ids.uuid7()
    tombstones.bury([gone], now=world.now)
    answer = {**ANSWER, "differing": 2, "lead_ids": [str(gone), str(stays)]}
    assert shadow.named(shadow.keep(answer, now=world.now)) == [stays]


def test_it_waits_until_everybody_was_looked_at_whom_the_day_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake.run([form("demo", email="ann@alder.example", at=world.now)], now=world.now)
    tomorrow = world.now + timedelta(days=1)
    with pytest.raises(flow.StillSweeping):
        flow.run({}, tomorrow)
    while timers.check_up(limit=timers.MOST, now=tomorrow):
        pass
    asked: list[str] = []
    monkeypatch.setattr(client, "ask", lambda question, *_, **__: asked.append(question) or ANSWER)
    flow.run({}, tomorrow)
    assert asked == ["scores_check"]


def test_without_an_answer_nothing_is_kept_and_the_job_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AnalystError("The disk is full.", permanent=False)

    intake.run([form("demo", email="ann@alder.example", at=world.now)], now=world.now)
    monkeypatch.setattr(client, "ask", refuse)
    with pytest.raises(AnalystError):
        flow.run({}, world.now)
    assert shadow.latest() is None


def test_runs_of_long_ago_are_forgotten(world: World) -> None:
    for days in (0, 399, 401):
        at = world.now + timedelta(days=days)
        shadow.keep({**ANSWER, "as_of_us": clock.micros(at)}, now=at)
    assert ShadowRun.objects.count() == 2
