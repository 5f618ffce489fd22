"""Deals over the API: stated once however often they come, seen with their lead, fields typed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.cards import time_box
from leadline.deals.models import ClosingValue, Deal, DealChange
from leadline.flow import reactions
from leadline.leads import locks
from leadline.lib import clock
from leadline.workspace import fields
from leadline.workspace.fields import Wanted
from leadline.workspace.models import Role, User
from tests.api.conftest import Place, broken_off, speaker


def _new(place: Place, **other: object) -> dict[str, Any]:  # JSON
    return {"lead": str(place.lead_id), "external_id": "crm-7", "name": "Rollout",
            "amount_minor": 12_000_00, "currency": "EUR", **other}  # fmt: skip


@pytest.fixture
def product(place: Place) -> Place:
    options = (("s", "Small"), ("l", "Large"))
    for wanted in (
        Wanted(label="Product", type="option", about="deal", options=options),
        Wanted(label="Margin", type="number", about="deal", is_sensitive=True),
    ):
        fields.add(wanted, currency="EUR", reserved=())
    return place


def test_a_deal_comes_once_however_often_it_is_sent(place: Place) -> None:
    made, again = (place.ben.ask("POST", "/deals", _new(place)) for _ in range(2))
    assert (made.status_code, again.status_code) == (201, 200), made.document
    assert made.document == again.document
    assert (Deal.objects.count(), DealChange.objects.count()) == (1, 1)
    won = place.ben.ask("POST", "/deals", {"external_id": "crm-7", "state": "won"})
    kept = ("lead", "name", "amount_minor", "opened_at", "owner")
    assert {k: won.document[k] for k in kept} == {k: made.document[k] for k in kept}
    assert won.document["state"] == "won"
    assert place.ben.get(f"/leads/{place.lead_id}").document["stage"] == "customer"


def test_a_deal_is_listed_read_and_changed(place: Place) -> None:
    ids = [
        place.ben.ask("POST", "/deals", _new(place, external_id=f"crm-{n}")).document["id"]
        for n in range(3)
    ]
    first = place.ben.get("/deals?limit=2").document
    rest = place.ben.get(f"/deals?limit=2&after={first['next']}").document
    assert [each["id"] for each in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next"] is None
    one = place.ben.get("/deals?external_id=crm-1").document["items"]
    assert [each["id"] for each in one] == [ids[1]]
    changed = place.ben.ask("PATCH", f"/deals/{ids[1]}", {"name": "Two sites", "amount_minor": 5})
    assert changed.document == place.ben.get(f"/deals/{ids[1]}").document
    assert (changed.document["name"], changed.document["amount_minor"]) == ("Two sites", 5)
    assert place.ben.get("/deals?state=lost").document["items"] == []


def test_values_of_fields_are_typed_kept_and_emptied(product: Place) -> None:
    sent = _new(product, traits={"product": "Large"})
    made = product.ada.ask("POST", "/deals", sent).document
    assert made["traits"] == {"product": "l"}
    kept = product.ada.ask("POST", "/deals", {"external_id": "crm-7", "traits": {"margin": "12,5"}})
    assert kept.document["traits"] == {"product": "l", "margin": 12.5}
    path = f"/deals/{made['id']}"
    emptied = product.ada.ask("PATCH", path, {"traits": {"product": None}})
    assert emptied.document["traits"] == {"margin": 12.5}
    for name in ("product", "colour"):
        for refused in (
            product.ada.ask("PATCH", path, {"traits": {name: "huge"}}),
            product.ada.ask("POST", "/deals", _new(product, traits={name: "huge"})),
        ):
            assert refused.status_code == 422
            assert refused.document["errors"][0]["pointer"] == f"/traits/{name}"


def test_sensitive_fields_and_amounts_are_absent_for_who_may_not_see_them(product: Place) -> None:
    sent = _new(product, traits={"product": "s", "margin": 30})
    path = f"/deals/{product.ada.ask('POST', '/deals', sent).document['id']}"
    marketer = speaker(User.objects.create_user("mia@acme.example", role=Role.MARKETER))
    seen = {name: who.get(path).document for name, who in
            {"ada": product.ada, "ben": product.ben, "mia": marketer}.items()}  # fmt: skip
    assert {name: each["traits"] for name, each in seen.items()} == {
        "ada": {"product": "s", "margin": 30}, "ben": {"product": "s"}, "mia": {"product": "s"},
    }  # fmt: skip
    assert [name for name, each in seen.items() if "amount_minor" in each] == ["ada", "ben"]
    refused = product.ben.ask("PATCH", path, {"traits": {"margin": 1}})
    assert refused.status_code == 422
    assert marketer.ask("PATCH", path, {"amount_minor": 1}).status_code == 422


def test_fields_of_money_are_hidden_from_who_sees_no_amounts(product: Place) -> None:
    money = Wanted(label="Set-up", type="money", about="deal", currency="EUR")
    fields.add(money, currency="EUR", reserved=())
    sent = _new(product, traits={"product": "s", "set_up": "777"})
    path = f"/deals/{product.ada.ask('POST', '/deals', sent).document['id']}"
    marketer = speaker(User.objects.create_user("mia@acme.example", role=Role.MARKETER))
    assert marketer.get(path).document["traits"] == {"product": "s"}
    assert product.ben.get(path).document["traits"] == {"product": "s", "set_up": 777}
    refused = marketer.ask("PATCH", path, {"traits": {"set_up": 1}})
    assert (refused.status_code, refused.document["errors"][0]["pointer"]) == (
        422, "/traits/set_up",
    )  # fmt: skip


def test_a_unique_value_of_another_deal_is_refused_with_its_name(place: Place) -> None:
    wanted = Wanted(label="Order number", about="deal", is_unique=True)
    fields.add(wanted, currency="EUR", reserved=())
    said = {"traits": {"order_number": "7"}}
    assert place.ben.ask("POST", "/deals", _new(place, **said)).status_code == 201
    other = place.ben.ask("POST", "/deals", _new(place, external_id="crm-8")).document["id"]
    for refused in (
        place.ben.ask("PATCH", f"/deals/{other}", said),
        place.ben.ask("POST", "/deals", _new(place, external_id="crm-9", **said)),
    ):
        assert refused.status_code == 422
        assert refused.document["errors"][0]["pointer"] == "/traits/order_number"
    assert Deal.objects.count() == 2


def test_the_deal_of_a_foreign_lead_is_like_none(place: Place) -> None:
    path = f"/deals/{place.ben.ask('POST', '/deals', _new(place)).document['id']}"
    random = "/deals/00000000-0000-7000-8000-000000000007"
    for method, body in (("GET", None), ("PATCH", {"name": "mine"})):
        real, none = (place.cleo.ask(method, each, body) for each in (path, random))
        assert (real.status_code, real.document) == (404, none.document)
    assert place.cleo.get("/deals").document["items"] == []
    assert place.cleo.ask("POST", "/deals", _new(place, external_id="x")).status_code == 422
    taken = place.cleo.ask("POST", "/deals", {"external_id": "crm-7", "name": "mine"})
    assert taken.status_code == 409
    assert Deal.objects.get().name == "Rollout"


def test_the_deals_of_a_merged_lead_are_the_others(place: Place) -> None:
    deal = place.ben.ask("POST", "/deals", _new(place)).document
    other = place.ada.ask("POST", "/leads", {"email": "g@other.example", "history": True}).document
    reactions.merge(UUID(other["id"]), place.lead_id, because="same person", now=clock.now())
    found = place.ada.get(f"/deals?lead={other['id']}").document["items"]
    assert [each["id"] for each in found] == [deal["id"]]
    won = place.ada.ask("PATCH", f"/deals/{deal['id']}", {"state": "won"})
    assert won.status_code == 200, won.document
    assert place.ada.get(f"/leads/{other['id']}").document["stage"] == "customer"


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"state": "sold"}, 422), ({"currency": "euro"}, 422), ({"amount_minor": 1.5}, 422),
        ({"amount_minor": 10**16}, 422), ({"closed_at": "2020-01-01T00:00:00Z"}, 422),
        ({"owner": "x"}, 422), ({"lead": "no"}, 422), ({"external_id": ""}, 422),
        ({"external_id": None, "state": "won"}, 422), ({"opened_at": "soon"}, 422),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(place: Place, wrong: dict[str, object], status: int) -> None:
    refused = place.ada.ask("POST", "/deals", _new(place, **wrong))
    assert refused.status_code == status, refused.document
    assert Deal.objects.count() == 0


def test_a_list_of_deals_asks_as_often_for_many_as_for_one(place: Place) -> None:
    counts: list[int] = []
    place.ben.get("/deals")  # the key is marked as used
    for many in (1, 5):
        for number in range(many):
            place.ada.ask("POST", "/deals", _new(place, external_id=f"crm-{number}"))
        with CaptureQueriesContext(connection) as caught:
            assert len(place.ben.get("/deals").document["items"]) == many
        counts.append(len(caught))
    # PostgreSQL is told how long a statement may take, and that it may take as long as before.
    around = 4 if connection.vendor == "postgresql" else 0
    assert counts == [3 + around] * 2


def test_a_list_of_deals_that_takes_too_long_is_broken_off(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.ben.ask("POST", "/deals", _new(place))
    monkeypatch.setattr(time_box, "at_most", broken_off)
    refused = place.ben.get("/deals")
    assert (refused.status_code, refused.document["errors"][0]["pointer"]) == (422, "?filter")


def test_a_deal_stated_again_stays_closed_until_its_state_is_said(place: Place) -> None:
    place.ben.ask("POST", "/deals", _new(place))
    won = place.ben.ask("POST", "/deals", {"external_id": "crm-7", "state": "won"}).document
    value = ClosingValue.objects.values().get()
    again = place.ben.ask("POST", "/deals", {"external_id": "crm-7", "name": "Two sites"})
    assert again.document == {**won, "name": "Two sites"}
    assert ClosingValue.objects.values().get() == value
    assert DealChange.objects.count() == 2
    opened = place.ben.ask("POST", "/deals", {"external_id": "crm-7", "state": "open"}).document
    assert (opened["state"], opened["closed_at"]) == ("open", None)
    assert not ClosingValue.objects.exists()
    dated = {"external_id": "crm-7", "closed_at": clock.now().isoformat()}
    assert place.ben.ask("POST", "/deals", dated).status_code == 422


def test_reason_and_closing_time_are_kept_and_changed_alone(place: Place) -> None:
    opened_at = (place.now - timedelta(days=9)).isoformat()
    lost = _new(place, opened_at=opened_at, state="lost", reason="price")
    made = place.ben.ask("POST", "/deals", lost).document
    path = f"/deals/{made['id']}"
    assert place.ben.ask("PATCH", path, {"amount_minor": 7}).document["reason"] == "price"
    for said in (
        {"reason": "no budget"},
        {"closed_at": (place.now - timedelta(days=3)).isoformat()},
    ):
        changed = place.ben.ask("PATCH", path, said)
        assert changed.status_code == 200, changed.document
        [(name, value)] = said.items()
        assert changed.document[name].replace("Z", "+00:00") == value
        assert (changed.document["state"], changed.document["amount_minor"]) == ("lost", 7)
    assert changed.document["reason"] == "no budget"
    early = {"closed_at": (place.now - timedelta(days=30)).isoformat()}
    assert place.ben.ask("PATCH", path, early).status_code == 422


@pytest.mark.parametrize(
    "money", [{"amount_minor": None}, {"amount_minor": 1}, {"currency": None}, {"currency": "USD"}]
)
def test_whoever_sees_no_amounts_neither_erases_nor_redenominates_them(
    place: Place, money: dict[str, object]
) -> None:
    mia = User.objects.create_user("mia@acme.example", role=Role.MARKETER)
    place.ada.ask("POST", "/deals", _new(place))
    Deal.objects.update(lead=None, owner=mia)
    before = Deal.objects.values("amount_minor", "currency").get()
    refused = speaker(mia).ask("POST", "/deals", {"external_id": "crm-7", **money})
    assert refused.status_code == 422, refused.document
    assert refused.document["errors"][0]["pointer"] == f"/{next(iter(money))}"
    renamed = speaker(mia).ask("POST", "/deals", {"external_id": "crm-7", "name": "Mine"})
    assert (renamed.status_code, renamed.document["name"]) == (200, "Mine")
    assert Deal.objects.values("amount_minor", "currency").get() == before


def test_who_sees_no_amounts_may_not_name_one_in_a_change(place: Place) -> None:
    mia = User.objects.create_user("mia@acme.example", role=Role.MARKETER)
    path = f"/deals/{place.ada.ask('POST', '/deals', _new(place)).document['id']}"
    Deal.objects.update(lead=None, owner=mia)
    assert speaker(mia).ask("PATCH", path, {"amount_minor": None}).status_code == 422
    assert speaker(mia).ask("PATCH", path, {"name": "Mine"}).status_code == 200


def test_a_deal_is_won_by_who_waited_while_somebody_else_opened_it(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    taking_turns, opened = locks.passing, []

    def wait() -> None:
        if not opened:
            opened.append(place.ada)
            assert place.ada.ask("POST", "/deals", _new(place)).status_code == 201
        taking_turns()

    monkeypatch.setattr(locks, "passing", wait)
    won = place.ben.ask("POST", "/deals", _new(place, state="won"))
    assert (won.status_code, won.document["state"]) == (200, "won"), won.document
