"""Teams: made, named, led by one of their people, archived when nobody belongs to them any more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leadline.lib import text
from leadline.workspace import audit
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import Team, User
from leadline.workspace.people import NotAcceptable

_LONGEST = 120


def active() -> list[Team]:
    """The teams that are not archived, by name, with who leads them. One query."""
    return list(Team.objects.filter(archived_at=None).select_related("leader").order_by("name"))


def archived() -> list[Team]:
    """The others, by name. One query."""
    return list(Team.objects.filter(archived_at__isnull=False).order_by("name"))


def held(team_id: int) -> Team | None:
    """The team, locked until the transaction ends; None when unknown or archived."""
    locked = Team.objects.select_for_update(of=("self",)).select_related("leader")
    return locked.filter(pk=team_id, archived_at=None).first()


def make(name: str, *, by: Doer, now: datetime) -> Team:
    """A new team without people. Raises NotAcceptable for no name or one that is taken."""
    with _naming():
        team = Team.objects.create(name=_clean(name))
        audit.record(Change("team.made", "team", team.pk, team.name), by=by, now=now)
    return team


def change(team: Team, *, name: str, leader_id: UUID | None, by: Doer, now: datetime) -> bool:
    """Give a held team a name and a leader; False when nothing is different.

    Raises NotAcceptable; a leader is one of the team's people who can sign in.
    """
    leader = _leader(team, leader_id)
    before = _facts(team)
    team.name, team.leader = _clean(name), leader
    differing = audit.differing(before, _facts(team))
    if not differing[1]:
        return False
    with _naming():
        team.save(update_fields=["name", "leader"])
        audit.record(Change("team.changed", "team", team.pk, team.name, *differing), by=by, now=now)
    return True


def archive(team: Team, *, to: Team | None, people: int, by: Doer, now: datetime) -> None:
    """A held team ends; whoever calls this has found another place for its people and leads."""
    team.archived_at, team.leader = now, None
    team.save(update_fields=["archived_at", "leader"])
    given: dict[str, audit.Value] = {"team": to.name if to else None, "people": people}
    audit.record(Change("team.archived", "team", team.pk, team.name, {}, given), by=by, now=now)


def restore(team_id: int, *, by: Doer, now: datetime) -> Team | None:
    """An archived team may have people again; None when there is none with this id."""
    with transaction.atomic():
        team = Team.objects.select_for_update().filter(pk=team_id).first()
        if team is None or team.archived_at is None:
            return None
        team.archived_at = None
        team.save(update_fields=["archived_at"])
        audit.record(Change("team.restored", "team", team.pk, team.name), by=by, now=now)
    return team


@contextmanager
def _naming() -> Iterator[None]:
    """A transaction in which a name that is taken becomes a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise NotAcceptable({"name": _("Another team has this name.")}) from error


def _clean(name: str) -> str:
    cleaned = text.clean(name.strip(), max_length=_LONGEST).strip()
    if not cleaned:
        raise NotAcceptable({"name": _("Give the team a name.")})
    return cleaned


def _leader(team: Team, leader_id: UUID | None) -> User | None:
    if leader_id is None:
        return None
    found = User.objects.filter(pk=leader_id, team=team, is_active=True).first()
    if found is None:
        raise NotAcceptable({"leader": _("Choose somebody of the team.")})
    return found


def _facts(team: Team) -> dict[str, audit.Value]:
    return {"name": team.name, "leader": str(team.leader) if team.leader else None}
