"""`leadline apikey make|list|revoke`: keys of the API and of the front door."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from leadline.cli import runtime

if TYPE_CHECKING:
    from leadline.workspace.audit import Value
    from leadline.workspace.models import ApiKey, WriteKey


@click.group("apikey")
def command() -> None:
    """Make, list and revoke keys."""


@command.command("make")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(["api", "server", "browser"]),
    default="api",
    show_default=True,
    help="api: /api/v1. server: /v1, trusted. browser: /v1, public.",
)
@click.option("--scope", "scopes", multiple=True, help="For api: may be repeated.")
@click.option("--user", "email", help="For api: whose rights it has (default: the owner).")
@runtime.data_option
@runtime.json_option
def make(  # one option each
    name: str, kind: str, scopes: tuple[str, ...], email: str | None, data: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Make a key called NAME. The secret is shown only now."""
    runtime.start_migrated(data)
    from django.db import transaction

    from leadline.lib import clock
    from leadline.workspace import keys
    from leadline.workspace.models import Role, User, WriteKey

    if kind == "api":
        who = User.objects.filter(email=email) if email else User.objects.filter(role=Role.OWNER)
        user = who.first()
        if user is None:
            raise runtime.Refusal(f"There is no user {email or 'that owns the workspace'}.")
        with runtime.refusing(keys.UnknownScope):
            chosen = list(scopes) or ["leads:read"]
            with transaction.atomic():
                key, secret = keys.make_api(user, name=name, scopes=chosen, now=clock.now())
                _note("key.made", key, after={"scopes": ", ".join(chosen), "owner": str(user)})
        number = key.pk
    else:
        with transaction.atomic():
            made, secret = keys.make_write(name=name, kind=WriteKey.Kind(kind), now=clock.now())
            _note("key.made", made)
        number = made.pk
    result = {"id": number, "name": name, "kind": kind, "secret": secret}
    runtime.show(result, as_json=as_json, lines=[f"{secret}  (shown only now)"])


@command.command("list")
@runtime.data_option
@runtime.json_option
def list_(data: Path | None, as_json: bool) -> None:
    """List the keys that work, without their secrets."""
    runtime.start_migrated(data)
    from leadline.workspace.models import ApiKey, WriteKey

    found: list[dict[str, object]] = [
        {"kind": "api", "id": key.pk, "name": key.name, "prefix": key.prefix, "scopes": key.scopes}
        for key in ApiKey.objects.filter(revoked_at=None).order_by("pk")
    ]
    found += [
        {"kind": key.kind, "id": key.pk, "name": key.name}
        for key in WriteKey.objects.filter(revoked_at=None).order_by("pk")
    ]
    lines = [f"{each['kind']:<8} {each['id']:>4}  {each['name']}" for each in found]
    runtime.show({"keys": found}, as_json=as_json, lines=lines)


@command.command("revoke")
@click.argument("kind", type=click.Choice(["api", "server", "browser"]))
@click.argument("number", type=int)
@runtime.data_option
@runtime.json_option
def revoke(kind: str, number: int, data: Path | None, as_json: bool) -> None:
    """Revoke the key NUMBER at once."""
    runtime.start_migrated(data)
    from django.db import transaction

    from leadline.lib import clock
    from leadline.workspace import keys
    from leadline.workspace.models import ApiKey, WriteKey

    key: ApiKey | WriteKey | None
    if kind == "api":
        key = ApiKey.objects.filter(pk=number).first()
    else:
        key = WriteKey.objects.filter(pk=number, kind=kind).first()
    with transaction.atomic():
        if key is None or not keys.revoke(key, now=clock.now()):
            raise runtime.Refusal(f"There is no {kind} key {number} that works.")
        _note("key.revoked", key)
    runtime.show({"revoked": number}, as_json=as_json, lines=[f"Key {number} is revoked."])


def _note(
    act: Literal["key.made", "key.revoked"],
    key: "ApiKey | WriteKey",
    after: "Mapping[str, Value] | None" = None,
) -> None:
    """Into the audit, in the transaction of the change."""
    from leadline.lib import clock
    from leadline.workspace import audit

    change = audit.Change(act, type(key).__name__.lower(), key.pk, key.name, {}, after or {})
    audit.record(change, by=audit.COMMAND_LINE, now=clock.now())
