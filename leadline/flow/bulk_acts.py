"""What can be done to many leads at once: for each kind what is asked for, doing it, undoing it.

A verb takes a portion, changes it in a fixed number of statements and says of each lead that
changed what stood there before, with a mark: the number of the row that it wrote. Undoing gives
back only where that row is still the last word. The caller holds the leads' locks and looks at
the leads again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.utils.translation import gettext_noop as _noop

from leadline.activities import logs, tasks
from leadline.cards import notes
from leadline.flow import bulk_wanted, edits, reactions, rulebook, story, trash
from leadline.flow.bulk_wanted import Wanted
from leadline.flow.edits import Place
from leadline.flow.models import BulkAction
from leadline.leads import by_hand_many
from leadline.leads.models import Removal
from leadline.lib import clock
from leadline.lifecycle import standings
from leadline.routing import assignments, clocks
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.segments.rules import MEMBERS
from leadline.workspace import fields
from leadline.workspace.models import User
from leadline.workspace.permissions import Action

Kind = BulkAction.Kind


@dataclass(frozen=True)
class Doing:
    """Who does what, when."""

    by: User
    wanted: Wanted
    now: datetime


class Done(msgspec.Struct, frozen=True):
    """What became of one lead: what stood there before, and the mark of what was written."""

    before: object = None
    mark: str = ""


Changed = Mapping[UUID, Done]
Apply = Callable[[Doing, Sequence[UUID]], Changed]
Undo = Callable[[Doing, Changed], set[UUID]]


@dataclass(frozen=True)
class Act:
    """One kind. `read` makes what was asked for canonical; `reach` says which leads it takes:
    those that its doer may change, or all that they may see."""

    action: Action
    read: bulk_wanted.Read
    apply: Apply
    undo: Undo
    is_for_all_seen: bool = False


def of(kind: str) -> Act:
    """The act of a kind; raises KeyError for an unknown one."""
    return ACTS[Kind(kind)]


# Owner


def _assign(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    owner = doing.wanted["owner"]
    because = _noop("Given by %(who)s, with others at once") % {"who": doing.by}
    made = assignments.hand_on(
        dict.fromkeys(lead_ids, UUID(str(owner)) if owner else None),
        by=doing.by.pk, because=because, now=doing.now,
    )  # fmt: skip
    return {
        each.lead_id: Done(each.owner_before_id and each.owner_before_id.hex, str(each.pk))
        for each in made
    }


def _assign_back(doing: Doing, changed: Changed) -> set[UUID]:
    now_theirs = assignments.current(list(changed))
    before = {
        lead_id: UUID(str(done.before)) if done.before else None
        for lead_id, done in changed.items()
        if lead_id in now_theirs and str(now_theirs[lead_id].pk) == done.mark
    }
    because = _noop("Undone by %(who)s") % {"who": doing.by}
    made = assignments.hand_on(before, by=doing.by.pk, because=because, now=doing.now, is_undo=True)
    return {each.lead_id for each in made}


# Stage


def _set_stage(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    rules, stage = rulebook.current(doing.now).lifecycle, str(doing.wanted["stage"])
    reason = str(doing.wanted.get("reason") or "") or _noop("Set by %(who)s") % {"who": doing.by}
    moves = standings.set_many_by_person(
        lead_ids, stage, by=doing.by.pk, because=reason, lifecycle=rules, now=doing.now
    )
    moved = [each.lead_id for each in moves]
    if moves and rules.by_key[stage].is_terminal:
        # When the stage was set, so that taking it back finds what it has stopped.
        set_at = clock.from_micros(moves[0].at_us)
        clocks.cancel(moved, because=reason, now=set_at)
    marks = standings.newest_changes(moved)
    return {
        each.lead_id: Done([each.stage_before, each.set_by_before], str(marks[each.lead_id]))
        for each in moves
    }


def _stage_back(doing: Doing, changed: Changed) -> set[UUID]:
    newest = standings.newest_changes(list(changed))
    before = {
        lead_id: _pair(done.before)
        for lead_id, done in changed.items()
        if str(newest.get(lead_id)) == done.mark and done.before
    }
    because = _noop("Undone by %(who)s") % {"who": doing.by}
    set_at = standings.changed_at([newest[lead_id] for lead_id in before])
    moves = standings.put_back(before, by=doing.by.pk, because=because, now=doing.now)
    back = {each.lead_id for each in moves}
    reactions.let_clocks_go_on({lead_id: set_at[lead_id] for lead_id in back}, now=doing.now)
    return back


def _pair(value: object) -> tuple[str, str]:
    return msgspec.convert(value, tuple[str, str])


# A field


def _set_field(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    name, value = str(doing.wanted["field"]), doing.wanted["value"]
    before = by_hand_many.write(
        dict.fromkeys(lead_ids, value), name, by=doing.by.pk, now_us=clock.micros(doing.now)
    )
    return _told(doing, name, before, dict.fromkeys(before, value))


def _field_back(doing: Doing, changed: Changed) -> set[UUID]:
    name = str(doing.wanted["field"])
    marks = by_hand_many.marks(list(changed), name)
    wanted = {
        lead_id: _all_before(done.before, name)
        for lead_id, done in changed.items()
        if done.mark and marks.get(lead_id) == done.mark
    }
    before = by_hand_many.put_back(wanted, name, by=doing.by.pk, now_us=clock.micros(doing.now))
    return set(_told(doing, name, before, {each: wanted[each][name] for each in before}))


def _all_before(before: object, name: str) -> by_hand_many.Before:
    # Of actions of the day before an upgrade the value of the field alone is known.
    return before if isinstance(before, dict) else {name: before}


def _told(
    doing: Doing,
    name: str,
    before: Mapping[UUID, by_hand_many.Before],
    after: Mapping[UUID, object],
) -> Changed:
    """Write each lead's line of the story; what became of it."""
    row, marks = fields.get(name), by_hand_many.marks(list(before), name)
    place = Place(name, row.label, row)
    said = {
        lead_id: edits.line(place, known.get(name), after[lead_id])
        for lead_id, known in before.items()
    }
    story.tell_each(said, edits.EDITED, by=doing.by, now_us=clock.micros(doing.now))
    return {lead_id: Done(known, marks[lead_id]) for lead_id, known in before.items()}


# A static list


def with_number(wanted: Wanted, *, by: User, now: datetime) -> Wanted:
    """The list as a number, which stays whatever it is called later; a new one is made."""
    segment = lists.named(str(wanted["list"]), by=by.pk, now=now)
    return {**wanted, "segment": segment.pk}


def _wanted_list(doing: Doing) -> Segment | None:
    """None when it was ended meanwhile. Older actions know it by its name alone."""
    number = doing.wanted.get("segment")
    if number is None:
        return lists.called(str(doing.wanted["list"]))
    return lists.find(int(str(number)))


def _put_on_list(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    segment = _wanted_list(doing)
    if doing.wanted.get("is_off"):
        gone = lists.take_off(segment.pk, lead_ids, now=doing.now) if segment else []
        return dict.fromkeys(gone, Done())
    if segment is None:
        segment = lists.named(str(doing.wanted["list"]), by=doing.by.pk, now=doing.now)
    added = lists.add(segment.pk, lead_ids, by=doing.by.pk, now=doing.now)
    return {lead_id: Done(mark=str(number)) for lead_id, number in added.items()}


def _off_list(doing: Doing, changed: Changed) -> set[UUID]:
    if not doing.wanted.get("is_off"):
        marks = {lead_id: int(done.mark or 0) for lead_id, done in changed.items()}
        return lists.forget(marks, now=doing.now)
    segment = _wanted_list(doing)
    if segment is None:
        return set()
    return set(lists.add(segment.pk, list(changed), by=doing.by.pk, now=doing.now))


# Tasks and logs


def _add_tasks(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    plan = bulk_wanted.plan(doing.wanted)
    made = tasks.add_many(lead_ids, plan, by=doing.by.pk, now=doing.now)
    return {lead_id: Done(mark=str(task_id)) for lead_id, task_id in made.items()}


def _tasks_back(doing: Doing, changed: Changed) -> set[UUID]:
    lead_of = {UUID(done.mark): lead_id for lead_id, done in changed.items() if done.mark}
    return {lead_of[task_id] for task_id in tasks.take_back(list(lead_of))}


def _log(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    said = {name: str(doing.wanted.get(name) or "") for name in ("kind", "outcome", "text")}
    made = logs.log_many(lead_ids, **said, by=doing.by.pk, now=doing.now)
    notes.follow(lead_ids)
    answered = [each.lead_id for each in made if logs.is_response(each)]
    clocks.respond_all(answered, began_at=doing.now, now=doing.now)
    return {each.lead_id: Done(mark=str(each.pk)) for each in made}


def _log_back(doing: Doing, changed: Changed) -> set[UUID]:
    taken = logs.take_back([UUID(done.mark) for done in changed.values() if done.mark])
    answers: dict[datetime, list[UUID]] = {}
    for each in taken:
        if logs.is_response(each):
            answers.setdefault(each.began_at, []).append(each.lead_id)
    # As many as the action had portions that this one touches: one or two.
    for began_at, lead_ids in answers.items():
        clocks.resume_all(lead_ids, began_at=began_at)
    return {each.lead_id for each in taken}


# The trash


def _throw_away(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    moved = trash.move(lead_ids, by=doing.by, now=doing.now)
    there = Removal.objects.filter(lead__in=moved, state=Removal.State.TRASHED)
    return {lead_id: Done(mark=str(pk)) for lead_id, pk in there.values_list("lead", "pk")}


def _take_out(doing: Doing, changed: Changed) -> set[UUID]:
    numbers = [int(done.mark) for done in changed.values() if done.mark]
    still = Removal.objects.filter(pk__in=numbers, state=Removal.State.TRASHED)
    lead_ids = list(still.values_list("lead", flat=True))
    return set(trash.restore(lead_ids, by=doing.by, now=doing.now))


def _nothing(doing: Doing, lead_ids: Sequence[UUID]) -> Changed:
    """An export changes nothing; `bulk_export` writes its file."""
    return {}


def _nothing_back(doing: Doing, changed: Changed) -> set[UUID]:
    return set()


ACTS: Mapping[Kind, Act] = {
    Kind.ASSIGN: Act("edit_leads", bulk_wanted.owner, _assign, _assign_back),
    Kind.STAGE: Act("edit_leads", bulk_wanted.stage, _set_stage, _stage_back),
    Kind.FIELD: Act("edit_leads", bulk_wanted.field, _set_field, _field_back),
    Kind.LIST: Act("edit_leads", bulk_wanted.static_list, _put_on_list, _off_list, True),
    Kind.TASK: Act("edit_leads", bulk_wanted.task, _add_tasks, _tasks_back),
    Kind.LOG: Act("edit_leads", bulk_wanted.log, _log, _log_back),
    Kind.EXPORT: Act("export_leads", bulk_wanted.nothing, _nothing, _nothing_back, True),
    Kind.TRASH: Act("delete_leads", bulk_wanted.nothing, _throw_away, _take_out),
}


def look_again(kind: str, lead_ids: Sequence[UUID], *, now: datetime) -> None:
    """Score, stage, segments and card follow what was done; the trash has looked already, and
    lists matter where a rule asks for them."""
    if not lead_ids or kind in (Kind.EXPORT, Kind.TRASH):
        return
    if kind != Kind.LIST or MEMBERS in rulebook.current(now).reads.facts:
        reactions.look_again(lead_ids, now=now)
