"""Where somebody came from first and last: the first never changes, the last is what led here."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.flow import intake
from leadline.timeline import queries
from leadline.timeline.models import Touch
from tests.world import World, said

pytestmark = pytest.mark.django_db

AD: dict[str, object] = {
    "source": "google", "medium": "cpc", "campaign": "spring", "click_id_name": "gclid",
    "click_id": "g1", "is_arrival": True,
}  # fmt: skip
NEWSLETTER: dict[str, object] = {
    "source": "news", "medium": "email", "campaign": "march", "is_arrival": True,
}  # fmt: skip
DIRECT: dict[str, object] = {"is_arrival": True}


def came(world: World, *contexts: dict[str, object], email: str = "a@acme.test") -> UUID:
    """A lead that came in these ways, a day apart, the last of them a day ago."""
    ago = range(len(contexts), 0, -1)
    visits = [
        said("page", email=email, at=world.now - timedelta(days=days), context=context)
        for days, context in zip(ago, contexts, strict=True)
    ]
    (lead_id,) = set(intake.run(visits, now=world.now).lead_ids)
    assert lead_id is not None
    return lead_id


def ends(lead_id: UUID) -> tuple[tuple[str, str], tuple[str, str]]:
    first, last = queries.first_and_last([lead_id])[lead_id]
    return (first.channel, first.campaign), (last.channel, last.campaign)


def test_the_first_and_the_last_touch_are_different_arrivals(world: World) -> None:
    lead_id = came(world, AD, NEWSLETTER)
    assert ends(lead_id) == (("paid_search", "spring"), ("email", "march"))


def test_typing_the_address_takes_nothing_from_the_newsletter_before_it(world: World) -> None:
    lead_id = came(world, AD, NEWSLETTER, DIRECT)
    assert Touch.objects.filter(channel="direct").count() == 1
    assert ends(lead_id) == (("paid_search", "spring"), ("email", "march"))


def test_a_first_visit_by_the_address_stays_the_first_touch(world: World) -> None:
    lead_id = came(world, DIRECT, AD, DIRECT)
    assert ends(lead_id) == (("direct", ""), ("paid_search", "spring"))


def test_whoever_only_ever_typed_the_address_came_directly(world: World) -> None:
    lead_id = came(world, DIRECT, DIRECT)
    first, last = queries.first_and_last([lead_id])[lead_id]
    assert (first.channel, last.channel) == ("direct", "direct")
    assert first.at_us < last.at_us


def test_touches_of_an_earlier_time_change_the_first_when_they_arrive_late(world: World) -> None:
    lead_id = came(world, NEWSLETTER)
    late = said("page", email="a@acme.test", at=world.now - timedelta(days=9), context=AD)
    intake.run([late], now=world.now)
    assert ends(lead_id) == (("paid_search", "spring"), ("email", "march"))


def test_the_touches_of_many_leads_are_one_question(world: World) -> None:
    leads = [came(world, AD, NEWSLETTER, email=f"p{n}@acme.test") for n in range(3)]
    with CaptureQueriesContext(connection) as asked:
        found = queries.first_and_last(leads)
    assert len(asked) == 1
    assert {last.campaign for _, last in found.values()} == {"march"}
