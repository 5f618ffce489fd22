"""What a timeline tells: ours as ours, a visitor's as theirs, however many names somebody has."""

from uuid import UUID

import pytest

from leadline.flow import edits, intake
from leadline.leads import by_hand, personal
from leadline.leads.models import Binding, Lead
from leadline.privacy.models import Consent
from leadline.timeline import queries
from leadline.timeline.queries import Identifier
from tests.world import World, form, said

pytestmark = pytest.mark.django_db

MANY = 1_100


@pytest.fixture
def lead_id(world: World) -> UUID:
    intake.run([form("demo", email="grace@navy.example", at=world.now)], now=world.now)
    return Lead.objects.get().pk


def told(lead_id: UUID) -> list[str]:
    known = queries.identifiers(lead_id)
    return [each.sentence for each in queries.events(known, before=None, limit=10)]


@pytest.mark.parametrize("name", [edits.EDITED, by_hand.ADDED, "Moved To Trash"])
def test_a_visitor_does_not_speak_for_a_colleague(world: World, lead_id: UUID, name: str) -> None:
    words = {"by": "Ada", "field": "Phone", "before": "1", "after": "2"}
    fake = said(
        name=name, email="grace@navy.example", at=world.now, is_trusted=False, properties=words
    )
    intake.run([fake], now=world.now)
    assert name in told(lead_id)
    assert not any("Ada" in each for each in told(lead_id))


def test_what_a_colleague_did_is_told_with_their_name(world: World, lead_id: UUID) -> None:
    place = edits.places()["title"]
    edits.edit(lead_id, place, "CEO", seen=None, by=world.ada, now=world.now)
    assert any("Ada" in each and "CEO" in each for each in told(lead_id))


def test_permissions_of_somebody_with_a_thousand_visits_are_told(
    world: World, lead_id: UUID
) -> None:
    Binding.objects.bulk_create(
        Binding(
            kind="anonymous", value=f"visit-{number}", lead_id=lead_id, is_verified=True,
            opened_at=world.now, known_at=world.now,
        )
        for number in range(MANY)
    )  # fmt: skip
    Consent.objects.create(
        identifier_kind="email", identifier="grace@navy.example", purpose="marketing",
        channel="email", state="granted", source="form:demo", at=world.now, known_at=world.now,
    )  # fmt: skip
    known = queries.identifiers(lead_id)
    assert len(known) > MANY
    [moment] = queries.consents(known, before=None, limit=10)
    assert "marketing" in moment.sentence
    stranger = [Identifier(1, "phone", "grace@navy.example")]
    assert queries.consents(stranger, before=None, limit=10) == []
    assert "marketing" in str(list(personal.export_bindings(lead_id)))
