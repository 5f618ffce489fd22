"""`leadline user add|list|deactivate`: the people who sign in."""

from pathlib import Path

import click

from leadline.cli import runtime

ROLES = ["admin", "marketer", "manager", "rep", "read_only"]


@click.group("user")
def command() -> None:
    """Add, list and deactivate people."""


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
    from leadline.lib import clock, email_address, ids
    from leadline.routing import rotations
    from leadline.workspace.models import Team, User

    with runtime.refusing(email_address.NotAnAddress):
        address = email_address.canonical(email)
    if User.objects.filter(email__iexact=address).exists():
        raise runtime.Refusal(f"Somebody signs in with {address} already.")
    team = Team.objects.filter(name=team_name).first() if team_name else None
    if team_name and team is None:
        raise runtime.Refusal(f"There is no team {team_name!r}.")
    if takes_leads and team is None:
        raise runtime.Refusal("Who takes leads needs a --team.")
    secret = password or ids.token(12)
    checked(secret, address)
    user = User.objects.create_user(
        address, secret, name=name, role=role, team=team, takes_leads=takes_leads,
        created_at=clock.now(),
    )  # fmt: skip
    if takes_leads and team is not None:
        rotations.join(team.pk, user_ids=[user.id])
    result = {"id": str(user.id), "email": address, "role": role}
    if password is None:
        result["password"] = secret
    lines = [f"{address} ({role})"] + ([] if password else [f"  password {secret}"])
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("list")
@runtime.data_option
@runtime.json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List everyone who may sign in."""
    runtime.start_migrated(data)
    from leadline.workspace.models import User

    people = User.objects.filter(is_active=True).select_related("team").order_by("email")
    found = [
        {"email": each.email, "role": each.role, "team": each.team.name if each.team else None}
        for each in people
    ]
    lines = [f"{each['email']:<40} {each['role']:<10} {each['team'] or ''}" for each in found]
    runtime.show({"users": found}, as_json=as_json, lines=lines)


@command.command("deactivate")
@click.argument("email")
@runtime.data_option
@runtime.json_option
def deactivate(email: str, data: Path | None, as_json: bool) -> None:
    """Keep a person from signing in, at once. The owner cannot be deactivated."""
    runtime.start_migrated(data)
    from leadline.workspace.models import Role, User

    others = User.objects.filter(email__iexact=email, is_active=True).exclude(role=Role.OWNER)
    if others.update(is_active=False, takes_leads=False) == 0:
        raise runtime.Refusal(f"There is nobody to deactivate under {email}.")
    runtime.show({"deactivated": email}, as_json=as_json, lines=[f"{email} cannot sign in."])


def checked(password: str, email: str) -> None:
    """Refuse a password that the workspace's rules do not allow."""
    from django.contrib.auth import password_validation
    from django.core.exceptions import ValidationError

    from leadline.workspace.models import User

    try:
        password_validation.validate_password(password, User(email=email))
    except ValidationError as problem:
        raise runtime.Refusal(" ".join(problem.messages)) from problem
