"""Editing in place: one value at a time, two tabs at once, and nothing is lost."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.cards.models import Card
from leadline.flow import intake
from leadline.leads.models import Binding, Company, CurrentTrait, Lead, TraitValue
from leadline.lib import clock
from leadline.scoring.models import Score
from leadline.web import labels
from leadline.workspace.models import Field, Role, User
from tests import world as worlds
from tests.world import World

Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def _save(
    client: Client, lead_id: UUID, name: str, value: object, *, seen: object, of: int = 0
) -> tuple[int, str]:
    """Save one value that was typed over `seen`; the status and the fragment."""
    fields = {"value": value, "seen": json.dumps(seen)}
    answer = client.post(f"/leads/{lead_id}/edit/{name}?of={of}", fields, headers=HTMX)
    return answer.status_code, answer.content.decode()


@pytest.mark.django_db
def test_a_value_is_changed_where_it_stands_and_everything_follows(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    before = Score.objects.get(lead=lead_id).fit
    status, text = _save(client, lead_id, "title", "Chief Executive", seen="VP Operations")
    assert status == 200
    assert "Chief Executive" in text
    assert 'class="tick"' in text
    lead = Lead.objects.get(pk=lead_id)
    assert (lead.traits["title"], lead.traits["title_seniority"]) == ("Chief Executive", "c_level")
    assert Card.objects.get(pk=lead_id).title == "Chief Executive"
    assert Score.objects.get(lead=lead_id).fit >= before
    newest = TraitValue.objects.filter(lead=lead_id, name="title").latest("id")
    assert (newest.source, newest.method, newest.is_verified) == (
        f"hand:{world.ben.pk}",
        "hand",
        True,
    )
    story = client.get(f"/leads/{lead_id}").content.decode()
    assert "Ben changed Job title from “VP Operations” to “Chief Executive”" in story


@pytest.mark.django_db
def test_the_details_of_a_change_are_in_words(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ben)
    _save(client, lead_id, "message", "Call after six", seen=None)
    story = client.get(f"/leads/{lead_id}").content.decode()
    for label, value in (("Field", "Message"), ("Before", "empty"), ("After", "Call after six"),
                         ("By", "Ben")):  # fmt: skip
        assert f"<dt><bdi>{label}</bdi></dt><dd><bdi>{value}</bdi></dd>" in story
    assert "<dd><bdi>None</bdi></dd>" not in story
    assert "<dt><bdi>name</bdi></dt>" not in story


@pytest.mark.django_db
def test_what_a_site_sends_keeps_its_own_words() -> None:
    said = {"before": "A", "plan": None, "by": ""}
    told = labels.details("Plan Changed", said)
    assert told == [("before", "A"), ("plan", "empty"), ("by", "empty")]


@pytest.mark.django_db
def test_the_second_save_shows_both_values_and_loses_neither(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    one, two = enter(world.ben), enter(world.ada)
    assert _save(one, lead_id, "title", "COO", seen="VP Operations")[0] == 200
    status, text = _save(two, lead_id, "title", "Head of Ops", seen="VP Operations")
    assert status == 409
    for said in ("Ben changed this meanwhile", "COO", "Head of Ops", "Use mine"):
        assert said in text, said
    assert Lead.objects.get(pk=lead_id).traits["title"] == "COO"
    assert _save(two, lead_id, "title", "Head of Ops", seen="COO")[0] == 200
    assert Lead.objects.get(pk=lead_id).traits["title"] == "Head of Ops"


@pytest.mark.django_db
def test_two_people_changing_different_values_do_not_meet(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    assert _save(enter(world.ben), lead_id, "title", "COO", seen="VP Operations")[0] == 200
    assert _save(enter(world.ada), lead_id, "city", "Oslo", seen=None)[0] == 200
    assert Lead.objects.get(pk=lead_id).traits.items() >= {"title": "COO", "city": "Oslo"}.items()


@pytest.mark.django_db
def test_the_same_value_twice_is_no_conflict_and_no_change(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    _save(client, lead_id, "title", "COO", seen="VP Operations")
    version = Lead.objects.get(pk=lead_id).version
    assert _save(client, lead_id, "title", "COO", seen="VP Operations")[0] == 200
    assert Lead.objects.get(pk=lead_id).version == version


@pytest.mark.django_db
def test_an_emptied_value_stays_empty_against_claims(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    status, text = _save(client, lead_id, "title", " ", seen="VP Operations")
    assert (status, "VP Operations" in text) == (200, False)
    lead = Lead.objects.get(pk=lead_id)
    assert "title" not in lead.traits
    assert "title_seniority" not in lead.traits
    assert not CurrentTrait.objects.filter(lead=lead_id, name="title").exists()
    at = clock.now() + timedelta(minutes=1)
    claim = {"title": "King"}
    intake.run(
        [worlds.form("demo", email="grace@halvorsen.example.com", at=at, traits=claim)], now=at
    )
    assert "title" not in Lead.objects.get(pk=lead_id).traits
    assert b"emptied Job title" in client.get(f"/leads/{lead_id}").content


@pytest.mark.django_db
def test_an_address_is_replaced_and_its_history_stays(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    old = Binding.objects.get(lead=lead_id, kind="email")
    status, text = _save(
        client, lead_id, "email", "Grace@New.example.com", seen=old.value, of=old.pk
    )
    assert (status, "grace@new.example.com" in text) == (200, True)
    assert Card.objects.get(pk=lead_id).email == "grace@new.example.com"
    old.refresh_from_db()
    assert old.closed_at is not None
    page = client.get(f"/leads/{lead_id}").content.decode()
    assert "mailto:grace@new.example.com" in page
    assert "mailto:grace@halvorsen.example.com" not in page
    assert "Submitted the form demo" in page


@pytest.mark.django_db
def test_a_number_is_added_and_the_last_identifier_cannot_go(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    client = enter(world.ben)
    status, text = _save(client, lead_id, "email", "", seen="grace@halvorsen.example.com")
    assert (status, "at least one" in text) == (422, True)
    assert _save(client, lead_id, "phone", "+47 21 00 00 00", seen=None)[0] == 200
    assert Card.objects.get(pk=lead_id).phone == "+4721000000"
    assert _save(client, lead_id, "email", "", seen="grace@halvorsen.example.com")[0] == 200
    assert Card.objects.get(pk=lead_id).email == ""


@pytest.mark.django_db
def test_an_address_of_somebody_else_is_refused_and_named_only_to_who_may_see_them(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    at = clock.now()
    post = worlds.said(email="cleos@x.example.com", at=at, traits={"name": "Hidden Person"})
    other = intake.run([post], now=at).lead_ids[0]
    Card.objects.filter(pk=other).update(owner=world.cleo, team=world.other)
    seen = "grace@halvorsen.example.com"
    hidden = _save(enter(world.ben), lead_id, "email", "cleos@x.example.com", seen=seen)
    shown = _save(enter(world.ada), lead_id, "email", "cleos@x.example.com", seen=seen)
    assert (hidden[0], shown[0]) == (422, 422)
    assert "Hidden Person" not in hidden[1]
    assert str(other) not in hidden[1]
    assert f"/leads/{other}" in shown[1]


@pytest.mark.django_db
def test_what_is_known_of_a_company_changes_for_everybody_there(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    company = Lead.objects.select_related("company").get(pk=lead_id).company
    assert company is not None
    client = enter(world.ben)
    assert _save(client, lead_id, "company.name", "Halvorsen AS", seen=company.name)[0] == 200
    assert Company.objects.get(pk=company.pk).name == "Halvorsen AS"
    assert Card.objects.get(pk=lead_id).company_name == "Halvorsen AS"
    assert _save(client, lead_id, "company.name", "Other", seen="Nonsense")[0] == 409


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "value"),
    [("budget", "lots"), ("email", "no address"), ("phone", "1"), ("timeline", "some day")],
)
def test_what_cannot_be_a_value_is_said_and_the_text_stays(
    world: World, enter: Enter, lead_id: UUID, name: str, value: str
) -> None:
    status, text = _save(enter(world.ben), lead_id, name, value, seen=None)
    assert status == 422
    assert 'role="alert"' in text
    assert Lead.objects.get(pk=lead_id).traits.get(name) is None


@pytest.mark.django_db
def test_every_declared_field_can_be_changed_on_the_page(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    page = enter(world.ben).get(f"/leads/{lead_id}").content.decode()
    derived = {"title_seniority", "email_kind", "company.domain"}
    names = {*Field.objects.values_list("name", flat=True), "email", "phone"} - derived
    missing = [name for name in names if f"/leads/{lead_id}/edit/{name}?" not in page]
    assert missing == []


@pytest.mark.django_db
def test_who_may_not_change_the_lead_is_offered_no_pencil(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    rita = User.objects.create_user("rita@acme.example", role=Role.READ_ONLY)
    client = enter(rita)
    assert b"data-edit" not in client.get(f"/leads/{lead_id}").content
    assert _save(client, lead_id, "title", "x", seen="VP Operations")[0] == 403
    assert client.get(f"/leads/{lead_id}/value/title").status_code == 200
    mia = User.objects.create_user("mia@acme.example", role=Role.MARKETER)
    assert _save(enter(mia), lead_id, "title", "x", seen="VP Operations")[0] == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["nonsense", "title_seniority", "company.domain", "__class__"])
def test_what_is_no_field_does_not_exist(
    world: World, enter: Enter, lead_id: UUID, name: str
) -> None:
    assert _save(enter(world.ben), lead_id, name, "x", seen=None)[0] == 404


@pytest.mark.django_db
def test_a_value_is_changed_without_a_script(world: World, enter: Enter, lead_id: UUID) -> None:
    client = enter(world.ben)
    page = client.get(f"/leads/{lead_id}/edit/title")
    assert b"<html" in page.content
    fields = {"value": "COO", "seen": '"VP Operations"'}
    answer = client.post(f"/leads/{lead_id}/edit/title", fields)
    assert (answer.status_code, answer["Location"]) == (302, f"/leads/{lead_id}")
    assert Lead.objects.get(pk=lead_id).traits["title"] == "COO"
