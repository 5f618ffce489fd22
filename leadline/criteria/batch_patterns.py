r"""Patterns of RE2 in the words of Java, which Spark matches with.

What may be written (`operators`) reads alike in both but for what these replace:

| written | RE2 | Java 17 |
|---|---|---|
| `.` | all but `\n` | all but `\n`, `\r`, U+0085, U+2028, U+2029 |
| `$` | the end | the end, and before a last line break |
| `\s` | without U+000B | with it |
| `\b` | between ASCII words | between words of any script |
"""

import re
from collections.abc import Callable, Mapping

_SPACE = r"\t\n\f\r "
_WORD_ENDS = r"(?:(?<=\w)(?!\w)|(?<!\w)(?=\w))"
_NO_WORD_ENDS = r"(?:(?<=\w)(?=\w)|(?<!\w)(?!\w))"

_OUTSIDE: Mapping[str, str] = {
    ".": r"[^\n]",
    "$": r"\z",
    r"\s": f"[{_SPACE}]",
    r"\S": f"[^{_SPACE}]",
    r"\b": _WORD_ENDS,
    r"\B": _NO_WORD_ENDS,
}
_INSIDE: Mapping[str, str] = {r"\s": _SPACE, r"\S": r"\S\x0B"}

_PARTS = re.compile(r"\[\^?(?:[^\\\]]|\\.)+\]|\\.|.", re.DOTALL)
_MEMBERS = re.compile(r"\\.|.", re.DOTALL)


def java(pattern: str) -> str:
    """A pattern that Java finds where RE2 finds `pattern`, one that `operators` let in."""
    return _PARTS.sub(_replaced, pattern)


def _replaced(part: re.Match[str]) -> str:
    found = part.group()
    if found.startswith("["):
        return _MEMBERS.sub(_by(_INSIDE), found)
    return _OUTSIDE.get(found, found)


def _by(words: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda part: words.get(part.group(), part.group())
