"""The sender: which address mails come from, whether it works, and what people get after hours."""

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from leadline.delivery import outbox
from leadline.delivery.models import Message, Sender
from leadline.delivery.outbox import Draft, DraftRefused
from leadline.lib import clock, email_address
from leadline.lib.refusal import Phrase
from leadline.workspace.models import Workspace

WHEN = "{when}"
"""The one placeholder of the acknowledgement: when somebody answers, in the person's zone."""


def current() -> Sender:
    """The settings; a row with nothing set when nobody has been there. One query."""
    return Sender.objects.filter(id=1).first() or Sender(id=1)


def goes_to_folder() -> bool:
    """Whether mails only land in the data folder: no mail server is set, or this is the demo."""
    is_without = settings.ENVIRONMENT.email is None
    return is_without or Workspace.objects.filter(is_demo=True).exists()


def change_address(from_address: str) -> Sender:
    """Send from this address from now on; another address has to be tested again.

    Raises email_address.NotAnAddress.
    """
    sender = current()
    address = email_address.canonical(from_address)
    if address != sender.from_address:
        sender.from_address, sender.tested_at = address, None
        sender.save()
    return sender


def send_test(to: str, *, now: datetime) -> str:
    """Put a test message to `to` into the outbox; returns its cause.

    The sender counts as tested once the mail server has taken it. Raises DraftRefused for an
    address that is none.
    """
    cause = f"test:{clock.micros(now)}"
    draft = Draft(
        kind=Message.Kind.TEST,
        cause=cause,
        to_address=to,
        subject=_("Test message from Leadline"),
        text=_("If you can read this, Leadline can send e-mail from this address."),
    )
    outbox.put([draft], now=now)
    return cause


def note_test(now: datetime) -> None:
    """A test message was taken by the mail server: the sender works."""
    Sender.objects.update_or_create(id=1, defaults={"tested_at": now})


def approve_acknowledgement(*, subject: str, text: str, now: datetime) -> Sender:
    """A person has looked at these words: they may go out after hours once the sender is tested.

    Raises DraftRefused for a subject of several lines or a placeholder other than `{when}`.
    """
    if "{" in subject or "{" in text.replace(WHEN, ""):
        raise DraftRefused(
            "text", Phrase("%(when)s in the text is the only placeholder", when=WHEN)
        )
    example = Draft(
        kind=Message.Kind.ACKNOWLEDGEMENT,
        cause="approval",
        to_address="someone@example.com",
        subject=subject,
        text=text,
    )
    outbox.check(example)
    sender = current()
    sender.acknowledgement_subject, sender.acknowledgement_text = subject, text
    sender.acknowledgement_approved_at = now
    sender.save()
    return sender


def may_acknowledge(sender: Sender) -> bool:
    """Whether people are answered automatically: tested, and somebody has looked at the text."""
    return (
        sender.tested_at is not None
        and sender.acknowledgement_approved_at is not None
        and bool(sender.acknowledgement_subject and sender.acknowledgement_text)
    )
