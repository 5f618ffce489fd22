"""A fresh workspace for a benchmark: its own folder, or a throw-away PostgreSQL cluster."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from benchmarks import report


@contextmanager
def workspace(*, postgres: bool) -> Iterator[datetime]:
    """Migrate, apply the default playbook, make the named people; yields the instant to use."""
    with report.database(postgres=postgres), tempfile.TemporaryDirectory() as folder:
        os.environ["LEADLINE_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
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
