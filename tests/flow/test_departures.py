"""A person leaves: out at once, what was theirs goes to others, and all of it can be taken back."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from leadline.activities import tasks
from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.activities.tasks import Plan
from leadline.cards.models import Card
from leadline.deals.models import Deal
from leadline.flow import colleagues, departures, intake, reactions
from leadline.flow.departures import Belongings, Takers
from leadline.lib import clock
from leadline.routing.models import Notification
from leadline.web import live
from leadline.worker import kinds
from leadline.workspace import audit, invitations, keys, people
from leadline.workspace.audit import Doer
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Departure, HandedOver, Job, User
from tests.world import World, form

LEADS = 5


@pytest.fixture
def dora(world: World) -> User:
    return User.objects.create_user("dora@acme.example", name="Dora", role="rep", team=world.sales)


@pytest.fixture
def bens(world: World) -> list[UUID]:
    """Five leads, two open tasks and two open deals of Ben's; a task that is done, a deal won."""
    posts = [form("demo", email=f"p{n}@firm{n}.example", at=world.now) for n in range(LEADS)]
    lead_ids = [found for found in intake.run(posts, now=world.now).lead_ids if found is not None]
    for number, state in enumerate(("open", "open", "won")):
        closed = None if state == "open" else world.now
        Deal.objects.create(
            lead_id=lead_ids[number], owner=world.ben, name=f"Deal {number}", currency="EUR",
            state=state, opened_at=world.now, closed_at=closed, known_at=world.now,
        )  # fmt: skip
    plan = Plan("Call back", Due(world.now + timedelta(days=1)), world.ben.pk)
    planned = [tasks.add(each, plan, by=world.ben.pk, now=world.now) for each in lead_ids[:3]]
    tasks.complete(planned[2].pk, by=world.ben.pk, now=world.now)
    assert set(Card.objects.values_list("owner", flat=True)) == {world.ben.pk}
    return lead_ids


def by(user: User) -> Doer:
    return audit.by(user, origin="203.0.113.9")


def leave(
    world: World, *, leads_to: User | None, deals_to: User | None, tasks_to: User | None = None
) -> Departure:
    takers = Takers(*(to.pk if to else None for to in (leads_to, tasks_to, deals_to)))
    made = departures.deactivate(world.ben.pk, takers, by=by(world.ada), now=world.now)
    assert made is not None
    return made


def work(world: World) -> None:
    """What the worker does with the jobs that wait."""
    for job in Job.objects.filter(state="ready").order_by("id"):
        kinds.verb(job.kind)(job.arguments, world.now)
        job.delete()


def owners(lead_ids: list[UUID]) -> set[UUID | None]:
    return set(Card.objects.filter(pk__in=lead_ids).values_list("owner", flat=True))


@pytest.mark.django_db
def test_leads_and_open_deals_go_to_those_who_were_named(
    world: World, bens: list[UUID], dora: User
) -> None:
    assert departures.belongings(world.ben.pk) == Belongings(LEADS, 2, 2)
    departure = leave(world, leads_to=dora, deals_to=world.ada, tasks_to=world.cleo)
    work(world)
    departure.refresh_from_db()
    assert departure.state == Departure.State.HANDED_OVER
    assert owners(bens) == {dora.pk}
    assert Deal.objects.filter(owner=world.ada).count() == 2
    assert Deal.objects.get(state="won").owner == world.ben
    assert Task.objects.filter(owner=world.cleo, done_at=None).count() == 2
    assert Task.objects.get(done_at__isnull=False).owner == world.ben
    given = TaskChange.objects.filter(act="handed_over", by=world.ada, owner=world.cleo)
    assert given.count() == 2
    assert departures.belongings(world.ben.pk) == Belongings(0, 0, 0)


@pytest.mark.django_db
def test_a_taker_hears_once_however_much_comes(world: World, bens: list[UUID], dora: User) -> None:
    leave(world, leads_to=dora, deals_to=dora, tasks_to=dora)
    work(world)
    said = "From Ben you take over: 5 leads, 2 tasks, 2 deals"
    assert Notification.objects.get(user=dora).text == said


@pytest.mark.django_db
def test_leads_may_go_to_nobody_and_wait_there(world: World, bens: list[UUID]) -> None:
    leave(world, leads_to=None, deals_to=None)
    work(world)
    assert owners(bens) == {None}
    assert not Deal.objects.filter(state="open").exclude(owner=None).exists()


@pytest.mark.django_db
def test_more_than_a_portion_goes_over_and_a_killed_job_goes_on(
    world: World, bens: list[UUID], dora: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departures, "PORTION", 2)
    departure = leave(world, leads_to=dora, deals_to=dora)
    departures._portion(departure.pk, "handing_over", departures._hand_over_leads, now=world.now)
    assert owners(bens) == {dora.pk, world.ben.pk}
    work(world)
    assert owners(bens) == {dora.pk}
    assert HandedOver.objects.filter(kind="lead").count() == LEADS


@pytest.mark.django_db
def test_the_job_twice_changes_nothing_more(world: World, bens: list[UUID], dora: User) -> None:
    departure = leave(world, leads_to=dora, deals_to=dora)
    work(world)
    assert departures.hand_over({"departure": departure.pk}, world.now) == 0


@pytest.mark.django_db
def test_all_of_it_can_be_taken_back(world: World, bens: list[UUID], dora: User) -> None:
    _key, secret = keys.make_api(world.ben, name="Script", scopes=["leads:read"], now=world.now)
    departure = leave(world, leads_to=dora, deals_to=None, tasks_to=dora)
    work(world)
    back = departures.undo_departure(departure.pk, by=by(world.ada), now=world.now)
    work(world)
    departure.refresh_from_db()
    assert back == world.ben
    assert departure.state == Departure.State.TAKEN_BACK
    assert owners(bens) == {world.ben.pk}
    assert Deal.objects.filter(owner=world.ben).count() == 3
    assert Task.objects.filter(owner=world.ben).count() == 3
    world.ben.refresh_from_db()
    assert (world.ben.is_active, world.ben.takes_leads) == (True, True)
    assert keys.find_api(secret, now=world.now) is not None


@pytest.mark.django_db
def test_what_somebody_changed_meanwhile_stays(world: World, bens: list[UUID], dora: User) -> None:
    departure = leave(world, leads_to=dora, deals_to=dora)
    work(world)
    reactions.assign(bens[0], world.ada.pk, by=world.ada.pk, because="mine", now=world.now)
    Deal.objects.filter(name="Deal 0").update(owner=world.ada)
    departures.undo_departure(departure.pk, by=by(world.ada), now=world.now)
    work(world)
    assert owners(bens[:1]) == {world.ada.pk}
    assert owners(bens[1:]) == {world.ben.pk}
    assert Deal.objects.get(name="Deal 0").owner == world.ada
    assert HandedOver.objects.filter(state="kept").count() == 2


@pytest.mark.django_db
def test_taking_back_before_the_job_ran_leaves_everything_in_place(
    world: World, bens: list[UUID], dora: User
) -> None:
    departure = leave(world, leads_to=dora, deals_to=dora)
    departures.undo_departure(departure.pk, by=by(world.ada), now=world.now)
    work(world)
    assert owners(bens) == {world.ben.pk}


@pytest.mark.django_db
def test_after_a_day_it_is_too_late_but_the_person_can_be_let_in(
    world: World, bens: list[UUID], dora: User
) -> None:
    departure = leave(world, leads_to=dora, deals_to=dora)
    work(world)
    later = world.now + timedelta(hours=24)
    assert departures.undoable(now=world.now) == [departure]
    assert departures.undoable(now=later) == []
    assert departures.undo_departure(departure.pk, by=by(world.ada), now=later) is None
    assert people.let_in_again(world.ben.pk, by=by(world.ada), now=later) == world.ben
    assert owners(bens) == {dora.pk}


@pytest.mark.django_db
def test_sessions_and_keys_are_dead_from_the_commit_on(
    world: World, dora: User, client: Client
) -> None:
    """Nothing is remembered between requests, so the 60 seconds are one request; the live
    stream asks again every 30."""
    client.force_login(world.ben, backend="django.contrib.auth.backends.ModelBackend")
    _key, secret = keys.make_api(world.ben, name="Script", scopes=["leads:read"], now=clock.now())
    header = {"Authorization": f"Bearer {secret}"}
    assert client.get("/today").status_code == 200
    assert Client().get("/api/v1/me", headers=header).status_code == 200
    leave(world, leads_to=dora, deals_to=dora)
    assert client.get("/today").status_code == 302
    assert Client().get("/api/v1/me", headers=header).status_code == 401
    assert live.who(client.cookies["leadline_session"].value) is None
    assert live.RECHECK_SECONDS < 60


@pytest.mark.django_db
def test_an_old_session_stays_dead_after_coming_back(
    world: World, dora: User, client: Client
) -> None:
    client.force_login(world.ben, backend="django.contrib.auth.backends.ModelBackend")
    departure = leave(world, leads_to=dora, deals_to=dora)
    departures.undo_departure(departure.pk, by=by(world.ada), now=world.now)
    assert client.get("/today").status_code == 302


@pytest.mark.django_db
def test_who_leaves_keeps_no_way_back_in(world: World, dora: User) -> None:
    boss = User.objects.create_user("max@acme.example", name="Max", role="admin")
    _row, link = colleagues.invite(
        Seat("admin"), email="", base_url="http://x", by=by(boss), now=world.now
    )
    departures.deactivate(boss.pk, Takers(None, None, None), by=by(world.ada), now=world.now)
    assert invitations.find(link.rsplit("/", 1)[1], now=world.now) is None


@pytest.mark.django_db
def test_nobody_deactivates_the_owner_oneself_or_somebody_twice(world: World, dora: User) -> None:
    nobody = Takers(None, None, None)
    for person, doer in ((world.ada, dora), (dora, dora)):
        with pytest.raises(people.NotAllowed):
            departures.deactivate(person.pk, nobody, by=by(doer), now=world.now)
    leave(world, leads_to=None, deals_to=None)
    with pytest.raises(people.NotAllowed):
        leave(world, leads_to=None, deals_to=None)


@pytest.mark.django_db
def test_only_who_sells_can_take_over(world: World, bens: list[UUID]) -> None:
    reader = User.objects.create_user("rita@acme.example", role="read_only")
    for taker in (reader, world.ben):
        with pytest.raises(people.NotAcceptable) as refusal:
            leave(world, leads_to=taker, deals_to=None)
        assert list(refusal.value.problems) == ["leads_to"]
    world.ben.refresh_from_db()
    assert world.ben.is_active


@pytest.mark.django_db
def test_every_step_is_in_the_audit(world: World, bens: list[UUID], dora: User) -> None:
    departure = leave(world, leads_to=dora, deals_to=None)
    departures.undo_departure(departure.pk, by=by(world.ada), now=world.now)
    acts = [entry.act for entry in audit.newest(limit=9)]
    assert acts == ["person.taken_back", "person.deactivated"]
    assert '"leads": "Dora"' in audit.newest(limit=2)[1].details
    assert audit.verify().is_whole
