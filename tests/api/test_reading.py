"""Leads over the API: found, shown in one shape, and only to those who may see them."""

import json
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.flow import intake
from leadline.lib import clock
from tests import world
from tests.api.conftest import Place, speaker

LEAD = {
    "id", "name", "emails", "phones", "user_ids", "company", "traits", "stage", "stage_since",
    "temperature", "score", "probability", "owner", "team", "response_due_at", "responded_at",
    "source", "origin", "consents", "created_at", "updated_at", "merged_into",
}  # fmt: skip
TOUCH = {
    "source", "medium", "campaign", "term", "content", "channel", "referrer", "landing_page",
    "click_id", "at",
}  # fmt: skip
ITEM = {
    "id", "kind", "name", "at", "received_at", "message_id", "properties", "context", "sentence",
    "actor",
}  # fmt: skip


def test_a_lead_has_the_shape_that_others_rely_on(place: Place) -> None:
    found = place.ada.get(f"/leads/{place.lead_id}").document
    assert set(found) == LEAD
    assert set(found["score"]) == {
        "total", "fit", "engagement", "model", "version", "at", "until",
    }  # fmt: skip
    assert set(found["owner"]) == {"id", "email", "name"}
    assert set(found["source"]["first"]) == TOUCH
    assert found["name"] == "Grace Hopper"
    assert found["emails"] == ["grace@navy.example"]
    assert found["owner"]["email"] == "ben@acme.example"
    assert (found["stage"], found["temperature"]) == ("sql", "hot")
    assert found["source"]["first"]["channel"] == "paid_search"
    assert found["response_due_at"] > found["created_at"]


def test_the_last_source_is_the_campaign_and_not_the_visit_by_address_after_it(
    place: Place,
) -> None:
    days = [
        {"source": "news", "medium": "email", "campaign": "march", "is_arrival": True},
        {"is_arrival": True},
    ]
    for number, context in enumerate(days, start=1):
        at = place.now + timedelta(days=number)
        visit = world.said("page", email="grace@navy.example", at=at, context=context)
        intake.run([visit], now=at)
    source = place.ada.get(f"/leads/{place.lead_id}").document["source"]
    assert (source["first"]["channel"], source["first"]["campaign"]) == ("paid_search", "spring")
    assert (source["last"]["channel"], source["last"]["campaign"]) == ("email", "march")


def test_the_lines_of_a_score_add_up_to_it(place: Place) -> None:
    found = place.ada.get(f"/leads/{place.lead_id}/score").document
    assert found["lines"]
    assert sum(line["points"] for line in found["lines"]) == pytest.approx(found["total"])
    assert set(found["lines"][0]) == {"rule", "group", "points", "because", "sentence"}


def test_a_score_as_of_before_the_lead_came_is_none(place: Place) -> None:
    path = f"/leads/{place.lead_id}/score?as_of="
    assert place.ada.get(path + "2020-01-01").status_code == 404
    assert place.ada.get(path + quote(clock.now().isoformat())).document["total"] > 0
    refused = place.ada.get(path + "yesterday")
    assert refused.status_code == 422
    assert refused.document["errors"][0]["pointer"] == "?as_of"


def test_a_timeline_is_one_list_newest_first(place: Place) -> None:
    found = place.ada.get(f"/leads/{place.lead_id}/timeline").document
    kinds = {item["kind"] for item in found["items"]}
    assert kinds >= {"event", "score", "stage", "assignment"}
    assert all(set(item) == ITEM and item["sentence"] for item in found["items"])
    times = [item["at"] for item in found["items"]]
    assert times == sorted(times, reverse=True)
    events = place.ada.get(f"/leads/{place.lead_id}/timeline?kind=event").document["items"]
    assert [item["sentence"] for item in events] == ["Submitted the form demo"]


def test_pages_of_a_timeline_repeat_and_skip_nothing_at_one_instant(place: Place) -> None:
    told = [
        world.said(email="grace@navy.example", at=place.now, name=f"Thing {n}") for n in range(25)
    ]
    intake.run(told, now=place.now)
    whole = place.ada.get(f"/leads/{place.lead_id}/timeline?limit=500").document["items"]
    seen, path = [], f"/leads/{place.lead_id}/timeline?limit=4"
    after = ""
    while True:
        page = place.ada.get(path + after).document
        seen += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == whole
    assert len({(item["kind"], item["id"]) for item in seen}) == len(seen) >= 28


@pytest.mark.parametrize("query", ["email=GRACE@navy.example", "search=hopper", "sort=name"])
def test_a_lead_is_found_by_what_is_known_of_it(place: Place, query: str) -> None:
    found = place.ada.get(f"/leads?{query}").document
    assert [item["id"] for item in found["items"]] == [str(place.lead_id)]
    assert found["next"] is None


def test_a_list_is_filtered_by_the_rule_language(place: Place) -> None:
    for rule, count in [
        ({"stage": "sql"}, 1),
        ({"not": {"stage": "sql"}}, 0),
        ({"owner": "ben@acme.example"}, 1),
        ({"owner": "me"}, 0),
        ({"trait": "title_seniority", "is": "c_level"}, 1),
        ({"all": [{"temperature": "hot"}, {"score": "total", "gte": 1}]}, 1),
        ({"consent": "marketing", "channel": "email"}, 0),
        ({}, 1),
    ]:
        found = place.ada.get(f"/leads?filter={quote(json.dumps(rule))}").document
        assert len(found["items"]) == count, rule


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ('{"did": "Page Viewed"}', "stage"),
        ('{"trait": "nope", "is": 1}', "nope"),
        ('{"stage": "sql", "stage": "mql"}', ""),
        ("[]", "object"),
        ("{", ""),
        ('{"trait": "owner__password__startswith", "is": "a"}', "owner__password"),
        ('{"_connector": "OR"}', "_connector"),
        ('{"score": "total", "gte": NaN}', ""),
        ("[" * 5000, ""),
        ('{"all": [' + ",".join(['{"stage": "sql"}'] * 600) + "]}", "500"),
    ],
)
def test_a_filter_that_is_none_is_refused_with_its_place(
    place: Place, rule: str, said: str
) -> None:
    found = place.ada.get(f"/leads?filter={quote(rule)}")
    assert found.status_code == 422, found.document
    assert found.headers["Content-Type"] == "application/problem+json"
    assert found.document["errors"][0]["pointer"].startswith("?filter")
    assert said in found.document["errors"][0]["detail"]


@pytest.mark.parametrize(
    "query",
    ["fields=password", "include=owner", "page_size=1000000000", "limit=501", "limit=0",
     "limit=abc", "sort=owner__password", "after=abc", "email=x", "email=a@b.example&user_id=1",
     "sort=" + "a" * 100],
)  # fmt: skip
def test_a_parameter_that_does_not_exist_or_fit_is_refused(place: Place, query: str) -> None:
    found = place.ada.get(f"/leads?{query}")
    assert found.status_code == 422, found.document
    assert found.document["errors"][0]["pointer"].startswith("?")


def test_what_somebody_may_not_see_is_the_same_as_what_does_not_exist(place: Place) -> None:
    random_id = uuid4()
    for tail in ("", "/timeline", "/score"):
        hidden = place.cleo.get(f"/leads/{place.lead_id}{tail}")
        missing = place.cleo.get(f"/leads/{random_id}{tail}")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.content == missing.content
        assert place.ben.get(f"/leads/{place.lead_id}{tail}").status_code == 200
    for query in ("", "email=grace@navy.example", "search=grace", "sort=response_due"):
        assert place.cleo.get(f"/leads?{query}").document["items"] == []


def test_a_list_of_many_costs_as_many_queries_as_a_list_of_one(place: Place) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            place.ada.get("/leads?limit=500")
        return len(seen)

    place.ada.get("/me")  # the first use of a key is noted
    before = queries()
    told = [world.form("demo", email=f"p{n}@many.example", at=place.now) for n in range(40)]
    intake.run(told, now=place.now)
    assert len(place.ada.get("/leads").document["items"]) == 41
    assert queries() == before


def test_me_says_who_the_key_acts_as(place: Place) -> None:
    found = place.ben.get("/me").document
    assert (found["email"], found["role"], found["team"]) == ("ben@acme.example", "rep", "Sales")


def test_a_session_reads_and_needs_the_token_to_write(place: Place) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(place.world.ben, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/api/v1/me").json()["email"] == "ben@acme.example"
    body = json.dumps({"email": "new@navy.example"})
    refused = browser.post("/api/v1/leads", body, content_type="application/json")
    assert refused.status_code == 403
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_a_key_without_the_scope_reads_nothing(place: Place) -> None:
    narrow = speaker(place.world.ada, ["ingest"])
    found = narrow.get("/leads")
    assert found.status_code == 403
    assert "leads:read" in found.document["detail"]


@pytest.mark.django_db
def test_an_address_with_a_line_break_gets_a_document_too(client: Client) -> None:
    answer = client.get("/api/v1/leads/%08%0A%F3")
    assert answer.status_code == 404
    assert answer["content-type"] == "application/problem+json"
