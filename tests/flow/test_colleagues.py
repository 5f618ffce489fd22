"""Somebody gets another role or team: who may give it, and the seat that follows."""

import pytest

from leadline.flow import colleagues
from leadline.routing.models import Seat as RotationSeat
from leadline.workspace import audit, people
from leadline.workspace.audit import Doer
from leadline.workspace.models import Team, User
from tests.world import World


@pytest.fixture
def dora(world: World) -> User:
    return User.objects.create_user("dora@acme.example", name="Dora", role="rep", team=world.sales)


def by(user: User) -> Doer:
    return audit.by(user, origin="203.0.113.9")


@pytest.mark.django_db
def test_another_team_means_another_seat(world: World) -> None:
    def move(team: Team | None, *, takes: bool) -> None:
        colleagues.change(
            world.ben.pk, role="manager", team=team, takes_leads=takes, by=by(world.ada),
            now=world.now,
        )  # fmt: skip

    move(world.other, takes=True)
    assert list(RotationSeat.objects.values_list("team", flat=True)) == [world.other.pk]
    with pytest.raises(people.NotAcceptable):
        move(None, takes=True)
    world.ben.refresh_from_db()
    assert (world.ben.role, world.ben.team) == ("manager", world.other)


@pytest.mark.django_db
def test_an_admin_may_do_everything_but_touch_the_owner(world: World, dora: User) -> None:
    User.objects.filter(pk=dora.pk).update(role="admin")
    dora.refresh_from_db()

    def give(person: User, role: str) -> None:
        colleagues.change(
            person.pk, role=role, team=None, takes_leads=False, by=by(dora), now=world.now
        )

    give(world.cleo, "admin")
    for person, role in ((world.ada, "rep"), (dora, "rep")):
        with pytest.raises(people.NotAllowed):
            give(person, role)
    with pytest.raises(people.NotAcceptable):
        give(world.ben, "owner")
