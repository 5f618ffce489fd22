"""The trash: absent everywhere, back with everything, gone for good after 30 days."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity
from leadline.capture.models import Submission
from leadline.cards import queries as cards
from leadline.cards.models import Card, SearchText
from leadline.cards.queries import Listing
from leadline.deals import funnel
from leadline.delivery.models import Message
from leadline.flow import doctor, intake, reactions, recomputation, timers, trash
from leadline.leads.models import Binding, Lead, Removal
from leadline.privacy.models import Suppression
from leadline.routing import assignments, rotations
from leadline.routing.models import Assignment, Clock, Notification
from leadline.scoring.models import Score, ScoreChange
from leadline.worker import kinds
from leadline.workspace.models import Team, User
from tests import world as worlds
from tests.world import World

EMAIL = "grace@halvorsen.example.com"


@pytest.fixture
def lead_id(world: World) -> UUID:
    return _arrive(world, EMAIL)


def _arrive(world: World, email: str, *, purpose: str = "demo", minutes: int = 0) -> UUID:
    at = world.now + timedelta(minutes=minutes)
    traits = {"name": "Grace Lindqvist", "title": "VP Operations"}
    found = intake.run([worlds.form(purpose, email=email, at=at, traits=traits)], now=at).lead_ids
    assert found[0] is not None
    return found[0]


def _seen(world: World, lead_id: UUID) -> dict[str, bool]:
    """Where Ada and Ben meet the lead."""
    now = world.now + timedelta(minutes=1)
    everything = Listing(world.ada, now)
    return {
        "list": any(row.lead_id == lead_id for row in cards.page(everything).rows),
        "count": cards.count(everything) > 0,
        "search": bool(cards.page(Listing(world.ada, now, search="lindqvist")).rows),
        "one": cards.one(world.ada, lead_id) is not None,
        "edit": cards.may_edit(world.ada, lead_id),
        "today": any(row.card.lead_id == lead_id for row in cards.today(world.ben, now=now)),
        "funnel": bool(funnel.by_source(currency="EUR")),
        "recompute": any(lead_id in portion for portion in recomputation.portions()),
    }


def _timers(now: datetime) -> None:
    timers.check_up(limit=200, now=now)
    timers.breaches(now=now)
    timers.waiting(now=now)


@pytest.mark.django_db
def test_a_lead_in_the_trash_is_absent_everywhere(world: World, lead_id: UUID) -> None:
    assert all(_seen(world, lead_id).values())
    assert trash.move([lead_id], by=world.ada, now=world.now) == [lead_id]
    assert not any(_seen(world, lead_id).values()), _seen(world, lead_id)
    assert not SearchText.objects.exists()
    assert doctor.examine(now=world.now).is_well


@pytest.mark.django_db
def test_moving_it_twice_moves_it_once(world: World, lead_id: UUID) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    assert trash.move([lead_id], by=world.ada, now=world.now) == []
    assert Removal.objects.count() == 1
    trash.restore([lead_id], by=world.ada, now=world.now)
    assert trash.restore([lead_id], by=world.ada, now=world.now) == []


@pytest.mark.django_db
def test_a_restored_lead_is_as_it_was_with_its_story(world: World, lead_id: UUID) -> None:
    reactions.log_activity(
        lead_id, kind="note", outcome="", text="Likes ships", by=world.ben.pk,
        began_at=world.now, now=world.now,
    )  # fmt: skip
    before = Card.objects.values().get(pk=lead_id)
    score = Score.objects.values("total", "fit", "engagement").get(lead=lead_id)
    assigned = Assignment.objects.count()
    trash.move([lead_id], by=world.ada, now=world.now)
    later = world.now + timedelta(seconds=5)
    assert trash.restore([lead_id], by=world.ada, now=later) == [lead_id]
    after = Card.objects.values().get(pk=lead_id)
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    assert Score.objects.values("total", "fit", "engagement").get(lead=lead_id) == score
    assert Activity.objects.get(lead=lead_id).text == "Likes ships"
    assert Assignment.objects.count() == assigned
    assert all(_seen(world, lead_id).values())
    assert doctor.examine(now=later).is_well


@pytest.mark.django_db
def test_nothing_happens_by_itself_to_what_is_in_the_trash(world: World, lead_id: UUID) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    told, scored = Notification.objects.count(), ScoreChange.objects.count()
    assert not Message.objects.filter(lead=lead_id, state="pending").exists()
    for days in (1, 3, 12):
        _timers(world.now + timedelta(days=days))
    assert Notification.objects.count() == told
    assert ScoreChange.objects.count() == scored
    assert Clock.objects.get(lead=lead_id).breached_at is None
    later = world.now + timedelta(days=12)
    trash.restore([lead_id], by=world.ada, now=later)
    _timers(later)
    assert Clock.objects.get(lead=lead_id).breached_at is not None, "it has waited all the time"


@pytest.mark.django_db
def test_a_lead_that_waits_for_an_owner_does_not_wait_in_the_trash(world: World) -> None:
    world.ben.takes_leads = False
    world.ben.save()
    lead_id = _arrive(world, EMAIL)
    assert Assignment.objects.get(lead=lead_id).owner_id is None
    trash.move([lead_id], by=world.ada, now=world.now)
    world.ben.takes_leads = True
    world.ben.save()
    timers.waiting(now=world.now)
    assert not Assignment.objects.filter(owner__isnull=False).exists()
    trash.restore([lead_id], by=world.ada, now=world.now)
    timers.waiting(now=world.now)
    assert Assignment.objects.filter(owner=world.ben).exists()


@pytest.mark.django_db
def test_whoever_sends_a_form_again_comes_back_to_the_same_person(
    world: World, lead_id: UUID
) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    assert _arrive(world, EMAIL, purpose="newsletter", minutes=60) == lead_id
    assert Removal.objects.get().state == "restored"
    assert Card.objects.get(pk=lead_id).owner_id == world.ben.pk
    assert doctor.examine(now=world.now + timedelta(minutes=61)).is_well


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "page", "name": "Page Viewed", "properties": {"path": "/pricing"}},
        {"kind": "identify", "name": "Identified", "traits": {"city": "Oslo"}},
        {"kind": "form", "name": "Form Submitted", "is_history": True},
    ],
)  # fmt: skip
def test_visits_machines_and_files_wake_nobody_in_the_trash(
    world: World, lead_id: UUID, fields: dict[str, Any]
) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    at = world.now + timedelta(minutes=5)
    intake.run([worlds.said(email=EMAIL, at=at, **fields)], now=at)
    assert Removal.objects.get().state == "trashed"
    assert not Card.objects.exists()


@pytest.mark.django_db
def test_a_merge_with_somebody_who_is_here_ends_the_trash(world: World, lead_id: UUID) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    at = world.now + timedelta(minutes=5)
    intake.run([worlds.said(user_id="u-1", kind="identify", name="Identified", at=at)], now=at)
    both = worlds.said(user_id="u-1", email=EMAIL, kind="identify", name="Identified", at=at)
    intake.run([both], now=at)
    assert Lead.objects.filter(merged_into__isnull=False).count() == 1
    assert Removal.objects.get().state == "restored"
    assert Card.objects.get().pk == lead_id


@pytest.mark.django_db
def test_a_lead_whose_owner_left_while_it_was_in_the_trash_waits_for_somebody(
    world: World, lead_id: UUID
) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    owner_id = assignments.current([lead_id])[lead_id].owner_id
    User.objects.filter(pk=owner_id).update(is_active=False, takes_leads=False)
    User.objects.filter(pk=world.ada.pk).update(takes_leads=True)
    rotations.join(world.sales.pk, user_ids=[world.ada.pk])
    trash.restore([lead_id], by=world.ada, now=world.now)
    assert assignments.current([lead_id])[lead_id].owner_id is None
    assert timers.waiting(now=world.now) == 1
    assert Card.objects.get(pk=lead_id).owner_id == world.ada.pk


@pytest.mark.django_db
def test_a_lead_that_a_person_took_from_everybody_is_dealt_to_nobody_when_its_team_ends(
    world: World, lead_id: UUID
) -> None:
    reactions.assign(lead_id, None, by=world.ada.pk, because="a student", now=world.now)
    trash.move([lead_id], by=world.ada, now=world.now)
    Team.objects.update(archived_at=world.now)
    trash.restore([lead_id], by=world.ada, now=world.now)
    assert assignments.current([lead_id])[lead_id].team_id is None
    assert timers.waiting(now=world.now) == 0


@pytest.mark.django_db
def test_a_merged_lead_that_is_parted_leaves_a_team_that_has_ended(world: World) -> None:
    kept, absorbed = _arrive(world, EMAIL), _arrive(world, "g@home.example.com")
    merge_id = reactions.merge(kept, absorbed, because="same", now=world.now)
    Team.objects.update(archived_at=world.now)
    reactions.undo_merge(merge_id, now=world.now)
    assert assignments.current([absorbed])[absorbed].team_id is None


@pytest.mark.django_db
def test_after_thirty_days_no_word_about_the_person_is_left(world: World, lead_id: UUID) -> None:
    Suppression.objects.create(
        identifier_kind="email", identifier=EMAIL, reason="unsubscribed", at=world.now
    )
    trash.move([lead_id], by=world.ada, now=world.now)
    job = kinds.verb("trash.empty")
    assert job({}, world.now + timedelta(days=29)) == 0
    gone = world.now + timedelta(days=31)
    assert Clock.objects.filter(state="running").exists()
    assert job({}, gone) == 1
    assert not Clock.objects.filter(state="running").exists(), "nobody looks at it any more"
    assert job({}, gone) == 0
    assert Lead.objects.get(pk=lead_id).traits == {}
    assert not Binding.objects.filter(closed_at=None).exists()
    for table in ("leads_lead", "leads_traitvalue", "leads_binding", "timeline_event",
                  "cards_card", "routing_notification", "delivery_message"):  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr(cursor.fetchall())
        assert "Lindqvist" not in text, table
        assert EMAIL not in text, table
    assert Suppression.objects.filter(identifier=EMAIL).exists(), "who said no is not asked again"
    assert trash.restore([lead_id], by=world.ada, now=gone) == []


@pytest.mark.django_db
def test_a_number_that_was_written_otherwise_goes_with_the_person(world: World) -> None:
    raw = json.dumps({"form": "callback", "phone": "030 / 90 18 20", "name": "Grace"})
    post = worlds.form("callback", email="", at=world.now, phone="+4930901820", raw=raw)
    other = worlds.form("demo", email="eve@acme.test", at=world.now, raw='{"name": "Eve"}')
    grace, _eve = intake.run([post, other], now=world.now).lead_ids
    assert grace is not None
    trash.move([grace], by=world.ada, now=world.now)
    assert trash.empty(now=world.now + timedelta(days=31)) == 1
    kept = sorted(Submission.objects.values_list("raw", flat=True))
    assert kept == ['"erased"', '{"name": "Eve"}']


@pytest.mark.django_db
def test_people_with_a_thousand_addresses_are_removed_as_well(world: World, lead_id: UUID) -> None:
    Binding.objects.bulk_create(
        Binding(
            kind="email", value=f"grace{number}@halvorsen.example", lead_id=lead_id,
            is_verified=True, opened_at=world.now, known_at=world.now,
        )
        for number in range(1_100)
    )  # fmt: skip
    trash.move([lead_id], by=world.ada, now=world.now)
    assert trash.empty(now=world.now + timedelta(days=31)) == 1


@pytest.mark.django_db
def test_after_removal_the_same_address_is_somebody_new(world: World, lead_id: UUID) -> None:
    trash.move([lead_id], by=world.ada, now=world.now)
    trash.empty(now=world.now + timedelta(days=31))
    assert _arrive(world, EMAIL, minutes=60 * 24 * 32) != lead_id
    assert doctor.examine(now=world.now + timedelta(days=33)).is_well


@pytest.mark.django_db
def test_a_hundred_are_moved_with_as_many_questions_as_half(world: World) -> None:
    counts = []
    for size in (30, 60):
        posts = [
            worlds.said(kind="identify", name="Identified", email=f"p{n}@s{size}.example",
                        at=world.now)
            for n in range(size)
        ]  # fmt: skip
        ids = [each for each in intake.run(posts, now=world.now).lead_ids if each]
        with CaptureQueriesContext(connection) as caught:
            assert len(trash.move(ids, by=world.ada, now=world.now)) == size
        counts.append(len(caught))
    assert counts[0] == counts[1], counts
