"""Doing one thing to many leads, at once or in a job, and undoing it for a day.

An action is a row; so is every lead that it means, before anything happens to it. Portions take
the waiting ones in the order of their ids, one transaction each: whoever is killed in between goes
on where it stopped, and nothing is done twice. Locks are always taken in the same order (the
action, the pass, the leads by id), so that two actions on the same leads take turns.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leadline.cards import selection
from leadline.cards.time_box import TooSlow
from leadline.criteria.lists import NotForLists
from leadline.flow import (
    bulk_acts,
    bulk_changes,
    bulk_choice,
    bulk_erasing,
    bulk_export,
    bulk_notices,
    bulk_once,
)
from leadline.flow.bulk_acts import Doing, Done
from leadline.flow.bulk_choice import Choice, NotAChoice
from leadline.flow.bulk_once import Once
from leadline.flow.bulk_wanted import Wanted
from leadline.flow.models import BulkAction, BulkChange
from leadline.leads import locks, trash
from leadline.lib import clock
from leadline.workspace import audit, jobs, permissions
from leadline.workspace.audit import Act, Change, Doer
from leadline.workspace.models import User

AT_ONCE = 100
"""So many are done while somebody waits; more go to a job, after a preview."""
PORTION = 100
GATHERED = 1_000
UNDO_WITHIN = timedelta(hours=24)
KEPT = timedelta(days=30)
RUN = "bulk.run"
UNDO = "bulk.undo"
State, Kind = BulkAction.State, BulkAction.Kind
_AUDITED: Mapping[str, Act] = {Kind.EXPORT: "leads.exported", Kind.TRASH: "leads.deleted"}


class NotAllowed(Exception):
    """The role does not allow it."""

    permanent = True


class CountChanged(Exception):
    """The list holds far more or fewer leads than its asker saw; nothing was done."""

    permanent = True

    def __init__(self, seen: int, found: int) -> None:
        super().__init__(f"{seen} leads were seen, {found} are there now")
        self.seen, self.found = seen, found


def begin(
    kind: str, choice: Choice, wanted: Wanted, *, by: Doer, now: datetime, sent: Once | None = None
) -> BulkAction:
    """Do it to up to a hundred leads at once, else enqueue the job that does; the action's row.

    Sent again under its key it gives the row that is there. Raises NotAllowed, NotWanted,
    NotAChoice, CountChanged, NotForLists, TooSlow and UsedOtherwise; then nothing was written.
    `wanted` is read again here, whoever has read it before.
    """
    act, asker = bulk_acts.of(kind), _person(by)
    if not permissions.may(asker, act.action):
        raise NotAllowed
    settled = act.read(wanted, asker, now)
    count = bulk_choice.count(choice, asker, now=now)
    # Asked after counting: whoever counts what the first has changed finds the first.
    if (there := bulk_once.begun(sent, by=asker.pk)) is not None:
        return there
    _check_count(choice, count)
    with transaction.atomic():
        if kind == Kind.LIST and count:
            settled = bulk_acts.with_number(settled, by=asker, now=now)
        action = BulkAction(
            kind=kind, wanted=settled, choice=bulk_choice.written(choice), by=asker, at=now,
            lead_count=count,
        )  # fmt: skip
        if (there := bulk_once.keep(action, sent)) is not None:
            return there
        if not choice.is_list:
            bulk_changes.expect(action, selection.visible(asker, choice.leads))
            BulkAction.objects.filter(pk=action.pk).update(state=State.WORKING)
        if kind in _AUDITED:
            _record(_AUDITED[Kind(kind)], action, by=by, now=now, after={"n": count})
        if count <= AT_ONCE and kind != Kind.EXPORT:
            run({"action": str(action.pk)}, now)
        else:
            _enqueue(RUN, action.pk, now=now)
    action.refresh_from_db()
    return action


def run(arguments: Mapping[str, object], now: datetime) -> int:
    """The job: gathers the leads, then does it portion by portion; how many it looked at.

    Goes on where it stopped; ends early when somebody cancels it or its asker may not any more.
    """
    action_id, at = UUID(str(arguments["action"])), clock.running(now)
    count = 0
    while _portion(action_id, State.GATHERING, _gather, at()):
        pass
    while looked := _portion(action_id, State.WORKING, _do_some, at()):
        count += looked
    action = BulkAction.objects.select_related("by").filter(pk=action_id).first()
    if action is not None and action.kind == Kind.EXPORT:
        count += _export(action)
    _portion(action_id, State.WORKING, _finish, at())
    return count


def _export(action: BulkAction) -> int:
    """Write the file in one go; whoever is killed in between writes it anew."""
    mine = BulkAction.objects.filter(pk=action.pk, state=State.WORKING)
    if action.by is None or not mine.exists():
        return 0
    with suppress(bulk_export.Stopped):
        return bulk_export.write(action, go_on=lambda n: bool(mine.update(done_count=n)))
    return 0


def cancel(action_id: UUID, *, now: datetime) -> bool:
    """Stop before the next portion; what was done stays, and can be undone. False when over."""
    mine = BulkAction.objects.filter(pk=action_id, state__in=[State.GATHERING, State.WORKING])
    with transaction.atomic():
        is_over = bool(mine.update(state=State.CANCELLED, ended_at=now))
        bulk_erasing.settle(action_id)
    return is_over


def go_on(action_id: UUID, *, now: datetime) -> bool:
    """Try a job again that was given up; False when it is under way or over."""
    row = BulkAction.objects.filter(pk=action_id).first()
    if row is None or row.state not in (State.GATHERING, State.WORKING, State.UNDOING):
        return False
    return _enqueue(UNDO if row.state == State.UNDOING else RUN, action_id, now=now)


def may_undo(action: BulkAction, user: User, *, now: datetime) -> bool:
    """Its doer, and whoever runs the workspace, for a day after its end."""
    if action.kind == Kind.EXPORT or action.state not in (State.DONE, State.CANCELLED):
        return False
    if action.done_count == 0 or (action.ended_at or action.at) <= now - UNDO_WITHIN:
        return False
    is_theirs = action.by_id == user.pk or permissions.may(user, "manage_people")
    return is_theirs and permissions.may(user, bulk_acts.of(action.kind).action)


def undo(action_id: UUID, *, by: Doer, now: datetime) -> BulkAction | None:
    """Give back what nobody changed since; None when it is unknown, over or not theirs.

    Up to a hundred leads at once, else in a job. A second run finds nothing to undo.
    """
    with transaction.atomic():
        action = _held(action_id, State.DONE, State.CANCELLED)
        doer = _person(by)
        if action is None or not may_undo(action, doer, now=now):
            return None
        action.state, action.undone_by, action.undone_at = State.UNDOING, doer, now
        action.save(update_fields=["state", "undone_by", "undone_at"])
        if action.kind == Kind.TRASH:
            _record("leads.restored", action, by=by, now=now)
        if action.done_count <= AT_ONCE:
            run_undo({"action": str(action.pk)}, now)
        else:
            _enqueue(UNDO, action.pk, now=now)
    action.refresh_from_db()
    return action


def run_undo(arguments: Mapping[str, object], now: datetime) -> int:
    """The job after `undo`; how many leads it looked at. Goes on where it stopped."""
    action_id, at, count = UUID(str(arguments["action"])), clock.running(now), 0
    while looked := _portion(action_id, State.UNDOING, _return_some, at()):
        count += looked
    _portion(action_id, State.UNDOING, _close_undo, at())
    return count


def forget(*, now: datetime) -> int:
    """Delete actions of more than a month ago, at most a thousand rows at a time; how many rows.

    Safe to run twice.
    """
    old = BulkAction.objects.filter(at__lt=now - KEPT)
    done = 0
    for action_id in list(old.order_by("at").values_list("pk", flat=True)[:100]):
        mine = BulkChange.objects.filter(action=action_id)
        while found := list(mine.values_list("pk", flat=True)[:GATHERED]):
            done += BulkChange.objects.filter(pk__in=found).delete()[0]
        done += BulkAction.objects.filter(pk=action_id).delete()[0]
    return done


# Portions. Each joins the transaction of `_portion` and returns how many leads it looked at.


def _gather(action: BulkAction, now: datetime) -> int:
    """Note the next thousand leads of the list; the last portion checks how many there are."""
    choice = bulk_choice.read(action.choice)
    assert action.by is not None  # `_portion` looked
    noted = BulkChange.objects.filter(action=action)
    beyond = noted.order_by("-lead").values_list("lead", flat=True).first()
    try:
        listing = bulk_choice.listing_of(choice, action.by, now=now)
        found = selection.walk(listing, beyond=beyond, until=action.at, limit=GATHERED)
        bulk_changes.expect(action, found)
        if len(found) < GATHERED:
            _check_count(choice, noted.count())
    except (NotAChoice, NotForLists, TooSlow, CountChanged) as refusal:
        return _refuse(action, type(refusal).__name__, now=now)
    if len(found) < GATHERED:
        count = noted.count()
        BulkAction.objects.filter(pk=action.pk).update(state=State.WORKING, lead_count=count)
    return len(found)


def _do_some(action: BulkAction, now: datetime) -> int:
    lead_ids = bulk_changes.leads_in(BulkChange.State.WAITING, action, limit=PORTION)
    if not lead_ids or action.kind == Kind.EXPORT:
        return 0
    assert action.by is not None
    locks.passing()
    locks.hold(lead_ids)
    act = bulk_acts.of(action.kind)
    reach = selection.visible if act.is_for_all_seen else selection.editable
    able = sorted(reach(action.by, lead_ids))
    changed = act.apply(Doing(action.by, action.wanted, now), able)
    bulk_acts.look_again(action.kind, list(changed), now=now)
    bulk_changes.note(action, {
        **dict.fromkeys(lead_ids, (BulkChange.State.LEFT_OUT, Done())),
        **dict.fromkeys(able, (BulkChange.State.SAME, Done())),
        **{lead_id: (BulkChange.State.DONE, done) for lead_id, done in changed.items()},
    })  # fmt: skip
    return len(lead_ids)


def _return_some(action: BulkAction, now: datetime) -> int:
    found = list(
        BulkChange.objects.filter(action=action, state=BulkChange.State.DONE).order_by("lead")[
            :PORTION
        ]
    )
    if not found:
        return 0
    done = {each.lead_id: Done(each.before, each.mark) for each in found}
    locks.passing()
    locks.hold(done)
    here = set(done)
    if action.kind != Kind.TRASH:
        here = set(trash.present().filter(pk__in=list(done)).values_list("pk", flat=True))
    assert action.undone_by is not None
    doing = Doing(action.undone_by, action.wanted, now)
    wanted = {lead_id: each for lead_id, each in done.items() if lead_id in here}
    returned = bulk_acts.of(action.kind).undo(doing, wanted)
    bulk_acts.look_again(action.kind, sorted(returned), now=now)
    bulk_changes.note(action, {
        lead_id: (
            BulkChange.State.RETURNED if lead_id in returned else BulkChange.State.KEPT, each
        )
        for lead_id, each in done.items()
    })  # fmt: skip
    return len(found)


def _finish(action: BulkAction, now: datetime) -> int:
    _end(action, State.DONE, now=now)
    bulk_notices.tell(action, now=now)
    return 0


def _close_undo(action: BulkAction, now: datetime) -> int:
    BulkAction.objects.filter(pk=action.pk).update(state=State.UNDONE)
    return 0


def _portion(
    action_id: UUID, state: str, act: Callable[[BulkAction, datetime], int], now: datetime
) -> int:
    """One transaction of a job; 0 when the action is not in this state any more."""
    with transaction.atomic():
        action = _held(action_id, state)
        if action is None:
            return 0
        doer = action.undone_by if state == State.UNDOING else action.by
        if doer is None or not permissions.may(doer, bulk_acts.of(action.kind).action):
            return _refuse(action, "NotAllowed", now=now)
        return act(action, now)


def _held(action_id: UUID, *states: str) -> BulkAction | None:
    """The action, locked, if it is in one of these states; else None."""
    locked = BulkAction.objects.select_for_update(of=("self",)).select_related("by", "undone_by")
    return locked.filter(pk=action_id, state__in=states).first()


def _refuse(action: BulkAction, problem: str, *, now: datetime) -> int:
    """Nothing more happens; what was done already can be undone."""
    state = State.CANCELLED if action.done_count else State.REFUSED
    if action.state == State.UNDOING:
        state = State.UNDONE
    BulkAction.objects.filter(pk=action.pk).update(
        state=state, problem=problem[:24], ended_at=action.ended_at or now
    )
    bulk_erasing.settle(action.pk)
    return 0


def _end(action: BulkAction, state: str, *, now: datetime) -> None:
    BulkAction.objects.filter(pk=action.pk).update(state=state, ended_at=now)
    bulk_erasing.settle(action.pk)


# Rows


def _person(doer: Doer) -> User:
    assert doer.user_id is not None, "nobody does this at the command line"
    return User.objects.get(pk=doer.user_id)


def _record(
    act: Act, action: BulkAction, *, by: Doer, now: datetime, after: Mapping[str, int] | None = None
) -> None:
    change = Change(act, "bulk", action.pk, str(action.pk), after=after or {})
    audit.record(change, by=by, now=now)


def _check_count(choice: Choice, found: int) -> None:
    """A list that has grown or shrunk a little is the same list; raises CountChanged else."""
    if not choice.is_list:
        return
    if choice.seen is None:
        raise NotAChoice(_("Say how many leads the list held when you looked at it."))
    if abs(found - choice.seen) > max(10, choice.seen // 10):
        raise CountChanged(choice.seen, found)


def _enqueue(kind: str, action_id: UUID, *, now: datetime) -> bool:
    said = {"action": str(action_id)}
    return jobs.enqueue(kind, said, now=now, unique_key=f"{kind}:{action_id}")
