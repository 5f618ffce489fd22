"""`leadline user`: rescues who is locked out, and does what the screens do."""

import json
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from click.testing import CliRunner, Result
from django.test import Client

from leadline.cards.models import Card
from leadline.cli import main
from leadline.flow import intake
from leadline.worker import kinds
from leadline.workspace import audit, invitations
from leadline.workspace.models import Job, Role, User
from tests.world import World, form

WORDS = "correct horse battery"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["user", *arguments], catch_exceptions=False)


def answer(*arguments: str) -> dict[str, object]:
    result = call(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


@pytest.mark.django_db
def test_an_owner_who_lost_password_and_second_factor_gets_back_in(
    world: World, client: Client
) -> None:
    Authenticator.objects.create(user=world.ada, type="totp", data={"secret": "x"})
    client.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    made = answer("reset-password", "ADA@acme.example", "--without-second-factor")
    assert made["second_factors_removed"] == 1
    assert client.get("/today").status_code == 302, "the old session has ended"
    signed_in = Client().post(
        "/sign-in/", {"login": "ada@acme.example", "password": str(made["password"])}
    )
    assert signed_in["Location"] == "/today"


@pytest.mark.django_db
def test_a_weak_password_and_an_unknown_address_are_refused(world: World) -> None:
    assert call("reset-password", "ada@acme.example", "--password", "123").exit_code == 2
    refused = call("reset-password", "nobody@acme.example")
    assert refused.exit_code == 2
    assert "Nobody signs in with nobody@acme.example" in refused.output


@pytest.mark.django_db
def test_the_ownership_goes_to_one_person_and_the_former_owner_is_an_admin(world: World) -> None:
    assert answer("make-owner", "ben@acme.example") == {
        "owner": "ben@acme.example", "changed": True,
    }  # fmt: skip
    roles = dict(User.objects.values_list("email", "role"))
    assert roles == {
        "ada@acme.example": Role.ADMIN, "ben@acme.example": Role.OWNER,
        "cleo@acme.example": Role.REP,
    }  # fmt: skip
    assert answer("make-owner", "ben@acme.example")["changed"] is False
    User.objects.filter(pk=world.cleo.pk).update(is_active=False)
    assert call("make-owner", "cleo@acme.example").exit_code == 2


@pytest.mark.django_db
def test_a_workspace_without_an_owner_can_be_given_one(world: World) -> None:
    User.objects.filter(pk=world.ada.pk).update(role=Role.REP)
    assert answer("make-owner", "ben@acme.example")["changed"] is True


@pytest.mark.django_db
def test_an_invitation_is_printed_once_and_works(world: World) -> None:
    made = answer("invite", "--role", "manager", "--team", "Sales")
    token = str(made["link"]).rsplit("/", 1)[1]
    found = invitations.find(token, now=world.now)
    assert found is not None
    assert (found.role, found.team) == ("manager", world.sales)
    assert call("invite", "--team", "Nowhere").exit_code == 2
    assert call("invite", "--role", "owner").exit_code == 2
    assert call("invite", "ben@acme.example").exit_code == 2


@pytest.mark.django_db
def test_the_list_shows_the_deactivated_only_when_asked(world: World) -> None:
    answer("deactivate", "cleo@acme.example")
    assert len(answer("list")["users"]) == 2  # type: ignore[arg-type]
    everybody = answer("list", "--all")["users"]
    assert {(each["email"], each["is_active"]) for each in everybody} == {  # type: ignore[attr-defined]
        ("ada@acme.example", True), ("ben@acme.example", True), ("cleo@acme.example", False),
    }  # fmt: skip


@pytest.mark.django_db
def test_who_has_leads_is_not_deactivated_before_somebody_takes_them(world: World) -> None:
    intake.run([form("demo", email="g@navy.example", at=world.now)], now=world.now)
    refused = call("deactivate", "ben@acme.example")
    assert refused.exit_code == 2
    assert "Their leads: 1. Say who takes them with --leads-to" in refused.output
    answer("deactivate", "ben@acme.example", "--leads-to", "ada@acme.example")
    for job in Job.objects.filter(kind="people.hand_over"):
        kinds.verb(job.kind)(job.arguments, world.now)
    assert Card.objects.get().owner == world.ada
    assert call("deactivate", "ada@acme.example").exit_code == 2


@pytest.mark.django_db
def test_what_is_done_at_the_command_line_is_in_the_audit(world: World) -> None:
    added = answer("add", "dora@acme.example", "--password", WORDS)
    answer("make-owner", "dora@acme.example")
    newest, before = audit.newest(limit=2)
    assert (before.act, UUID(before.object_id)) == ("person.added", UUID(str(added["id"])))
    assert newest.act == "ownership.handed_over"
    assert json.loads(newest.details)["from"] == "command line"
    assert WORDS not in before.details
    assert audit.verify().is_whole


@pytest.mark.django_db
def test_keys_that_are_made_and_revoked_are_in_the_audit(world: World) -> None:
    def run(*arguments: str) -> dict[str, object]:
        result = CliRunner().invoke(main, ["apikey", *arguments, "--json"], catch_exceptions=False)
        found: dict[str, object] = json.loads(result.stdout)
        return found

    made = run("make", "Zapier", "--scope", "leads:read")
    run("make", "Shop", "--kind", "server")
    run("revoke", "api", str(made["id"]))
    entries = audit.newest(limit=9)
    assert [each.act for each in entries] == ["key.revoked", "key.made", "key.made"]
    assert not any(str(made["secret"]) in each.details for each in entries)
