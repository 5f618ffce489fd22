"""`segments.yaml`: applied, exported, compared; what cannot be is named with file and path."""

from pathlib import Path
from shutil import copytree

import pytest

from leadline.flow import rulebook
from leadline.playbooks import folder, parts
from leadline.playbooks.folder import PlaybookError
from leadline.segments import dynamic, lists
from leadline.segments.models import Segment, SegmentVersion
from tests.segments import sample
from tests.world import World

pytestmark = pytest.mark.django_db
SHIPPED = folder.SHIPPED / "b2b-saas"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    copytree(SHIPPED, tmp_path / "own")
    return tmp_path / "own"


def rewrite(place: Path, before: str, after: str) -> None:
    path = place / "segments.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_the_default_playbook_brings_three_that_are_in_force(world: World) -> None:
    keys = {"target_accounts", "active_this_week", "quiet_customers"}
    assert set(dynamic.documents()) == keys
    assert {rule.key for rule in rulebook.current(world.now).segments.rules} == keys
    # There was nobody to look at.
    assert all(each.filled_at for each in SegmentVersion.objects.all())


def test_another_rule_is_another_version_and_what_is_not_named_stays(
    world: World, place: Path
) -> None:
    sample.make(world, "Deciders")
    rewrite(place, "within: 7d", "within: 2w")
    rewrite(place, "name: Active this week", "name: Active lately")
    changes = parts.apply(place, now=world.now).changes
    assert "segments → segments → active_this_week → when → within: 7d becomes 14d." in changes
    active = Segment.objects.get(key="active_this_week")
    assert (active.name, active.versions.count()) == ("Active lately", 2)
    assert Segment.objects.filter(key="Deciders").exists()
    assert Segment.objects.get(key="quiet_customers").versions.count() == 1


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("{stage: customer}", "{stage: custommer}", "/segments/2/when/all/0/stage"),
        ("{stage: customer}", "{in_segment: nowhere}", "/segments/2/when/all/0/in_segment"),
        ("{stage: customer}", "{in_segment: quiet_customers}", "/segments/2/when/all/0/in_segment"),
        ("key: quiet_customers", "key: target_accounts", "stands twice"),
        ("name: Quiet customers", "name: Fair", "Another list has this name"),
    ],
)
def test_what_cannot_be_names_file_and_path_and_changes_nothing(
    world: World, place: Path, before: str, after: str, said: str
) -> None:
    lists.named("Fair", by=world.ada.pk, now=world.now)
    rewrite(place, before, after)
    with pytest.raises(PlaybookError) as refused:
        parts.apply(place, now=world.now)
    assert str(refused.value).startswith("segments.yaml")
    assert said in str(refused.value)
    assert SegmentVersion.objects.count() == 3


def test_routing_may_name_a_segment_of_the_same_folder(world: World, place: Path) -> None:
    rules = "teams: [Sales]\nrules: [{name: Big, team: Sales, when: {in_segment: %s}}]\n"
    (place / "routing.yaml").write_text(rules % "target_accounts")
    parts.apply(place, now=world.now)
    (place / "routing.yaml").write_text(rules % "elsewhere")
    with pytest.raises(PlaybookError, match="/rules/0/when/in_segment"):
        parts.apply(place, now=world.now)


def test_a_folder_from_before_there_were_segments_still_applies(world: World, place: Path) -> None:
    (place / "segments.yaml").unlink()
    parts.apply(place, now=world.now)
    assert Segment.objects.count() == 3
