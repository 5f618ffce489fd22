"""Scoring: what a draft would change, how scores lie, the nightly comparison."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from leadline.analytics import client as analyst
from leadline.analytics import shadow
from leadline.analytics.client import AnalystError
from leadline.lib import clock, ids
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace.models import Role, User
from tests.web.scoring import ANSWER, draft_of, form
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, world: World) -> list[tuple[str, dict[str, Any]]]:
    """What the analyst was asked; it answers with `ANSWER`."""
    questions: list[tuple[str, dict[str, Any]]] = []

    def ask(question: str, arguments: dict[str, Any], *, timeout_s: float) -> dict[str, Any]:
        questions.append((question, arguments))
        return ANSWER

    monkeypatch.setattr(analyst, "ask", ask)
    return questions


def test_what_a_draft_would_change_is_drawn_with_every_number_in_a_table(
    world: World, enter: Enter, asked: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client = enter(world.ada)
    draft = draft_of(client)
    side = {"count": 1, "lead_ids": [str(ids.uuid7())]}
    none = {"count": 0, "lead_ids": []}
    extra = {"value": 4.04, "low": 1.2, "high": 7.9}
    crossing = {"line": 50, "up": side, "down": none, "extra": extra, "lost": None}
    monkeypatch.setitem(ANSWER, "crossing", crossing)
    text = client.get(
        f"/scoring/drafts/{draft.pk}/effect?reps=3&calls=20&value=900", headers={"HX-Request": "1"}
    ).content.decode()
    assert asked[0][1]["objective"] == {
        "reps": 3, "calls_a_day": 20, "kind": "value", "value": 900.0, "cost": 0.0,
    }  # fmt: skip
    for said in ("1 lead rises over it", "Nobody falls below it", "4.0 more conversions",
                 "16.2 %", "65</a> / ", ">400</a>", "not enough data: 14 of 30 conversions",
                 "line: 50",
                 f"/scoring/versions/{draft.pk}/leads?kind=up",
                 "?kind=now&amp;model=draft&amp;begins=0&amp;ends=30", "860", "900"):  # fmt: skip
        assert said in text, said


def test_how_scores_lie_today_leads_to_who_is_over_the_line(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = [{"from": 0, "leads": 900}, {"from": 50, "leads": 300}, {"from": 60, "leads": 41}]
    alone = ANSWER["published"] | {"distribution": bars, "lake_us": ANSWER["lake_us"]}
    monkeypatch.setattr(analyst, "ask", lambda *_asked, **_how: alone)
    model = ScoreModel.objects.get(is_default=True)
    text = enter(world.ben).get(f"/scoring/models/{model.pk}/today").content.decode()
    assert '<a href="/leads?score=50">341 leads are over the line</a>' in text
    assert "before:" not in text


def test_the_nightly_comparison_stands_on_the_page(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    assert "differences in" not in client.get("/scoring").content.decode()
    found = {"as_of_us": clock.micros(world.now), "compared": 12_431, "differing": 0,
             "left_out": {"merged": 2}, "seconds": 3.1, "engine": "duckdb"}  # fmt: skip
    shadow.keep(found, now=world.now)
    assert "0 differences in 12,431 leads," in client.get("/scoring").content.decode()
    shadow.keep(found | {"differing": 1}, now=world.now)
    assert "1 difference in 12,431 leads," in client.get("/scoring").content.decode()


def test_leads_that_differ_are_named_to_who_may_see_them(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    named = [str(lead_id), str(ids.uuid7())]
    found = {"as_of_us": clock.micros(world.now), "compared": 9, "differing": 2, "left_out": {},
             "seconds": 3.1, "engine": "duckdb", "lead_ids": named}  # fmt: skip
    shadow.keep(found, now=world.now)
    link = f'<a href="/leads/{lead_id}"><bdi>Grace Lindqvist</bdi></a> and 1 more'
    assert link in enter(world.ada).get("/scoring").content.decode()
    assert "Grace" not in enter(world.cleo).get("/scoring").content.decode()


def test_without_signal_or_outcomes_it_says_so(
    world: World, enter: Enter, asked: list[tuple[str, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client = enter(world.ada)
    draft = draft_of(client)
    quiet = ANSWER["draft"] | {"has_signal": False, "sentence": "no signal in this data"}
    monkeypatch.setitem(ANSWER, "draft", quiet)
    effect = f"/scoring/drafts/{draft.pk}/effect"
    assert "no signal in this data" in client.get(effect).content.decode()
    monkeypatch.setitem(ANSWER, "draft", None)
    monkeypatch.setitem(ANSWER, "published", None)
    assert "No outcomes yet" in client.get(effect).content.decode()


def test_when_the_analyst_does_not_answer_the_page_says_why_and_offers_again(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)

    def ask(*_asked: object, **_more: object) -> dict[str, Any]:
        raise AnalystError("The disk is full.", permanent=False)

    monkeypatch.setattr(analyst, "ask", ask)
    answer = client.get(f"/scoring/drafts/{draft.pk}/effect")
    assert answer.status_code == 200
    assert "The disk is full." in answer.content.decode()
    assert "Retry" in answer.content.decode()
    assert client.get(f"/scoring/drafts/{draft.pk}").status_code == 200
    assert "The disk is full." in client.get(
        f"/scoring/versions/{draft.pk}/leads?kind=up"
    ).content.decode()  # fmt: skip


def test_a_marketer_aims_at_conversions_never_at_money(
    world: World, enter: Enter, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    User.objects.filter(pk=world.ben.pk).update(role=Role.MARKETER)
    world.ben.refresh_from_db()
    client = enter(world.ben)
    draft = draft_of(client)
    text = client.get(
        f"/scoring/drafts/{draft.pk}/effect?reps=3&calls=20&value=900"
    ).content.decode()
    assert asked[0][1]["objective"] == {"reps": 3, "calls_a_day": 20}
    assert "Value of a win" not in text


def test_a_list_is_filtered_by_the_scores_of_a_bar(
    world: World, enter: Enter, lead_id: object
) -> None:
    client = enter(world.ada)
    assert "Grace" in client.get("/leads?score=1&below=9000").content.decode()
    text = client.get("/leads?score=0&below=1").content.decode()
    assert "Grace" not in text
    assert "Score is less than 1" in text


def test_what_is_not_there_is_not_found(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    published = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    for path in (f"drafts/{published.pk}", "drafts/99999", f"drafts/{draft.pk}/rules/fit/99",
                 f"drafts/{draft.pk}/rules/other/0", "models/99999/versions",
                 f"drafts/{draft.pk}/rules/fit/new?kind=other"):  # fmt: skip
        assert client.get(f"/scoring/{path}").status_code == 404, path
    client.post(f"/scoring/drafts/{draft.pk}/discard", {"seen": 1})
    assert client.post(f"/scoring/drafts/{draft.pk}", form(draft)).status_code == 404
