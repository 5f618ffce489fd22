"""What a change causes: the second third of the story.

Every verb here is one transaction: it locks the lead, makes the change through the package that
owns it, and looks at the lead again, so that score, stage and card follow at once.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_noop as _noop

from leadline.activities import homes, logs, snoozes
from leadline.activities.models import Activity
from leadline.cards import notes
from leadline.cards.models import Card
from leadline.deals.models import Deal
from leadline.flow import evaluation, followers, mentions, notices, rulebook
from leadline.leads import locks, merging, trash
from leadline.lib import clock
from leadline.lifecycle import standings
from leadline.lifecycle.models import StageChange
from leadline.lifecycle.standings import Place
from leadline.routing import assignments, clocks, follows
from leadline.routing.assignments import Dealt
from leadline.routing.clocks import Breach
from leadline.routing.models import Assignment
from leadline.routing.notifications import Notice
from leadline.scoring.models import ScoreAdjustment
from leadline.segments import lists

_WITH_A_HOME: tuple[type[Model], ...] = (*homes.MODELS, Deal, ScoreAdjustment)
"""Rows that follow their lead through a merge, and go back when it is undone."""


def merged(pairs: Sequence[tuple[UUID, UUID]], *, now: datetime) -> None:
    """Each package absorbs its rows of (kept, absorbed) leads; evaluation follows.

    The response clock of the two that waited longer runs on; a lead without an owner takes over
    the other's.
    """
    if not pairs:
        return
    ended = [(became[-1], absorbed) for absorbed, became in merging.chains(pairs).items()]
    trash.absorb(ended, now=now)
    for model in _WITH_A_HOME:
        homes.absorb(model, pairs)
    lists.absorb(pairs, now=now)
    follows.absorb(pairs, now=now)
    owners = assignments.current([lead_id for pair in pairs for lead_id in pair])
    for kept, absorbed in ended:
        clocks.absorb(kept, loser_id=absorbed, now=now)
        before, other = owners.get(kept), owners.get(absorbed)
        if other is not None and other.owner_id and (before is None or before.owner_id is None):
            owners[kept] = other
            assignments.reassign(
                kept,
                owner_id=other.owner_id,
                by=None,
                because=_noop("Came with the lead that was merged into this one"),
                now=now,
            )


def merge(kept_id: UUID, absorbed_id: UUID, *, because: str, now: datetime) -> int:
    """A person merges two leads; returns the merge's id. Raises merging.CannotMerge."""
    with transaction.atomic():
        row = merging.merge(kept_id, absorbed_id, because=because, now_us=clock.micros(now))
        merged([(kept_id, absorbed_id)], now=now)
        look_again([kept_id, absorbed_id], now=now)
    return row.id


def undo_merge(merge_id: int, *, now: datetime) -> None:
    """Two leads again. Raises merging.CannotMerge."""
    with transaction.atomic():
        parted = merging.undo(merge_id, now_us=clock.micros(now))
        for model in _WITH_A_HOME:
            homes.part(model, *parted)
        lists.part(parted, now=now)
        leave_the_gone(parted, now=now)
        look_again(parted, now=now)


def leave_the_gone(lead_ids: Sequence[UUID], *, now: datetime) -> None:
    """Leads that come back to the lists leave whoever has left meanwhile, and wait for others."""
    because = _noop("Whoever had the lead has left meanwhile")
    assignments.leave_the_gone(lead_ids, because=because, now=now)


def look_again(lead_ids: Collection[UUID], *, now: datetime) -> None:
    """Evaluate leads after something about them changed. Joins the caller's transaction."""
    with transaction.atomic(savepoint=False):
        locks.hold(lead_ids)
        evaluation.evaluate(list(lead_ids), rulebook=rulebook.current(now), now=now)


def log_activity(
    lead_id: UUID,
    *,
    kind: str,
    outcome: str,
    text: str,
    by: UUID,
    began_at: datetime,
    now: datetime,
    key: UUID | None = None,
) -> Activity:
    """Somebody called, wrote or noted. The first real response stops the clock.

    Colleagues who are named with an @ and may see the lead are told. With a `key` that was used
    for this lead nothing happens again, and what was written then comes back.
    """
    with transaction.atomic():
        locks.hold([lead_id])
        if key is not None and (known := logs.written(key, lead_id=lead_id)) is not None:
            return known
        logged = logs.log(
            lead_id, kind=kind, outcome=outcome, text=text, by=by, began_at=began_at, now=now,
            key=key,
        )  # fmt: skip
        notes.follow([lead_id])
        if logs.is_response(logged):
            clocks.respond(lead_id, began_at=began_at, now=now)
        named = mentions.tell(logged, now=now)
        followers.tell_of(logged, told=named, now=now)
        look_again([lead_id], now=now)
    return logged


def undo_activity(activity_id: UUID, *, by: UUID, now: datetime) -> None:
    """Take a log back with what it did to the clock. Raises logs.CannotUndo."""
    with transaction.atomic():
        undone = logs.undo(activity_id, by=by)
        if logs.is_response(undone):
            clocks.resume(undone.lead_id, began_at=undone.began_at)
        look_again([undone.lead_id], now=now)


def snooze(lead_id: UUID, *, user: UUID, until: datetime, now: datetime) -> None:
    """Put a lead off until later, for one person."""
    snoozes.snooze(lead_id, user_id=user, until=until, now=now)


def set_stage(
    lead_id: UUID, stage: str, *, by: UUID, reason: str, now: datetime
) -> StageChange | None:
    """A person decides the stage; ending stages stop the clock. Raises standings.UnknownStage."""
    with transaction.atomic():
        locks.hold([lead_id])
        rules = rulebook.current(now)
        change = standings.set_by_person(
            lead_id, stage, by=by, because=reason, lifecycle=rules.lifecycle, now=now
        )
        if change is not None:
            step = rules.lifecycle.by_key[stage]
            if step.is_terminal:
                clocks.cancel([lead_id], because=reason, now=change.at)
            followers.tell_of_stage(lead_id, step.label, by=by, now=now)
            look_again([lead_id], now=now)
    return change


def undo_stage(change_id: int, was: Place, *, by: UUID, now: datetime) -> StageChange | None:
    """Take a stage back that a person set; None when it is gone or was changed since.

    A response clock that it had stopped goes on as after a pause. Nobody is told.
    """
    change = StageChange.objects.filter(pk=change_id).first()
    if change is None:
        return None
    with transaction.atomic():
        locks.hold([change.lead_id])
        undone = standings.take_back(change, was, by=by, now=now)
        if undone is not None:
            let_clocks_go_on({change.lead_id: change.at}, now=now)
            look_again([change.lead_id], now=now)
    return undone


def let_clocks_go_on(cancelled: Mapping[UUID, datetime], *, now: datetime) -> None:
    """What stopped these leads' clocks, at these instants, was taken back: they go on from there.

    Whoever was answered meanwhile waits no more. The caller holds the leads' locks.
    """
    again = clocks.go_on(cancelled, now=now)
    answered = logs.first_responses({lead_id: cancelled[lead_id] for lead_id in again})
    for lead_id, began_at in answered.items():
        clocks.respond(lead_id, began_at=began_at, now=now)


def assign(
    lead_id: UUID,
    owner_id: UUID | None,
    *,
    by: UUID,
    because: str,
    now: datetime,
    is_undo: bool = False,
) -> Assignment | None:
    """Hand a lead to a person, who is told. Raises assignments.NotAssignable."""
    with transaction.atomic():
        locks.hold([lead_id])
        made = assignments.reassign(
            lead_id, owner_id=owner_id, by=by, because=because, now=now, is_undo=is_undo
        )
        if made is not None:
            if owner_id is not None:
                notices.tell([Notice(owner_id, lead_id, "assigned", because, by=by)], now=now)
            look_again([lead_id], now=now)
    return made


def undo_assign(
    lead_id: UUID, assignment_id: int, owner_id: UUID | None, *, by: UUID, now: datetime
) -> bool:
    """Give the lead back to `owner_id`, who is told, and to the team that it had; False when it was
    handed on since. Raises assignments.NotAssignable."""
    with transaction.atomic():
        locks.hold([lead_id])
        newest = assignments.current([lead_id]).get(lead_id)
        if newest is None or newest.pk != assignment_id:
            return False
        assign(lead_id, owner_id, by=by, because=_noop("Undone"), now=now, is_undo=True)
        return True


def dealt(found: Sequence[Dealt], *, now: datetime) -> None:
    """Somebody is free again: tell the new owners and refresh the cards."""
    owned = [each for each in found if each.owner_id is not None]
    if owned:
        hot = _hot([each.lead_id for each in owned])
        with transaction.atomic():
            notices.tell(
                [
                    Notice(
                        each.owner_id,
                        each.lead_id,
                        "hot_lead" if each.lead_id in hot else "new_lead",
                        each.sentence,
                    )
                    for each in owned
                    if each.owner_id is not None
                ],
                now=now,
            )
            look_again([each.lead_id for each in owned], now=now)


def _hot(lead_ids: Collection[UUID]) -> set[UUID]:
    """Which of these are hot, by their cards. One query."""
    hot = Card.objects.filter(pk__in=list(lead_ids), temperature="hot")
    return set(hot.values_list("pk", flat=True))


def breached(found: Sequence[Breach], *, now: datetime) -> None:
    """A response time has run out: tell the owner and the managers of the team."""
    text = _noop("The response time has run out.")
    _tell_each(found, kind="breached", text=text, now=now)


def nearly_due(found: Sequence[Breach], *, now: datetime) -> None:
    """60 % of a response time are over: tell whoever answers, while there is time."""
    text = _noop("The response time is nearly over.")
    _tell_each(found, kind="due_soon", text=text, now=now)


def _tell_each(found: Sequence[Breach], *, kind: str, text: str, now: datetime) -> None:
    told = [
        Notice(who, each.lead_id, kind, text, due_us=each.due_us)
        for each in found
        for who in each.told
    ]
    notices.tell(told, now=now)


def deals_changed(lead_ids: Collection[UUID], *, now: datetime) -> None:
    """A deal was opened, won or lost: the stages of its leads follow."""
    look_again(lead_ids, now=now)
