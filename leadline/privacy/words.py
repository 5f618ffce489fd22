"""What people call the purposes and ways of a permission, inside of a sentence.

A workspace may have others in its playbook; they stand as they were written there. Plain words:
whoever shows them translates them.
"""

from collections.abc import Mapping


def _noop(text: str) -> str:
    """Marks a text for translation."""
    return text


PURPOSES: Mapping[str, str] = {
    "marketing": _noop("marketing"),
    "newsletter": _noop("newsletter"),
    "tracking": _noop("tracking"),
    "profiling": _noop("profiling"),
    "surveys": _noop("surveys"),
    "product_updates": _noop("product updates"),
}
CHANNELS: Mapping[str, str] = {
    "email": _noop("email"),
    "phone": _noop("phone"),
    "sms": _noop("SMS"),
    "post": _noop("post"),
    "whatsapp": _noop("WhatsApp"),
}


def purpose(word: str) -> str:
    """The English for a purpose; one that is not known is spelled out."""
    return PURPOSES.get(word) or word.replace("_", " ")


def channel(word: str) -> str:
    """The English for a way to reach somebody."""
    return CHANNELS.get(word) or word.replace("_", " ")
