"""`leadline setup`: a workspace without a question. Safe to run again."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from leadline.cli import runtime

DEMO_OWNER = "ada@example.com"


@dataclass(frozen=True)
class Wishes:
    """What was asked for on the command line."""

    owner_email: str | None
    owner_password: str | None
    owner_name: str
    name: str
    time_zone: str
    playbook: str | None
    base_url: str
    is_demo: bool
    wants_new_keys: bool


@click.command("setup")
@runtime.data_option
@click.option("--owner-email", help="Who owns the workspace (with --demo: ada@example.com).")
@click.option("--owner-password", help="At least ten characters; without it one is made up.")
@click.option("--owner-name", default="", help="How people see the owner.")
@click.option("--name", default="Leadline", show_default=True, help="The workspace's name.")
@click.option("--time-zone", default="UTC", show_default=True, help="For example Europe/Berlin.")
@click.option("--playbook", help="A shipped playbook (b2b-saas) or a folder.")
@click.option("--base-url", default="http://127.0.0.1:8000", show_default=True)
@click.option("--demo", "is_demo", is_flag=True, help="Fill the workspace with the demo.")
@click.option("--new-keys", "wants_new_keys", is_flag=True, help="Make keys although some exist.")
@runtime.json_option
def command(data: Path | None, as_json: bool, **wishes: object) -> None:
    """Prepare a workspace: database, owner, playbook, keys and, if asked for, the demo.

    A second run changes nothing that is there already and never shows a secret again.
    """
    folder = runtime.choose_folder(data)
    from leadline.config import environment
    from leadline.lib import clock
    from leadline.worker import folder_lock

    asked = Wishes(**wishes)  # type: ignore[arg-type]  # click has made them what they are
    environment.set_default_base_url(asked.base_url.rstrip("/"))
    runtime.start(folder, create=True)
    with (
        runtime.refusing_database_trouble(),
        runtime.refusing(folder_lock.InUse),
        closing(folder_lock.FolderLock(folder)),
    ):
        result = prepare(asked, folder=folder, now=clock.now(), as_json=as_json)
    runtime.show(result, as_json=as_json, lines=sentences(result))


def prepare(wishes: Wishes, *, folder: Path, now: datetime, as_json: bool) -> Mapping[str, object]:
    """Do what is missing; returns what `--json` prints. Needs Django set up."""
    import msgspec
    from django.db import transaction

    from leadline.keeping import backups, upgrades
    from leadline.playbooks import folder as playbooks
    from leadline.playbooks import opening
    from leadline.worker import prepare as database
    from leadline.workspace import audit
    from leadline.workspace.audit import Change
    from leadline.workspace.models import Role, User

    with runtime.refusing(upgrades.UpgradeFailed, backups.BackupFailed):
        database.migrate()
    with transaction.atomic():  # what is refused, a playbook say, leaves no half of a workspace
        password = _owner(wishes, now=now)
        owner = User.objects.filter(role=Role.OWNER).first()
        if owner is None:
            raise runtime.Refusal(
                "The workspace needs an owner: add --owner-email you@example.com, "
                "or start `leadline serve` and open the set-up page."
            )
        with runtime.refusing(playbooks.PlaybookError):
            changes = opening.give_rules(playbook=wishes.playbook, now=now)
        keys = opening.give_keys(owner, wants_new=wishes.wants_new_keys, now=now)
        if wishes.wants_new_keys:
            made = Change("key.made", "apikey", "", "setup", {}, {"owner": str(owner)})
            audit.record(made, by=audit.COMMAND_LINE, now=now)
    if wishes.is_demo:
        # First, so that a demo that is interrupted and goes on later can still be signed in to.
        _note_sign_in(folder, email=owner.email, password=password)
        _demo(now=now, as_json=as_json)
    note = {"base_url": wishes.base_url.rstrip("/"), "owner": owner.email}
    (folder / "set_up.json").write_text(json.dumps(note))
    shown = {"owner_password": password} if password and not wishes.owner_password else {}
    return {**msgspec.to_builtins(keys), **note, **shown, "playbook_changes": len(changes)}


def _owner(wishes: Wishes, *, now: datetime) -> str | None:
    """Create the owner if there is none; returns the password that was set."""
    from leadline.lib import ids
    from leadline.workspace import owners

    email = wishes.owner_email or (DEMO_OWNER if wishes.is_demo else None)
    if owners.exists() or email is None:
        return None
    password = wishes.owner_password or ids.token(12)
    with runtime.refusing(owners.NotAcceptable, owners.AlreadyClaimed):
        owners.claim(
            email=email,
            password=password,
            name=wishes.owner_name or ("Ada Brandt" if wishes.is_demo else ""),
            workspace_name=wishes.name,
            time_zone=wishes.time_zone,
            base_url=wishes.base_url.rstrip("/"),
            now=now,
        )
    return password


def _demo(*, now: datetime, as_json: bool) -> None:
    try:
        import faker  # noqa: F401  # the extra that the demo's names come from
    except ImportError as problem:
        raise runtime.Refusal(
            "The demo needs the extra `demo`: pip install 'leadline[demo]'."
        ) from problem
    from leadline.playbooks import demo

    with runtime.progress(100, label="Building the demo", as_json=as_json) as advance:
        demo.build(now=now, advance=advance)


def _note_sign_in(folder: Path, *, email: str, password: str | None) -> None:
    """Leave the demo's password where only the owner of the folder can read it."""
    if password is None:
        return
    file = folder / "sign_in.txt"
    file.touch(mode=0o600)
    file.write_text(f"Sign in as {email} with the password {password}\n")


def sentences(result: Mapping[str, object]) -> list[str]:
    """The result for a person."""
    lines = [f"The workspace of {result['owner']} is ready for {result['base_url']}."]
    if result.get("owner_password"):
        lines.append(f"  password     {result['owner_password']}")
    for key, what in (("write_key", "server key"), ("api_key", "API key")):
        if result[key]:
            lines.append(f"  {what:<12} {result[key]}  (shown only now)")
    lines.append(f"  browser key  {result['browser_key']}")
    if not result["write_key"] and not result["api_key"]:
        lines.append("  Keys exist already; --new-keys makes new ones.")
    return lines
