"""All scores computed again in batch, at many instants of a history that came in by the door."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from leadline.analytics import scores_check
from leadline.analytics.lake import Lake
from leadline.flow import intake, timers
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.scoring.models import ScoreChange
from tests.analytics import lakes
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


def compared(lake: Lake, at: datetime, *, now: datetime) -> dict[str, Any]:
    return scores_check.check({"as_of_us": clock.micros(at)}, now, lake)


def lead(email: str) -> UUID:
    return Binding.objects.get(kind="email", value=email, closed_at=None).lead_id


def test_a_form_scores_alike(world: World, tmp_path: Path) -> None:
    intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now)
    lake = Lake(tmp_path)
    lakes.refreshed(lake, world.now)
    found = compared(lake, world.now, now=world.now + timedelta(hours=1))
    assert (found["compared"], found["differing"]) == (1, 0), found
