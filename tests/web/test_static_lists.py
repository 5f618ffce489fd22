"""Leads → Lists: what there is, another name, an end, and who may do which."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards import views
from leadline.flow import intake, reactions
from leadline.lib import clock
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.workspace.models import Role, User
from tests.segments import sample
from tests.world import World, form

Enter = Callable[[User], Client]
LEADS = 3

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Three leads of Ben's."""
    at = clock.now() - timedelta(minutes=2)
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=at, traits={"name": f"Person {n}"})
        for n in range(LEADS)
    ]
    return [each for each in intake.run(posts, now=at).lead_ids if each is not None]


@pytest.fixture
def fair(world: World, lead_ids: list[UUID]) -> Segment:
    """Two of them on a list that Ben made."""
    made = lists.named("Fair & more", by=world.ben.pk, now=clock.now())
    lists.add(made.pk, lead_ids[:2], by=world.ben.pk, now=clock.now())
    return made


def reader(world: World) -> User:
    return User.objects.create_user("rita@acme.example", name="Rita", role=Role.READ_ONLY)


def test_the_leads_lead_to_the_lists_and_a_list_to_its_leads(
    world: World, enter: Enter, fair: Segment
) -> None:
    ada = enter(world.ada)
    assert 'href="/leads/lists"' in ada.get("/leads").content.decode()
    page = ada.get("/leads/lists").content.decode()
    assert "Fair &amp; more" in page
    assert '<td class="right">2</td>' in page
    assert "<bdi>Ben</bdi>" in page
    assert "/leads?list=Fair%20%26%20more" in page
    shown = ada.get("/leads?list=Fair%20%26%20more").content.decode()
    assert "Person 0" in shown
    assert "Person 2" not in shown


def test_without_a_list_there_is_one_way_on(world: World, enter: Enter) -> None:
    page = enter(world.ada).get("/leads/lists").content.decode()
    (empty,) = page.split('<div class="empty">')[1:]
    assert empty.split("</div>")[0].count('class="button') == 1


def test_each_sees_how_many_of_its_leads_they_may_see(
    world: World, enter: Enter, fair: Segment, lead_ids: list[UUID]
) -> None:
    reactions.assign(lead_ids[0], world.cleo.pk, by=world.ada.pk, because="-", now=clock.now())
    for user, count in ((world.ada, 2), (world.cleo, 1), (reader(world), 2)):
        page = enter(user).get("/leads/lists").content.decode()
        assert f'<td class="right">{count}</td>' in page, user


def test_many_lists_cost_no_query_more(
    world: World, enter: Enter, fair: Segment, lead_ids: list[UUID]
) -> None:
    ben, costs = enter(world.ben), []
    ben.get("/leads/lists")
    for count in (0, 20):
        for number in range(count):
            made = lists.named(f"List {number}", by=world.cleo.pk, now=clock.now())
            lists.add(made.pk, lead_ids, by=world.ben.pk, now=clock.now())
        with CaptureQueriesContext(connection) as seen:
            ben.get("/leads/lists")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_another_name_stands_everywhere_and_breaks_nothing(
    world: World, enter: Enter, fair: Segment, lead_ids: list[UUID]
) -> None:
    rule = {"in_segment": "Fair & more"}
    view = views.add(world.ben, "Guests", filter=dict(rule), sort="-score", columns=[])
    ben = enter(world.ben)
    answer = ben.post(f"/leads/lists/{fair.pk}", {"name": " Expo  2026 "})
    assert answer["Location"] == "/leads/lists?done=renamed"
    page = ben.get(answer["Location"]).content.decode()
    assert "Expo 2026" in page
    assert "The list has its new name" in page
    shown = ben.get(f"/leads?view={view.pk}").content.decode()
    assert "Is in the segment “Expo 2026”" in shown
    assert "Person 1" in shown
    chip = ben.get("/leads?list=Fair%20%26%20more").content.decode()
    assert "On the list “Expo 2026”" in chip
    offered = ben.get("/leads/filter-field?by=@list", headers={"HX-Request": "true"})
    assert '<option value="Fair &amp; more">Expo 2026</option>' in offered.content.decode()
    assert "Expo 2026" in ben.get(f"/leads/{lead_ids[0]}").content.decode()
    assert "<code>Fair &amp; more</code>" in ben.get(f"/leads/lists/{fair.pk}").content.decode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("EXPO", "Another list has this name."),
        ("  ", "A list has a name of at most 80 characters."),
        ("x" * 81, "A list has a name of at most 80 characters."),
    ],
)
def test_a_name_that_cannot_be_is_refused_by_a_sentence(
    world: World, enter: Enter, fair: Segment, name: str, said: str
) -> None:
    lists.named("Expo", by=world.ada.pk, now=clock.now())
    answer = enter(world.ben).post(f"/leads/lists/{fair.pk}", {"name": name})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    fair.refresh_from_db()
    assert fair.name == "Fair & more"


def test_deleting_asks_with_the_count_and_only_the_list_goes(
    world: World, enter: Enter, fair: Segment
) -> None:
    ben, address = enter(world.ben), f"/leads/lists/{fair.pk}/delete"
    assert address in ben.get(f"/leads/lists/{fair.pk}").content.decode()
    asked = ben.get(address).content.decode()
    assert "Delete the list of 2 leads" in asked
    assert Segment.objects.exists(), "looking changes nothing"
    assert ben.post(address)["Location"] == "/leads/lists?done=deleted"
    assert not Segment.objects.exists()
    assert "Person 0" in ben.get("/leads").content.decode()
    assert ben.post(address).status_code == 404
    assert ben.get(f"/leads/lists/{fair.pk}").status_code == 404


def test_a_list_in_use_is_refused_with_the_places(
    world: World, enter: Enter, fair: Segment
) -> None:
    rule = {"in_segment": "Fair & more"}
    views.add(world.ada, "Guests", filter=dict(rule), sort="-score", columns=[])
    ada, address = enter(world.ada), f"/leads/lists/{fair.pk}/delete"
    for answer, status in ((ada.get(address), 200), (ada.post(address), 409)):
        page = answer.content.decode()
        assert answer.status_code == status
        assert "Saved view: Guests" in page
        assert "Delete the list of" not in page
    assert Segment.objects.exists()


def test_what_a_role_may_not_do_is_not_there(world: World, enter: Enter, fair: Segment) -> None:
    """Readers look; who does not see every lead on it renames, and does not delete."""
    address = f"/leads/lists/{fair.pk}"
    rita = enter(reader(world))
    assert address not in rita.get("/leads/lists").content.decode()
    for path in (address, f"{address}/delete"):
        assert rita.get(path).status_code == 403
        assert rita.post(path, {"name": "Expo"}).status_code == 403
    cleo = enter(world.cleo)
    page = cleo.get(address).content.decode()
    assert f"{address}/delete" not in page
    assert "Leads are on it that you may not see." in page
    assert cleo.get(f"{address}/delete").status_code == 404
    assert cleo.post(f"{address}/delete").status_code == 404
    assert cleo.post(address, {"name": "Expo"}).status_code == 302
    assert Segment.objects.get().name == "Expo"
