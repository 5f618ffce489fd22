"""A fresh workspace for a benchmark: its own folder, or a throw-away PostgreSQL cluster."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from tests import cluster


@contextmanager
def workspace(*, postgres: bool) -> Iterator[datetime]:
    """Migrate, apply the default playbook, make the named people; yields the instant to use.

    With `postgres` a cluster with fsync on, as in production.
    """
    with ExitStack() as stack:
        os.environ["LEADLINE_DATA"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["LEADLINE_SECRET_KEY"] = "only-for-benchmarks-" + "k" * 40
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
        os.environ["LEADLINE_LOG_LEVEL"] = "WARNING"
        if postgres:
            os.environ["LEADLINE_DATABASE_URL"] = stack.enter_context(cluster.running(safe=True))
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from leadline.lib import memory
        from tests import world

        call_command("migrate", verbosity=0)
        now = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
        world.build(now)
        memory.settle(young=memory.BATCHES)  # as a worker does
        yield now
        connection.close()
