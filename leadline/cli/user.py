"""`leadline user`: the people who sign in, and the way back in for an owner who is locked out."""

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from leadline.cli import runtime

if TYPE_CHECKING:
    from leadline.workspace.audit import Doer
    from leadline.workspace.models import Team, User

ROLES = ["admin", "marketer", "manager", "rep", "read_only"]
NOBODY = "nobody"


@click.group("user")
def command() -> None:
    """List, invite, add, deactivate people; reset a password; hand over the ownership."""


@command.command("add")
@click.argument("email")
@click.option("--name", default="")
@click.option("--role", type=click.Choice(ROLES), default="rep", show_default=True)
@click.option("--team", "team_name", help="An existing team.")
@click.option("--takes-leads", is_flag=True, help="Give them a seat in the team's rotation.")
@click.option("--password", help="Without it one is made up and shown.")
@runtime.data_option
@runtime.json_option
def add(  # one option each
    email: str, name: str, role: str, team_name: str | None, takes_leads: bool,
    password: str | None, data: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Add a person who signs in with EMAIL."""
    runtime.start_migrated(data)
    from leadline.flow import colleagues
    from leadline.lib import clock, ids
    from leadline.workspace import people
    from leadline.workspace.invitations import Person, Seat

    secret = password or ids.token(12)
    with runtime.refusing(people.NotAcceptable):
        user = colleagues.add(
            Seat(role, _team(team_name), takes_leads), Person(name, secret, email=email),
            by=_doer(), now=clock.now(),
        )  # fmt: skip
    result = {"id": str(user.id), "email": user.email, "role": role}
    if password is None:
        result["password"] = secret
    lines = [f"{user.email} ({role})"] + ([] if password else [f"  password {secret}"])
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("list")
@click.option("--all", "wants_all", is_flag=True, help="Also who was deactivated.")
@runtime.data_option
@runtime.json_option
def list_(wants_all: bool, data: Path | None, as_json: bool) -> None:
    """List everyone who may sign in."""
    runtime.start_migrated(data)
    from leadline.workspace.models import User

    people = User.objects.select_related("team").order_by("email")
    if not wants_all:
        people = people.filter(is_active=True)
    found = [
        {
            "email": each.email, "name": each.name, "role": each.role,
            "team": each.team.name if each.team else None, "is_active": each.is_active,
        }
        for each in people
    ]  # fmt: skip
    lines = [
        f"{each['email']:<40} {each['role']:<10} {each['team'] or ''}"
        + ("" if each["is_active"] else "  deactivated")
        for each in found
    ]
    runtime.show({"users": found}, as_json=as_json, lines=lines)


@command.command("invite")
@click.argument("email", required=False, default="")
@click.option("--role", type=click.Choice(ROLES), default="rep", show_default=True)
@click.option("--team", "team_name", help="An existing team.")
@click.option("--takes-leads", is_flag=True, help="Give them a seat in the team's rotation.")
@runtime.data_option
@runtime.json_option
def invite(  # one option each
    email: str, role: str, team_name: str | None, takes_leads: bool, data: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Print a link that makes one person a colleague: once, within seven days.

    With EMAIL it is also mailed, and works for that address only.
    """
    runtime.start_migrated(data)
    from django.conf import settings

    from leadline.flow import colleagues
    from leadline.lib import clock
    from leadline.workspace import people
    from leadline.workspace.invitations import Seat
    from leadline.workspace.settings import NotSetUp

    with runtime.refusing(people.NotAcceptable, NotSetUp):
        made, link = colleagues.invite(
            Seat(role, _team(team_name), takes_leads), email=email,
            base_url=settings.ENVIRONMENT.base_url, by=_doer(), now=clock.now(),
        )  # fmt: skip
    result = {"link": link, "email": made.email, "role": role, "expires_at": made.expires_at}
    lines = [link, f"  works once, until {made.expires_at:%F %R} UTC (shown only now)"]
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("deactivate")
@click.argument("email")
@click.option("--leads-to", help=f"Who takes their leads: an address, or {NOBODY}.")
@click.option("--tasks-to", help=f"Who takes their open tasks: an address, or {NOBODY}.")
@click.option("--deals-to", help=f"Who takes their open deals: an address, or {NOBODY}.")
@runtime.data_option
@runtime.json_option
def deactivate(
    email: str,
    leads_to: str | None,
    tasks_to: str | None,
    deals_to: str | None,
    data: Path | None,
    as_json: bool,
) -> None:
    """Keep a person from signing in, at once. The owner cannot be deactivated."""
    runtime.start_migrated(data)
    from leadline.flow import departures
    from leadline.lib import clock
    from leadline.workspace import people

    person = _person(email)
    has = departures.belongings(person.pk)
    takers = departures.Takers(
        _taker(leads_to, has.lead_count, "leads"),
        _taker(tasks_to, has.task_count, "tasks"),
        _taker(deals_to, has.deal_count, "deals"),
    )
    with runtime.refusing(people.NotAllowed, people.NotAcceptable):
        departures.deactivate(person.pk, takers, by=_doer(), now=clock.now())
    result = {"deactivated": person.email, "leads": has.lead_count,
              "tasks": has.task_count, "deals": has.deal_count}  # fmt: skip
    runtime.show(result, as_json=as_json, lines=[f"{person.email} cannot sign in."])


@command.command("reset-password")
@click.argument("email")
@click.option("--password", help="Without it one is made up and shown.")
@click.option(
    "--without-second-factor", is_flag=True,
    help="Also remove authenticator apps, passkeys and recovery codes.",
)  # fmt: skip
@runtime.data_option
@runtime.json_option
def reset_password(
    email: str, password: str | None, without_second_factor: bool, data: Path | None, as_json: bool
) -> None:
    """Set a new password for EMAIL and end all of their sessions."""
    runtime.start_migrated(data)
    from leadline.lib import clock, ids
    from leadline.workspace import people

    person = _person(email)
    if not person.is_active:
        raise runtime.Refusal(f"{person.email} is deactivated; let them in again first.")
    secret = password or ids.token(12)
    with runtime.refusing(people.NotAcceptable):
        people.reset_password(person, secret, by=_doer(), now=clock.now())
    removed = _remove_second_factors(person) if without_second_factor else 0
    result: dict[str, object] = {"email": person.email, "second_factors_removed": removed}
    lines = [f"{person.email} signs in with the new password."]
    if password is None:
        result["password"] = secret
        lines.append(f"  password {secret}  (shown only now)")
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("make-owner")
@click.argument("email")
@runtime.data_option
@runtime.json_option
def make_owner(email: str, data: Path | None, as_json: bool) -> None:
    """Hand the ownership of the workspace to EMAIL; the owner so far becomes an admin."""
    runtime.start_migrated(data)
    from leadline.lib import clock
    from leadline.workspace import people

    person = _person(email)
    with runtime.refusing(people.NotAllowed):
        changed = people.make_owner(person.pk, by=_doer(), now=clock.now())
    said = "owns the workspace." if changed else "owns the workspace already."
    result = {"owner": person.email, "changed": changed is not None}
    runtime.show(result, as_json=as_json, lines=[f"{person.email} {said}"])


def _doer() -> "Doer":
    from leadline.workspace import audit

    return audit.COMMAND_LINE


def _person(email: str) -> "User":
    from leadline.workspace.models import User

    found = User.objects.filter(email__iexact=email.strip()).first()
    if found is None:
        raise runtime.Refusal(f"Nobody signs in with {email}. See: leadline user list --all")
    return found


def _team(name: str | None) -> "Team | None":
    from leadline.workspace.models import Team

    if not name:
        return None
    found = Team.objects.filter(name=name, archived_at=None).first()
    if found is None:
        known = ", ".join(
            Team.objects.filter(archived_at=None).order_by("name").values_list("name", flat=True)
        )
        raise runtime.Refusal(f"There is no team {name!r}; there are: {known or 'none'}.")
    return found


def _taker(written: str | None, count: int, what: str) -> UUID | None:
    """Who takes the leads or deals; asked for only when there are some."""
    if written == NOBODY or (written is None and count == 0):
        return None
    if written is None:
        raise runtime.Refusal(
            f"Their {what}: {count}. Say who takes them with --{what}-to EMAIL"
            f" or --{what}-to {NOBODY}."
        )
    return _person(written).pk


def _remove_second_factors(person: "User") -> int:
    from allauth.mfa.models import Authenticator
    from django.db import transaction

    from leadline.lib import clock
    from leadline.workspace import audit

    with transaction.atomic():
        count = int(Authenticator.objects.filter(user=person).delete()[0])
        if count:
            removed = audit.Change("factor.removed", "person", person.pk, str(person))
            audit.record(removed, by=_doer(), now=clock.now())
    return count
