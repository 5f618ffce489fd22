"""What each role may do at all; which leads it may do it to is `cards.visibility`'s."""

import pytest

from leadline.workspace.models import Role, User
from leadline.workspace.permissions import Action, may

SALES = {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.REP}


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        ("see_leads", set(Role)),
        ("create_leads", SALES | {Role.MARKETER}),
        ("edit_leads", SALES | {Role.MARKETER}),
        ("assign_leads", {Role.OWNER, Role.ADMIN, Role.MANAGER}),
        ("export_leads", {Role.OWNER, Role.ADMIN, Role.MANAGER, Role.MARKETER}),
        ("delete_leads", {Role.OWNER, Role.ADMIN}),
        ("edit_scoring", {Role.OWNER, Role.ADMIN, Role.MARKETER}),
        ("see_parked", {Role.OWNER, Role.ADMIN}),
        ("manage_people", {Role.OWNER, Role.ADMIN}),
        ("manage_keys", {Role.OWNER, Role.ADMIN}),
    ],
)
def test_a_role_may_do_what_the_table_says(action: Action, allowed: set[Role]) -> None:
    assert {role for role in Role if may(User(role=role), action)} == allowed


def test_nobody_inactive_may_do_anything() -> None:
    assert not may(User(role=Role.OWNER, is_active=False), "see_leads")
