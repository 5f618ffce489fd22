"""`POST /api/v1/backtests`: the analyst's document, for those who may edit scoring."""

import copy
from typing import Any

import pytest

from leadline.analytics import client
from leadline.analytics.client import AnalystError
from leadline.flow import intake
from leadline.workspace.models import Field, Role, User
from tests.analytics.backtested import MODEL
from tests.api.conftest import Speaker, speaker
from tests.world import World, said

pytestmark = pytest.mark.django_db
ANSWER = {"model": "Small", "has_signal": False, "lake_us": 1}


@pytest.fixture
def ada(world: World) -> Speaker:
    return speaker(world.ada)


class Analyst:
    """Notes what is asked and says what it is told to say."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer: dict[str, Any] | AnalystError = copy.deepcopy(ANSWER)

    def ask(self, question: str, arguments: dict[str, Any], *, timeout_s: float) -> Any:
        self.asked.append((question, arguments))
        if isinstance(self.answer, AnalystError):
            raise self.answer
        return self.answer


@pytest.fixture
def analyst(monkeypatch: pytest.MonkeyPatch) -> Analyst:
    found = Analyst()
    monkeypatch.setattr(client, "ask", found.ask)
    return found


def test_a_model_is_backtested_and_the_lake_is_told_its_words(
    ada: Speaker, analyst: Analyst
) -> None:
    body = {"model": MODEL, "horizon": 60, "objective": {"reps": 3, "calls_a_day": 20}}
    answer = ada.ask("POST", "/backtests", body)
    assert (answer.status_code, answer.document) == (200, ANSWER)
    assert analyst.asked == [("backtest", body | {"documents": [MODEL]})]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"model": {"name": "x"}}, "/model"),
        ({"model": MODEL | {"cap": float(1), "floor": 2}}, "/model/floor"),
        ({"model": MODEL, "horizon": 0}, "/horizon"),
        ({"model": MODEL, "objective": {"reps": 1}}, "/objective/calls_a_day"),
        ({"model": MODEL, "line": "gold"}, "/line"),
        ({"version_id": 99}, "/version_id"),
        ({"against": "nobody"}, "/against"),
        ({"engine": "spark"}, "/engine"),
    ],
)
def test_a_bad_order_is_refused_with_its_path_and_nobody_is_asked(
    ada: Speaker, analyst: Analyst, body: object, pointer: str
) -> None:
    answer = ada.ask("POST", "/backtests", body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.document["errors"]] == [pointer]
    assert not analyst.asked


def test_it_takes_a_role_that_edits_scoring_and_a_key_that_reads(
    world: World, analyst: Analyst
) -> None:
    ben = speaker(world.ben)
    assert ben.ask("POST", "/backtests", {}).status_code == 403
    writes = speaker(world.ada, ["leads:write"])
    answer = writes.ask("POST", "/backtests", {})
    assert (answer.status_code, answer.document["detail"]) == (
        403, "This key lacks the scope leads:read.",
    )  # fmt: skip
    assert not analyst.asked


def test_no_rule_asks_for_a_field_that_the_caller_may_not_see(
    world: World, analyst: Analyst
) -> None:
    Field.objects.filter(name="title_seniority").update(is_sensitive=True, is_fact=False)
    reader = speaker(world.ada, ["leads:read"])
    answer = reader.ask("POST", "/backtests", {"model": MODEL})
    assert answer.status_code == 422
    assert "title_seniority" in answer.document["detail"]
    assert not analyst.asked
    assert speaker(world.ada).ask("POST", "/backtests", {"model": MODEL}).status_code == 200


def test_of_those_who_cross_only_leads_are_named_that_the_caller_may_see(
    world: World, analyst: Analyst
) -> None:
    submission = said("identify", email="a@b.test", at=world.now)
    [lead_id] = intake.run([submission], now=world.now).lead_ids
    strange = "01900000-0000-7000-8000-000000000000"
    sides = {"up": {"count": 2, "lead_ids": [str(lead_id), strange]},
             "down": {"count": 1, "lead_ids": [strange]}}  # fmt: skip
    analyst.answer = {"published": None, "draft": ANSWER, "crossing": sides, "lake_us": 1}
    marketer = User.objects.create_user("m@acme.example", name="M", role=Role.MARKETER)
    answer = speaker(marketer, ["leads:read"]).ask("POST", "/backtests", {"against": "published"})
    assert answer.status_code == 200, answer.document
    assert answer.document["crossing"]["up"] == {"count": 2, "lead_ids": [str(lead_id)]}
    assert answer.document["crossing"]["down"] == {"count": 1, "lead_ids": []}


@pytest.mark.parametrize(("permanent", "status"), [(True, 422), (False, 503)])
def test_an_analyst_without_an_answer_is_told_in_its_own_sentence(
    ada: Speaker, analyst: Analyst, permanent: bool, status: int
) -> None:
    analyst.answer = AnalystError("The lake is broken.", permanent=permanent)
    answer = ada.ask("POST", "/backtests", {})
    assert (answer.status_code, answer.document["detail"]) == (status, "The lake is broken.")


def test_who_is_behind_a_number_is_named_as_far_as_the_caller_may_see_them(
    world: World, analyst: Analyst
) -> None:
    submission = said("identify", email="a@b.test", at=world.now)
    [lead_id] = intake.run([submission], now=world.now).lead_ids
    row = {"lead_id": str(lead_id), "at_us": 1_000_000, "points": 44.5, "won": True}
    strange = row | {"lead_id": "01900000-0000-7000-8000-000000000000"}
    analyst.answer = {"count": 5, "rows": [strange, row], "lake_us": 2_000_000}
    which = {"kind": "looks", "begins": 30.0, "skip": 2}
    asks = speaker(world.ada, ["leads:read"])
    marketer = User.objects.create_user("m@acme.example", name="M", role=Role.MARKETER)
    body = {"model": MODEL, "horizon": 60, "which": which}
    answer = speaker(marketer, ["leads:read"]).ask("POST", "/backtests/leads", body)
    assert answer.status_code == 200, answer.document
    document = answer.document
    assert [(each["lead_id"], each["points"], each["won"]) for each in document["items"]] == [
        (str(lead_id), 44.5, True)
    ]
    assert (document["count"], document["next_skip"]) == (5, 4)
    whole = {"kind": "looks", "model": "draft", "begins": 30.0, "ends": None, "won": False,
             "alone": False, "skip": 2}  # fmt: skip
    assert analyst.asked == [
        ("leads_behind",
         {"model": MODEL, "horizon": 60, "documents": [MODEL], "which": whole}),
    ]  # fmt: skip
    analyst.answer = {"count": 4, "rows": [row], "lake_us": 2_000_000}
    last = asks.ask("POST", "/backtests/leads", {"which": {"skip": 3}}).document
    assert last["next_skip"] is None


@pytest.mark.parametrize(
    "which", [{"kind": "all"}, {"model": "x"}, {"begins": 1e99}, {"skip": -1}, {"more": 1}]
)
def test_a_number_that_no_backtest_has_is_refused(
    ada: Speaker, analyst: Analyst, which: dict[str, object]
) -> None:
    answer = ada.ask("POST", "/backtests/leads", {"which": which})
    assert answer.status_code == 422
    assert answer.document["errors"][0]["pointer"].startswith("/which")
    assert not analyst.asked


def test_who_is_behind_a_number_takes_the_role_the_scope_and_every_field(
    world: World, analyst: Analyst
) -> None:
    path = "/backtests/leads"
    assert speaker(world.ben).ask("POST", path, {}).status_code == 403
    assert speaker(world.ada, ["leads:write"]).ask("POST", path, {}).status_code == 403
    Field.objects.filter(name="title_seniority").update(is_sensitive=True, is_fact=False)
    reader = speaker(world.ada, ["leads:read"])
    assert reader.ask("POST", path, {"model": MODEL}).status_code == 422
    assert not analyst.asked
