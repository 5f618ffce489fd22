"""Handing messages to the mail server: each at most once, and never inside a transaction.

pending → claimed → handing (committed before the content) → sent | folder | failed | unknown
   ↑__________|____________| a definite 4xx, or nothing can have been delivered: try again
"""

import logging
import smtplib
import uuid
from datetime import datetime
from email.utils import parseaddr

from django.conf import settings
from django.core import mail
from django.core.mail.backends import filebased
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.utils.translation import gettext_noop as _noop

from leadline.delivery import leases, outbox, outcomes, senders
from leadline.delivery.leases import Claimed, claim, release_expired
from leadline.delivery.models import Message
from leadline.delivery.outcomes import Outcome
from leadline.workspace.models import Workspace

__all__ = ["Claimed", "claim", "hand_over", "release_expired"]

_logger = logging.getLogger(__name__)
_DJANGO_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_FOLDER = "django.core.mail.backends.filebased.EmailBackend"
_OUR_SMTP = "leadline.delivery.smtp.Backend"

_TAKEN = ("sent", "folder")

_AUTOMATIC = {
    Message.Kind.ACKNOWLEDGEMENT: "auto-replied",
    Message.Kind.NOTIFICATION: "auto-generated",
}


class TransactionOpen(RuntimeError):
    """A message was to be handed over inside a transaction: a bug in the caller."""

    permanent = True


def hand_over(message: Claimed, *, now: datetime) -> Outcome | None:
    """Hand one claimed message to the mail server and write down what became of it.

    None when nothing was sent because the claim was lost or the address has been suppressed
    since. The connection is made first; only then the row says `handing`, committed; then the
    content goes. Due times and leases follow the database's clock; `now` only says when a sender
    was tested. Raises TransactionOpen inside a transaction.
    """
    if connection.in_atomic_block:
        raise TransactionOpen("commit before handing over: the network may take 40 seconds")
    if message.kind == Message.Kind.PUSH:
        return _push(message, now=now)
    try:
        letter = written(message)
    except (ValueError, UnicodeError) as error:
        return _settle(
            message, Outcome("failed", f"The message cannot be written: {error}"), now=now
        )
    backend = _backend()
    try:
        problem = _open(backend)
        if problem is not None:
            return _settle(message, problem, now=now)
        if not _begin(message):
            return None
        return _settle(message, _transmit(letter, backend), now=now)
    finally:
        _close(backend)


def _push(message: Claimed, *, now: datetime) -> Outcome | None:
    # Only the worker that sends one needs the arithmetic of curves in memory.
    from leadline.delivery import pushing

    problem = pushing.objection(message, now=now)
    if problem is not None:
        return _settle(message, problem, now=now)
    if not leases.begin(message):
        return None
    return _settle(message, pushing.transmit(message, now=now), now=now)


def written(message: Claimed) -> mail.EmailMessage:
    """The letter as it goes out; the same message always has the same Message-ID.

    Raises ValueError when a header could not be written safely.
    """
    sender = senders.current().from_address or settings.DEFAULT_FROM_EMAIL
    headers = {"Message-ID": message_id(message.id, sender=sender)}
    if message.kind in _AUTOMATIC:
        # RFC 3834: other automatic mail is not to answer this one.
        headers["Auto-Submitted"] = _AUTOMATIC[Message.Kind(message.kind)]
        headers["X-Auto-Response-Suppress"] = "All"
    letter = mail.EmailMessage(
        message.subject, message.text, sender, [message.to_address], headers=headers
    )
    letter.message()
    return letter


def message_id(key: uuid.UUID, *, sender: str) -> str:
    """The Message-ID of a message, for searching the log of a mail server."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "leadline.invalid"
    return f"<{key.hex}@{domain}>"


def _open(backend: BaseEmailBackend) -> Outcome | None:
    """None when the mail server is ready to take a message."""
    try:
        backend.open()
    except (smtplib.SMTPException, OSError) as error:
        # Whatever the code: it is about the server or the password, not about this message.
        return Outcome("retry", outcomes.of_error(error, has_content_begun=False).reason)
    return None


def _begin(message: Claimed) -> bool:
    """Look at the suppressions a last time, then say `handing`; commits before it returns."""
    with transaction.atomic():
        if message.kind not in outbox.ALWAYS and outbox.suppressed([message.to_address]):
            reason = _noop("The address is on the do-not-contact list.")
            leases.finish(message, state=Message.State.SUPPRESSED, reason=reason)
            return False
        return leases.begin(message)


def _transmit(letter: mail.EmailMessage, backend: BaseEmailBackend) -> Outcome:
    try:
        sent_count = backend.send_messages([letter])
    except (smtplib.SMTPException, OSError) as error:
        # Backends without this knowledge must be taken to have begun.
        has_begun = getattr(backend, "has_content_begun", True)
        return outcomes.of_error(error, has_content_begun=has_begun)
    if sent_count == 1:
        return Outcome("folder" if isinstance(backend, filebased.EmailBackend) else "sent")
    return Outcome("failed", "The mail backend took no recipient.")


def _settle(message: Claimed, outcome: Outcome, *, now: datetime) -> Outcome:
    delay = outcomes.delay_minutes(message.attempts) if outcome.verdict == "retry" else 0
    if delay is None:
        outcome = Outcome("failed", f"Given up after 72 hours. {outcome.reason}")
    state = Message.State.PENDING if outcome.verdict == "retry" else outcome.verdict
    with transaction.atomic():
        is_ours = leases.finish(
            message, state=state, reason=outcome.reason, delay_minutes=delay or 0
        )
        if is_ours and outcome.verdict in _TAKEN and message.kind == Message.Kind.TEST:
            senders.note_test(now)
    if outcome.verdict == "unknown":
        _logger.warning("message unknown", extra={"message_id": str(message.id)})
    return outcome


def _backend() -> BaseEmailBackend:
    """The mail server of the settings; in the demo the folder, whatever the settings say."""
    if Workspace.objects.filter(is_demo=True).exists():
        return mail.get_connection(_FOLDER)
    name = settings.EMAIL_BACKEND
    return mail.get_connection(_OUR_SMTP if name == _DJANGO_SMTP else name)


def _close(backend: BaseEmailBackend) -> None:
    try:
        backend.close()
    except (smtplib.SMTPException, OSError):
        # The message is settled; a server that will not say goodbye changes nothing.
        _logger.info("mail server ended the connection badly")
