"""The owner's first steps, with their true state: each ticks itself when it has happened.

What people decided about the list (skipped, dismissed, "it has arrived") stands in the
workspace's notes; everything else is asked of the rows themselves, each time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec
from django.conf import settings
from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from leadline.capture import submission
from leadline.capture.models import Import
from leadline.delivery import senders
from leadline.flow import intake
from leadline.lib import clock, ids
from leadline.timeline.models import Event
from leadline.workspace.models import User, Workspace

Key = Literal["visit", "imports", "people", "hours", "mail", "test_lead"]
_VISITS = ("Visit Started", "Page Viewed", "Form Submitted")
_TEST = "checklist:"
"""Message ids of leads that people sent to themselves begin so."""


class Noted(msgspec.Struct, frozen=True):
    """What people decided; never personal."""

    is_dismissed: bool = False
    skipped: tuple[str, ...] = ()
    has_hours: bool = False
    has_mail_arrived: bool = False
    has_test_lead: bool = False


@dataclass(frozen=True)
class Step:
    """One line: what to do, why, whether it is done or skipped, and where it is done."""

    key: Key
    title: str | Promise
    why: str | Promise
    is_done: bool
    is_skipped: bool
    address: str

    @property
    def is_open(self) -> bool:
        return not (self.is_done or self.is_skipped)


@dataclass(frozen=True)
class Checklist:
    """The steps in order, how many are done, and what some of them need to be shown."""

    steps: tuple[Step, ...]
    has_test_arrived: bool
    is_mail_set: bool

    @property
    def done_count(self) -> int:
        return sum(1 for step in self.steps if not step.is_open)


_TEXTS: Mapping[Key, tuple[str | Promise, str | Promise]] = {
    "visit": (
        _("Put the snippet or a form on your site"),
        _("Then Leadline sees who comes, from where, and what they ask for."),
    ),
    "imports": (_("Import your leads"), _("They are scored and sorted like everybody else.")),
    "people": (_("Invite a colleague"), _("By mail, or by a link that you send yourself.")),
    "hours": (
        _("Set your working hours"),
        _("Response times run in these hours only, so nobody is late at night."),
    ),
    "mail": (
        _("Connect mail"),
        _("For notifications and answers after hours. It counts once a test has reached you."),
    ),
    "test_lead": (
        _("Send yourself a test lead"),
        _("It asks for a demo in your name: see how it is scored, dealt and put on the clock."),
    ),
}
_PLACES: Mapping[Key, str] = {
    "visit": "keys", "imports": "imports", "people": "people", "hours": "hours",
    "mail": "sending", "test_lead": "today",
}  # fmt: skip
# Until there is a screen for it, files come in by the command line, and the step says how.
_WITHOUT_SCREEN = frozenset({"imports"})


def current() -> Checklist | None:
    """The list, or None when it was dismissed, is finished, or belongs to a demo. 6 queries."""
    workspace = Workspace.objects.get()
    noted = _read(workspace)
    if noted.is_dismissed or workspace.is_demo:
        return None
    sender = senders.current()
    is_done: Mapping[Key, Callable[[], bool]] = {
        "visit": _has_visit,
        "imports": lambda: Import.objects.filter(state=Import.State.DONE).exists(),
        "people": lambda: User.objects.filter(is_active=True).count() > 1,
        "hours": lambda: noted.has_hours,
        "mail": lambda: noted.has_mail_arrived and sender.tested_at is not None,
        "test_lead": lambda: noted.has_test_lead,
    }
    steps = tuple(
        Step(key, *_TEXTS[key], is_done[key](), key in noted.skipped, address)
        for key in _TEXTS
        if (address := _address(key)) or key in _WITHOUT_SCREEN
    )
    if not any(step.is_open for step in steps):
        return None
    return Checklist(
        steps,
        has_test_arrived=sender.tested_at is not None,
        is_mail_set=settings.ENVIRONMENT.email is not None,
    )


def skip(key: str) -> None:
    """This step is not for us. Unknown keys change nothing; safe to run twice."""
    if key in _TEXTS:
        _change(lambda noted: {"skipped": sorted({*noted.skipped, key})})


def dismiss() -> None:
    """The list goes away until somebody brings it back."""
    _change(lambda _: {"is_dismissed": True})


def bring_back() -> None:
    """What put the list away is undone. Safe to run twice."""
    _change(lambda _: {"is_dismissed": False})


def note_hours() -> None:
    """Somebody has looked at the working hours and saved them."""
    _change(lambda _: {"has_hours": True})


def note_mail() -> bool:
    """Somebody says the test message has reached them; False while none has been sent."""
    if senders.current().tested_at is None:
        return False
    _change(lambda _: {"has_mail_arrived": True})
    return True


def send_test_lead(user: User, *, now: datetime) -> None:
    """The user asks for a demo, as if through the form on the demo page."""
    posted = msgspec.structs.replace(
        submission.posted(
            "demo", purpose="demo", page="/p/demo", message_id=f"{_TEST}{ids.token(8)}",
            at_us=clock.micros(now), is_trusted=True,
        ),
        email=user.email,
        traits={"name": f"{user} (Test)", "company.name": "Test"},
    )  # fmt: skip
    with transaction.atomic():
        intake.run([posted], now=now)
        _change(lambda _: {"has_test_lead": True})


def _has_visit() -> bool:
    """Whether anybody but ourselves has been seen: a visit waits in the inbox until it is known."""
    return Event.objects.filter(name__in=_VISITS).exclude(message_id__startswith=_TEST).exists()


def _address(key: Key) -> str:
    try:
        return reverse(_PLACES[key])
    except NoReverseMatch:
        return ""


def _read(workspace: Workspace) -> Noted:
    return msgspec.convert(workspace.notes.get("checklist", {}), Noted)


def _change(changes: Callable[[Noted], dict[str, Any]]) -> None:
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get()
        notes: dict[str, Any] = workspace.notes  # JSON
        notes["checklist"] = {**notes.get("checklist", {}), **changes(_read(workspace))}
        workspace.notes = notes
        workspace.save(update_fields=["notes"])
