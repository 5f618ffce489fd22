"""Points by hand: they count, fade, say who gave them and why, follow merges and are undone."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import translation

from leadline.cards import history
from leadline.flow import adjustments, intake, reactions, recomputation, rulebook, timers
from leadline.lib import personal_data
from leadline.scoring import adjustments as rows
from leadline.scoring import queries, retelling
from leadline.scoring.adjustments import Given, NotAnAdjustment
from leadline.scoring.models import Score, ScoreAdjustment, ScoreChange, ScoreModelVersion
from leadline.workspace import audit
from leadline.workspace.audit import Doer
from leadline.workspace.models import AuditEntry
from tests import versions
from tests.world import World, said

MICRO = 1_000_000
MINUTE = timedelta(minutes=1)


@pytest.fixture
def doer(world: World) -> Doer:
    return audit.by(world.ben, origin="127.0.0.1")


@pytest.fixture
def lead_id(world: World, now: datetime) -> UUID:
    """A lead with 15 points for one visit to the prices."""
    visit = said(email="grace@navy.example", at=now, properties={"path": "/pricing"})
    [lead_id] = intake.run([visit], now=now).lead_ids
    assert lead_id is not None
    return lead_id


def give(
    world: World, doer: Doer, lead_id: UUID, points: float, *, now: datetime,
    half_life_days: int | None = None,
) -> ScoreAdjustment:  # fmt: skip
    given = Given(round(points * MICRO), "met at the fair", half_life_days)
    return adjustments.add(lead_id, given, by=world.ben, doer=doer, now=now)


def total(lead_id: UUID) -> float:
    return Score.objects.get(lead=lead_id).total / MICRO


def limits(now: datetime, **bounds: int) -> None:
    """The model in force with a floor or a cap."""
    version = ScoreModelVersion.objects.get(model__is_default=True)
    versions.write_over(version, version.document | bounds)
    rulebook.forget()


def told(lead_id: UUID, as_of: datetime | None = None) -> list[tuple[str, float, str]]:
    found = queries.explained(lead_id, as_of=as_of)
    assert found is not None
    assert sum(line.points_micro for line in found.lines) == found.total
    return [(line.group, line.points_micro / MICRO, line.sentence) for line in found.lines]


def test_points_by_hand_are_a_line_of_their_own_with_who_and_why(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    give(world, doer, lead_id, 10, now=now + MINUTE)
    give(world, doer, lead_id, -2.5, now=now + 2 * MINUTE)
    found = queries.explained(lead_id)
    assert found is not None
    assert (found.total, found.fit, found.engagement) == (22_500_000, 0, 15_000_000)
    assert told(lead_id)[1:] == [
        ("manual", 10, "Ben: +10, met at the fair · today"),
        ("manual", -2.5, "Ben: -2.5, met at the fair · today"),
    ]


def test_taking_it_back_takes_its_effect_and_its_line_and_leaves_the_past(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    made = give(world, doer, lead_id, 10, now=now + MINUTE)
    with_it = told(lead_id)
    later = now + timedelta(hours=1)
    undone = adjustments.undo(made.pk, by=world.ben, doer=doer, now=later)
    assert undone is not None
    assert (undone.undone_at, undone.undone_by) == (later, world.ben)
    assert total(lead_id) == 15
    assert [group for group, *_ in told(lead_id)] == ["engagement"]
    assert told(lead_id, as_of=now + 2 * MINUTE) == with_it
    assert adjustments.undo(made.pk, by=world.ben, doer=doer, now=later) is None
    assert ScoreChange.objects.filter(lead=lead_id).count() == 3


def test_what_fades_is_half_as_much_after_its_half_life_and_gone_after_ten(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    give(world, doer, lead_id, 10, now=now + MINUTE, half_life_days=7)
    score = Score.objects.get(lead=lead_id)
    seen = []
    for days in (7, 70, 71):
        at = now + timedelta(days=days)
        while timers.check_up(limit=10, now=at):
            pass
        seen.append([line[1] for line in told(lead_id) if line[0] == "manual"])
    assert seen == [[5.0], [0.009766], []]
    assert score.revalue_on is not None
    assert told(lead_id, as_of=now + timedelta(days=8))[1] == (
        "manual", 5.0, "Ben: +10, met at the fair · 7 d ago · half as much after 7 days",
    )  # fmt: skip


def test_floor_and_cap_hold_with_points_by_hand_and_the_lines_stay_true(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    limits(now, cap=20, floor=-5)
    give(world, doer, lead_id, 10, now=now + MINUTE)
    assert [line[:2] for line in told(lead_id)] == [
        ("engagement", 15), ("manual", 10), ("limit", -5),
    ]  # fmt: skip
    # The total stays at the cap, the lines do not.
    give(world, doer, lead_id, 4, now=now + 2 * MINUTE)
    assert [line[1] for line in told(lead_id)] == [15, 10, 4, -9]
    rows_before = ScoreChange.objects.filter(lead=lead_id).count()
    reactions.look_again([lead_id], now=now + 3 * MINUTE)
    assert ScoreChange.objects.filter(lead=lead_id).count() == rows_before
    give(world, doer, lead_id, -100, now=now + 4 * MINUTE)
    assert total(lead_id) == -5
    assert [line[1] for line in told(lead_id)][-1] == 66  # 15 + 10 + 4 − 100 = −71


def test_computing_it_again_gives_the_same(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    give(world, doer, lead_id, 10, now=now + MINUTE, half_life_days=30)
    assert recomputation.check([lead_id], now=now + 2 * MINUTE) == []
    ScoreAdjustment.objects.update(points_micro=9 * MICRO)
    [difference] = recomputation.check([lead_id], now=now + 2 * MINUTE)
    assert difference.expected == 24 * MICRO


def test_a_merge_takes_them_along_and_its_undoing_gives_them_back(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    [other] = intake.run([said(email="g@x.example", at=now)], now=now).lead_ids
    assert other is not None
    give(world, doer, other, 10, now=now + MINUTE)
    give(world, doer, lead_id, 3, now=now + MINUTE)
    merge_id = reactions.merge(lead_id, other, because="the same", now=now + 2 * MINUTE)
    assert total(lead_id) == 28
    give(world, doer, lead_id, 1, now=now + 3 * MINUTE)
    reactions.undo_merge(merge_id, now=now + 4 * MINUTE)
    assert (total(lead_id), total(other)) == (19, 10)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Given(0, "why"), "points"),
        (Given(1_001 * MICRO, "why"), "points"),
        (Given(-1_001 * MICRO, "why"), "points"),
        (Given(MICRO, " \u200b"), "reason"),
        (Given(MICRO, "x" * 201), "reason"),
        (Given(MICRO, "why", 0), "half_life_days"),
        (Given(MICRO, "why", 1_096), "half_life_days"),
    ],
)
def test_what_cannot_be_given_is_refused_and_nothing_is_kept(
    world: World, doer: Doer, lead_id: UUID, now: datetime, given: Given, field: str
) -> None:
    with pytest.raises(NotAnAdjustment) as caught:
        adjustments.add(lead_id, given, by=world.ben, doer=doer, now=now)
    assert caught.value.field == field
    assert not ScoreAdjustment.objects.exists()


def test_the_same_key_adjusts_once(world: World, doer: Doer, lead_id: UUID, now: datetime) -> None:
    key = UUID(int=7)
    for _ in range(2):
        given = Given(10 * MICRO, "met at the fair")
        adjustments.add(lead_id, given, by=world.ben, doer=doer, now=now + MINUTE, key=key)
    assert (total(lead_id), ScoreAdjustment.objects.count()) == (25, 1)
    assert AuditEntry.objects.filter(act="score.adjusted").count() == 1
    with pytest.raises(NotAnAdjustment):
        adjustments.add(
            lead_id, Given(9 * MICRO, "other"), by=world.ben, doer=doer, now=now, key=key
        )


def test_the_story_and_the_audit_tell_of_it(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    made = give(world, doer, lead_id, 10, now=now + MINUTE)
    adjustments.undo(made.pk, by=world.ben, doer=doer, now=now + 2 * MINUTE)
    sentences = [each.sentence for each in history.page(lead_id, kinds=("event",)).moments]
    assert sentences[:2] == [
        "Ben took back an adjustment of the score: +10",
        "Ben adjusted the score: +10, met at the fair",
    ]
    entries = AuditEntry.objects.filter(act__startswith="score.").order_by("number")
    assert [(each.act, each.object_id) for each in entries] == [
        ("score.adjusted", str(lead_id)), ("score.adjustment_undone", str(lead_id)),
    ]  # fmt: skip
    assert not [each for each in entries if "fair" in each.details]


def test_erasing_a_lead_empties_the_reason_everywhere_and_keeps_the_points(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    give(world, doer, lead_id, 10, now=now + MINUTE)
    mine = personal_data.registered()
    [kept] = [each for each in mine if each.model_label == "scoring.ScoreAdjustment"]
    assert kept.exporter is not None
    assert [each["reason"] for each in kept.exporter(lead_id)] == ["met at the fair"]
    for each in mine:
        if each.eraser is not None:
            each.eraser([lead_id], now=now)
    assert not ScoreAdjustment.objects.exclude(reason="").exists()
    assert not [line for line in told(lead_id) if "fair" in line[2]]
    assert total(lead_id) == 25


def test_a_lead_holds_at_most_a_hundred(
    world: World, doer: Doer, lead_id: UUID, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_OF_A_LEAD", 1)
    made = give(world, doer, lead_id, 1, now=now)
    with pytest.raises(NotAnAdjustment):
        give(world, doer, lead_id, 1, now=now)
    adjustments.undo(made.pk, by=world.ben, doer=doer, now=now)
    assert give(world, doer, lead_id, 1, now=now).pk


def test_a_german_reader_is_told_in_german(
    world: World, doer: Doer, lead_id: UUID, now: datetime
) -> None:
    give(world, doer, lead_id, 10, now=now + MINUTE)
    with translation.override("de"):
        found = queries.explained(lead_id)
        assert found is not None
        line = retelling.told(found.lines[-1], None)
        assert line.sentence == "Ben: +10, met at the fair · heute"
