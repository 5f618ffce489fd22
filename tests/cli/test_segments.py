"""`leadline segments`: what there is, and who should be in it."""

import json

import pytest
from click.testing import CliRunner, Result

from leadline.cli import main
from leadline.flow import intake
from leadline.segments import lists
from leadline.segments.models import Membership
from tests.segments import sample
from tests.world import World, said

pytestmark = pytest.mark.django_db
none_shipped = sample.none_shipped  # the fixture


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["segments", *arguments], catch_exceptions=False)


@pytest.fixture
def boss(world: World, none_shipped: None) -> None:
    """One lead in a segment that is not filled yet, and a list with nobody on it."""
    lists.named("Fair", by=world.ada.pk, now=world.now)
    sample.make(world, "Deciders")
    intake.run([said(user_id="a", at=world.now, traits={"title": "CEO"})], now=world.now)


@pytest.mark.usefixtures("boss")
def test_segments_and_lists_are_told_with_their_leads() -> None:
    found = json.loads(call("list", "--json").stdout)["segments"]
    assert [(each["name"], each["kind"], each["leads"]) for each in found] == [
        ("Deciders", "dynamic", 1), ("Fair", "static", 0)
    ]  # fmt: skip
    assert found[0]["rule"] == sample.RULES["Deciders"]
    assert call("list").stdout.splitlines()[0].split() == [
        "1",
        "Deciders",
        "(dynamic,",
        "Deciders)",
    ]


@pytest.mark.usefixtures("boss")
def test_a_check_says_who_is_wrong_and_a_recompute_puts_it_right() -> None:
    assert json.loads(call("recompute", "--check", "--json").stdout) == {
        "computed": 1, "differing": 0
    }  # fmt: skip
    Membership.objects.all().delete()
    checked = call("recompute", "--check")
    assert checked.exit_code == 1
    assert "Deciders: should be in and is not" in checked.stdout
    assert not Membership.objects.exists()
    assert call("recompute").exit_code == 0
    assert Membership.objects.count() == 1
    assert call("recompute", "--check").exit_code == 0
