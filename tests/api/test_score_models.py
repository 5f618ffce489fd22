"""Score models over the API: drafted, published, rolled back; what cannot be is named."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest

from leadline.analytics import shadow
from leadline.lib import clock
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace.models import AuditEntry, Field
from tests.api.conftest import Place, speaker

Document = dict[str, Any]  # JSON


@pytest.fixture
def address(place: Place) -> str:
    return f"/score-models/{ScoreModel.objects.get(is_default=True).pk}"


@pytest.fixture
def document(place: Place, address: str) -> Document:
    found: Document = place.ada.get(f"{address}/versions/1").document["document"]
    return found


def begun(place: Place, address: str, document: Document) -> None:
    assert place.ada.ask("PUT", f"{address}/draft", {"document": document}).status_code == 201


def test_a_draft_is_begun_saved_published_and_rolled_back(
    place: Place, address: str, document: Document
) -> None:
    begun(place, address, document)
    document["engagement"][0]["points"] = 25
    saved = place.ada.ask("PUT", f"{address}/draft", {"document": document, "revision": 1})
    assert saved.status_code == 200, saved.document
    assert saved.document["changes"] == ["Pricing page visit: 15 → 25 points"]
    assert (saved.document["made_from"], saved.document["revision"]) == (1, 2)
    published = place.ada.ask("POST", f"{address}/publish", {"revision": 2, "over": 1})
    assert (published.document["state"], published.document["number"]) == ("published", 2)
    assert published.document["by"]["email"] == "ada@acme.example"
    back = place.ada.ask("POST", f"{address}/roll-back", {"to": 1, "over": 2}).document
    assert (back["number"], back["made_from"]) == (3, 1)
    assert back["changes"] == ["Pricing page visit: 25 → 15 points"]
    listed = place.ada.get(f"{address}/versions").document["items"]
    assert [(each["number"], each["state"]) for each in listed] == [
        (3, "published"), (2, "retired"), (1, "retired"),
    ]  # fmt: skip
    [first, _other] = place.ada.get("/score-models").document["items"]
    assert (first["is_default"], first["in_force"]["number"], first["open"]) == (True, 3, None)
    entry = AuditEntry.objects.get(act="model.rolled_back")
    assert '"through": "test"' in entry.details


def test_a_draft_is_scheduled_and_the_schedule_taken_back(
    place: Place, address: str, document: Document
) -> None:
    begun(place, address, document | {"cap": 90})
    at = (place.now + timedelta(days=2)).isoformat()
    body = {"revision": 1, "over": 1, "effective_at": at}
    scheduled = place.ada.ask("POST", f"{address}/publish", body).document
    assert scheduled["state"] == "scheduled"
    assert scheduled["effective_at"].startswith(at[:19])
    draft = place.ada.ask("POST", f"{address}/cancel-schedule").document
    assert (draft["state"], draft["effective_at"]) == ("draft", None)
    assert place.ada.ask("DELETE", f"{address}/draft?revision=1").status_code == 200
    assert place.ada.ask("DELETE", f"{address}/draft?revision=1").status_code == 409


def test_a_conflict_says_what_stands_there_now(
    place: Place, address: str, document: Document
) -> None:
    begun(place, address, document)
    for method, path, body, errors in (
        ("PUT", "draft", {"document": document}, []),
        ("PUT", "draft", {"document": document | {"cap": 9}, "revision": 7}, ["/revision"]),
        ("POST", "publish", {"revision": 7, "over": 1}, ["/revision"]),
        ("POST", "publish", {"revision": 1, "over": None}, ["/over"]),
        ("POST", "roll-back", {"to": 1, "over": 1}, []),
        ("POST", "cancel-schedule", None, []),
        ("POST", "retire", None, []),
        ("DELETE", "draft?revision=7", None, ["/revision"]),
    ):
        answer = place.ada.ask(method, f"{address}/{path}", body)
        assert answer.status_code == 409, (path, answer.document)
        assert [each["pointer"] for each in answer.document["errors"]] == errors
    for written in ("soon", "2020-01-01", "2999-01-01"):
        body = {"revision": 1, "over": 1, "effective_at": written}
        answer = place.ada.ask("POST", f"{address}/publish", body)
        assert (answer.status_code, answer.document["errors"][0]["pointer"]) == (
            422, "/effective_at",
        )  # fmt: skip


def _deep(levels: int) -> Document:
    found: Document = {"trait": "title_seniority", "is": "vp"}
    for _ in range(levels):
        found = {"not": found}
    return found


def _criterion(when: Document) -> Document:
    return {"fit": [{"name": "x", "when": when, "points": 1}]}


VP = {"trait": "title_seniority", "is": "vp"}
SIZES = [{"when": {"trait": "company.employee_count", "gte": size}, "points": 1}
         for size in (50, 200)]  # fmt: skip
NAN = '{"document": {"name": "Fit and engagement", "fit": [{"name": "x", "points": NaN}]}}'


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        (_criterion({"trait": "shoe_size", "gte": 4}), "/fit/0/when/trait"),
        (_criterion({"did": "Email Opened", "within": "-7d"}), "/fit/0/when/within"),
        (_criterion({"all": []}), "/fit/0/when/all"),
        (_criterion(_deep(40)), "/fit/0/when" + "/not" * 20),
        (_criterion(_deep(100)), "/fit/0/when" + "/not" * 60),
        (_criterion({"any": [VP] * 501}), "/fit/0/when/any"),
        (_criterion({"any": [{"all": [VP] * 400}] * 2}), "/fit/0/when/any/1/all/97"),
        (_criterion({"any": [{"all": [VP] * 400}] * 25}), "/fit/0/when/any/12/all/190/is"),
        (_criterion({"trait": "title", "matches": "(a+)+$(?=b)"}), "/fit/0/when/matches"),
        (_criterion({"trait": "title", "matches": r"(a)\1"}), "/fit/0/when/matches"),
        (_criterion({"in_segment": "x"}), "/fit/0/when/in_segment"),
        (_criterion({"score": "total", "gte": 5}), "/fit/0/when/score"),
        ({"fit": [{"name": "x", "first_of": SIZES}]}, "/fit/0/first_of/1/when"),
        (_criterion({"did": "Form Submitted", "where": {"email": {"is": "a@b.c"}}}),
         "/fit/0/when/where/email"),
        ({"cap": 1e300}, "/cap"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused_with_its_place_and_nothing_is_kept(
    place: Place, address: str, document: Document, change: Document, pointer: str
) -> None:
    begun(place, address, document)
    written = {"name": document["name"], "fit": document["fit"][:1], **change}
    body = {"document": written, "revision": 1}
    answer = place.ada.ask("PUT", f"{address}/draft", body)
    assert answer.status_code == 422, answer.document
    assert [each["pointer"] for each in answer.document["errors"]] == [f"/document{pointer}"]
    kept = ScoreModelVersion.objects.get(state="draft")
    assert (kept.document, kept.revision) == (document, 1)


def test_points_that_are_no_number_are_refused_with_their_place(place: Place, address: str) -> None:
    answer = place.ada.ask("PUT", f"{address}/draft", text=NAN)
    assert answer.status_code == 422
    assert answer.document["errors"][0]["pointer"] == "/document/fit/0/points"


def test_only_whoever_may_change_scoring_does_and_everybody_reads(
    place: Place, address: str, document: Document
) -> None:
    for method, path, body in (
        ("PUT", "draft", {"document": document}),
        ("POST", "publish", {"revision": 1, "over": 1}),
        ("POST", "roll-back", {"to": 1, "over": 1}),
        ("POST", "cancel-schedule", None),
        ("POST", "retire", None),
        ("DELETE", "draft?revision=1", None),
    ):
        for who in (place.ben, speaker(place.world.ada, ["leads:write"])):
            assert who.ask(method, f"{address}/{path}", body).status_code == 403
    assert place.cleo.get(f"{address}/versions").status_code == 200
    narrow = speaker(place.world.ada, ["rules:write"])
    assert narrow.ask("PUT", f"{address}/draft", {"document": document}).status_code == 201


def test_what_is_not_there_is_404(place: Place, address: str) -> None:
    for path in ("/score-models/0/versions", f"/score-models/{2**70}/versions",
                 f"{address}/versions/9", f"{address}/versions/{2**40}"):  # fmt: skip
        assert place.ada.get(path).status_code == 404, path


def test_the_schema_says_what_the_parser_takes(
    place: Place, address: str, document: Document
) -> None:
    schema = place.ben.get("/schema/score-model").document
    validator = jsonschema_rs.validator_for(schema)
    assert validator.is_valid(document)
    broken = deepcopy(document)
    broken["engagement"][0]["points"] = 0
    for wrong in (broken, document | {"colour": 1}, {"name": "x"}, _criterion(VP),
                  {"name": "x", **_criterion({"stage": "mql"})}):  # fmt: skip
        assert not validator.is_valid(wrong), wrong
    assert validator.is_valid({"name": "x", **_criterion(VP)})
    of_lists = place.ben.get("/schema/criterion?use=list").document
    assert jsonschema_rs.validator_for(of_lists).is_valid({"stage": "mql"})
    assert not jsonschema_rs.validator_for(of_lists).is_valid({"did": "Email Opened"})
    assert place.ben.get("/schema/criterion?use=tea").status_code == 422


def test_a_schema_names_no_field_that_the_caller_may_not_see(place: Place) -> None:
    Field.objects.filter(name="industry_fit").update(is_sensitive=True, is_fact=False)
    assert '"industry_fit"' not in str(place.ben.get("/schema/criterion").content)
    assert '"industry_fit"' in place.ada.get("/schema/criterion").content.decode()


def test_a_model_is_begun_from_a_template_published_and_made_the_default(
    place: Place, address: str
) -> None:
    [template, *_others] = place.ada.get("/score-models/templates").document["items"]
    body = {"name": "Partners", "document": template["document"]}
    begun = place.ada.ask("POST", "/score-models", body)
    assert begun.status_code == 201, begun.document
    made = begun.document
    assert (made["is_default"], made["in_force"], made["open"]["state"]) == (False, None, "draft")
    mine, old = f"/score-models/{made['id']}", int(address.rpartition("/")[2])
    early = place.ada.ask("POST", f"{mine}/make-default", {"over": old})
    assert early.status_code == 409
    place.ada.ask("POST", f"{mine}/publish", {"revision": 1, "over": None})
    stale = place.ada.ask("POST", f"{mine}/make-default", {"over": None})
    assert (stale.status_code, stale.document["errors"][0]["detail"]) == (409, str(old))
    chosen = place.ada.ask("POST", f"{mine}/make-default", {"over": old})
    assert (chosen.status_code, chosen.document["is_default"]) == (200, True)
    first = place.ada.get("/score-models").document["items"][0]
    assert (first["name"], first["in_force"]["number"]) == ("Partners", 1)
    entry = AuditEntry.objects.get(act="model.chosen")
    assert '"through": "test"' in entry.details


@pytest.mark.parametrize(
    ("name", "rules", "pointer"),
    [
        ("Fit and engagement", {}, "/name"),
        ("", {}, "/name"),
        ("New", {"cap": "x"}, "/document/cap"),
    ],
)
def test_a_model_that_cannot_be_begun_is_refused_with_its_place(
    place: Place, document: Document, name: str, rules: Document, pointer: str
) -> None:
    answer = place.ada.ask("POST", "/score-models", {"name": name, "document": document | rules})
    assert answer.status_code == 422
    assert answer.document["errors"][0]["pointer"] == pointer
    assert ScoreModel.objects.count() == 2


def test_only_whoever_may_change_scoring_begins_and_chooses_a_model(
    place: Place, address: str, document: Document
) -> None:
    for path, body in (
        ("/score-models", {"name": "X", "document": document}),
        (f"{address}/make-default", {"over": 1}),
    ):
        for who in (place.ben, speaker(place.world.ada, ["leads:write"])):
            assert who.ask("POST", path, body).status_code == 403


def test_the_nightly_comparison_names_those_that_the_caller_may_see(place: Place) -> None:
    assert place.ada.get("/score-models").document["compared"] is None
    named = [str(place.lead_id), "01900000-0000-7000-8000-000000000000"]
    found = {"as_of_us": 0, "compared": 9, "differing": 2, "left_out": {}, "seconds": 1.0,
             "engine": "duckdb", "lead_ids": named}  # fmt: skip
    shadow.keep(found, now=clock.now())
    assert place.ada.get("/score-models").document["compared"] == {
        "as_of": "1970-01-01T00:00:00Z", "leads": 9, "differing": 2, "lead_ids": named[:1],
    }  # fmt: skip
    assert place.cleo.get("/score-models").document["compared"]["lead_ids"] == []
