"""The outbox: one row per message and address, written in the transaction of its cause."""

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_noop as _noop

from leadline.delivery.models import Message
from leadline.lib import clock, email_address, ids, rows
from leadline.lib.refusal import Phrase, Refused, shown, too_long
from leadline.lib.text import clean

LONGEST_SUBJECT = 300
LONGEST_TEXT = 20_000
LONGEST_CAUSE = 200

# Nobody is asked before a message that a person ordered for themselves.
ALWAYS = frozenset({Message.Kind.ACCOUNT, Message.Kind.TEST, Message.Kind.PUSH})

_COLUMNS = (
    "id", "kind", "cause", "lead_id", "to_address", "subject", "text", "state", "reason",
    "due_at", "attempts", "worker", "fence", "created_at", "device_id",
)  # fmt: skip

# Every character that some mail program takes for the end of a line, and all other controls.
_NOT_IN_HEADERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LENGTH = _noop("it must have 1 to %(limit)s characters")


class DraftRefused(Refused):
    """A draft that must not leave the house. `field` says which part is wrong."""

    def __init__(self, field: str, because: Phrase) -> None:
        super().__init__(because, message=f"{field}: {because}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Draft:
    """A message to be sent once per `cause`, at `due_at` (None: now).

    A push goes to a `device_id` and has no address.
    """

    kind: str
    cause: str
    to_address: str
    subject: str
    text: str
    lead_id: uuid.UUID | None = None
    due_at: datetime | None = None
    device_id: int | None = None


def put(drafts: Sequence[Draft], *, now: datetime) -> int:
    """Write the drafts that are new; returns how many. Two statements, however many.

    A cause that is in the outbox already is passed over, whatever became of it, so a step may
    run twice. A suppressed address gets a row that says so and is never sent. Raises
    DraftRefused, and writes nothing, for an address that is not exactly one, a subject with any
    line break or control character, a text with NUL or the like.
    """
    if not drafts:
        return 0
    checked = [(draft, check(draft)) for draft in drafts]
    asked = {address for draft, address in checked if draft.kind not in ALWAYS}
    closed = suppressed(asked)
    written = [_row(draft, address, closed=closed, now=now) for draft, address in checked]
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        return rows.insert_ignore(
            cursor, "delivery_message", _COLUMNS, written, vendor=connection.vendor
        )


def drop(lead_ids: Collection[uuid.UUID], *, because: str) -> int:
    """Never send what still waits about these leads; how many messages. Safe to run twice."""
    waiting = Message.objects.filter(lead__in=lead_ids, state=Message.State.PENDING)
    return waiting.update(state=Message.State.SUPPRESSED, reason=because[:300])


def suppressed(addresses: Collection[str]) -> set[str]:
    """Which of these canonical addresses must never be written to again. One query."""
    sql = (
        "SELECT identifier FROM privacy_suppression WHERE identifier_kind = %s AND identifier {in}"
    )
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, sql, addresses, vendor=connection.vendor, before=["email"])
    return {identifier for (identifier,) in found}


def one_line(text: str) -> str:
    """The text fit for a subject: line breaks and tabs become spaces, hidden marks go."""
    return " ".join(clean(text).split())[:LONGEST_SUBJECT]


def resolve(message_id: uuid.UUID, *, has_arrived: bool, now: datetime) -> bool:
    """A person has looked whether an unknown message arrived: mark it as sent, or send it again.

    Returns False when the message is not (or no longer) unknown.
    """
    unknown = Message.objects.filter(id=message_id, state=Message.State.UNKNOWN)
    if has_arrived:
        reason = _noop("Marked as arrived by a person.")
        return unknown.update(state=Message.State.SENT, sent_at=now, reason=reason) == 1
    reason = _noop("Sent again by a person.")
    return unknown.update(state=Message.State.PENDING, due_at=now, reason=reason) == 1


def cancel(lead_ids: Collection[uuid.UUID], *, because: str) -> int:
    """Hold back what has not begun to leave for these leads; returns how many messages.

    A worker that has claimed one finds out directly before it would hand it over.
    """
    waiting = Message.objects.filter(
        lead_id__in=list(lead_ids), state__in=[Message.State.PENDING, Message.State.CLAIMED]
    )
    return waiting.update(state=Message.State.SUPPRESSED, reason=because[:300])


def check(draft: Draft) -> str:
    """The canonical address of the draft, "" of a push; raises DraftRefused for what is unfit."""
    if draft.kind not in Message.Kind.values:
        raise DraftRefused(
            "kind", Phrase("“%(found)s” is no kind of message", found=shown(draft.kind))
        )
    if not draft.cause or len(draft.cause) > LONGEST_CAUSE:
        raise DraftRefused("cause", Phrase(_LENGTH, limit=LONGEST_CAUSE))
    if not draft.subject or len(draft.subject) > LONGEST_SUBJECT:
        raise DraftRefused("subject", Phrase(_LENGTH, limit=LONGEST_SUBJECT))
    if len(draft.text) > LONGEST_TEXT:
        raise DraftRefused("text", too_long(draft.text, limit=LONGEST_TEXT))
    for field, text in (("cause", draft.cause), ("subject", draft.subject)):
        _refuse(_NOT_IN_HEADERS, text, field=field)
    _refuse(_NOT_IN_TEXT, draft.text, field="text")
    if draft.kind == Message.Kind.PUSH:
        if draft.device_id is None:
            raise DraftRefused("device_id", Phrase("a push goes to a device"))
        return ""
    try:
        return email_address.canonical(draft.to_address)
    except email_address.NotAnAddress as refusal:
        raise DraftRefused("to_address", refusal.because) from refusal


def _refuse(pattern: re.Pattern[str], text: str, *, field: str) -> None:
    found = pattern.search(text)
    if found:
        raise DraftRefused(
            field, Phrase("the character %(code)s is not allowed", code=f"U+{ord(found[0]):04X}")
        )


def _row(draft: Draft, address: str, *, closed: set[str], now: datetime) -> rows.Row:
    is_closed = draft.kind not in ALWAYS and address in closed
    state = Message.State.SUPPRESSED if is_closed else Message.State.PENDING
    reason = _noop("The address is on the do-not-contact list.") if is_closed else ""
    return (
        ids.uuid7(), str(draft.kind), draft.cause, draft.lead_id, address, draft.subject,
        draft.text, state.value, reason, clock.micros(draft.due_at or now), 0, "", 0,
        clock.micros(now), draft.device_id,
    )  # fmt: skip
