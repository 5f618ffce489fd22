"""Companies over the API: listed, read and changed, by those who may see somebody there."""

from uuid import UUID

import pytest

from leadline.cards.models import Card
from leadline.flow import intake
from leadline.leads import locks
from leadline.leads.models import Company, Lead
from leadline.workspace.models import Field, Role, User
from tests import world as worlds
from tests.api.conftest import speaker
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world: World) -> Company:
    """Halvorsen, where Ben has a lead."""
    post = worlds.said(
        email="grace@halvorsen.example.com", at=world.now,
        traits={"name": "Grace", "company.name": "Halvorsen"},
    )  # fmt: skip
    lead_id = intake.run([post], now=world.now).lead_ids[0]
    Card.objects.filter(pk=lead_id).update(owner=world.ben, team=world.sales)
    found = Lead.objects.select_related("company").get(pk=lead_id).company
    assert found is not None
    return found


def test_companies_are_listed_by_name_and_searched(world: World, firm: Company) -> None:
    posts = [worlds.said(email=f"a@firm{n}.example.com", at=world.now) for n in range(3)]
    intake.run(posts, now=world.now)
    ada = speaker(world.ada)
    first = ada.get("/companies?limit=2").document
    rest = ada.get(f"/companies?limit=2&after={first['next']}").document
    ids = [each["id"] for each in first["items"] + rest["items"]]
    assert len(ids) == len(set(ids)) == Company.objects.count()
    assert rest["next"] is None
    found = ada.get("/companies?search=halvor").document["items"]
    assert [(each["name"], each["lead_count"]) for each in found] == [("Halvorsen", 1)]


def test_a_company_is_changed_where_the_etag_still_fits(world: World, firm: Company) -> None:
    ben, ada = speaker(world.ben), speaker(world.ada)
    etag = ben.get(f"/companies/{firm.pk}")["ETag"]
    changed = ben.ask(
        "PATCH", f"/companies/{firm.pk}",
        {"name": "Halvorsen AS", "traits": {"employee_count": 400}}, **{"If-Match": etag},
    )  # fmt: skip
    assert changed.status_code == 200
    assert changed.document["name"] == "Halvorsen AS"
    assert changed.document["traits"]["employee_count"] == 400
    late = ada.ask("PATCH", f"/companies/{firm.pk}", {"name": "Other"}, **{"If-Match": etag})
    assert late.status_code == 409
    assert late.document["errors"] == [{"pointer": "/name", "detail": 'It is "Halvorsen AS" now.'}]
    emptied = ada.ask("PATCH", f"/companies/{firm.pk}", {"traits": {"employee_count": None}})
    assert "employee_count" not in emptied.document["traits"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"traits": {"nonsense": 1}}, "/traits/nonsense"),
     ({"traits": {"employee_count": "many"}}, "/traits/employee_count"),
     ({"traits": {"domain": "x.example"}}, "/traits/domain"), ({"color": 1}, "/color")],
)  # fmt: skip
def test_what_cannot_be_changed_is_named(
    world: World, firm: Company, body: dict[str, object], pointer: str
) -> None:
    answer = speaker(world.ada).ask("PATCH", f"/companies/{firm.pk}", body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.document["errors"]] == [pointer]


def test_a_company_of_others_is_like_none(world: World, firm: Company) -> None:
    cleo = speaker(world.cleo)
    for method, body in (("GET", None), ("PATCH", {"name": "Mine"})):
        hidden = cleo.ask(method, f"/companies/{firm.pk}", body)
        absent = cleo.ask(method, f"/companies/{UUID(int=5)}", body)
        assert (hidden.status_code, hidden.document) == (404, absent.document)
    assert cleo.get("/companies").document["items"] == []


def test_who_only_reads_changes_nothing(world: World, firm: Company) -> None:
    reader = User.objects.create_user("read@acme.example", role=Role.READ_ONLY)
    assert speaker(reader).ask("PATCH", f"/companies/{firm.pk}", {"name": "X"}).status_code == 403


def test_sensitive_fields_of_a_company_are_absent(world: World, firm: Company) -> None:
    Field.objects.create(
        name="company.debts", type="text", label="Debts", is_sensitive=True, position=99
    )
    Company.objects.filter(pk=firm.pk).update(traits={"debts": "plenty"})
    ben = speaker(world.ben)
    assert ben.get(f"/companies/{firm.pk}").document["traits"] == {}
    refused = ben.ask("PATCH", f"/companies/{firm.pk}", {"traits": {"debts": "none"}})
    assert refused.status_code == 422
    assert "plenty" not in str(refused.document)


def test_the_etag_of_a_company_says_nothing_of_what_is_hidden(world: World, firm: Company) -> None:
    Field.objects.create(
        name="company.debts", type="number", label="Debts", is_sensitive=True, position=99
    )
    tags: dict[str, set[str]] = {"ben": set(), "ada": set()}
    for debts in (400, 500):
        Company.objects.filter(pk=firm.pk).update(traits={"debts": debts, "city": "Bergen"})
        for user in (world.ben, world.ada):
            tags[user.name.lower()].add(speaker(user).get(f"/companies/{firm.pk}")["ETag"])
    assert {name: len(seen) for name, seen in tags.items()} == {"ben": 1, "ada": 2}
    body, tag = {"traits": {"city": "Oslo"}}, {"If-Match": tags["ben"].pop()}
    assert speaker(world.ben).ask("PATCH", f"/companies/{firm.pk}", body, **tag).status_code == 200


def test_who_loses_the_last_lead_there_while_waiting_changes_nothing(
    world: World, firm: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait() -> None:
        Card.objects.update(owner=world.cleo, team=world.other)

    monkeypatch.setattr(locks, "passing", wait)
    late = speaker(world.ben).ask("PATCH", f"/companies/{firm.pk}", {"name": "Mine"})
    firm.refresh_from_db()
    assert (late.status_code, firm.name) == (404, "Halvorsen")
