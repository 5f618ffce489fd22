"""From a decided lead to a person who answers it in time: owner, clock, notification, mail."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from django.utils.translation import gettext_noop as _noop

from leadline.delivery import acknowledgements, outbox
from leadline.delivery.acknowledgements import Ask
from leadline.flow import drawing, followers, notices
from leadline.flow.followers import News
from leadline.flow.rulebook import Rulebook
from leadline.flow.snapshots import Loaded
from leadline.lib import clock
from leadline.lifecycle import rules as lifecycle_rules
from leadline.lifecycle.rules import Reason
from leadline.routing import assignments, clocks, policies, rules
from leadline.routing.assignments import Dealt, Request
from leadline.routing.clocks import Start
from leadline.routing.notifications import Notice
from leadline.workspace import readers

if TYPE_CHECKING:
    from leadline.flow.evaluation import Looked


class Arrival(msgspec.Struct):
    """When something live of a lead was received, and when the earliest of it occurred."""

    received_us: int
    occurred_us: int
    is_form: bool = False


def hand_over(
    looked: Sequence["Looked"],
    *,
    rulebook: Rulebook,
    now: datetime,
    arrived: Mapping[UUID, Arrival],
) -> None:
    """Deal owners, start clocks, tell people. Only leads with something live are considered.

    Fills owner, team and response due time into the loaded leads, for their cards.
    """
    live = [each for each in looked if each.loaded.id in arrived and not each.loaded.is_test]
    if not live:
        return
    by_id = {each.loaded.id: each for each in live}
    raised = {
        each.loaded.id: asked
        for each in live
        if (asked := asks_for_us(each.loaded, arrived[each.loaded.id], rulebook=rulebook, now=now))
    }
    dealt = _deal(live, rulebook=rulebook, now=now)
    for each in dealt:
        loaded = by_id[each.lead_id].loaded
        loaded.owner_id, loaded.team_id = each.owner_id, each.team_id
    newly = {each.lead_id for each in dealt if each.owner_id is not None}
    due_before = {lead_id: by_id[lead_id].loaded.response_due_us for lead_id in raised}
    _start_clocks(
        [each for each in live if each.loaded.id in newly or each.loaded.id in raised],
        rulebook=rulebook,
        arrived=arrived,
        raised=raised,
    )
    pressing = {
        lead_id
        for lead_id, before_us in due_before.items()
        if _is_pressing(before_us, by_id[lead_id].loaded.response_due_us, at_us=clock.micros(now))
    }
    replied = {lead_id for lead_id, asked in raised.items() if asked.is_reply} - newly
    told = newly | pressing | replied
    _tell([by_id[lead_id] for lead_id in told], raised=raised, replied=replied, now=now)
    followers.tell(_news(live, rulebook=rulebook, raised=raised, told=told), now=now)
    _acknowledge(
        [by_id[lead_id] for lead_id in raised], rulebook=rulebook, now=now, arrived=arrived
    )


def asks_for_us(
    loaded: Loaded, arrival: Arrival, *, rulebook: Rulebook, now: datetime
) -> Reason | None:
    """How the lead raised a hand with what has just arrived; None: it did not."""
    return lifecycle_rules.raises_hand(
        rulebook.lifecycle,
        loaded.snapshot,
        since_us=arrival.occurred_us,
        at_us=clock.micros(now),
    )


def _is_pressing(before_us: int | None, due_us: int | None, *, at_us: int) -> bool:
    """Must the owner hear of another request? Not while the first waits within its time: somebody
    who presses the button fifty times is one person to call."""
    if before_us is None or due_us is None or due_us <= at_us:
        return True
    return before_us - due_us >= clock.MINUTE


def _deal(live: Sequence["Looked"], *, rulebook: Rulebook, now: datetime) -> list[Dealt]:
    requests = []
    at_us = clock.micros(now)
    for each in live:
        if not wants_owner(each, rulebook=rulebook):
            continue
        choice = rules.team_for(rulebook.routing, each.loaded.snapshot, at_us=at_us)
        requests.append(
            Request(
                each.loaded.id,
                choice.team_id if choice else None,
                None,
                choice.sentence if choice else "",
            )
        )
    return assignments.deal(requests, now=now)


def wants_owner(looked: "Looked", *, rulebook: Rulebook) -> bool:
    """Does this lead go to sales? Hand-raisers and qualified leads do; in a small workspace every
    inbound lead that can be reached."""
    loaded, decided = looked.loaded, looked.decided
    if loaded.owner_id is not None or loaded.waits_for_owner:
        return False
    step = rulebook.lifecycle.by_key.get(decided.after[0])
    if step is None or step.is_terminal or not loaded.has_shown_interest:
        return False
    if decided.decision.hand_raise or step.is_sales or _is_qualified(step, rulebook):
        return True
    is_reachable = bool(loaded.emails or loaded.phones)
    return rulebook.is_small and loaded.origin == "inbound" and is_reachable


def _is_qualified(step: lifecycle_rules.Step, rulebook: Rulebook) -> bool:
    """Past the first step of the path that screens show (marketing qualified and later)."""
    path = [each.rank for each in rulebook.lifecycle.steps if each.is_on_path]
    return step.is_on_path and bool(path) and step.rank > path[0]


def _start_clocks(
    due: Sequence["Looked"],
    *,
    rulebook: Rulebook,
    arrived: Mapping[UUID, Arrival],
    raised: Mapping[UUID, Reason],
) -> None:
    starts = []
    by_id = {each.loaded.id: each.loaded for each in due}
    for each in due:
        started_us = arrived[each.loaded.id].received_us
        policy = policies.policy_for(rulebook.policies, each.loaded.snapshot, at_us=started_us)
        if policy is not None:
            because = _because(each, raised) or policy.name
            starts.append(Start(each.loaded.id, policy, started_us, because))
    for running in clocks.start(starts):
        by_id[running.lead_id].response_due_us = running.due_us


def _tell(
    due: Sequence["Looked"],
    *,
    raised: Mapping[UUID, Reason],
    replied: Collection[UUID],
    now: datetime,
) -> None:
    """Tell the owners: of hot leads and replies at once, by the house's policy, others can wait."""
    notices.tell(
        [
            Notice(
                each.loaded.owner_id,
                each.loaded.id,
                _kind(each, replied),
                _sentence(each, raised),
                about=drawing.name_of(each.loaded) or "",
                due_us=each.loaded.response_due_us,
            )
            for each in due
            if each.loaded.owner_id is not None
        ],
        now=now,
    )


def _kind(looked: "Looked", replied: Collection[UUID]) -> str:
    if looked.loaded.id in replied:
        return "reply"
    return "hot_lead" if looked.decided.after[3] == "hot" else "new_lead"


def _news(
    live: Sequence["Looked"],
    *,
    rulebook: Rulebook,
    raised: Mapping[UUID, Reason],
    told: Collection[UUID],
) -> dict[UUID, News]:
    """What followers hear: who raised a hand, and whose stage is another one now."""
    found = {}
    for each in live:
        loaded, stage = each.loaded, each.decided.after[0]
        is_elsewhere = loaded.standing is not None and loaded.standing[0] != stage
        owner = (loaded.owner_id,) if loaded.owner_id and loaded.id in told else ()
        if loaded.id in raised:
            found[loaded.id] = News(_sentence(each, raised), told=owner)
        elif is_elsewhere:
            name = drawing.name_of(loaded) or _noop("Somebody")
            label = rulebook.lifecycle.by_key[stage].label
            found[loaded.id] = News(followers.stage_sentence(lead=name, stage=label), told=owner)
    return found


def _sentence(looked: "Looked", raised: Mapping[UUID, Reason]) -> str:
    name = drawing.name_of(looked.loaded) or _noop("Somebody")
    reason = _because(looked, raised)
    return f"{name[:120]} {reason}" if reason else _noop("%(name)s is yours now") % {"name": name}


def _because(looked: "Looked", raised: Mapping[UUID, Reason]) -> str:
    """Why somebody should look: what was asked just now, else what was asked lately, else what
    makes the lead warm."""
    asked = raised.get(looked.loaded.id)
    if asked is not None:
        return asked.because
    return looked.decided.decision.hand_raise or looked.decided.after[4]


def _acknowledge(
    raised: Sequence["Looked"],
    *,
    rulebook: Rulebook,
    now: datetime,
    arrived: Mapping[UUID, Arrival],
) -> None:
    """After hours, tell who asks for us when somebody answers."""
    if rulebook.hours is None:
        return
    asks = []
    for each in raised:
        loaded = each.loaded
        zone = loaded.traits.get("time_zone")
        if loaded.emails:
            asks.append(
                Ask(
                    loaded.id,
                    loaded.emails[0],
                    zone if isinstance(zone, str) else None,
                    f"acknowledged:{loaded.id}:{arrived[loaded.id].received_us}",
                )
            )
    with readers.speaking_to(readers.in_language(rulebook.language)):
        drafts = acknowledgements.drafts(
            asks, calendar=rulebook.hours, workspace_zone=rulebook.time_zone, now=now
        )
    outbox.put(drafts, now=now)
