"""The sales people of the set as users, in a team for each region."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from leadline.playbooks.demo.pipeline import Agent
from leadline.routing import rotations
from leadline.workspace.models import Role, Team, User

MARKETER = "Mara Quist"
"""Made up: the set names sales people only."""


class Staff(msgspec.Struct, frozen=True):
    """User ids of the sales people by name, their teams, and the teams in order."""

    user_ids: dict[str, UUID]
    team_ids: dict[str, int]

    @property
    def teams(self) -> list[int]:
        """Each region's team once, in a fixed order."""
        return sorted(set(self.team_ids.values()))


def hire(agents: Sequence[Agent], *, now: datetime) -> Staff:
    """Make teams, managers and reps; nobody of them can sign in. Safe to run twice.

    The owner keeps the seat for new leads, so that Today has something to do in it.
    """
    rotations.seat_the_owner()
    regions = sorted({agent.region for agent in agents})
    Team.objects.bulk_create([Team(name=name) for name in regions], ignore_conflicts=True)
    teams = dict(Team.objects.filter(name__in=regions).values_list("name", "id"))
    bosses = {agent.manager: agent.region for agent in agents}
    people = [_user(name, Role.MANAGER, teams[region], now) for name, region in bosses.items()]
    people += [_user(each.name, Role.REP, teams[each.region], now) for each in agents]
    people.append(_user(MARKETER, Role.MARKETER, None, now))
    User.objects.bulk_create(people, ignore_conflicts=True)
    ids = dict(User.objects.filter(team_id__in=teams.values()).values_list("name", "id"))
    for name, team_id in teams.items():
        mine = [ids[agent.name] for agent in agents if agent.region == name]
        rotations.join(team_id, user_ids=mine)
    return Staff(
        user_ids={agent.name: ids[agent.name] for agent in agents},
        team_ids={agent.name: teams[agent.region] for agent in agents},
    )


def _user(name: str, role: Role, team_id: int | None, now: datetime) -> User:
    address = f"{name.lower().replace(' ', '.')}@hardware.example.com"
    user = User(
        email=address,
        name=name,
        role=role,
        team_id=team_id,
        takes_leads=role == Role.REP,
        created_at=now,
    )
    user.set_unusable_password()
    return user
