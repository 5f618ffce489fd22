"""Settings → Teams, and the ownership from hand to hand."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from leadline.lib import clock, sealed_text
from leadline.routing.models import RoutingRule
from leadline.web import second_factor
from leadline.workspace.models import AuditEntry, Role, Team, User
from tests.world import World

Enter = Callable[[User], Client]
PASSWORD = "correct horse battery"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owner(world: World) -> User:
    world.ada.set_password(PASSWORD)
    world.ada.save()
    return world.ada


def test_a_team_is_made_staffed_renamed_and_archived(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    made = ada.post("/settings/teams/new", {"name": "North"})
    team = Team.objects.get(name="North")
    assert made["Location"] == f"/settings/teams/{team.pk}?done=made"
    address = f"/settings/teams/{team.pk}"
    chosen = {"name": "North & East", "people": [str(world.ben.pk)], "leader": str(world.ben.pk)}
    assert ada.post(address, chosen).status_code == 302
    listed = ada.get("/settings/teams").content.decode()
    assert "North &amp; East" in listed
    assert "Ben" in listed
    asked = ada.get(f"{address}/archive").content.decode()
    assert "1 person" in asked
    assert ada.post(f"{address}/archive", {"to": ""}).status_code == 422
    assert ada.post(f"{address}/archive", {"to": str(world.sales.pk)}).status_code == 302
    world.ben.refresh_from_db()
    assert world.ben.team == world.sales
    assert ada.get(address).status_code == 404
    assert ada.post(f"{address}/restore").status_code == 302
    assert ada.post(f"{address}/restore").status_code == 404


def test_what_cannot_be_leaves_everything_as_it_was(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    assert ada.post("/settings/teams/new", {"name": "Sales"}).status_code == 422
    address = f"/settings/teams/{world.sales.pk}"
    wrong = {"name": "Sales", "people": [], "leader": str(world.cleo.pk)}
    assert ada.post(address, wrong).status_code == 422
    world.ben.refresh_from_db()
    assert world.ben.team == world.sales
    RoutingRule.objects.update(team=world.sales)
    refused = ada.post(f"{address}/archive", {"to": "nobody"})
    assert refused.status_code == 422
    assert "Rules deal new leads to this team" in refused.content.decode()


def test_the_owner_hands_the_ownership_to_an_admin_with_the_password(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    ada, address = enter(owner), f"/settings/people/{world.cleo.pk}"
    assert "Hand over the ownership" in ada.get(address).content.decode()
    wrong = ada.post(f"{address}/owner", {"password": "a guess"})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.content.decode()
    assert ada.post(f"{address}/owner", {"password": PASSWORD}).status_code == 302
    roles = dict(User.objects.values_list("name", "role"))
    assert (roles["Cleo"], roles["Ada"]) == (Role.OWNER, Role.ADMIN)
    acts = list(AuditEntry.objects.order_by("number").values_list("act", flat=True))
    assert acts == ["sign_in.failed", "ownership.handed_over"]


def test_only_to_an_admin_and_only_by_the_owner(world: World, enter: Enter, owner: User) -> None:
    given = {"password": PASSWORD}
    assert enter(owner).post(f"/settings/people/{world.ben.pk}/owner", given).status_code == 404
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    cleo = enter(User.objects.get(pk=world.cleo.pk))
    assert cleo.post(f"/settings/people/{world.cleo.pk}/owner", given).status_code == 403
    assert "Hand over" not in cleo.get(f"/settings/people/{world.ben.pk}").content.decode()
    assert User.objects.get(role=Role.OWNER) == owner


def test_the_ownership_asks_for_the_second_factor_of_an_owner_who_has_one(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    sealed = sealed_text.seal(
        "JBSWY3DPEHPK3PXP", purpose=second_factor.PURPOSE, keys=second_factor.keys()
    )
    Authenticator.objects.create(user=owner, type="totp", data={"secret": sealed})
    address = f"/settings/people/{world.cleo.pk}/owner"
    refused = enter(owner).post(address, {"password": PASSWORD})
    assert (refused.status_code, "second factor is needed" in refused.content.decode()) == (
        422,
        True,
    )
    assert User.objects.get(role=Role.OWNER) == owner


def test_of_two_forms_with_a_password_the_one_that_was_sent_is_marked(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    for form in ("owner", "address"):
        path = f"/settings/people/{world.cleo.pk}/{form}"
        page = enter(owner).post(path, {"email": "x@acme.example", "password": "a guess"})
        shown = page.content.decode()
        ids = re.findall(r' id="([^"]+)"', shown)
        assert len(ids) == len(set(ids))
        marked = shown.partition(' aria-invalid="true"')
        assert marked[1]
        assert ' aria-invalid="true"' not in marked[2]
        assert marked[0].rpartition("<form")[2].count(f'action="{path}"') == 1


def test_who_guesses_the_password_at_an_open_screen_has_to_wait(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    ada, address = enter(owner), f"/settings/people/{world.cleo.pk}/owner"
    for n in range(5):
        ada.post(address, {"password": f"guess {n}"})
    late = ada.post(address, {"password": PASSWORD})
    assert "Too many tries" in late.content.decode()
    assert User.objects.get(role=Role.OWNER) == owner


def test_a_full_cache_or_another_process_gives_no_more_tries(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    address = f"/settings/people/{world.cleo.pk}/owner"
    for n in range(5):
        enter(owner).post(address, {"password": f"guess {n}"})
        cache.clear()
    late = enter(owner).post(address, {"password": PASSWORD})
    assert "Too many tries" in late.content.decode()
    assert User.objects.get(role=Role.OWNER) == owner
    AuditEntry.objects.update(at=clock.now() - timedelta(minutes=5))
    assert enter(owner).post(address, {"password": PASSWORD}).status_code == 302


def test_who_guesses_at_the_door_shuts_nobody_out_of_confirming(
    world: World, enter: Enter, owner: User
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    for n in range(5):
        Client().post("/sign-in/", {"login": owner.email, "password": f"guess {n}"})
    assert AuditEntry.objects.filter(act="sign_in.failed").count() == 5
    given = {"password": PASSWORD}
    done = enter(owner).post(f"/settings/people/{world.cleo.pk}/owner", given)
    assert done.status_code == 302
