"""A team changes its people, or ends: who belongs where, and whose leads are seen by whom."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.cards.models import Card
from leadline.flow import colleagues, reactions
from leadline.leads import locks
from leadline.lib import clock
from leadline.routing import assignments, rotations
from leadline.routing.models import RoutingRule
from leadline.workspace import jobs, people, teams
from leadline.workspace.audit import Doer
from leadline.workspace.models import Team, User

HAND_OVER = "teams.hand_over"
PORTION = 100


class StillUsed(Exception):
    """Routing rules deal to the team: they must name another one first."""

    permanent = True

    def __init__(self, rules: Collection[str]) -> None:
        super().__init__(", ".join(rules))
        self.rules = rules


def staff(team: Team, user_ids: Collection[UUID], *, by: Doer, now: datetime) -> int:
    """Let exactly these active people be the team; returns how many came or went.

    Who comes keeps their role and takes leads as before; who goes has no team and takes none.
    """
    changed = 0
    everybody = User.objects.filter(is_active=True).order_by("pk")
    for person in everybody.select_related("team"):
        is_in, wanted = person.team_id == team.pk, person.pk in user_ids
        if is_in == wanted:
            continue
        colleagues.change(
            person.pk, role=person.role, team=team if wanted else None,
            takes_leads=person.takes_leads and wanted, by=by, now=now,
        )  # fmt: skip
        changed += 1
    return changed


def archive(team_id: int, *, to: int | None, by: Doer, now: datetime) -> Team | None:
    """End a team: its people move at once, its leads by a job; None when there is no such team.

    `to` None: people have no team and leads that nobody owns are everybody's. Raises StillUsed,
    people.NotAcceptable for a team that cannot take them.
    """
    with transaction.atomic():
        team = teams.held(team_id)
        if team is None:
            return None
        taker = None if to is None else teams.held(to)
        if to is not None and (taker is None or taker.pk == team.pk):
            raise people.NotAcceptable({"to": _("Choose a team from the list.")})
        rules = RoutingRule.objects.filter(team=team).order_by("position")
        if named := list(rules.values_list("name", flat=True)):
            raise StillUsed(named)
        moved = _move_people(team, to=taker)
        teams.archive(team, to=taker, people=moved, by=by, now=now)
        given = {"team": team.pk, "to": to, "by": by.user_id.hex if by.user_id else None}
        jobs.enqueue(HAND_OVER, given, now=now, unique_key=f"{HAND_OVER}:{team.pk}")
    return team


def hand_over(arguments: Mapping[str, object], now: datetime) -> int:
    """The job after `archive`; returns how many leads moved. Goes on where it stopped.

    Ends early when the team is needed again meanwhile.
    """
    team_id, count = int(str(arguments["team"])), 0
    to = None if arguments.get("to") is None else int(str(arguments["to"]))
    by = UUID(hex=str(arguments["by"])) if arguments.get("by") else None
    after, at = UUID(int=0), clock.running(now)
    while True:
        with transaction.atomic():
            team = Team.objects.filter(pk=team_id, archived_at__isnull=False).first()
            mine = Card.objects.filter(team=team_id, pk__gt=after).order_by("pk")
            lead_ids = list(mine.values_list("pk", flat=True)[:PORTION]) if team else []
            if team is None or not lead_ids:
                return count
            count += _move_leads(team, lead_ids, to=to, by=by, now=at())
            after = lead_ids[-1]


def lead_count(team: Team) -> int:
    """How many leads are the team's. One query."""
    return Card.objects.filter(team=team).count()


def _move_people(team: Team, *, to: Team | None) -> int:
    ids = User.objects.filter(team=team).order_by("pk").values_list("pk", flat=True)
    for user_id in list(ids):
        person = people.held(user_id)
        if person is None:
            continue
        rotations.leave(team.pk, user_id=person.pk)
        people.leave_team(person, to=to)
        if to is not None and person.takes_leads:
            rotations.join(to.pk, user_ids=[person.pk])
    return len(ids)


def _move_leads(
    team: Team, lead_ids: list[UUID], *, to: int | None, by: UUID | None, now: datetime
) -> int:
    locks.hold(lead_ids)
    because = _noop("%(team)s was archived") % {"team": team.name}
    made = assignments.move_to_team(
        lead_ids, team_before=team.pk, team_id=to, by=by, because=because, now=now
    )
    reactions.look_again([each.lead_id for each in made], now=now)
    return len(made)
