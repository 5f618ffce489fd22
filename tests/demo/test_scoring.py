"""Scoring on the demo: what was planted is found again; a model is tried, published, undone."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from django.test import Client

from leadline.analytics import backtests, client, shares
from leadline.analytics.backtest import Document
from leadline.analytics.shares import Share
from leadline.cli import main
from leadline.deals.models import Deal
from leadline.lib import clock
from leadline.scoring.models import Score, ScoreModelVersion
from leadline.workspace.models import User
from tests.api.conftest import Speaker, speaker
from tests.flow.test_score_models import scores, work
from tests.web.html_forms import posted

pytestmark = pytest.mark.django_db
MICRO = 1_000_000
LINE = 50 * MICRO


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def go_on(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def ada(ada_of_a_demo: User, analyst: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    """The owner; one engine for all questions, as an analyst has it."""
    monkeypatch.setattr(backtests, "_held", [])
    backtests._connection.cache_clear()
    yield ada_of_a_demo
    backtests._connection.cache_clear()


@pytest.fixture
def watch(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock(now)
    monkeypatch.setattr(clock, "now", lambda: found.now)
    return found


def test_more_points_are_won_more_often_and_shuffled_outcomes_say_nothing(
    ada: User, watch: Clock
) -> None:
    found = client.ask("backtest", {})
    assert found["has_signal"]
    assert found["roc_auc_low"] > 0.75
    rates = [rate(found, low, high) for low, high in ((-90, 20), (20, 40), (40, 50), (50, 200))]
    for less, more in pairwise(rates):
        assert shares.wilson(less).high < shares.wilson(more).low, rates

    shuffle_outcomes()
    watch.now += timedelta(minutes=2)  # the lake is read anew
    shuffled = client.ask("backtest", {})
    assert shuffled["outcomes"] > 50
    assert shuffled["sentence"] == "no signal in this data"
    assert shuffled["advice"]["line"] is None


def rate(found: Document, low: int, high: int) -> Share:
    """Of the looks with so many points, as if each lead had been looked at once."""
    bands = [band for band in found["bands"] if low <= band["from"] < high]
    looks, wins = (sum(band[key] for band in bands) for key in ("leads", "won"))
    return Share(wins, looks, found["looks"] / found["leads"])


def shuffle_outcomes() -> None:
    """Each deal becomes one of somebody else, all deals of a lead of the same one."""
    owners = list(Deal.objects.order_by("lead_id").values_list("lead_id", flat=True).distinct())
    everybody = list(Score.objects.order_by("lead_id").values_list("lead_id", flat=True))
    drawn = dict(zip(owners, Random(1).sample(everybody, len(owners)), strict=True))
    deals = list(Deal.objects.exclude(lead_id=None))
    for deal in deals:
        deal.lead_id = drawn[deal.lead_id]
    Deal.objects.bulk_update(deals, ["lead_id"])


ACTED = {"not": {"trait": "lead_source", "is": "trade fair list"}}
PRICES = {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}}}
# What a rule asks; how many of those with a won deal it holds for, and of the others (about.md).
PLANTED: list[tuple[dict[str, object], float, float]] = [
    ({"trait": "lead_source", "is": "partner"}, 0.22, 0.08),
    ({"trait": "title_seniority", "in": ["c_level", "vp", "director"]}, 0.45, 0.27),
    ({"did": "Webinar Attended"}, 0.30, 0.12),
    (PRICES, 1 - 2.718281828**-2.0, 1 - 2.718281828**-0.6),
]


def test_each_planted_effect_is_found_in_its_direction_and_its_size(
    ada: User, watch: Clock
) -> None:
    for rule, of_won, of_others in PLANTED:
        won, others = holding(backtested(rule))
        assert won.low <= of_won <= won.high, (rule, won)
        assert others.low <= of_others <= others.high, (rule, others)
        assert won.low > of_others, rule
        assert others.high < of_won, rule


def backtested(rule: dict[str, object]) -> Document:
    """10 points for whoever did anything at all, and 10 more for this rule."""
    fit = [{"name": "Acted", "when": ACTED, "points": 10},
           {"name": "Planted", "when": rule, "points": 10}]  # fmt: skip
    model = {"name": "One effect", "fit": fit}
    found = client.ask("backtest", {"model": model, "documents": [model]})
    assert found["has_signal"], rule
    return found


def holding(found: Document) -> tuple[shares.Interval, shares.Interval]:
    """For how many of those who acted the rule held, won and not, as 95 % intervals; as if each
    had been looked at once."""
    repeated = found["looks"] / found["leads"]
    acted, held = rate(found, 10, 30), rate(found, 20, 30)
    won = Share(held.won, acted.won, repeated)
    others = Share(held.count - held.won, acted.count - acted.won, repeated)
    return shares.wilson(won), shares.wilson(others)


def test_a_draft_says_who_will_cross_and_going_back_returns_every_score(
    ada: User, watch: Clock
) -> None:
    screen, api = Client(), speaker(ada)
    screen.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    work(watch.now)
    before, began = scores(), watch.now
    first = in_force()
    draft = tried(screen, first)
    effect = client.ask("draft_effect", {"version_id": draft.pk, "documents": [draft.document]})
    rising = {UUID(each) for each in effect["crossing"]["up"]["lead_ids"]}
    assert rising
    assert effect["published"]["bands"] != effect["draft"]["bands"]
    said = screen.get(f"/scoring/drafts/{draft.pk}/effect").content.decode()
    assert f"{len(rising)} leads rise over it" in said
    past = {each: of_then(api, each, began) for each in rising}

    watch.go_on()
    publish(screen, draft)
    work(watch.now)
    assert {
        lead for lead, now in scores().items() if is_over(now) and not is_over(before[lead])
    } == rising
    assert differing() == 0

    second_at, _ = watch.now, watch.go_on()
    over = {"over": str(in_force().pk)}
    assert screen.post(f"/scoring/versions/{first.pk}/roll-back", over).status_code == 302
    work(watch.now)
    assert scores() == before
    assert set(Score.objects.values_list("version", flat=True)) == {in_force().pk}
    assert {each: of_then(api, each, began) for each in rising} == past
    assert all(of_then(api, each, second_at)["version"] == 2 for each in rising)
    watch.now += timedelta(minutes=2)  # what was decided then is settled
    assert (differing(), differing(began), differing(second_at)) == (0, 0, 0)


def in_force() -> ScoreModelVersion:
    return ScoreModelVersion.objects.get(state="published", model__is_default=True)


def is_over(score: tuple[object, ...]) -> bool:
    return isinstance(score[0], int) and score[0] >= LINE


def tried(screen: Client, version: ScoreModelVersion) -> ScoreModelVersion:
    """A draft in which a visit to the prices is worth 25 points instead of 15."""
    screen.post(f"/scoring/models/{version.model_id}/draft")
    draft = ScoreModelVersion.objects.get(state="draft")
    names = [rule["name"] for rule in draft.document["engagement"]]
    field = f"engagement.{names.index('Pricing page visit')}.points"
    address = f"/scoring/drafts/{draft.pk}"
    page = screen.get(address).content.decode()
    saved = screen.post(address, {**posted(page).dict(), field: "25"}, headers={"HX-Request": "1"})
    assert "Pricing page visit: 15 → 25 points" in saved.content.decode()
    draft.refresh_from_db()
    return draft


def publish(screen: Client, draft: ScoreModelVersion) -> None:
    over = ScoreModelVersion.objects.get(state="published", model=draft.model).pk
    said = {"seen": draft.revision, "over": over}
    done = screen.post(f"/scoring/drafts/{draft.pk}/publish", said)
    assert done["Location"] == "/scoring?done=published"


def of_then(api: Speaker, lead_id: UUID, at: datetime) -> Any:
    """The answer of the API, which is JSON."""
    answer = api.get(f"/leads/{lead_id}/score?as_of={at:%Y-%m-%dT%H:%M:%SZ}")
    assert answer.status_code == 200
    return answer.document


def differing(as_of: datetime | None = None) -> int:
    """By `leadline scores recompute --check` over the lake."""
    client.ask("lake_refresh")
    at = "now" if as_of is None else as_of.isoformat()
    words = ["scores", "recompute", "--check", "--json", "--engine", "duckdb", "--as-of", at]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    told = json.loads(done.stdout)
    assert told["computed"] > 500, told
    return int(told["differing"])
