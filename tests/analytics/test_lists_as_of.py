"""The lake knows who was on which list by hand at any instant, as passes knew it then."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadline.analytics import as_of, engines
from leadline.analytics.lake import Lake
from leadline.criteria.mentions import Mentions
from leadline.flow import intake, reactions
from leadline.lib import clock
from leadline.segments import lists, memberships
from leadline.segments.models import MembershipChange
from tests.analytics import lakes
from tests.segments import sample
from tests.world import World, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture
DAY = timedelta(days=1)
Seen = dict[datetime, dict[UUID, frozenset[str]]]


@pytest.fixture
def people(world: World) -> list[UUID]:
    arriving = [said(user_id=f"u{n}", at=world.now - DAY) for n in range(3)]
    found = intake.run(arriving, now=world.now - DAY).lead_ids
    return [each for each in found if each is not None]


def put(world: World, name: str, people: list[UUID], now: datetime) -> int:
    """On a list of this name, made when there is none."""
    made = lists.named(name, by=world.ada.pk, now=now)
    lists.add(made.pk, people, by=world.ada.pk, now=now)
    return made.pk


def lived(world: World, people: list[UUID]) -> Seen:
    """Who was on what at the end of each day."""
    first, second, third = people
    seen: Seen = {}

    def end_day(number: int) -> datetime:
        seen[world.now + number * DAY] = memberships.of(people)
        return world.now + (number + 1) * DAY - timedelta(hours=1)

    number = put(world, "Fair", [first, second], world.now)
    put(world, "Expo", [second], world.now)
    now = end_day(0)
    lists.take_off(number, [first, third], now=now)
    now = end_day(1)
    lists.add(number, [first], by=world.ada.pk, now=now)
    now = end_day(2)
    lists.delete(number)
    put(world, "Fair", [third], now)
    end_day(3)
    return seen


def by_the_lake(lake: Lake, at: datetime) -> dict[UUID, frozenset[str]]:
    manifest = lake.manifest()
    tables = lake.tables(engines.duckdb(Path(lake.address), threads=1), manifest)
    reads = Mentions(facts=frozenset({"segments"}))
    frame = as_of.frame(tables, manifest, clock.micros(at), reads)
    rows = frame.leads.to_pyarrow().to_pylist()
    named = {UUID(row["lead_id"]): row[frame.facts["segments"]] for row in rows}
    return {lead_id: frozenset(keys) for lead_id, keys in named.items() if keys}


def test_every_day_of_a_list_comes_back(world: World, people: list[UUID], tmp_path: Path) -> None:
    seen = lived(world, people)
    now = max(seen)
    lakes.refreshed(lake := Lake(tmp_path / "lake"), now)
    # Of the list that is gone nothing is known; the new one has its name and none of its past.
    there = {at: {k: v - {"Fair"} for k, v in on.items()} for at, on in seen.items()}
    there[now] = seen[now]
    assert seen[now][people[2]] == {"Fair"}
    for at, on in there.items():
        assert by_the_lake(lake, at) == {lead: keys for lead, keys in on.items() if keys}, at


def test_taking_off_and_putting_on_again_comes_back(
    world: World, people: list[UUID], tmp_path: Path
) -> None:
    first, second, _ = people
    number = put(world, "Fair", [first, second], world.now)
    lists.take_off(number, [first], now=world.now + DAY)
    again = lists.add(number, [first], by=world.ada.pk, now=world.now + 2 * DAY)
    lists.forget(again, now=world.now + 3 * DAY)
    lakes.refreshed(lake := Lake(tmp_path / "lake"), world.now + 4 * DAY)
    on = [by_the_lake(lake, world.now + n * DAY).keys() for n in range(-1, 4)]
    assert on == [set(), {first, second}, {second}, {first, second}, {second}]


def test_lists_follow_a_merge_and_its_end(world: World, people: list[UUID], tmp_path: Path) -> None:
    kept, absorbed, _ = people
    put(world, "Fair", [absorbed], world.now)
    merge = reactions.merge(kept, absorbed, because="", now=world.now + DAY)
    lakes.refreshed(lake := Lake(tmp_path / "one"), world.now + DAY)
    assert by_the_lake(lake, world.now + DAY) == {kept: frozenset({"Fair"})}
    reactions.undo_merge(merge, now=world.now + 2 * DAY)
    lakes.refreshed(lake := Lake(tmp_path / "two"), world.now + 2 * DAY)
    assert by_the_lake(lake, world.now + 2 * DAY) == memberships.of(people) == {
        absorbed: frozenset({"Fair"})
    }  # fmt: skip
    told = MembershipChange.objects.order_by("id").values_list("lead", "entered", "because")
    assert list(told) == [
        (absorbed, True, lists.PUT), (kept, True, lists.CAME), (kept, False, lists.WENT),
    ]  # fmt: skip
