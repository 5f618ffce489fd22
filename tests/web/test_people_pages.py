"""Settings → People: inviting with nothing but a link, changing, leaving, coming back."""

import html
import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from leadline.cards.models import Card
from leadline.delivery.models import Message
from leadline.workspace.models import Departure, Invitation, Job, Role, User
from tests.world import World

Enter = Callable[[User], Client]
WORDS = "correct horse battery"
PEOPLE = "/settings/people"


def invited(client: Client, **given: str) -> str:
    """Make an invitation on the screen; returns the path of the link that it shows."""
    answer = client.post(f"{PEOPLE}/invite", {"role": "rep", **given})
    assert answer.status_code == 200, answer.content.decode()
    shown = re.search(r'id="invitation-link"[^>]*>([^<]+)<', answer.content.decode())
    assert shown is not None
    return html.unescape(shown[1]).removeprefix("http://127.0.0.1:8000")


@pytest.mark.django_db
def test_a_colleague_comes_in_by_a_link_and_sees_today(
    world: World, enter: Enter, client: Client
) -> None:
    path = invited(enter(world.ada), team=str(world.sales.pk), takes_leads="1")
    page = client.get(path)
    assert page["Referrer-Policy"] == "strict-origin", "the link stays on this site"
    form = page.content.decode()
    assert "Ada invites you." in form
    assert "Your role: Rep." in form
    answer = client.post(
        path, {"name": "Dora", "email": "dora@acme.example", "password": WORDS,
               "time_zone": "Europe/Berlin"},
    )  # fmt: skip
    assert answer["Location"] == "/today"
    assert client.get("/today").status_code == 200
    dora = User.objects.get(email="dora@acme.example")
    assert (dora.role, dora.team, dora.time_zone) == ("rep", world.sales, "Europe/Berlin")


@pytest.mark.django_db
def test_looking_at_the_link_does_not_use_it_up(world: World, enter: Enter, client: Client) -> None:
    path = invited(enter(world.ada))
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert Invitation.objects.get().state == "open"


@pytest.mark.django_db
def test_a_used_a_withdrawn_and_an_unknown_link_look_the_same(
    world: World, enter: Enter, client: Client
) -> None:
    ada = enter(world.ada)
    used, withdrawn = invited(ada), invited(ada)
    client.post(used, {"name": "D", "email": "dora@acme.example", "password": WORDS})
    ada.post(f"{PEOPLE}/invitations/{Invitation.objects.get(state='open').pk}/withdraw")
    answers = [Client().get(path) for path in (used, withdrawn, "/join/nonsense")]
    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r'nonce="[^"]*"', "", answer.content.decode()) for answer in answers}
    assert len(texts) == 1


@pytest.mark.django_db
def test_the_link_is_shown_once_and_never_again(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    path = invited(ada)
    assert path.encode() not in ada.get(PEOPLE).content


@pytest.mark.django_db
def test_with_an_address_the_link_is_mailed_too(world: World, enter: Enter) -> None:
    path = invited(enter(world.ada), email="dora@acme.example")
    assert f"http://127.0.0.1:8000{path}" in Message.objects.get().text


@pytest.mark.django_db
def test_what_is_wrong_stands_beside_its_field(world: World, enter: Enter, client: Client) -> None:
    ada = enter(world.ada)
    refused = ada.post(f"{PEOPLE}/invite", {"role": "owner", "email": "ben@acme.example"})
    assert refused.status_code == 422
    assert b"Somebody signs in with this address already." in refused.content
    assert b"Choose a role from the list." in refused.content
    path = invited(ada)
    weak = client.post(path, {"name": "D", "email": "dora@acme.example", "password": "123"})
    assert weak.status_code == 422
    assert b"too short" in weak.content
    assert b'value="dora@acme.example"' in weak.content


@pytest.mark.django_db
def test_role_and_team_are_changed_and_hold_on_the_next_request(world: World, enter: Enter) -> None:
    ben = enter(world.ben)
    assert ben.get("/capture").status_code == 403
    answer = enter(world.ada).post(
        f"{PEOPLE}/{world.ben.pk}", {"role": "manager", "team": str(world.other.pk)}
    )
    assert answer.status_code == 302
    assert ben.get("/capture").status_code == 200


@pytest.mark.django_db
def test_nobody_is_offered_to_change_their_own_role_or_the_owners(
    world: World, enter: Enter
) -> None:
    boss = User.objects.create_user("max@acme.example", name="Max", role=Role.ADMIN)
    client = enter(boss)
    for person in (world.ada, boss):
        text = client.get(f"{PEOPLE}/{person.pk}").content.decode()
        assert 'name="role"' not in text
        assert "deactivate" not in text
        assert client.get(f"{PEOPLE}/{person.pk}/deactivate").status_code == 404
        client.post(f"{PEOPLE}/{person.pk}", {"role": "rep", "team": ""})
        person.refresh_from_db()
    assert (world.ada.role, boss.role) == ("owner", "admin")


@pytest.mark.django_db
def test_leaving_asks_who_takes_the_leads_and_can_be_undone(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ada = enter(world.ada)
    asked = ada.get(f"{PEOPLE}/{world.ben.pk}/deactivate").content.decode()
    assert "Who takes 1 lead?" in asked
    assert "No open tasks are theirs." in asked
    assert "No open deals are theirs." in asked
    refused = ada.post(
        f"{PEOPLE}/{world.ben.pk}/deactivate", {"deals_to": "nobody", "tasks_to": "nobody"}
    )
    assert refused.status_code == 422
    world.ben.refresh_from_db()
    assert world.ben.is_active
    done = ada.post(
        f"{PEOPLE}/{world.ben.pk}/deactivate",
        {"leads_to": str(world.ada.pk), "tasks_to": "nobody", "deals_to": "nobody"},
    )
    assert done["Location"] == f"{PEOPLE}?done=left"
    listed = ada.get(PEOPLE).content.decode()
    assert "Leads to Ada, tasks to nobody, deals to nobody" in listed
    ada.post(f"{PEOPLE}/departures/{Departure.objects.get().pk}/undo")
    world.ben.refresh_from_db()
    assert world.ben.is_active
    assert Job.objects.filter(kind__startswith="people.").count() == 2
    assert Card.objects.get(pk=lead_id).owner == world.ben


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        f"{PEOPLE}/{UUID(int=7)}", f"{PEOPLE}/{UUID(int=7)}/deactivate",
        f"{PEOPLE}/{UUID(int=7)}/let-in", f"{PEOPLE}/departures/7/undo",
        f"{PEOPLE}/invitations/7/withdraw",
    ],
)  # fmt: skip
def test_ids_that_are_nobodys_are_not_found(world: World, enter: Enter, path: str) -> None:
    assert enter(world.ada).post(path).status_code == 404


@pytest.mark.django_db
def test_the_list_asks_a_fixed_number_of_questions(
    world: World, enter: Enter, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client = enter(world.ada)
    for number in range(30):
        User.objects.create_user(f"p{number}@acme.example", team=world.sales)
    client.get(PEOPLE)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        client.get(PEOPLE)


@pytest.mark.django_db
def test_a_link_to_a_hidden_lead_says_who_can_grant_access_and_nothing_else(
    world: World, enter: Enter, lead_id: UUID, client: Client
) -> None:
    cleo = enter(world.cleo)
    hidden = cleo.get(f"/leads/{lead_id}")
    random = cleo.get(f"/leads/{UUID(int=9)}")
    assert hidden.status_code == random.status_code == 404
    assert "These people can give you access: Ada." in hidden.content.decode()
    assert b"Grace" not in hidden.content
    stranger = client.get("/no/such/page")
    assert b"Ada" not in stranger.content


def test_a_refused_change_shows_what_was_chosen(world: World, enter: Enter) -> None:
    chosen = {"role": "manager", "team": "4711", "takes_leads": "1"}
    User.objects.filter(pk=world.ben.pk).update(takes_leads=False)
    answer = enter(world.ada).post(f"{PEOPLE}/{world.ben.pk}", chosen)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert '<option value="manager" selected>' in page
    assert '<option value="rep" selected>' not in page
    assert f'value="{world.sales.pk}" selected' not in page
    assert 'name="takes_leads" value="1" checked' in page
    world.ben.refresh_from_db()
    assert (world.ben.role, world.ben.team_id) == ("rep", world.sales.pk)
