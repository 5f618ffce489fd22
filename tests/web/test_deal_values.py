"""Deals on the pages of lead and company, values of their fields changed where they stand."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.timeline.models import Event
from leadline.workspace import fields
from leadline.workspace.fields import Wanted
from leadline.workspace.models import Role, User
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def deal(world: World, lead_id: UUID) -> Deal:
    """Of Grace: a product is known, and what it costs to set up."""
    options = (("s", "Small hull"), ("l", "Large hull"))
    for wanted in (
        Wanted(label="Product", type="option", about="deal", options=options),
        Wanted(label="Set-up", type="money", about="deal", currency="EUR"),
        Wanted(label="Margin", type="number", about="deal", is_sensitive=True),
    ):
        fields.add(wanted, currency="EUR", reserved=())
    return _open(lead_id, name="Fleet rollout", traits={"product": "s", "set_up": "777"})


def _open(lead_id: UUID | None, **said: object) -> Deal:
    now = clock.now()
    entry = Entry(currency="EUR", opened_at=now - timedelta(days=3), lead_id=lead_id,
                  amount_minor=420_000, **said)  # type: ignore[arg-type]  # fmt: skip
    found = deals.open(entry, because="asked for it", now=now)
    assert found is not None
    return found


def _page(client: Client, lead_id: UUID) -> str:
    return client.get(f"/leads/{lead_id}").content.decode().partition("<main")[2]


def _save(client: Client, deal: Deal, name: str, value: str, *, seen: object) -> tuple[int, str]:
    said = {"value": value, "seen": json.dumps(seen)}
    answer = client.post(f"/deals/{deal.pk}/edit/{name}", said, headers=HTMX)
    return answer.status_code, answer.content.decode()


def _product(deal: Deal) -> object:
    return Deal.objects.get(pk=deal.pk).traits.get("product")


def _colleague(role: Role) -> User:
    return User.objects.create_user(f"{role}@acme.example", name=role, role=role)


def test_the_page_of_a_lead_shows_its_deals_with_their_values(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    shown = _page(enter(world.ben), lead_id)
    for said in ("Fleet rollout", "EUR 4,200.00", "Product", "Small hull", "EUR 777.00", "Open"):
        assert said in shown, said


def test_a_value_of_a_deal_is_changed_where_it_stands_and_the_story_tells_it(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    ben = enter(world.ben)
    form = ben.get(f"/deals/{deal.pk}/edit/deal.product", headers=HTMX).content.decode()
    assert '<option value="s" selected>' in form
    status, text = _save(ben, deal, "deal.product", "l", seen="s")
    assert (status, "Large hull" in text, 'class="tick"' in text) == (200, True, True)
    assert _product(deal) == "l"
    assert "Ben changed Product (Fleet rollout)" in _page(ben, lead_id)
    plain = ben.post(f"/deals/{deal.pk}/edit/deal.product", {"value": "", "seen": '"l"'})
    assert (plain.status_code, plain["Location"]) == (302, f"/leads/{lead_id}")
    assert _product(deal) is None
    assert _save(ben, deal, "deal.set_up", "plenty", seen=777)[0] == 422


def test_the_second_save_of_a_deal_shows_both_values(
    world: World, enter: Enter, deal: Deal
) -> None:
    ben, ada = enter(world.ben), enter(world.ada)
    assert _save(ben, deal, "deal.product", "l", seen="s")[0] == 200
    status, text = _save(ada, deal, "deal.product", "", seen="s")
    assert status == 409
    for said in ("This was changed meanwhile", "Large hull", "Use mine"):
        assert said in text, said
    assert _product(deal) == "l"
    assert _save(ada, deal, "deal.product", "", seen="l")[0] == 200
    assert _save(ada, deal, "deal.product", "", seen="l")[0] == 200, "it is what was wanted"


def test_a_marketer_sees_no_money_of_a_deal(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    _save(enter(world.ben), deal, "deal.set_up", "888", seen=777)
    marketer = enter(_colleague(Role.MARKETER))
    shown = _page(marketer, lead_id)
    assert "Fleet rollout" in shown
    assert "Small hull" in shown
    for hidden in ("4,200", "777", "888"):
        assert hidden not in shown, hidden
    Card.objects.filter(pk=lead_id).update(owner=None)
    assert _save(marketer, deal, "deal.set_up", "1", seen=888)[0] == 404
    assert _save(marketer, deal, "deal.product", "l", seen="s")[0] == 200
    told = Event.objects.filter(name="Record Edited").values_list("properties", flat=True)
    assert told.count() == 2
    assert not [each for each in told if "888" in str(each)]


def test_what_is_sensitive_is_absent_from_a_deal(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    ada, ben = enter(world.ada), enter(world.ben)
    assert _save(ada, deal, "deal.margin", "33", seen=None)[0] == 200
    assert "Margin" in _page(ada, lead_id)
    assert "33" in _page(ada, lead_id)
    assert "<dt>Margin</dt>" not in _page(ben, lead_id)
    assert _save(ben, deal, "deal.margin", "1", seen=33)[0] == 404


def test_whoever_may_not_change_the_lead_may_not_change_its_deal(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    reader = enter(_colleague(Role.READ_ONLY))
    assert f"/deals/{deal.pk}/edit" not in _page(reader, lead_id)
    assert _save(reader, deal, "deal.product", "l", seen="s")[0] == 403
    manager = _colleague(Role.MARKETER)
    assert _save(enter(manager), deal, "deal.product", "l", seen="s")[0] == 403, "sales owns it"
    cleo, other = enter(world.cleo), _open(None, name="Nobody's")
    for path in ("edit", "value"):
        hidden = cleo.get(f"/deals/{deal.pk}/{path}/deal.product", headers=HTMX)
        absent = cleo.get(f"/deals/{UUID(int=9)}/{path}/deal.product", headers=HTMX)
        assert (hidden.status_code, absent.status_code) == (404, 404)
    assert _save(cleo, deal, "deal.product", "l", seen="s")[0] == 404
    assert _save(enter(world.ada), other, "deal.product", "l", seen=None)[0] == 404, "on no page"
    assert _product(deal) == "s"


def _firm_of(lead_id: UUID, *deals_: Deal) -> str:
    """The address of the page of the lead's company, which these deals are with too."""
    company_id = Lead.objects.values_list("company_id", flat=True).get(pk=lead_id)
    assert company_id is not None
    Deal.objects.filter(pk__in=[each.pk for each in deals_]).update(company=company_id)
    return f"/companies/{company_id}"


def test_the_page_of_a_company_shows_the_values_too_and_they_change_there(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    alone = _open(None, name="Spare parts", traits={"product": "l"})
    firm = _firm_of(lead_id, alone)
    ben, ada = enter(world.ben), enter(world.ada)
    shown = ben.get(firm).content.decode()
    for said in ("Fleet rollout", "EUR 4,200.00", "Small hull", "EUR 777.00"):
        assert said in shown, said
    assert "Spare parts" not in shown, "of no lead: for its owner and who sees all"
    assert f"/deals/{deal.pk}/edit/deal.product" in shown
    everything = ada.get(firm).content.decode()
    assert f"/deals/{alone.pk}/edit/deal.product" in everything
    assert _save(ada, alone, "deal.product", "s", seen="l")[0] == 200
    assert _product(alone) == "s"
    back = ada.post(f"/deals/{alone.pk}/edit/deal.product", {"value": "l", "seen": '"s"'})
    assert (back.status_code, back["Location"]) == (302, firm)
    assert _save(ben, alone, "deal.product", "s", seen="l")[0] == 404


def test_on_the_page_of_a_company_roles_see_and_change_what_they_may(
    world: World, enter: Enter, lead_id: UUID, deal: Deal
) -> None:
    firm = _firm_of(lead_id, deal)
    marketer = enter(_colleague(Role.MARKETER)).get(firm).content.decode()
    assert "Small hull" in marketer
    assert "777" not in marketer
    assert f"/deals/{deal.pk}/edit" not in marketer, "sales owns it"
    reader = enter(_colleague(Role.READ_ONLY)).get(firm).content.decode()
    assert "Small hull" in reader
    assert f"/deals/{deal.pk}/edit" not in reader


@pytest.mark.parametrize("of", ["lead", "company"])
def test_many_deals_cost_as_many_queries_as_one(
    world: World, enter: Enter, lead_id: UUID, deal: Deal, of: str
) -> None:
    client = enter(world.ben)
    address = _firm_of(lead_id, deal) if of == "company" else f"/leads/{lead_id}"

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            text = client.get(address).content.decode().partition("<main")[2]
        ids = [part.partition('"')[0] for part in text.split(' id="value-')[1:]]
        assert len(ids) == len(set(ids)), "an id stands on a page once"
        return len(caught)

    asked()
    one = asked()
    for number in range(9):
        _open(lead_id, name=f"Another {number}", traits={"product": "l"})
    assert asked() == one
