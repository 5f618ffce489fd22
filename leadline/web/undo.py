"""Taking back what was just done: eight seconds on the screen, one minute in truth.

What undoing needs is in a signed token: who did what to which lead, and how it was before.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from leadline.activities import files, logs, snoozes
from leadline.activities.due import Due
from leadline.activities.tasks import Plan
from leadline.cards import queries as cards
from leadline.cards.queries import CardRow
from leadline.flow import reactions, tasks
from leadline.lib import clock, signed_token
from leadline.lifecycle.models import StageChange
from leadline.lifecycle.standings import Place
from leadline.routing import assignments
from leadline.routing.models import Assignment
from leadline.web import access, pages
from leadline.workspace.models import User

_PURPOSE = "undo"
_VALID = timedelta(minutes=1)


@dataclass(frozen=True)
class Toast:
    """A message at the bottom of the screen; with a token it offers Undo."""

    text: str
    token: str = ""
    is_bad: bool = False
    # Where Undo goes instead, for what needs no token.
    address: str = ""
    undo: str = field(init=False)

    def __post_init__(self) -> None:
        undo = self.address or (reverse("undo") if self.token else "")
        object.__setattr__(self, "undo", undo)


def stage_token(user: User, change: StageChange, was: Place, *, now: datetime) -> str:
    """Signed: this change of a stage can be taken back to where the lead `was`."""
    before = json.dumps([change.pk, was.stage, was.set_by, was.since_us])
    return token(user, "stage", change.lead_id, before, now=now)


def owner_token(user: User, made: Assignment, *, now: datetime) -> str:
    """Signed: the lead can go back to whoever had it before."""
    before = json.dumps([made.pk, str(made.owner_before_id or "")])
    return token(user, "owner", made.lead_id, before, now=now)


def snooze_token(user: User, lead_id: UUID, until: datetime | None, *, now: datetime) -> str:
    """Signed: the lead can be put off again until when it was before, if it was."""
    before = "" if until is None else str(clock.micros(until))
    return token(user, "snooze", lead_id, before, now=now)


def token(user: User, act: str, lead_id: UUID, before: str, *, now: datetime) -> str:
    """Signed: `act` of `user` on the lead can be taken back to `before`."""
    payload = {"u": user.pk.hex, "a": act, "l": lead_id.hex, "b": before}
    return signed_token.sign(
        payload, purpose=_PURPOSE, key=settings.SECRET_KEY, expires_at=now + _VALID
    )


@require_POST
@access.screen("edit_leads")
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what the token names; says so when it is too late."""
    now, user = clock.now(), access.reader(request)
    try:
        found = signed_token.read(
            request.POST.get("token", ""), purpose=_PURPOSE, keys=[settings.SECRET_KEY], now=now
        )
    except signed_token.InvalidToken:
        return answer(request, Toast(_("Too late to undo."), is_bad=True))
    lead_id = UUID(str(found["l"]))
    if found["u"] != user.pk.hex or cards.one(user, lead_id) is None:
        raise Http404
    if _ACTS[str(found["a"])](lead_id, user, str(found["b"]), now) is False:
        return answer(request, changed_since())
    return answer(request, Toast(_("Undone.")))


def changed_since() -> Toast:
    """For an answer that comes too late."""
    return Toast(_("It was changed since and stays as it is."), is_bad=True)


def answer(request: HttpRequest, toast: Toast, *, ask: CardRow | None = None) -> HttpResponse:
    """A toast for htmx and the news that something changed; else back to where one was.

    `ask`: the lead about which the screen asks "Next step?".
    """
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(access.safe_next(request, fallback=reverse("today")))
    response = pages.render(request, "toasts.html", {"toasts": [toast], "ask": ask})
    response["HX-Trigger"] = "leadline:changed"
    return response


def _activity(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    try:
        reactions.undo_activity(UUID(before), by=user.pk, now=now)
    except logs.CannotUndo:
        return False
    return True


def _stage(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    """The stage as it was, by whom and since when."""
    change_id, *was = json.loads(before)
    return reactions.undo_stage(change_id, Place(*was), by=user.pk, now=now) is not None


def _owner(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    """Whoever had the lead, unless somebody has it from somebody else by now, or has left."""
    assignment_id, owner = json.loads(before)
    owner_id = UUID(owner) if owner else None
    try:
        return reactions.undo_assign(lead_id, assignment_id, owner_id, by=user.pk, now=now)
    except assignments.NotAssignable:
        return False


def _snooze(lead_id: UUID, user: User, before: str, now: datetime) -> None:
    """Put off until when it was before; what has woken up meanwhile stays awake."""
    until = clock.from_micros(int(before)) if before else now
    with transaction.atomic():
        if snoozes.wake([lead_id], user_id=user.pk) and until > now:
            snoozes.snooze(lead_id, user_id=user.pk, until=until, now=now)


def _task_added(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    return tasks.take_back(UUID(before), now=now)


def _task_done(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    return tasks.reopen(UUID(before), by=user, now=now) is not None


def _task_changed(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    """Text, date and owner as they were. Whoever has given the task away may still take it back."""
    task_id, after, text, due_us, on, owner = json.loads(before)
    due = Due(clock.from_micros(due_us), date.fromisoformat(on) if on else None)
    was = Plan(text, due, UUID(owner) if owner else None)
    return tasks.restore(UUID(task_id), was, after=after, by=user, now=now)


def _file_added(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    return files.remove(UUID(before), by=user.pk, now=now)


def _file_removed(lead_id: UUID, user: User, before: str, now: datetime) -> bool:
    return files.bring_back(UUID(before))


_ACTS: dict[str, Callable[[UUID, User, str, datetime], bool | None]] = {
    "activity": _activity,
    "file_added": _file_added,
    "file_removed": _file_removed,
    "stage": _stage,
    "owner": _owner,
    "snooze": _snooze,
    "task_added": _task_added,
    "task_changed": _task_changed,
    "task_done": _task_done,
}
