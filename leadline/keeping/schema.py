"""Whether the database is at the state that this version of the program expects."""

import contextlib
from collections.abc import Iterator

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

# Any constant: two instances that start at once must not both migrate.
LOCK = 7_201_948_113


def is_migrated() -> bool:
    """Has every migration been applied to this database?"""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def is_new() -> bool:
    """Has no migration ever been applied: is there nothing to keep?"""
    return not MigrationRecorder(connection).applied_migrations()


def applied() -> set[tuple[str, str]]:
    """(app, name) of every migration that has been applied."""
    return set(MigrationRecorder(connection).applied_migrations())


def unknown() -> list[str]:
    """Migrations that were applied by a newer version of the program than this."""
    loader = MigrationExecutor(connection).loader
    replaced = {old for each in loader.replacements.values() for old in each.replaces}
    known = loader.disk_migrations.keys() | replaced
    return sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in known
    )


def migrate() -> None:
    """Apply what is missing. The caller is `alone`."""
    call_command("migrate", interactive=False, verbosity=0)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep others from it."""
    if connection.vendor != "postgresql":
        yield  # the lock of the data folder keeps others out
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
