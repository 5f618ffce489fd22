"""The part of a playbook with the mail people get after hours: `acknowledgement.yaml`."""

from datetime import datetime
from typing import Annotated

import msgspec

from leadline.delivery.models import Sender


class Acknowledgement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Subject and text; `{when}` in the text becomes the next opening."""

    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\r\n]+$")]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]


def read(document: object) -> Acknowledgement:
    """The mail in `document`; raises msgspec.ValidationError with the path."""
    found = msgspec.convert(document, Acknowledgement)
    if "{" in found.subject or "{" in found.text.replace("{when}", ""):
        raise msgspec.ValidationError("{when} in the text is the only placeholder - at `$.text`")
    return found


def apply(document: Acknowledgement, *, now: datetime) -> None:
    """Store the text. Other words than before must be looked at again before any is sent."""
    sender, _ = Sender.objects.get_or_create(id=1)
    known = sender.acknowledgement_subject, sender.acknowledgement_text
    if known == (document.subject, document.text):
        return
    sender.acknowledgement_subject = document.subject
    sender.acknowledgement_text = document.text
    sender.acknowledgement_approved_at = None
    sender.save()


def export() -> Acknowledgement | None:
    """The text, or None while there is none."""
    sender = Sender.objects.filter(id=1).first()
    if sender is None or not sender.acknowledgement_text:
        return None
    return Acknowledgement(sender.acknowledgement_subject, sender.acknowledgement_text)
