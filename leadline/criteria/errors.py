"""What is wrong with a rule, and where."""

from collections.abc import Mapping
from datetime import date

_SHOWN_LENGTH = 60


class CriterionError(ValueError):
    """A rule that cannot be accepted. Trying again with the same document cannot help.

    `path` is a JSON pointer into the document ("" is the whole of it), `found` what stood there,
    `allowed` what may stand there; all three are short, printable sentences.
    """

    permanent = True

    def __init__(self, path: str, found: object, allowed: str) -> None:
        self.path = path
        self.found = describe(found)
        self.allowed = allowed
        super().__init__(f"{path or '/'}: found {self.found}; allowed: {allowed}")


def join(path: str, key: object) -> str:
    """The pointer to `key` below `path`, escaped as RFC 6901 asks."""
    return f"{path}/{printable(str(key)).replace('~', '~0').replace('/', '~1')}"


def describe(found: object) -> str:
    """`found` in a few printable words, whatever it is and however large."""
    if isinstance(found, str):
        return f'"{printable(found)}"'
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, int) and found.bit_length() > 64:
        return "a number beyond 64 bits"
    if isinstance(found, (int, float, date)):
        return str(found)
    return "nothing" if found is None else _shape_of(found)


def _shape_of(found: object) -> str:
    if isinstance(found, Mapping):
        return f"an object with {len(found)} keys"
    if isinstance(found, (list, tuple)):
        return f"a list of {len(found)}"
    return f"a {type(found).__name__}"


def printable(text: str) -> str:
    """At most 60 characters of `text`, with everything unprintable escaped."""
    short = text if len(text) <= _SHOWN_LENGTH else text[:_SHOWN_LENGTH] + "…"
    return "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in short)
