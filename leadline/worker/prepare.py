"""Makes the database ready before anyone serves from it: `leadline serve` runs it as a child.

Prints one JSON line, {"needs_set_up", "token"}: without an owner the set-up page is open, and the
one-time token is what tells the person at the console from a stranger.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, OperationalError

from leadline.keeping import backups, examination, schema, upgrades
from leadline.lib import clock, ids, parent


def is_migrated() -> bool:
    """Has every migration been applied to this database?"""
    return schema.is_migrated()


def migrate() -> bool:
    """Apply what is missing, after a backup; False when there was nothing to do.

    When it fails the state of before returns; raises UpgradeFailed, BackupFailed.
    """
    return upgrades.run(now=clock.now(), is_thorough=False) is not None


def set_up_token() -> str | None:
    """A new one-time token for the set-up page, or None when there is an owner."""
    from leadline.workspace import owners

    file: Path = settings.SET_UP_TOKEN_FILE
    file.unlink(missing_ok=True)
    if owners.exists():
        return None
    token = ids.token()
    file.touch(mode=0o600)
    file.write_text(token)
    return token


def run() -> Mapping[str, object]:
    """Migrate and look whether someone has to set the workspace up."""
    django.setup()
    migrate()
    token = set_up_token()
    return {"needs_set_up": token is not None, "token": token}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    try:
        print(json.dumps(run()), flush=True)
    except (ImproperlyConfigured, upgrades.UpgradeFailed, backups.BackupFailed) as problem:
        sys.exit(f"leadline: {problem}")
    except OperationalError as problem:
        sys.exit(f"leadline: The database cannot be reached or written: {problem}")
    except DatabaseError as problem:
        if not examination.is_damage(problem):
            raise
        sys.exit(f"leadline: {examination.WAY_OUT} SQLite says: {problem}.")


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    main()
