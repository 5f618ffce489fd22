"""Companies: the list, the page, values where they stand, the search, what was opened lately."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card, Visit
from leadline.deals import deals
from leadline.flow import intake, rulebook
from leadline.leads.models import Company, Lead, TraitValue
from leadline.lib import clock
from leadline.workspace.models import Field, Role, User
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def firm(lead_id: UUID) -> Company:
    """Halvorsen Shipping, where Grace works, who is Ben's."""
    found = Lead.objects.select_related("company").get(pk=lead_id).company
    assert found is not None
    return found


def _text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.content.decode().partition("<main")[2]


def _save(
    client: Client, firm: Company, name: str, value: object, *, seen: object
) -> tuple[int, str]:
    fields = {"value": value, "seen": json.dumps(seen)}
    answer = client.post(f"/companies/{firm.pk}/edit/{name}", fields, headers=HTMX)
    return answer.status_code, answer.content.decode()


def _colleague(role: str, **fields: object) -> User:
    return User.objects.create_user(f"{role}@acme.example", name=role, role=role, **fields)


def test_the_list_shows_companies_with_their_people_and_deals(
    world: World, enter: Enter, firm: Company, lead_id: UUID
) -> None:
    _deal(world, firm, lead_id)
    shown = _text(enter(world.ben), "/companies")
    assert "Halvorsen Shipping" in shown
    assert f"/companies/{firm.pk}" in shown
    assert "Halvorsen" not in _text(enter(world.ada), "/companies?q=nobody")
    assert "Halvorsen Shipping" in _text(enter(world.ada), "/companies?q=halvor")


def test_a_company_is_nothing_to_who_sees_nobody_there(
    world: World, enter: Enter, firm: Company
) -> None:
    cleo = enter(world.cleo)
    random = UUID(int=9)
    assert "Halvorsen" not in _text(cleo, "/companies")
    for path in ("", "/peek", "/edit/company.name", "/value/company.name"):
        hidden = cleo.get(f"/companies/{firm.pk}{path}", headers=HTMX)
        absent = cleo.get(f"/companies/{random}{path}", headers=HTMX)
        assert (hidden.status_code, absent.status_code) == (404, 404), path
    assert cleo.post("/visited", {"company": str(firm.pk)}).status_code == 404
    assert _save(cleo, firm, "company.name", "Mine now", seen="Halvorsen Shipping")[0] == 404


def test_the_page_shows_people_that_one_may_see_and_no_others(
    world: World, enter: Enter, firm: Company
) -> None:
    at = clock.now()
    post = worlds.said(
        email="hidden@halvorsen.example.com", at=at, traits={"name": "Hidden Colleague"}
    )
    other = intake.run([post], now=at).lead_ids[0]
    Card.objects.filter(pk=other).update(owner=world.cleo, team=world.other)
    mine, all_ = (_text(enter(who), f"/companies/{firm.pk}") for who in (world.ben, world.ada))
    assert "Grace Lindqvist" in mine
    assert "Hidden Colleague" not in mine
    assert str(other) not in mine
    assert "1 person" in mine
    assert "2 people" in all_
    assert "Hidden Colleague" in all_


def test_amounts_are_not_shown_to_marketers(
    world: World, enter: Enter, firm: Company, lead_id: UUID
) -> None:
    _deal(world, firm, lead_id)
    marketer = enter(_colleague(Role.MARKETER))
    assert "4,200" in _text(enter(world.ben), f"/companies/{firm.pk}")
    shown = _text(marketer, f"/companies/{firm.pk}")
    assert "Fleet rollout" in shown
    assert "4,200" not in shown


def test_a_value_of_a_company_changes_for_everybody_there(
    world: World, enter: Enter, firm: Company, lead_id: UUID
) -> None:
    client = enter(world.ben)
    status, text = _save(client, firm, "company.name", "Halvorsen AS", seen="Halvorsen Shipping")
    assert (status, "Halvorsen AS" in text, "Saved" in text) == (200, True, True)
    assert Company.objects.get(pk=firm.pk).name == "Halvorsen AS"
    assert Card.objects.get(pk=lead_id).company_name == "Halvorsen AS"
    assert "Halvorsen AS" in _text(client, "/companies?q=halvorsen as")
    assert "Said lately" in _text(client, f"/companies/{firm.pk}")
    assert TraitValue.objects.filter(company=firm.pk, value="Halvorsen AS").count() == 1


# What somebody types, and what is then stored, for each field of the playbook and for each type.
_TYPED: dict[str, tuple[object, object, str]] = {
    "name": ("Nordwind AS", "Nordwind AS", "Nordwind AS"),
    "website": ("https://nordwind.example", "https://nordwind.example", "nordwind.example"),
    "employee_count": ("450", 450, "450"),
    "industry": ("Shipping", "Shipping", "Shipping"),
    "annual_revenue": ("1200000", 1_200_000, "1,200,000"),
    "city": ("Bergen", "Bergen", "Bergen"),
    "country": ("NO", "NO", "NO"),
    "plan": ("Fleet", "Fleet", "Fleet"),
    "of_text": ("Short", "Short", "Short"),
    "of_long_text": ("A longer story", "A longer story", "A longer story"),
    "of_number": ("12.5", 12.5, "12.5"),
    "of_money": ("99.50", None, "99.50"),
    "of_date": ("2026-12-05", "2026-12-05", "5 Dec 2026"),
    "of_boolean": ("yes", True, "Yes"),
    "of_option": ("a", "a", "Letter A"),
    "of_options": (["a", "b"], ["a", "b"], "Letter A"),
    "of_link": ("https://a.example/x", "https://a.example/x", "https://a.example/x"),
    "of_person": ("ben@acme.example", None, "Ben"),
}


def _declare_each_type() -> None:
    letters = [{"value": "a", "label": "Letter A"}, {"value": "b", "label": "Letter B"}]
    for number, kind in enumerate(Field.Type.values):
        Field.objects.create(
            name=f"company.of_{kind}", type=kind, label=f"Of {kind}", position=200 + number,
            options=letters if kind.startswith("option") else [],
            currency="EUR" if kind == "money" else "",
        )  # fmt: skip
    rulebook.forget()


def test_every_value_of_a_company_is_changed_where_it_stands(
    world: World, enter: Enter, firm: Company
) -> None:
    """All but what it is recognised by: its domain, and its id elsewhere."""
    _declare_each_type()
    Company.objects.filter(pk=firm.pk).update(external_id="crm-7")
    client = enter(world.ben)
    page = client.get(f"/companies/{firm.pk}").content.decode()
    offered = set(re.findall(rf"/companies/{firm.pk}/edit/company\.(\w+)\?", page))
    assert offered == set(_TYPED)
    left = page.partition('<section class="left"')[2].partition("</section>")[0]
    assert left.count("<dt>") + 1 == len(offered) + 2  # the name is the heading; the two are facts
    for name, (typed, stored, shown) in _TYPED.items():
        seen = "Halvorsen Shipping" if name == "name" else firm.traits.get(name)
        status, text = _save(client, firm, f"company.{name}", typed, seen=seen)
        assert (status, "Saved" in text) == (200, True), (name, text)
        now = Company.objects.get(pk=firm.pk)
        kept = now.name if name == "name" else now.traits[name]
        assert kept == stored or stored is None, name
        assert kept is not None, name
        assert shown in client.get(f"/companies/{firm.pk}").content.decode(), name


def test_the_second_save_shows_both_values_of_a_company(
    world: World, enter: Enter, firm: Company
) -> None:
    ben, ada = enter(world.ben), enter(world.ada)
    assert _save(ben, firm, "company.employee_count", "400", seen=None)[0] == 200
    status, text = _save(ada, firm, "company.employee_count", "500", seen=None)
    assert status == 409
    for said in ("Ben changed this meanwhile", "400", "500", "Use mine"):
        assert said in text, said
    assert Company.objects.get(pk=firm.pk).traits["employee_count"] == 400
    assert _save(ada, firm, "company.employee_count", "500", seen=400)[0] == 200
    assert _save(ada, firm, "company.employee_count", "many", seen=500)[0] == 422


def test_who_may_only_look_changes_nothing(world: World, enter: Enter, firm: Company) -> None:
    reader = enter(_colleague(Role.READ_ONLY))
    assert "data-edit" not in _text(reader, f"/companies/{firm.pk}")
    assert _save(reader, firm, "company.name", "X", seen="Halvorsen Shipping")[0] == 403


def test_a_sensitive_field_of_a_company_is_not_there_for_who_may_not_see_it(
    world: World, enter: Enter, firm: Company
) -> None:
    Field.objects.create(
        name="company.debts", type="text", label="Debts", is_sensitive=True, position=99
    )
    Company.objects.filter(pk=firm.pk).update(traits={"debts": "plenty"})
    assert "plenty" in _text(enter(world.ada), f"/companies/{firm.pk}")
    ben = enter(world.ben)
    assert "plenty" not in _text(ben, f"/companies/{firm.pk}")
    assert _save(ben, firm, "company.debts", "none", seen="plenty")[0] == 404


def test_lists_and_pages_cost_the_same_for_many(world: World, enter: Enter, firm: Company) -> None:
    client = enter(world.ada)

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            client.get(path)
        return len(caught)

    before = cost("/companies"), cost(f"/companies/{firm.pk}")
    at = clock.now()
    intake.run(
        [
            worlds.said(email=f"p{n}@firm{n % 7}.example.com", at=at, kind="identify")
            for n in range(20)
        ]
        + [worlds.said(email=f"q{n}@halvorsen.example.com", at=at) for n in range(9)],
        now=at,
    )  # fmt: skip
    assert (cost("/companies"), cost(f"/companies/{firm.pk}")) == before


def test_an_empty_search_offers_what_was_opened_lately(
    world: World, enter: Enter, firm: Company, lead_id: UUID
) -> None:
    client = enter(world.ben)
    assert "Recent" not in _text(client, "/search")
    assert client.get(f"/leads/{lead_id}").status_code == 200
    assert not Visit.objects.exists()
    assert client.post("/visited", {"lead": str(lead_id)}).status_code == 204
    assert client.post("/visited", {"company": str(firm.pk)}).status_code == 204
    assert client.post("/visited", {"lead": str(lead_id)}).status_code == 204
    assert Visit.objects.count() == 2
    shown = _text(client, "/search")
    assert shown.index("Grace Lindqvist") < shown.index("Halvorsen Shipping</bdi>")
    assert "Grace" not in _text(enter(world.ada), "/search")
    Card.objects.filter(pk=lead_id).update(owner=world.cleo, team=world.other)
    assert "Grace" not in _text(client, "/search")
    assert client.post("/visited", {"lead": "nonsense"}).status_code == 404


def test_only_the_newest_visits_are_kept(world: World, enter: Enter) -> None:
    client, at = enter(world.ada), clock.now()
    posts = [worlds.said(email=f"v{n}@visit.example", at=at) for n in range(24)]
    found = intake.run(posts, now=at).lead_ids
    for lead_id in found:
        assert client.post("/visited", {"lead": str(lead_id)}).status_code == 204
    assert Visit.objects.count() == 20
    assert not Visit.objects.filter(lead=found[0]).exists()


def test_the_search_shows_leads_companies_and_notes_apart(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    log = {"kind": "note", "text": "Talk about the drydock in May", "key": str(UUID(int=1))}
    client.post(f"/leads/{lead_id}/log", log)
    both = _text(client, "/search?q=halvorsen")
    assert both.index("Leads</h2>") < both.index("Companies</h2>")
    assert "In notes" in _text(client, "/search?q=drydock")
    assert "Spelt nearly so" in _text(client, "/search?q=Lindkvist")
    assert "Nothing found" in _text(client, "/search?q=quarterdeck")
    palette = client.get("/palette?q=drydok", headers=HTMX).content.decode()
    assert "Grace" not in palette


def _deal(world: World, firm: Company, lead_id: UUID) -> None:
    opened_at = clock.now() - timedelta(days=3)
    deals.open(
        deals.Entry(
            currency="EUR", opened_at=opened_at, lead_id=lead_id, company_id=firm.pk,
            owner_id=world.ben.pk, name="Fleet rollout", amount_minor=420_000,
        ),
        because="asked for it", now=clock.now(),
    )  # fmt: skip
