"""Each number of Scoring is a link to what it counts, and the link asks for exactly that."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.test import Client

from leadline.analytics import client as analyst
from leadline.lib import clock, ids
from leadline.scoring.models import ScoreModelVersion
from leadline.workspace.models import User
from tests.web.scoring import ANSWER, draft_of
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
Json = dict[str, Any]
COUNTED = re.compile(r'<a href="(/scoring/versions/\d+/leads\?[^"]*)">([\d,]+)</a>')


class Lake:
    """An analyst that answers with the numbers of `ANSWER`, and names one lead at most."""

    def __init__(self, lead_id: UUID) -> None:
        self.lead_id, self.asked = lead_id, list[Json]()

    def ask(self, question: str, arguments: Json, *, timeout_s: float) -> Mapping[str, Any]:
        if question == "draft_effect":
            return ANSWER
        if question == "backtest":
            return ANSWER["published"] | {"lake_us": ANSWER["lake_us"]}
        self.asked.append(arguments["which"])
        row = {"lead_id": str(self.lead_id), "at_us": None, "points": 61, "won": None}
        hidden = row | {"lead_id": str(ids.uuid7())}
        count = number(arguments["which"])
        return {"count": count, "rows": [row, hidden][:count], "lake_us": ANSWER["lake_us"]}


def number(which: Json) -> int:
    """The number of the document that is meant; what `analytics.behind` is held to."""
    told = ANSWER[which["model"]]
    if which["kind"] == "people":
        return int(told["outcomes" if which["won"] else "leads"])
    found = told["distribution" if which["kind"] == "now" else "bands"]
    mine = next(each for each in found if each["from"] == which["begins"])
    return int(mine["won" if which["won"] else "leads"])


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch, world: World, lead_id: UUID) -> Lake:
    found = Lake(lead_id)
    monkeypatch.setattr(analyst, "ask", found.ask)
    return found


def test_every_number_of_a_draft_leads_to_as_many_as_it_says(
    world: World, enter: Enter, lake: Lake
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    text = client.get(f"/scoring/drafts/{draft.pk}/effect").content.decode()
    found = [(unescape(address), said) for address, said in COUNTED.findall(text)]
    # Two bars and two bands of both models, won and looked at, and the people.
    assert len(found) == 2 * 2 + 2 * 2 * 2 + 2
    for address, said in found:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        which = {"model": "draft", "begins": None} | asked | {"won": asked.get("won") == "1"}
        which["begins"] = None if which["begins"] is None else float(which["begins"])
        assert number(which) == int(said.replace(",", "")), address
        page = client.get(address).content.decode()
        noun = "looks" if asked["kind"] == "looks" else "leads"
        assert f"{said} {noun}" in page
    assert [each["kind"] for each in lake.asked].count("looks") == 8
    assert not any(each["alone"] for each in lake.asked)


def test_the_list_names_those_that_the_reader_may_see(
    world: World, enter: Enter, lake: Lake
) -> None:
    draft = draft_of(enter(world.ada))
    address = f"/scoring/versions/{draft.pk}/leads?kind=people"
    page = enter(world.ada).get(address).content.decode()
    assert "Grace Lindqvist" in page
    assert "1 of them you may see." in page
    assert 'href="?kind=people&amp;skip=2"' in page
    cleo = enter(world.cleo).get(address).content.decode()
    assert "Grace" not in cleo
    assert "1,300 leads" in cleo
    enter(world.ada).get(f"{address}&skip=2")
    assert lake.asked[-1]["skip"] == 2


def test_the_model_that_counts_is_asked_alone(world: World, enter: Enter, lake: Lake) -> None:
    version = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    client = enter(world.ben)
    text = client.get(f"/scoring/models/{version.model_id}/today").content.decode()
    addresses = [unescape(address) for address, _ in COUNTED.findall(text)]
    assert len(addresses) == 2 * 2 + 2, "the bars lead to the list of leads of today"
    for address in addresses:
        assert client.get(address).status_code == 200
    assert all(each["alone"] for each in lake.asked)
    assert client.get(f"/scoring/drafts/{version.pk}/effect").status_code == 404


@pytest.mark.parametrize(
    "asked", ["kind=", "kind=all", "kind=now&model=x", "kind=now&begins=x", "kind=now&ends=1e99",
              "kind=now&begins=nan"],
)  # fmt: skip
def test_a_number_that_no_page_shows_is_not_found(
    world: World, enter: Enter, lake: Lake, asked: str
) -> None:
    version = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    address = f"/scoring/versions/{version.pk}/leads?{asked}"
    assert enter(world.ada).get(address).status_code == 404
    assert not lake.asked


def test_leads_at_a_month_end_say_when_and_what_became_of_them(
    world: World, enter: Enter, lake: Lake, monkeypatch: pytest.MonkeyPatch, lead_id: UUID
) -> None:
    at_us = clock.micros(world.now)
    row = {"lead_id": str(lead_id), "at_us": at_us, "points": 44.5, "won": True}
    answer = {"count": 1, "rows": [row], "lake_us": at_us}
    monkeypatch.setattr(analyst, "ask", lambda *_asked, **_how: answer)
    version = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    page = enter(world.ada).get(
        f"/scoring/versions/{version.pk}/leads?kind=looks&begins=30&ends=60"
    ).content.decode()  # fmt: skip
    for said in ("1 look ", "30 to 60", "won since", "44.5"):
        assert said in page, said
