"""What the worker does by itself now and then."""

import pytest
from django.db import connection

from leadline.flow import intake
from leadline.worker import kinds
from tests.world import World, form


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_the_planner_learns_how_large_the_tables_are(world: World) -> None:
    """PostgreSQL analyses by itself."""
    intake.run(
        [form("demo", email=f"a{i}@acme.test", at=world.now) for i in range(60)], now=world.now
    )
    kinds.verb("database.statistics")({}, world.now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'cards_card'")
        assert any(row[0].startswith("60 ") for row in cursor.fetchall())
