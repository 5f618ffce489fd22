"""One link makes one person a colleague."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from leadline.delivery.models import Message
from leadline.flow import colleagues
from leadline.routing.models import Seat as RotationSeat
from leadline.workspace import audit, invitations, people
from leadline.workspace.audit import Doer
from leadline.workspace.invitations import Person, Seat
from leadline.workspace.models import AuditEntry, Invitation, Role, User
from tests.races.side_by_side import at_once, meeting
from tests.world import World

BASE = "http://leads.acme.example"
WORDS = "correct horse battery"


def ada_of(world: World) -> Doer:
    return audit.by(world.ada, origin="203.0.113.9")


def token_for(world: World, *, email: str = "", role: str = "rep", now: datetime) -> str:
    seat = Seat(role, world.sales, takes_leads=True)
    _row, link = colleagues.invite(seat, email=email, base_url=BASE, by=ada_of(world), now=now)
    return link.removeprefix(f"{BASE}/join/")


def join(token: str, *, email: str = "dora@acme.example", now: datetime) -> User:
    person = Person("Dora", WORDS, email=email)
    return colleagues.join(token, person, origin="198.51.100.7", now=now)


@pytest.mark.django_db
def test_a_link_gives_role_team_and_a_seat_in_the_rotation(world: World) -> None:
    user = join(token_for(world, now=world.now), now=world.now)
    assert (user.role, user.team, user.takes_leads) == ("rep", world.sales, True)
    assert user.check_password(WORDS)
    assert RotationSeat.objects.filter(user=user, team=world.sales).count() == 1
    assert Invitation.objects.get().accepted_by == user


@pytest.mark.django_db
def test_a_link_works_once(world: World) -> None:
    token = token_for(world, now=world.now)
    join(token, now=world.now)
    with pytest.raises(invitations.NotValid):
        join(token, email="eve@acme.example", now=world.now)
    assert not User.objects.filter(email="eve@acme.example").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "works"), [(6.99, True), (7, False), (8, False)])
def test_a_link_works_for_seven_days(world: World, days: float, works: bool) -> None:
    token = token_for(world, now=world.now)
    found = invitations.find(token, now=world.now + timedelta(days=days))
    assert (found is not None) == works


@pytest.mark.django_db
def test_without_a_mail_server_the_link_is_all_that_is_needed(world: World) -> None:
    token_for(world, now=world.now)
    assert Message.objects.count() == 0


@pytest.mark.django_db
def test_an_invitation_by_mail_is_queued_with_its_link(world: World) -> None:
    token = token_for(world, email="Dora@ACME.example", now=world.now)
    mail = Message.objects.get()
    assert mail.to_address == "dora@acme.example"
    assert f"{BASE}/join/{token}" in mail.text
    assert "Ada invites you to Acme" in mail.text


@pytest.mark.django_db
def test_who_was_invited_by_mail_cannot_choose_another_address(world: World) -> None:
    token = token_for(world, email="dora@acme.example", now=world.now)
    assert join(token, email="eve@evil.example", now=world.now).email == "dora@acme.example"


@pytest.mark.django_db
def test_the_secret_of_a_link_is_nowhere_in_the_workspace(world: World) -> None:
    token = token_for(world, now=world.now)
    kept = repr([list(model.objects.values_list()) for model in (Invitation, AuditEntry)])
    assert token not in kept


@pytest.mark.django_db
def test_a_second_invitation_of_an_address_ends_the_first(world: World) -> None:
    first = token_for(world, email="dora@acme.example", now=world.now)
    second = token_for(world, email="dora@acme.example", now=world.now)
    assert invitations.find(first, now=world.now) is None
    assert invitations.find(second, now=world.now) is not None


@pytest.mark.django_db
def test_a_withdrawn_link_is_dead(world: World) -> None:
    token = token_for(world, now=world.now)
    number = Invitation.objects.get().pk
    assert invitations.withdraw(number, by=ada_of(world), now=world.now)
    assert not invitations.withdraw(number, by=ada_of(world), now=world.now)
    with pytest.raises(invitations.NotValid):
        join(token, now=world.now)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "ben@acme.example"}, "email"),
        ({"email": "not an address"}, "email"),
        ({"password": "short"}, "password"),
    ],
)
def test_what_cannot_be_taken_leaves_the_link_as_it_was(
    world: World, given: dict[str, str], field: str
) -> None:
    token = token_for(world, now=world.now)
    values = {"name": "Dora", "password": WORDS, "email": "dora@acme.example"} | given
    with pytest.raises(people.NotAcceptable) as refusal:
        colleagues.join(token, Person(**values), origin="", now=world.now)
    assert list(refusal.value.problems) == [field]
    assert invitations.find(token, now=world.now) is not None


@pytest.mark.django_db
def test_nobody_is_invited_as_owner(world: World) -> None:
    with pytest.raises(people.NotAcceptable):
        token_for(world, role="owner", now=world.now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            token_hash="x", role=Role.OWNER, created_at=world.now, expires_at=world.now
        )


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 10_000, "\x00", "ä"])
def test_a_token_that_never_was_opens_nothing(world: World, token: str) -> None:
    assert invitations.find(token, now=world.now) is None


def two_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], set[str]]:
    """Two people use one link, having both found it open; results, and who is in."""
    token = token_for(world, now=world.now)
    before = set(User.objects.values_list("email", flat=True))
    with meeting(monkeypatch, invitations, "find"):
        found = at_once(
            lambda: _tried(token, "dora@acme.example", world.now),
            lambda: _tried(token, "eve@acme.example", world.now),
        )
    return found, set(User.objects.values_list("email", flat=True)) - before


def _tried(token: str, email: str, now: datetime) -> object:
    try:
        return invitations.accept(
            token, Person("Somebody", WORDS, email=email), origin="", now=now
        ).email
    except invitations.NotValid:
        return "too late"


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_link_at_once_one_comes_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, new = two_at_once(world, monkeypatch)
    assert len(new) == 1
    assert sorted(map(str, found)) == sorted([*new, "too late"])


@pytest.mark.django_db(transaction=True)
def test_the_twin_without_the_condition_lets_both_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always(invitation: Invitation, *, now: datetime) -> bool:
        rows = Invitation.objects.filter(pk=invitation.pk)
        return rows.update(state=Invitation.State.ACCEPTED, ended_at=now) == 1

    monkeypatch.setattr(invitations, "_use_up", always)
    _found, new = two_at_once(world, monkeypatch)
    assert len(new) == 2
