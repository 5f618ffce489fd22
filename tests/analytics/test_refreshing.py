"""The lake holds what the database holds, once, in the right month, however often it is asked."""

from datetime import timedelta
from pathlib import Path

import pytest

from leadline.analytics.lake import Lake
from leadline.flow import intake
from leadline.timeline.models import Event
from tests.analytics import lakes
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def visit(world: World, path: str, *, days_ago: int = 0, who: str = "a") -> None:
    at = world.now - timedelta(days=days_ago)
    intake.run(
        [said(at=at, anonymous_id=who, properties={"path": path}, is_history=days_ago > 0)],
        now=world.now,
    )


def test_what_happened_is_in_the_lake_once(world: World, lake: Lake) -> None:
    visit(world, "/pricing")
    lakes.refreshed(lake, world.now)
    assert lakes.refreshed(lake, world.now).added["events"] == 0
    manifest = lake.manifest()
    [event] = [row for row in lakes.rows(lake, "events") if row["name"] == "Page Viewed"]
    stored = Event.objects.get(name="Page Viewed")
    assert event["id"] == stored.pk
    assert event["binding_id"] == stored.binding_id
    assert event[f"{manifest.properties['path']}_text"] == "/pricing"
    assert event["counts"] is True
