"""What is missing to the next stage: enough when it is added, and silent once it is behind."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from leadline.flow import intake
from leadline.lib import clock
from leadline.web import prospects
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World


@pytest.mark.parametrize(
    ("missing", "shown"), [(170_000, 200_000), (200_000, 200_000), (1, 100_000)]
)
def test_what_is_missing_is_rounded_up(missing: int, shown: int) -> None:
    assert prospects.Distance("mql", missing).enough_micro == shown


@pytest.mark.django_db
def test_only_stages_that_lie_ahead_are_named(
    world: World, enter: Callable[[User], Client]
) -> None:
    at = clock.now() - timedelta(minutes=2)
    asked = worlds.form("demo", email="grace@halvorsen.example.com", at=at)
    looked = worlds.said("identify", "Identified", email="jonas@weber.example.com", at=at)
    found = intake.run([asked, looked], now=at).lead_ids
    client = enter(world.ada)
    past, ahead = (client.get(f"/leads/{lead_id}").content.decode() for lead_id in found)
    assert "Short of MQL by 50." in ahead
    assert "Short of" not in past, "who asked for a demo is an SQL, whatever the score"
