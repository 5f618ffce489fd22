"""Seeds of apps and recovery codes that were stored in the clear are sealed.

Safe to run twice: what is sealed already stays as it is.
"""

from collections.abc import Callable
from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from leadline.lib import sealed_text
from leadline.web import second_factor


def seal(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rewrite(apps, _sealed)


def unseal(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rewrite(apps, _plain)


def _rewrite(apps: StateApps, change: Callable[[str], str]) -> None:
    authenticators = apps.get_model("mfa", "Authenticator")._default_manager
    for row in authenticators.filter(type__in=["totp", "recovery_codes"]).iterator():
        row.data = _rewritten(row.data, change)
        row.save(update_fields=["data"])


def _rewritten(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """allauth keeps one secret, one seed, or a list of codes brought along from elsewhere."""
    found: dict[str, Any] = {
        name: change(data[name]) for name in ("secret", "seed") if name in data
    }
    if "migrated_codes" in data:
        found["migrated_codes"] = [change(code) for code in data["migrated_codes"]]
    return {**data, **found}


def _sealed(text: str) -> str:
    if sealed_text.is_sealed(text):
        return text
    return sealed_text.seal(text, purpose=second_factor.PURPOSE, keys=second_factor.keys())


def _plain(text: str) -> str:
    if not sealed_text.is_sealed(text):
        return text
    return sealed_text.unseal(text, purpose=second_factor.PURPOSE, keys=second_factor.keys())


class Migration(migrations.Migration):
    dependencies = [("mfa", "0003_authenticator_type_uniq")]

    operations = [migrations.RunPython(seal, unseal)]
