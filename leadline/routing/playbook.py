"""The parts of a playbook with `calendars.yaml`, `routing.yaml` and `sla.yaml`."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from leadline.criteria import parse, uses
from leadline.criteria.vocabulary import Vocabulary
from leadline.routing import hours, rotations
from leadline.routing.models import Calendar, RoutingRule, SlaPolicy
from leadline.workspace.models import Team, Workspace

WORKSPACE_ZONE = "workspace"
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Criterion = dict[str, Any]  # Any: a document, checked by criteria.parse


class CalendarEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Business hours; `workspace` as a zone means the one chosen at set-up."""

    name: Name
    time_zone: str
    hours: dict[str, tuple[tuple[str, str], ...]]
    holidays: tuple[str, ...] = ()
    is_default: bool = False


class Calendars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All calendars."""

    calendars: Annotated[tuple[CalendarEntry, ...], msgspec.Meta(min_length=1)]


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The first rule that holds names the team; without `when` it holds for everyone."""

    name: Name
    team: Name
    when: Criterion = {}


class Routing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Teams, and the rules from first to last."""

    teams: tuple[Name, ...]
    rules: tuple[Rule, ...]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Working minutes until the first real response; without `when` for everyone."""

    name: Name
    response_minutes: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    calendar: Name
    when: Criterion = {}


class Policies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policies from first to last."""

    policies: tuple[Policy, ...]


def read_calendars(document: object) -> Calendars:
    """The calendars in `document`; intervals are in order and one calendar is the default."""
    found = msgspec.convert(document, Calendars)
    for number, entry in enumerate(found.calendars):
        zone = "UTC" if entry.time_zone == WORKSPACE_ZONE else entry.time_zone
        try:
            hours.parse(zone, week=entry.hours, holidays=entry.holidays)
        except hours.NotHours as error:
            where = f"$.calendars[{number}]/{error.path}"
            raise msgspec.ValidationError(f"{error.reason} - at `{where}`") from None
    if sum(entry.is_default for entry in found.calendars) != 1:
        raise msgspec.ValidationError("exactly one calendar is the default - at `$.calendars`")
    return found


def read_routing(document: object, *, vocabulary: Vocabulary) -> Routing:
    """Teams and rules in `document`; raises ValidationError or CriterionError with the path."""
    found = msgspec.convert(document, Routing)
    for index, rule in enumerate(found.rules):
        if rule.team not in found.teams:
            raise msgspec.ValidationError(
                f"there is no team {rule.team!r} - at `$.rules[{index}].team`"
            )
        _check(rule.when, vocabulary=vocabulary, path=f"/rules/{index}/when")
    return found


def read_policies(document: object, *, vocabulary: Vocabulary, calendars: Calendars) -> Policies:
    """The policies in `document`, each on one of `calendars`."""
    found = msgspec.convert(document, Policies)
    names = {entry.name for entry in calendars.calendars}
    for index, policy in enumerate(found.policies):
        if policy.calendar not in names:
            where = f"$.policies[{index}].calendar"
            raise msgspec.ValidationError(
                f"there is no calendar {policy.calendar!r} - at `{where}`"
            )
        _check(policy.when, vocabulary=vocabulary, path=f"/policies/{index}/when")
    return found


def apply_calendars(document: Calendars, *, now: datetime) -> None:
    """Create or overwrite the calendars by name; others stay, but are no longer the default."""
    zone = _workspace_zone()
    Calendar.objects.update(is_default=False)
    Calendar.objects.bulk_create(
        [
            Calendar(
                name=entry.name,
                time_zone=zone if entry.time_zone == WORKSPACE_ZONE else entry.time_zone,
                hours=msgspec.to_builtins(entry.hours),
                holidays=list(entry.holidays),
                is_default=entry.is_default,
            )
            for entry in document.calendars
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["time_zone", "hours", "holidays", "is_default"],
    )


def apply_routing(document: Routing, *, now: datetime) -> None:
    """Create the teams; replace the rules. People and their seats stay. Safe to run twice."""
    Team.objects.bulk_create([Team(name=name) for name in document.teams], ignore_conflicts=True)
    # Rules deal to these teams: one that was archived is needed again.
    Team.objects.filter(name__in=document.teams).update(archived_at=None)
    teams = dict(Team.objects.values_list("name", "id"))
    RoutingRule.objects.exclude(name__in=[rule.name for rule in document.rules]).delete()
    RoutingRule.objects.bulk_create(
        [
            RoutingRule(
                name=rule.name, position=position, criterion=rule.when, team_id=teams[rule.team]
            )
            for position, rule in enumerate(document.rules)
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["position", "criterion", "team"],
    )
    rotations.seat_the_owner()


def apply_policies(document: Policies, *, now: datetime) -> None:
    """Replace the policies by name, so that running clocks keep theirs. Safe to run twice."""
    calendars = dict(Calendar.objects.values_list("name", "id"))
    SlaPolicy.objects.exclude(name__in=[each.name for each in document.policies]).delete()
    SlaPolicy.objects.bulk_create(
        [
            SlaPolicy(
                name=policy.name,
                position=position,
                criterion=policy.when,
                response_minutes=policy.response_minutes,
                calendar_id=calendars[policy.calendar],
            )
            for position, policy in enumerate(document.policies)
        ],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["position", "criterion", "response_minutes", "calendar"],
    )


def export_calendars() -> Calendars | None:
    """All calendars, or None while there is none."""
    zone = _workspace_zone()
    entries = [
        {
            "name": row.name,
            "time_zone": WORKSPACE_ZONE if row.time_zone == zone else row.time_zone,
            "hours": row.hours,
            "holidays": row.holidays,
            "is_default": row.is_default,
        }
        for row in Calendar.objects.order_by("id")
    ]
    return msgspec.convert({"calendars": entries}, Calendars) if entries else None


def export_routing() -> Routing:
    """All teams and rules."""
    rows = RoutingRule.objects.select_related("team").order_by("position", "id")
    return Routing(
        teams=tuple(
            Team.objects.filter(archived_at=None).order_by("id").values_list("name", flat=True)
        ),
        rules=tuple(Rule(row.name, row.team.name, row.criterion) for row in rows),
    )


def export_policies() -> Policies:
    """All policies."""
    rows = SlaPolicy.objects.select_related("calendar").order_by("position", "id")
    return Policies(
        tuple(
            Policy(row.name, row.response_minutes, row.calendar.name, row.criterion) for row in rows
        )
    )


def _check(criterion: Criterion, *, vocabulary: Vocabulary, path: str) -> None:
    if criterion:
        parse.parse(criterion, vocabulary=vocabulary, allowed=uses.ROUTING, path=path)


def _workspace_zone() -> str:
    return Workspace.objects.values_list("time_zone", flat=True).first() or "UTC"
