"""Settings → Roles shows what is decided, and what the defaults are."""

from collections.abc import Callable
from typing import get_args
from uuid import UUID

import pytest
from django.test import Client

from leadline.cards import visibility
from leadline.cards.models import Card
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.lib import clock
from leadline.web import audit_page, roles
from leadline.workspace import permissions
from leadline.workspace.audit import Act
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import Action
from tests.world import World

Enter = Callable[[User], Client]


def test_every_action_has_a_line_and_no_line_is_invented() -> None:
    shown = [action for actions in roles.GROUPS.values() for action in actions]
    assert sorted(shown) == sorted(get_args(Action))


def test_every_act_of_the_audit_has_words() -> None:
    assert set(audit_page.ACTS) == set(get_args(Act))


@pytest.mark.parametrize(
    ("role", "sees", "edits"),
    [
        (Role.REP, "team", "own"),
        (Role.MANAGER, "team", "team"),
        (Role.MARKETER, "all", "unowned"),
        (Role.READ_ONLY, "all", "none"),
        (Role.ADMIN, "all", "all"),
        (Role.OWNER, "all", "all"),
    ],
)
def test_the_default_reach_of_a_role(role: Role, sees: str, edits: str) -> None:
    assert (permissions.SEES[role], permissions.EDITS[role]) == (sees, edits)


@pytest.mark.parametrize(
    ("role", "may_not"),
    [
        (Role.REP, {"export_leads", "delete_leads", "assign_leads"}),
        (Role.MANAGER, {"delete_leads", "manage_people", "see_audit"}),
        (Role.MARKETER, {"see_amounts", "delete_leads", "assign_leads"}),
        (Role.READ_ONLY, {"edit_leads", "create_leads", "export_leads", "delete_leads"}),
    ],
)
def test_what_a_role_may_not_do_by_default(role: Role, may_not: set[Action]) -> None:
    assert not any(permissions.may(User(role=role), action) for action in may_not)


def test_an_admin_may_do_everything_but_ownership() -> None:
    admin = User(role=Role.ADMIN)
    refused = {action for action in get_args(Action) if not permissions.may(admin, action)}
    assert refused == {"own_workspace"}


@pytest.mark.django_db
def test_the_reach_in_the_table_is_the_reach_of_the_lists(world: World, lead_id: UUID) -> None:
    """A lead that Ben of Sales owns, looked at by every role from Sales and from elsewhere."""
    for role in Role:
        for team in (world.sales, world.other):
            person = User(role=role, team=team, is_active=True)
            seen = Card.objects.filter(visibility.leads_visible_to(person)).exists()
            edited = Card.objects.filter(visibility.editable_by(person)).exists()
            is_mine = team == world.sales
            assert seen == (permissions.SEES[role] == "all" or is_mine), (role, team)
            reaches = {"all": True, "team": is_mine}.get(permissions.EDITS[role], False)
            assert edited == reaches, (role, team)


@pytest.mark.django_db
def test_everybody_may_look_up_what_everybody_may_do(world: World, enter: Enter) -> None:
    text = enter(world.ben).get("/settings/roles").content.decode()
    for said in ("Own, team&#39;s, nobody&#39;s", "See what deals are worth", "Read-only", "you"):
        assert said in text, said


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "told"), [("marketer", False), ("manager", True)])
def test_a_marketer_is_told_no_amounts(
    world: World, enter: Enter, lead_id: UUID, role: str, told: bool
) -> None:
    entry = Entry(currency="EUR", opened_at=clock.now(), lead_id=lead_id, amount_minor=4711_00,
                  name="Licences")  # fmt: skip
    deals.open(entry, because="asked for a quote", now=clock.now())
    person = User.objects.create_user("m@acme.example", role=role, team=world.sales)
    client = enter(person)
    for path in (f"/leads/{lead_id}", f"/api/v1/leads/{lead_id}/timeline"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert b"Licences" in answer.content
        if not told:
            assert b"4711" not in answer.content, path
    item = client.get(f"/api/v1/leads/{lead_id}/timeline?kind=deal").json()["items"][0]
    assert ("amount_minor" in item["properties"]) == told


# What a page holds for who may do it, and must not hold for who may not.
OFFERS = {
    ("rep", "/settings/profile"): ["/settings/people", "/settings/keys", "/settings/audit"],
    ("marketer", "/settings/profile"): ["/settings/people", "/settings/parked"],
    ("rep", "/today"): ['href="/capture"'],
    ("read_only", "/today"): ["/log", "/snooze", "/owner", "disabled"],
    ("read_only", "/leads"): ["/log", "/owner", "disabled"],
}


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "path"), list(OFFERS))
def test_what_is_forbidden_is_absent(
    world: World, enter: Enter, lead_id: UUID, role: str, path: str
) -> None:
    person = User.objects.create_user("p@acme.example", role=role, team=world.sales)
    text = enter(person).get(path).content.decode().split("<body", 1)[1]
    assert [offer for offer in OFFERS[role, path] if offer in text] == []
