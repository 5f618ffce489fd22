"""What somebody asks to do to many leads: from what a form or the API says to what is stored.

Each reader takes plain values by name and who asks, and gives plain JSON values; it raises
NotWanted with the name of what is wrong. Reading what it gave changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from leadline.activities import logs
from leadline.activities.due import Due
from leadline.activities.models import Activity
from leadline.activities.tasks import LONGEST_TEXT, Plan
from leadline.flow import edits, rulebook
from leadline.flow.edits import Place
from leadline.lib import clock, text
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.workspace import fields, permissions, reasons, takers
from leadline.workspace.models import Field, User

Wanted = Mapping[str, object]
Read = Callable[[Wanted, User, datetime], Wanted]
LONGEST_REASON = 200


class NotWanted(ValueError):
    """What was asked for cannot be; `field` names which part, `reason` is a sentence."""

    permanent = True

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def owner(said: Wanted, user: User, now: datetime) -> Wanted:
    """`owner`: the id of a colleague whom one may pass leads to, of oneself, or "" for nobody."""
    given = str(said.get("owner") or "")
    if not given and "owner" in said and permissions.may(user, "assign_leads"):
        return {"owner": ""}
    able = {str(each.pk) for each in (*takers.who_take_leads(user), user)}
    if given not in able:
        raise NotWanted("owner", _("Choose a colleague from the list."))
    return {"owner": given}


def stage(said: Wanted, user: User, now: datetime) -> Wanted:
    """`stage`: one of the lifecycle; `reason`, needed for who is disqualified."""
    key, reason = str(said.get("stage") or ""), _line(said.get("reason"))
    if key not in rulebook.current(now).lifecycle.by_key:
        raise NotWanted("stage", _("Choose a stage from the list."))
    if key == "disqualified" and not reason:
        raise NotWanted("reason", _("Say why, in a few words."))
    return {"stage": key, "reason": reason}


def field(said: Wanted, user: User, now: datetime) -> Wanted:
    """`field`: a declared field of leads; `value`: what it can hold, or nothing to empty it."""
    found = {each.name: each for each in settable(user)}.get(str(said.get("field") or ""))
    if found is None:
        raise NotWanted("field", _("Choose a field from the list."))
    try:
        value = edits.read(Place(found.name, found.label, found), said.get("value"))
    except edits.NotAValue as refusal:
        raise NotWanted("value", refusal.reason) from None
    return {"field": found.name, "value": value}


def settable(user: User) -> list[Field]:
    """The fields of which many leads can have one value: a lead's own, not unique. One query."""
    return [
        each
        for each in fields.declared_for(user)
        if not each.name.startswith(fields.COMPANY)
        and each.name not in edits.DERIVED
        and not each.is_unique
    ]


def static_list(said: Wanted, user: User, now: datetime) -> Wanted:
    """`list`: a name, of a new list too; with `is_off` leads are taken off a list that is there."""
    name = " ".join(text.clean(str(said.get("list") or "")).split())
    if not 0 < len(name) <= lists.LONGEST_NAME:
        raise NotWanted("list", _("Choose a list, or write the name of a new one."))
    is_off = bool(said.get("is_off"))
    found = lists.called(name)
    if found is not None and found.kind != Segment.Kind.STATIC:
        raise NotWanted("list", _("A rule fills this segment; nobody is put into it by hand."))
    if is_off and found is None:
        raise NotWanted("list", _("This list is not there any more."))
    return {"list": name, "is_off": is_off}


def task(said: Wanted, user: User, now: datetime) -> Wanted:
    """`text`; `due_at`: an instant to come, in microseconds or ISO 8601, with `due_on` for a day;
    `owner`: who does it, oneself when it is missing."""
    what = _line(said.get("text"), longest=LONGEST_TEXT)
    if not what:
        raise NotWanted("text", _("Say what is to be done."))
    due_us, now_us = _instant(said.get("due_at")), clock.micros(now)
    if due_us is None or not now_us < due_us <= now_us + 10 * 366 * clock.DAY:
        raise NotWanted("due_at", _("Say until when, a time to come."))
    who = owner({"owner": said.get("owner") or str(user.pk)}, user, now)
    return {"text": what, "due_at": due_us, "due_on": _day(said.get("due_on")), **who}


def plan(wanted: Wanted) -> Plan:
    """The task that `task` has read."""
    on = str(wanted.get("due_on") or "")
    at = clock.from_micros(int(str(wanted["due_at"]))).astimezone(UTC)
    due = Due(at, date.fromisoformat(on) if on else None)
    return Plan(str(wanted["text"]), due, UUID(str(wanted["owner"])))


def log(said: Wanted, user: User, now: datetime) -> Wanted:
    """`kind`: call, mail, meeting or note; `outcome`; `text`, needed for a note."""
    kind = str(said.get("kind") or "")
    wanted = {
        "kind": kind,
        "outcome": str(said.get("outcome") or ("sent" if kind == Activity.Kind.MAIL else "")),
        "text": text.clean(str(said.get("text") or "")).strip(),
    }
    try:
        logs.check(kind, outcome=wanted["outcome"], text=wanted["text"])
    except logs.NotAnActivity as refusal:
        raise NotWanted(refusal.field, reasons.sentence(refusal)) from None
    return wanted


def nothing(said: Wanted, user: User, now: datetime) -> Wanted:
    """Nothing more needs to be said."""
    return {}


def _line(given: object, *, longest: int = LONGEST_REASON) -> str:
    return " ".join(text.clean(str(given or "")).split())[:longest]


def _day(given: object) -> str:
    try:
        return date.fromisoformat(str(given or "")).isoformat()
    except ValueError:
        return ""


def _instant(given: object) -> int | None:
    if isinstance(given, int):
        return given
    try:
        return clock.micros(clock.parse_iso(str(given)))
    except clock.NotATime:
        return None
