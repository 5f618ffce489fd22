"""New lead: one field is enough, duplicates show themselves, and nothing hidden is named."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card
from leadline.leads.models import Binding, Lead
from leadline.lib import ids
from leadline.routing.models import Assignment, Clock, Notification
from leadline.scoring.models import Score
from leadline.workspace.models import Role, User
from tests.world import World

Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def _add(client: Client, **typed: str) -> str:
    """Add a lead by the form; the address one is sent to."""
    fields = {"key": str(ids.uuid7()), "is_confirmed": "1", "owner": "me", **typed}
    answer = client.post("/leads/new", fields)
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


@pytest.mark.django_db
def test_a_pasted_signature_fills_the_fields_and_stores_nothing(world: World, enter: Enter) -> None:
    pasted = "Jane Doe\nVP of Sales\nAcme Corporation\n+1 415 555 0123\njane@acme.com"
    answer = enter(world.ben).post("/leads/new/look", {"text": pasted}, headers=HTMX)
    text = answer.content.decode()
    for value in ("Jane Doe", "VP of Sales", "Acme Corporation", "+14155550123", "jane@acme.com"):
        assert f'value="{value}"' in text, value
    assert Lead.objects.count() == 0


@pytest.mark.django_db
def test_what_a_person_corrected_is_not_filled_in_again(world: World, enter: Enter) -> None:
    fields = {"text": "Jane Doe\njane@acme.com", "name": "Janet Doe", "changed": "name"}
    text = enter(world.ben).post("/leads/new/look", fields, headers=HTMX).content.decode()
    assert 'value="Janet Doe"' in text
    assert 'value="Jane Doe"' not in text


@pytest.mark.django_db
def test_a_lead_added_by_hand_is_scored_staged_and_its_creators(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    address = _add(client, email="jane@acme.com", name="Jane Doe", title="VP Sales")
    card = Card.objects.get()
    assert address == f"/leads/{card.pk}"
    assert (card.name, card.email, card.title) == ("Jane Doe", "jane@acme.com", "VP Sales")
    assert card.owner_id == world.ben.pk
    assert card.stage == "lead"
    assert Score.objects.get(lead=card.pk).fit > 0
    assert Assignment.objects.get().because == "Added by Ben"
    assert not Notification.objects.exists(), "one's own act tells nobody"
    assert not Clock.objects.exists()
    assert b"Ben added this lead by hand" in client.get(address).content


@pytest.mark.django_db
def test_the_rules_may_choose_who_takes_it(world: World, enter: Enter) -> None:
    _add(enter(world.ada), email="jane@acme.com", name="Jane Doe", owner="rules")
    assert Card.objects.get().owner_id == world.ben.pk
    assert "was next in turn" in Assignment.objects.get().because


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ({"email": "Jane@Acme.com"}, {"email"}), ({"phone": "+49 30 901820"}, {"phone"}),
        ({"name": "Jane Doe", "company": "Acme"}, {"external"}),
    ],
)  # fmt: skip
def test_one_identifier_or_a_name_with_a_company_is_enough(
    world: World, enter: Enter, typed: dict[str, str], kinds: set[str]
) -> None:
    _add(enter(world.ben), **typed)
    assert set(Binding.objects.values_list("kind", flat=True)) == kinds
    assert Card.objects.get().company_name == typed.get("company", "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": "Jane Doe"}, "name"), ({"company": "Acme"}, "name"), ({}, "name"),
        ({"email": "jane at acme"}, "email"), ({"phone": "12"}, "phone"),
        ({"email": "jane@acme.com", "origin": "stolen"}, ""),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_what_was_typed_stays(
    world: World, enter: Enter, typed: dict[str, str], field: str
) -> None:
    fields = {"is_confirmed": "1", "text": "what I pasted", **typed}
    answer = enter(world.ben).post("/leads/new", fields, headers=HTMX)
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "what I pasted" in text
    if field:
        assert f'id="new-{field}-problem"' in text
    for value in typed.values():
        assert value in text or value == "stolen"
    assert not Lead.objects.exists()


@pytest.mark.django_db
def test_a_form_sent_twice_makes_one_lead(world: World, enter: Enter) -> None:
    client, key = enter(world.ben), str(ids.uuid7())
    for typed in ({"name": "Jane", "company": "Acme"}, {"email": "j@acme.com"}):
        first = _add(client, key=key if "name" in typed else str(ids.uuid7()), **typed)
        assert first
    again = _add(client, key=key, name="Jane", company="Acme")
    assert again.startswith("/leads/")
    assert Lead.objects.count() == 2


@pytest.mark.django_db
def test_possible_duplicates_show_themselves_with_a_way_to_them(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    for typed in ({"email": "grace@halvorsen.example.com"}, {"name": "grace lind"}):
        answer = client.post("/leads/new/twins", typed, headers=HTMX)
        assert f"/leads/{lead_id}".encode() in answer.content
        assert (b"same address" in answer.content) == ("email" in typed)
    assert b"/leads/" not in client.post("/leads/new/twins", {"name": "Nobody"}).content


@pytest.mark.django_db
def test_somebody_who_is_here_already_is_not_added_again(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    fields = {"is_confirmed": "1", "email": "grace@halvorsen.example.com", "name": "G. Other"}
    answer = enter(world.ben).post("/leads/new", fields, headers=HTMX)
    assert answer.status_code == 422
    assert f"/leads/{lead_id}".encode() in answer.content
    assert Card.objects.get().name == "Grace Lindqvist", "what is known is not overwritten"


@pytest.mark.django_db
def test_a_lead_of_another_team_is_never_named(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.cleo)
    typed = {"email": "grace@halvorsen.example.com", "name": "Grace Lindqvist"}
    shown = client.post("/leads/new/twins", typed, headers=HTMX).content
    unknown = client.post("/leads/new/twins", {"email": "x@y.example"}, headers=HTMX).content
    assert shown == unknown
    refused = client.post("/leads/new", {"is_confirmed": "1", **typed}, headers=HTMX)
    assert refused.status_code == 422
    assert str(lead_id).encode() not in refused.content
    assert b"Halvorsen" not in refused.content


@pytest.mark.django_db
def test_a_shared_office_number_is_not_the_same_person(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    _add(client, email="a@acme.com", phone="+49 30 901820")
    _add(client, email="b@acme.com", phone="+49 30 901820")
    assert Lead.objects.count() == 3


@pytest.mark.django_db
def test_looking_for_duplicates_asks_a_fixed_number_of_questions(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    client.post("/leads/new/twins", {})
    counts = []
    for n in range(2):
        with CaptureQueriesContext(connection) as caught:
            client.post("/leads/new/twins", {"name": "lind", "email": "x@y.example"})
        counts.append(len(caught))
        _add(client, email=f"lind{n}@other.example", name="Lind Berg")
        _add(client, name="Lind Dahl", company="Other")
    assert counts[0] == counts[1] <= 12


@pytest.mark.django_db
def test_who_only_reads_adds_nothing_and_is_not_offered_to(world: World, enter: Enter) -> None:
    rita = User.objects.create_user("rita@acme.example", role=Role.READ_ONLY)
    client = enter(rita)
    assert b'href="/leads/new"' not in client.get("/today").content
    for path in ("/leads/new", "/leads/new/look", "/leads/new/twins"):
        assert client.post(path, {"email": "a@b.example"}).status_code == 403


@pytest.mark.django_db
def test_a_marketer_adds_for_others_and_never_owns(world: World, enter: Enter) -> None:
    mara = User.objects.create_user("mara@acme.example", role=Role.MARKETER)
    _add(enter(mara), email="jane@acme.com", name="Jane Doe", owner="me")
    assert Card.objects.get().owner_id == world.ben.pk


@pytest.mark.django_db
def test_somebody_we_found_is_a_target_until_they_act(world: World, enter: Enter) -> None:
    _add(enter(world.ben), email="jane@acme.com", origin="outbound")
    lead = Lead.objects.get()
    assert (lead.origin, lead.has_shown_interest) == ("outbound", False)
    assert Card.objects.get().stage == "target"


@pytest.mark.django_db
def test_without_a_script_the_text_is_read_first_and_added_after(
    world: World, enter: Enter
) -> None:
    client = enter(world.ben)
    page = client.post("/leads/new", {"text": "Jane Doe <jane@acme.com>"})
    assert page.status_code == 200
    assert b'value="jane@acme.com"' in page.content
    assert not Lead.objects.exists()
