"""One look at many leads: score → temperature → stage → segments → owner → card, each once.

The caller has locked the leads. Everything is loaded, decided in memory and written as sets; the
number of queries does not depend on the number of leads.
"""

from collections.abc import Collection, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec

from leadline.cards import projection
from leadline.criteria.span import NEVER
from leadline.flow import checkups, drawing, grouping, handover, moments, snapshots
from leadline.flow.checkups import Plan
from leadline.flow.grouping import Grouped
from leadline.flow.handover import Arrival
from leadline.flow.rulebook import Rulebook
from leadline.flow.snapshots import Loaded
from leadline.leads import trash
from leadline.lib import clock
from leadline.lifecycle import rules as lifecycle_rules
from leadline.lifecycle import standings
from leadline.lifecycle.rules import Where
from leadline.lifecycle.standings import Decided
from leadline.scoring import scores
from leadline.scoring.scores import Weighed
from leadline.segments import memberships
from leadline.segments.touched import Touched


class Looked(msgspec.Struct):
    """What one look at a lead gave."""

    loaded: Loaded
    weighed: Weighed
    decided: Decided
    grouped: Grouped


def evaluate(
    lead_ids: Collection[UUID],
    *,
    rulebook: Rulebook,
    now: datetime,
    arrived: Mapping[UUID, Arrival] | None = None,
    touched: Mapping[UUID, Touched] | None = None,
) -> list[Looked]:
    """Look at the leads and write what is decided, from scores to cards and checkups.

    `arrived`: for leads with something new and live, when it came; only these are routed,
    told about and put on a clock. `touched`: for leads of which nothing else has changed, what has;
    of these only the segments are looked at that ask for it.
    """
    at_us = clock.micros(now)
    planned = checkups.planned(lead_ids)
    found = snapshots.load(lead_ids, reads=rulebook.reads, at_us=at_us)
    looked = [
        look(
            each,
            rulebook=rulebook,
            at_us=at_us,
            plan=planned.get(each.id),
            touched=(touched or {}).get(each.id),
        )
        for each in found.values()
    ]
    _bring_back(looked, rulebook=rulebook, now=now, arrived=arrived or {})
    present = [each for each in looked if not each.loaded.is_absent]
    scores.write(each.weighed for each in present)
    standings.write((each.decided for each in present), lifecycle=rulebook.lifecycle)
    memberships.write([each.grouped.moved for each in looked])
    had = {each.loaded.id: each.loaded.owner_id for each in present}
    handover.hand_over(present, rulebook=rulebook, now=now, arrived=arrived or {})
    projection.write(
        drawing.draw(
            each.loaded,
            total=each.weighed.score.total,
            standing=each.decided.after,
            at_us=each.decided.at_us,
        )
        for each in present
    )
    projection.remove([each.loaded.id for each in looked if each.loaded.is_absent])
    again = {each.loaded.id for each in present if _asked_too_early(each, had, rulebook=rulebook)}
    checkups.write(_following(looked, again=again), before=planned)
    return present


def _asked_too_early(each: Looked, had: Mapping[UUID, UUID | None], *, rulebook: Rulebook) -> bool:
    """Whether rules that count the time in a stage or with an owner were asked before the pass gave
    the lead another one. The next look comes at once, and sees it."""
    if moments.ASSIGNED in rulebook.reads.facts and each.loaded.owner_id != had[each.loaded.id]:
        return True
    return "stage_since" in rulebook.reads_before_stage and each.decided.decision.stage is not None


def _bring_back(
    looked: Iterable[Looked],
    *,
    rulebook: Rulebook,
    now: datetime,
    arrived: Mapping[UUID, Arrival],
) -> None:
    """Whoever sends a form or asks for us leaves the trash; visits and files wake nobody there.

    A request that nobody sees is worse than a lead that somebody must delete again.
    """
    back = {}
    for each in looked:
        arrival = arrived.get(each.loaded.id)
        if arrival is None or not each.loaded.is_trashed or each.loaded.is_merged:
            continue
        if arrival.is_form or handover.asks_for_us(
            each.loaded, arrival, rulebook=rulebook, now=now
        ):
            back[each.loaded.id] = each
    if back:
        for lead_id in trash.take_out(back, now=now):
            each = back[lead_id]
            each.loaded.is_trashed = False
            each.grouped = grouping.group(
                each.loaded, each.weighed, each.decided, rulebook=rulebook
            )


def look(
    loaded: Loaded,
    *,
    rulebook: Rulebook,
    at_us: int,
    plan: Plan | None = None,
    touched: Touched | None = None,
) -> Looked:
    """Decide about one lead in memory, at `at_us` and never before what was decided last.

    Who had the lead while this waited for it may have taken in what it did: seen from before, that
    would lie ahead and not count. Without its `plan`, or `touched` None, all segments are looked
    at.
    """
    at_us = clock.not_before(at_us, loaded.decided_us)
    weighed = scores.weigh(
        loaded.id,
        loaded.snapshot,
        model=rulebook.score_model,
        version_id=rulebook.score_version_id,
        before=loaded.score,
        at_us=at_us,
    )
    score = weighed.score
    loaded.snapshot = loaded.snapshot.with_facts(
        {
            "score.total": score.total,
            "score.fit": score.fit,
            "score.engagement": score.engagement,
        }
    )
    first = rulebook.lifecycle.first.key
    where = loaded.where or Where(first, at_us, "rule", loaded.held_until_us)
    decision = lifecycle_rules.decide(rulebook.lifecycle, loaded.snapshot, where, at_us)
    if loaded.standing is None and decision.stage is None:
        decision = replace(decision, stage=first)  # a new lead stands somewhere
    decided = Decided(loaded.id, decision, loaded.standing, at_us)
    grouped = grouping.group(
        loaded, weighed, decided, rulebook=rulebook, plan=plan, touched=touched
    )
    return Looked(loaded, weighed, decided, grouped)


def _following(looked: Iterable[Looked], *, again: Container[UUID]) -> list[checkups.Next]:
    """When to look at each lead next; those in `again` at once."""
    following = []
    for each in looked:
        if each.loaded.is_absent:
            following.append(checkups.Next(each.loaded.id, NEVER, NEVER, 0))
            continue
        score, decision, grouped = each.weighed.score, each.decided.decision, each.grouped
        again_us = each.decided.at_us if each.loaded.id in again else NEVER
        following.append(
            checkups.Next(
                each.loaded.id,
                min(score.due_us or NEVER, decision.due_us, grouped.due_us, again_us),
                min(
                    NEVER if score.revalue_day is None else score.revalue_day,
                    decision.revalue_day,
                    grouped.day,
                ),
                score.total,
                grouped.due_us,
                grouped.day,
            )
        )
    return following
