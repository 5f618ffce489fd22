"""Leads created and changed over the API: the same door, the same rules, nothing smuggled in."""

import json
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from leadline.leads.models import Lead, TraitValue
from leadline.privacy.models import Consent
from leadline.timeline.models import Event
from leadline.workspace.models import User
from tests.api.conftest import Place, speaker

NEW: dict[str, Any] = {  # JSON
    "email": "Linus@kernel.example",
    "phone": "+49 30 901820",
    "external_id": "hubspot:77",
    "traits": {"firstName": "Linus", "title": "VP Engineering", "company": {"name": "Kernel"}},
    "consents": [{"purpose": "marketing", "channel": "email", "state": "granted", "text": "Yes"}],
    "source": {"source": "google", "medium": "cpc", "landing_page": "https://x.example/demo?a=b"},
}


def test_a_new_lead_goes_through_every_step(place: Place) -> None:
    made = place.ada.ask("POST", "/leads", NEW)
    assert made.status_code == 201, made.document
    lead = made.document
    assert lead["emails"] == ["linus@kernel.example"]
    assert lead["phones"] == ["+4930901820"]
    assert lead["traits"]["title_seniority"] == "vp"
    assert lead["consents"] == {"marketing.email": "granted"}
    assert lead["source"]["first"]["channel"] == "paid_search"
    assert lead["source"]["first"]["landing_page"] == "/demo"
    assert lead["score"]["total"] > 0
    assert place.ada.get(f"/leads/{lead['id']}").document == lead
    found = place.ada.get("/leads?external_id=hubspot:77").document
    assert [each["id"] for each in found["items"]] == [lead["id"]]


def test_a_known_address_is_added_to_not_doubled(place: Place) -> None:
    body = {"email": "GRACE@navy.example", "traits": {"country": "US"}}
    found = place.ada.ask("POST", "/leads", body)
    assert found.status_code == 200
    assert found.document["id"] == str(place.lead_id)
    assert found.document["traits"]["country"] == "US"
    assert Lead.objects.count() == 1


def test_the_same_key_sent_twice_has_one_effect(place: Place) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = place.ada.ask("POST", "/leads", NEW, **headers)
    again = place.ada.ask("POST", "/leads", NEW, **headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.document["id"] == again.document["id"]
    assert Event.objects.filter(message_id="order-1").count() == 1
    other = place.ada.ask("POST", "/leads", {"email": "x@kernel.example"}, **headers)
    changed = place.ada.ask("POST", "/leads", {**NEW, "origin": "outbound"}, **headers)
    assert other.status_code == changed.status_code == 409
    assert place.ada.get("/leads?email=x@kernel.example").document["items"] == []


def test_history_is_recorded_and_wakes_nobody(place: Place) -> None:
    body = {**NEW, "history": True, "occurred_at": "2020-05-01T10:00:00Z"}
    made = place.ada.ask("POST", "/leads", body).document
    assert made["owner"] is None
    assert made["response_due_at"] is None
    assert made["source"]["first"]["at"] == "2020-05-01T10:00:00Z"


@pytest.mark.parametrize(
    "smuggled",
    [
        {"role": "owner"}, {"is_superuser": True}, {"owner_id": 1}, {"score": 100},
        {"consent_marketing": True}, {"created_at": "2020-01-01"}, {"id": "x"},
        {"__proto__": {"role": "owner"}}, {"source": {"source": "a", "channel": "email"}},
        {"consents": [{"purpose": "marketing", "channel": "email", "state": "granted",
                       "evidence": {}}]},
        {"version": 9}, {"merged_into": None}, {"temperature": "hot"}, {"team": "Sales"},
    ],
)  # fmt: skip
def test_a_field_that_nobody_may_set_is_refused_by_name(
    place: Place, smuggled: dict[str, object]
) -> None:
    before = list(Lead.objects.values())
    name = next(iter(smuggled))
    for method, path, body in [
        ("POST", "/leads", {"email": "new@kernel.example", **smuggled}),
        ("PATCH", f"/leads/{place.lead_id}", {"traits": {"country": "US"}, **smuggled}),
    ]:
        refused = place.ada.ask(method, path, body)
        assert refused.status_code == 422, refused.document
        assert refused.document["errors"][0]["pointer"].startswith(f"/{name}")
    assert list(Lead.objects.values()) == before
    assert list(User.objects.filter(role="owner").values_list("email", flat=True)) == [
        "ada@acme.example"
    ]


@pytest.mark.parametrize(
    ("text", "status", "pointer"),
    [
        ('{"email": "a@b.example", "email": "c@d.example"}', 400, "/email"),
        ('{"email": "a@b.example", "traits": {"a": 1, "a": 2}}', 400, "/traits/a"),
        ('{"email": NaN}', 400, None),
        ('{"email": "a@b.example", "traits": {"n": 1e999}}', 400, None),
        ('{"email": "a@b.example", "traits": {"n": 9223372036854775808}}', 400, None),
        ('{"email": "a\\u0000@b.example"}', 400, None),
        ('{"email": "\\ud800@b.example"}', 400, None),
        ('{"traits": ' * 100_000, 400, None),
        ("{", 400, None),
        ("[]", 422, ""),
        ('"text"', 422, ""),
        ("null", 422, ""),
        ("", 422, ""),
        ("{}", 422, ""),
        ('{"anonymous_id": "only-a-visitor"}', 422, ""),
        ('{"email": 5}', 422, "/email"),
        ('{"email": ""}', 422, "/email"),
        ('{"email": "no address"}', 422, "/email"),
        ('{"phone": "twelve"}', 422, "/phone"),
        ('{"external_id": "no colon"}', 422, "/external_id"),
        ('{"user_id": "\\u200b"}', 422, "/user_id"),
        ('{"email": "a@b.example", "traits": {"plan": null}}', 422, "/traits/plan"),
        ('{"email": "a@b.example", "traits": []}', 422, "/traits"),
        ('{"email": "a@b.example", "history": "yes"}', 422, "/history"),
        ('{"email": "a@b.example", "occurred_at": "soon"}', 422, "/occurred_at"),
        ('{"email": "a@b.example", "occurred_at": "2999-01-01"}', 422, "/occurred_at"),
        ('{"email": "a@b.example", "origin": "unknown"}', 422, "/origin"),
        ('{"email": "' + "a" * 100_000 + '@b.example"}', 400, None),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_its_place(
    place: Place, text: str, status: int, pointer: str | None
) -> None:
    refused = place.ada.ask("POST", "/leads", text=text)
    assert refused.status_code == status, refused.document
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert set(refused.document) == {"type", "title", "status", "detail", "errors"}
    if pointer is not None:
        assert refused.document["errors"][0]["pointer"] == pointer
    assert Lead.objects.count() == 1


def test_other_content_types_large_bodies_and_wrong_methods(place: Place) -> None:
    form = place.ada.ask("POST", "/leads", text="email=a", content_type="text/plain")
    large = place.ada.ask("POST", "/leads", text=json.dumps({"a": "x" * 3_000_000}))
    wrong = place.ada.ask("PUT", f"/leads/{place.lead_id}", {})
    nowhere = place.ada.get("/leads/1/secrets")
    found = [form, large, wrong, nowhere]
    assert [each.status_code for each in found] == [415, 413, 405, 404]
    assert {each.headers["Content-Type"] for each in found} == {"application/problem+json"}
    assert "PATCH" in wrong.headers["Allow"]


def test_a_change_is_made_only_to_the_version_it_was_based_on(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    tag = place.ben.get(path).headers["ETag"]
    first = place.ben.ask("PATCH", path, {"traits": {"country": "US"}}, **{"If-Match": tag})
    second = place.ben.ask("PATCH", path, {"traits": {"country": "DE"}}, **{"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.document["errors"] == [
        {"pointer": "/traits/country", "detail": 'It is "US" now.'}
    ]
    assert first.headers["ETag"] != tag
    assert place.ben.get(path).document["traits"]["country"] == "US"
    said = TraitValue.objects.get(lead=place.lead_id, name="country")
    assert said.source.startswith("api:")


def test_a_change_of_a_trait_starts_no_clock_and_counts_as_nothing(place: Place) -> None:
    before = place.ada.get(f"/leads/{place.lead_id}").document
    place.ada.ask("PATCH", f"/leads/{place.lead_id}", {"traits": {"city": "Arlington"}})
    after = place.ada.get(f"/leads/{place.lead_id}").document
    assert after["response_due_at"] == before["response_due_at"]
    assert not Event.objects.get(name="Identified").counts


def test_stage_and_owner_are_decisions_with_a_reason(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    moved = place.ben.ask("PATCH", path, {"stage": "opportunity", "reason": "budget is there"})
    assert moved.document["stage"] == "opportunity"
    given = place.ada.ask("PATCH", path, {"owner": "cleo@acme.example"})
    assert given.document["owner"]["email"] == "cleo@acme.example", given.document
    for body, pointer in [({"stage": "nowhere"}, "/stage"), ({"owner": "x@y.example"}, "/owner")]:
        refused = place.ada.ask("PATCH", path, body)
        assert (refused.status_code, refused.document["errors"][0]["pointer"]) == (422, pointer)


def test_who_may_not_change_a_lead_changes_nothing(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    body = {"traits": {"country": "US"}}
    reader = User.objects.create_user("ron@acme.example", role="read_only")
    marketer = User.objects.create_user("mia@acme.example", role="marketer")
    tries = [
        (place.cleo, 404), (speaker(reader), 403), (speaker(marketer), 403),
        (speaker(place.world.ada, ["leads:read"]), 403),
    ]  # fmt: skip
    for who, status in tries:
        assert who.ask("PATCH", path, body).status_code == status
    assert place.ben.ask("PATCH", path, {"owner": "cleo@acme.example"}).status_code == 403
    taken = place.cleo.ask("POST", "/leads", {"email": "grace@navy.example", "traits": {"a": "b"}})
    assert taken.status_code == 409
    lead = Lead.objects.get(pk=place.lead_id)
    assert (lead.version, "country" in lead.traits, lead.undeclared) == (1, False, {})


def test_a_rep_takes_a_lead_that_nobody_owns(place: Place) -> None:
    made = place.ada.ask("POST", "/leads", {**NEW, "history": True}).document
    taken = place.ben.ask("PATCH", f"/leads/{made['id']}", {"owner": "ben@acme.example"})
    assert taken.status_code == 200, taken.document
    assert taken.document["owner"]["email"] == "ben@acme.example"


def test_a_merged_lead_says_what_it_was_merged_into(place: Place) -> None:
    other = place.ada.ask("POST", "/leads", NEW).document
    body = {"email": "grace@navy.example", "external_id": "hubspot:77"}
    kept = place.ada.ask("POST", "/leads", body).document
    gone = {str(place.lead_id), other["id"]} - {kept["id"]}
    (absorbed,) = gone
    found = place.ada.get(f"/leads/{absorbed}").document
    assert found["merged_into"] == kept["id"]
    refused = place.ada.ask("PATCH", f"/leads/{absorbed}", {"traits": {"a": "b"}})
    assert refused.status_code == 409
    kinds = [i["kind"] for i in place.ada.get(f"/leads/{kept['id']}/timeline").document["items"]]
    assert "merge" in kinds
    assert UUID(kept["id"])


def test_a_consent_is_recorded_with_what_was_seen(place: Place) -> None:
    body = {"consents": [{"purpose": "marketing", "channel": "email", "state": "withdrawn"}]}
    found = place.ben.ask("PATCH", f"/leads/{place.lead_id}", body)
    assert found.document["consents"] == {"marketing.email": "withdrawn"}, found.document
    assert Consent.objects.get().source.startswith("api:")


def test_a_database_that_cannot_be_written_is_a_503_and_nothing_is_half_done(place: Place) -> None:
    place.ada.get("/me")  # the use of the key is noted, which is a write of its own
    statements = {
        "sqlite": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgresql": ("SET TRANSACTION READ ONLY", "SELECT 1"),
    }
    close, open_again = statements[connection.vendor]
    with suppress(Undone), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(close)
        refused = place.ada.ask("POST", "/leads", NEW)
        with connection.cursor() as cursor:
            cursor.execute(open_again)
        raise Undone
    assert refused.status_code == 503, refused.document
    assert refused.headers["Retry-After"] == "5"
    assert Lead.objects.count() == 1


class Undone(Exception):
    """Ends the transaction that was made read-only."""


def test_null_empties_a_trait_and_says_so_in_the_timeline(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    place.ben.ask("PATCH", path, {"traits": {"city": "Arlington", "shoeSize": 38}})
    body = {"traits": {"city": None, "shoeSize": None, "jobTitle": None, "country": "US"}}
    changed = place.ben.ask("PATCH", path, body)
    assert changed.status_code == 200, changed.document
    traits = changed.document["traits"]
    assert not {"city", "shoe_size", "title", "title_seniority"} & set(traits)
    assert traits["country"] == "US"
    lines = [each["sentence"] for each in place.ben.get(f"{path}/timeline").document["items"]]
    assert "Ben emptied City (was “Arlington”)" in lines
    version = Lead.objects.get(pk=place.lead_id).version
    place.ben.ask("PATCH", path, {"traits": {"city": None}})
    assert Lead.objects.get(pk=place.lead_id).version == version


@pytest.mark.parametrize("name", ["email", "phone", "title_seniority"])
def test_what_a_lead_is_known_by_is_not_emptied_as_a_trait(place: Place, name: str) -> None:
    refused = place.ada.ask("PATCH", f"/leads/{place.lead_id}", {"traits": {name: None}})
    assert refused.status_code == 422, refused.document
    assert refused.document["errors"][0]["pointer"] == "/traits"
    assert place.ada.get(f"/leads/{place.lead_id}").document["emails"] == ["grace@navy.example"]
