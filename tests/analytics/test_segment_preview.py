"""The analyst counts who a segment's rule holds for as the passes do, for every sort of rule."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from leadline.analytics import client, segment_preview
from leadline.analytics.lake import Lake
from leadline.flow import intake, segments, trash
from leadline.flow import segment_preview as flow
from leadline.leads.models import Lead
from tests.analytics import lakes
from tests.segments import sample
from tests.world import World, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(world: World, none_shipped: None) -> list[UUID]:
    """Segments of every sort, and leads of whom each is in some and not in others."""
    sample.make_all(world)
    batch = [
        said(user_id=f"u{n}", name=name, at=world.now - timedelta(hours=8 * n),
             properties={"path": "/pricing"}, traits={"title": "CEO" if n % 2 else "Clerk"})
        for n in range(6)
        for name in ["Page Viewed", "Page Viewed", "Demo Requested", "Email Opened"][: n + 1]
    ]  # fmt: skip
    intake.run(batch, now=world.now)
    sample.fill_all(world)
    gone = Lead.objects.order_by("pk")[0].pk
    trash.move([gone], by=world.ada, now=world.now)
    return list(Lead.objects.exclude(pk=gone).values_list("pk", flat=True))


none_shipped = sample.none_shipped  # the fixture


def test_every_sort_of_rule_counts_whom_the_segment_holds(
    world: World, everybody: list[UUID], tmp_path: Path
) -> None:
    lake = Lake(tmp_path / "lake")
    lakes.refreshed(lake, world.now)
    counts = {}
    for name, rule in sample.RULES.items():
        found = segment_preview.preview({"documents": [rule]}, world.now, lake)
        held = sample.members(name)
        assert (found["count"], found["looked"]) == (len(held), len(everybody)), name
        assert {UUID(each) for each in found["lead_ids"]} == held, name
        counts[name] = len(held)
    assert set(counts.values()) > {0, 5} or len(set(counts.values())) > 2, "they tell leads apart"


def test_who_sees_all_gets_the_whole_count_when_time_is_up_and_others_how_far_it_came(
    world: World, everybody: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def answer(question: str, arguments: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        asked.append((question, arguments))
        return {"count": 3, "looked": 9, "lead_ids": [str(everybody[0])]}

    monkeypatch.setattr(client, "ask", answer)
    monkeypatch.setattr(flow, "_PORTION", 1)
    rule = sample.RULES["Deciders"]
    node = segments.read(rule)
    found = flow.preview(node, user=world.ada, now=world.now, seconds=-1)
    assert (found.count, found.looked, found.is_whole) == (3, 9, True)
    assert [each.lead_id for each in found.sample] == everybody[:1]
    assert asked == [("segment_preview", {"documents": [rule]})]
    assert not flow.preview(node, user=world.ben, now=world.now, seconds=-1).is_whole
    assert len(asked) == 1


def test_without_an_analyst_it_says_how_far_it_came(
    world: World, everybody: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_asked: object, **_more: object) -> None:
        raise client.AnalystError("ended", permanent=False)

    monkeypatch.setattr(client, "ask", refuse)
    monkeypatch.setattr(flow, "_PORTION", 1)
    node = segments.read(sample.RULES["Deciders"])
    found = flow.preview(node, user=world.ada, now=world.now, seconds=-1)
    assert (found.looked, found.is_whole) == (1, False)
