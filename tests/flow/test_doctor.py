"""`doctor` notices and mends a card that does not say what its rows say."""

import pytest

from leadline.cards.models import Card
from leadline.flow import doctor, intake
from leadline.scoring.models import Score
from leadline.segments.models import Membership, SegmentVersion
from tests.world import World, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def _three_leads(world: World) -> None:
    posts = [form("demo", email=f"{who}@acme.test", at=world.now) for who in "abc"]
    intake.run(posts, now=world.now)


@pytest.mark.usefixtures("_three_leads")
def test_cards_as_the_flow_wrote_them_are_well(world: World) -> None:
    report = doctor.examine(now=world.now)
    assert (report.compared_count, report.is_well) == (3, True)


@pytest.mark.usefixtures("_three_leads")
def test_a_card_that_drifted_is_named_and_mended(world: World) -> None:
    card = Card.objects.order_by("lead_id")[0]
    Card.objects.filter(pk=card.pk).update(total=1)
    report = doctor.examine(now=world.now, repair=True)
    assert report.differing == [card.pk]
    assert doctor.examine(now=world.now).is_well
    assert Card.objects.get(pk=card.pk).total == card.total


@pytest.mark.usefixtures("_three_leads")
def test_a_score_whose_lines_do_not_add_up_is_counted(world: World) -> None:
    score = Score.objects.order_by("lead_id")[0]
    Score.objects.filter(pk=score.pk).update(lines="[]")
    assert doctor.examine(now=world.now).unbalanced_count == 1


@pytest.mark.usefixtures("_three_leads")
def test_members_that_are_missing_or_should_not_be_are_named(world: World) -> None:
    assert not Membership.objects.exists(), "one form alone is not two acts in a week"
    card = Card.objects.order_by("lead_id")[0]
    key = "active_this_week"
    segment = SegmentVersion.objects.get(segment__key=key).segment
    Membership.objects.create(segment=segment, lead_id=card.pk, at=world.now)
    report = doctor.examine(now=world.now)
    assert (report.membership_count, report.is_well) == (1, False)
    assert [(each.lead_id, each.segment, each.is_in) for each in report.memberships] == [
        (card.pk, key, True)
    ]
    assert Membership.objects.exists(), "nothing is written"
    SegmentVersion.objects.filter(segment=segment).update(filled_at=None)
    assert doctor.examine(now=world.now).is_well, "whoever is filling it looks at every lead"
