"""Everything rules may ask, loaded for many leads with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from leadline.activities.models import Activity
from leadline.criteria.mentions import Mentions
from leadline.criteria.snapshot import Event, Snapshot
from leadline.criteria.span import NEVER
from leadline.deals.models import Deal
from leadline.flow import moments
from leadline.leads.stored import as_json
from leadline.lib import clock, rows
from leadline.lib.ids import as_uuid
from leadline.lifecycle.rules import HELD_US, Where
from leadline.lifecycle.standings import Stored
from leadline.privacy import consents
from leadline.scoring import adjustments
from leadline.segments import memberships
from leadline.segments.rules import MEMBERS
from leadline.workspace.models import Team, User

FOREVER = 2**61
MONTH = 32 * clock.DAY


class Loaded(msgspec.Struct):
    """A lead as one pass sees it. Times in microseconds."""

    id: UUID
    company_id: UUID | None
    company_name: str
    origin: str
    has_shown_interest: bool
    is_test: bool
    is_merged: bool
    # In the trash, or removed from it for good.
    is_trashed: bool
    created_us: int
    traits: Mapping[str, Any] = {}  # JSON values
    # The full name is only a claim, first or last name are verified.
    is_name_claimed: bool = False
    emails: list[str] = []
    phones: list[str] = []
    binding_ids: list[int] = []
    first_touch: tuple[str, str] = ("", "")  # channel, source
    standing: Stored | None = None
    score: tuple[int, int, int, int, int, int | None, int | None] | None = None
    owner_id: UUID | None = None
    team_id: int | None = None
    waits_for_owner: bool = False
    response_due_us: int | None = None
    # When the last open task is due, and until when somebody's work holds the stage.
    last_due_us: int | None = None
    held_until_us: int = 0
    snapshot: Snapshot = Snapshot()

    @property
    def is_absent(self) -> bool:
        """Merged away or in the trash: nothing is decided about it and nothing shows it."""
        return self.is_merged or self.is_trashed

    @property
    def decided_us(self) -> int:
        """When something was last decided about the lead; 0 for a new one."""
        _, since_us, _, _, _, warm_us, return_us = self.standing or ("", 0, "", "", "", 0, None)
        return max(self.score[4] if self.score else 0, since_us, warm_us, return_us or 0)

    @property
    def where(self) -> Where | None:
        if self.standing is None:
            return None
        stage, since_us, set_by, *_ = self.standing
        return Where(stage, since_us, set_by, self.held_until_us)


def load(lead_ids: Collection[UUID], *, reads: Mentions, at_us: int) -> dict[UUID, Loaded]:
    """The leads with their snapshots at `at_us`. About a dozen queries for any number of leads.

    The caller holds the leads' locks. Leads that do not exist are left out.
    """
    found = _leads(lead_ids)
    events = _bindings_and_events(found, reads=reads, at_us=at_us)
    _touches(found)
    deals = _deals(found)
    activities = _activities(found)
    permissions = _permissions(found, reads)
    by_hand = adjustments.facts(found)
    times = moments.facts({each.id: each.binding_ids for each in found.values()}, reads, at_us)
    segments = memberships.of(found) if MEMBERS in reads.facts else {}
    addresses, teams = _names(found)
    for each in found.values():
        facts: dict[str, object] = {
            "shows_interest": each.has_shown_interest,
            "owner": addresses.get(each.owner_id),
            "team": teams.get(each.team_id),
            "source": each.first_touch[1] or None,
            "since.created": each.created_us,
            **deals.get(each.id, _NO_DEAL),
            **activities.get(each.id, {}),
            **permissions.get(each.id, {}),
            **by_hand.get(each.id, {}),
            **times.get(each.id, {}),
            MEMBERS: segments.get(each.id, _NO_SEGMENTS),
        }
        if each.standing is not None:
            facts |= {"stage": each.standing[0], "stage_since": each.standing[1]}
        each.held_until_us = _held_until(facts, each.last_due_us)
        each.snapshot = Snapshot(each.traits, events.get(each.id, {}), facts)
    return found


def _held_until(facts: Mapping[str, object], last_due_us: int | None) -> int:
    """Until when an open deal, a task that lies ahead or a touch of the last 30 days holds."""
    if facts["deal.is_open"] is True:
        return NEVER
    touched_us = facts.get("since.last_touch")
    held_us = touched_us + HELD_US if isinstance(touched_us, int) else 0
    return max(held_us, last_due_us or 0)


_NO_SEGMENTS: frozenset[str] = frozenset()
_NO_DEAL: Mapping[str, object] = {"deal.is_open": False, "deal.is_won": False}


def _leads(lead_ids: Collection[UUID]) -> dict[UUID, Loaded]:
    """The leads with all that is one row per lead, in one statement."""
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, _ONE_PER_LEAD, lead_ids, vendor=connection.vendor)
    return {(lead := _read(row)).id: lead for row in found}


# One join by primary keys: the same through six ORM queries took a tenth of a pass (200 leads).
_ONE_PER_LEAD = """
    SELECT l.id, l.company_id, coalesce(c.name, ''), l.origin, l.has_shown_interest, l.is_test,
           l.merged_into_id, l.created_at, l.traits, c.traits, k.due_at,
           s.stage, s.stage_since, s.stage_set_by, s.temperature, s.temperature_reason,
           s.temperature_since, s.return_since,
           p.version_id, p.total, p.fit, p.engagement, p.at, p.until, p.revalue_on,
           l.trait_marks, a.owner_id, a.team_id, a.by_id, a.id, r.id,
           (SELECT max(due_at) FROM activities_task WHERE lead_id = l.id AND done_at IS NULL)
    FROM leads_lead l
    LEFT JOIN leads_company c ON c.id = l.company_id
    LEFT JOIN lifecycle_standing s ON s.lead_id = l.id
    LEFT JOIN scoring_score p ON p.lead_id = l.id
    LEFT JOIN routing_clock k ON k.lead_id = l.id AND k.state = 'running'
    LEFT JOIN routing_assignment a ON a.id =
      (SELECT max(id) FROM routing_assignment WHERE lead_id = l.id)
    LEFT JOIN leads_removal r ON r.lead_id = l.id AND r.state IN ('trashed', 'removed')
    WHERE l.id {in}"""


def _read(row: tuple[Any, ...]) -> Loaded:  # columns of the query above
    traits = as_json(row[8])
    company = as_json(row[9] or "{}")
    if company:
        # What a trusted source says of the company counts before what the lead claimed.
        traits = {**traits, **{f"company.{name}": value for name, value in company.items()}}
    owner_id = None if row[26] is None else as_uuid(row[26])
    return Loaded(
        as_uuid(row[0]),
        None if row[1] is None else as_uuid(row[1]),
        row[2] or str(traits.get("company.name", "")),
        row[3],
        bool(row[4]),
        bool(row[5]),
        row[6] is not None,
        row[30] is not None,
        row[7],
        traits,
        emails=[],
        phones=[],
        binding_ids=[],
        response_due_us=row[10],
        standing=None if row[11] is None else row[11:18],
        score=None if row[18] is None else row[18:25],
        is_name_claimed=_is_name_claimed(as_json(row[25])),
        owner_id=owner_id,
        team_id=row[27],
        waits_for_owner=row[29] is not None and owner_id is None and row[28] is None,
        last_due_us=row[31],
    )


def _is_name_claimed(marks: Mapping[str, list[int]]) -> bool:
    first, last, full = (marks.get(name, (0, 0))[1] for name in ("first_name", "last_name", "name"))
    return bool(first or last) and not full


def _bindings_and_events(
    found: Mapping[UUID, Loaded], *, reads: Mentions, at_us: int
) -> dict[UUID, dict[str, list[Event]]]:
    vendor = connection.vendor
    owners: dict[int, UUID] = {}
    with connection.cursor() as cursor:
        bindings = rows.select_in(
            cursor,
            "SELECT id, lead_id, kind, value, closed_at FROM leads_binding WHERE lead_id {in}"
            " ORDER BY id",
            found,
            vendor=vendor,
        )
        for identity, lead_id, kind, value, closed in bindings:
            lead = found[as_uuid(lead_id)]
            owners[identity] = lead.id
            lead.binding_ids.append(identity)
            if closed is None and kind == "email":
                lead.emails.append(value)
            elif closed is None and kind == "phone":
                lead.phones.append(value)
        if not reads.events:
            return {}
        events = _events(cursor, owners, reads=reads, at_us=at_us, vendor=vendor)
    return _grouped(events, owners)


def _events(
    cursor: rows.Cursor, owners: Mapping[int, UUID], *, reads: Mentions, at_us: int, vendor: str
) -> list[tuple[Any, ...]]:  # columns of the query
    """At most six queries: names that matter for a month, longer, or for ever, and of events whose
    properties nobody asks for the index alone."""
    found = []
    for (_, is_detailed), names in sorted(_alike(reads).items()):
        properties = "properties" if is_detailed else "'{}'"
        horizon = at_us - max(_reach(reads, name) for name in names)
        found += rows.select_in(
            cursor,
            f"SELECT binding_id, id, name, occurred_at, {properties}"
            f" FROM timeline_event WHERE name IN ({', '.join(['%s'] * len(names))})"
            " AND occurred_at >= %s AND counts AND binding_id {in}",
            owners,
            vendor=vendor,
            before=[*sorted(names), horizon],
        )
    return found


def _alike(reads: Mentions) -> dict[tuple[int, bool], list[str]]:
    """Event names that one query can ask for: alike in reach and in what is read of them."""
    groups: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for name in reads.events:
        reach = sum(_reach(reads, name) > limit for limit in (MONTH, FOREVER - 1))
        groups[reach, name in reads.detailed].append(name)
    return groups


def _reach(reads: Mentions, name: str) -> int:
    """How far back to look for it: a day more than rules reach, days are cut at an offset."""
    reach = reads.events[name]
    return FOREVER if reach is None else reach + clock.DAY


def _grouped(
    events: list[tuple[Any, ...]],
    owners: Mapping[int, UUID],  # columns of the query above
) -> dict[UUID, dict[str, list[Event]]]:
    grouped: dict[UUID, dict[str, list[Event]]] = defaultdict(dict)
    of_binding = {binding_id: grouped[lead_id] for binding_id, lead_id in owners.items()}
    for binding_id, identity, name, occurred_us, properties in events:
        mine = of_binding[binding_id]
        event = Event(identity, name, occurred_us, properties)
        if name in mine:
            mine[name].append(event)
        else:
            mine[name] = [event]
    for groups in grouped.values():
        for group in groups.values():
            # Nearly in order as the index gives them, which sorting each alone makes use of.
            group.sort(key=_in_order)
    return grouped


_in_order = attrgetter("occurred_us", "id")


def _touches(found: Mapping[UUID, Loaded]) -> None:
    """Channel and source of the first touch, and when the last one was."""
    owners = {identity: each for each in found.values() for identity in each.binding_ids}
    with connection.cursor() as cursor:
        touches = rows.select_in(
            cursor,
            "SELECT binding_id, occurred_at, id, channel, source FROM timeline_touch"
            " WHERE binding_id {in}",
            owners,
            vendor=connection.vendor,
        )
    first: dict[UUID, tuple[int, int]] = {}
    for binding_id, occurred_us, identity, channel, source in touches:
        each = owners[binding_id]
        if each.id not in first or (occurred_us, identity) < first[each.id]:
            first[each.id] = (occurred_us, identity)
            each.first_touch = (channel, source)


def _names(
    found: Mapping[UUID, Loaded],
) -> tuple[dict[UUID | None, str], dict[int | None, str]]:
    """Owners by their address and teams by their name, as rules and list filters name them."""
    owners = {each.owner_id for each in found.values() if each.owner_id is not None}
    teams = {each.team_id for each in found.values() if each.team_id is not None}
    return (
        dict(User.objects.filter(id__in=owners).values_list("id", "email")),
        dict(Team.objects.filter(id__in=teams).values_list("id", "name")),
    )


def _deals(found: Collection[UUID]) -> dict[UUID, dict[str, object]]:
    facts: dict[UUID, dict[str, object]] = {}
    with connection.cursor() as cursor:
        deals = rows.select_in(
            cursor,
            "SELECT lead_id, state, opened_at, closed_at FROM deals_deal WHERE lead_id {in}",
            found,
            vendor=connection.vendor,
        )
    for key, state, opened_us, closed_us in deals:
        mine = facts.setdefault(as_uuid(key), dict(_NO_DEAL))
        if state == Deal.State.OPEN:
            mine |= {"deal.is_open": True, "deal.opened_us": opened_us}
        elif state == Deal.State.WON:
            mine |= {"deal.is_won": True, "deal.won_us": closed_us}
    return facts


def _permissions(found: Mapping[UUID, Loaded], reads: Mentions) -> dict[UUID, dict[str, object]]:
    """Consents, when a rule asks for one."""
    if not any(name.startswith("consent.") for name in reads.facts):
        return {}
    return consents.facts({each.id: each.emails for each in found.values()})


def _activities(found: Collection[UUID]) -> dict[UUID, dict[str, object]]:
    """When a person last got in touch; notes are no touch."""
    with connection.cursor() as cursor:
        last = rows.select_in(
            cursor,
            "SELECT lead_id, max(began_at) FROM activities_activity"
            " WHERE kind <> %s AND lead_id {in} GROUP BY lead_id",
            found,
            vendor=connection.vendor,
            before=[Activity.Kind.NOTE.value],
        )
    return {
        as_uuid(key): {"since.last_response": began_us, "since.last_touch": began_us}
        for key, began_us in last
    }
