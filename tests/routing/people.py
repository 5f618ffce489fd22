"""The named people of the routing tests: Ada owns the workspace, Ben and others are reps."""

from datetime import UTC, datetime

from leadline.leads.models import Lead
from leadline.routing import rotations
from leadline.workspace.models import Role, Team, User

NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)  # a Tuesday


def rep(name: str, *, team: Team | None, takes_leads: bool = True, role: str = Role.REP) -> User:
    """Somebody who signs in as `<name>@example.com`."""
    address = f"{name.lower()}@example.com"
    return User.objects.create(
        email=address, name=name, role=role, team=team, takes_leads=takes_leads
    )


def team_of(*names: str, name: str = "Sales") -> tuple[Team, list[User]]:
    """A team whose people all sit in its rotation, in this order."""
    team = Team.objects.create(name=name)
    people = [rep(each, team=team) for each in names]
    rotations.join(team.id, user_ids=[person.id for person in people])
    return team, people


def leads(count: int) -> list[Lead]:
    """So many leads without anything."""
    return Lead.objects.bulk_create(
        [Lead(created_at=NOW, known_at=NOW, updated_at=NOW) for _ in range(count)]
    )
