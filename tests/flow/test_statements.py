"""A live batch costs a fixed number of statements, however many new people are in it."""

from datetime import timedelta

import pytest
from django.db import connection

from leadline.flow import intake
from leadline.leads.models import Lead
from leadline.lib import rows
from leadline.routing.models import Assignment, Clock
from tests.flow.test_properties import Counting
from tests.world import World, said


def statements(world: World, number: int) -> int:
    """How many it takes to work off one event of each of so many people nobody knew."""
    batch = [
        said(
            "track",
            "Demo Requested",
            user_id=f"u{number}-{each}",
            email=f"person{each}@company{number}-{each}.test",
            traits={"title": "CEO", "company.name": f"Company {each}"},
            properties={"path": "/pricing"},
            at=world.now - timedelta(minutes=1),
        )
        for each in range(number)
    ]
    with connection.execute_wrapper(counting := Counting()):
        found = intake.run(batch, now=world.now)
    assert len(found.created_lead_ids) == number
    return counting.statements


@pytest.mark.django_db
def test_two_hundred_new_leads_take_as_many_statements_as_few(world: World) -> None:
    statements(world, 1)  # reads the rules
    few, more, many = (statements(world, number) for number in (10, 50, 200))
    assert more == many
    # PostgreSQL copies what has 25 rows and more, through other statements, as many for any size.
    assert few == many or (connection.vendor == "postgresql" and 10 < rows.COPY_FROM <= 50)
    # All of it happened: everybody went to somebody, so assignment and clock are in the number.
    assert Assignment.objects.exclude(owner=None).count() == Lead.objects.count() == 261
    assert Clock.objects.count() > 200
