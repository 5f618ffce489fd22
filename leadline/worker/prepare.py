"""Makes the database ready before anyone serves from it: `leadline serve` runs it as a child.

Prints one JSON line, {"needs_set_up", "token"}: without an owner the set-up page is open, and the
one-time token is what tells the person at the console from a stranger.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from leadline.lib import ids
from leadline.worker import children

# Any constant: two instances that start at once must not both migrate.
MIGRATION_LOCK = 7_201_948_113


def is_migrated() -> bool:
    """Has every migration been applied to this database?"""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def migrate() -> bool:
    """Apply what is missing; False when there was nothing to do."""
    if is_migrated():
        return False
    with _alone():
        call_command("migrate", interactive=False, verbosity=0)
    return True


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


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield  # the lock of the data folder keeps others out
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    try:
        print(json.dumps(run()), flush=True)
    except ImproperlyConfigured as problem:
        sys.exit(f"leadline: {problem}")
    except OperationalError as problem:
        sys.exit(f"leadline: The database cannot be reached or written: {problem}")


if __name__ == "__main__":
    children.end_with_parent(int(sys.argv[1]))
    main()
