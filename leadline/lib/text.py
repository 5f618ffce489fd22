"""Free text from strangers: made storable, visible and comparable, never "improved".

`clean` is what every stored text passes. It removes what cannot be stored on both databases
(NUL, lone surrogates) and what lies to the eye (control, bidi override, zero-width, tag
characters, towers of combining marks) and keeps every visible letter of every script.

`fold` is for comparison and search only; its result is never shown.
"""

import re
import unicodedata

MAX_MARKS = 8
"""More combining marks than this on one letter are dropped; no living script needs as many."""

_LINE_BREAK = re.compile("\r\n|[\r\u2028\u2029]")
_HIDDEN = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # C0 without tab and line breaks, DEL, C1
    "\xad\u061c\u180e\u200b\u200e\u200f"  # soft hyphen, marks of direction, zero-width space
    "\u202a-\u202e\u2060-\u206f"  # bidi embedding, override, isolate, word joiner, invisible ops
    "\u3164\uffa0\ufeff\ufff9-\ufffb\ufffe\uffff"  # blank fillers, BOM, annotation, noncharacters
    "\ud800-\udfff"  # lone surrogates
    "\U000e0000-\U000e007f"  # tags (a flag of Scotland becomes a plain flag)
    "]+"
)
_JOINER = re.compile("[\u200c\u200d]+")
_SUSPECT = re.compile(rf"{_HIDDEN.pattern}|{_LINE_BREAK.pattern}|{_JOINER.pattern}")

# ZWNJ and ZWJ shape Persian and Indic words and glue emoji; beside Latin, Greek or Cyrillic
# letters they are only invisible. Categories of characters that they may stand between:
_JOINABLE = frozenset({"Lo", "Mn", "Mc", "Me", "So", "Sk"})
_PASSES = 3

_LETTERS = str.maketrans(
    {"ı": "i", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)
# Combining classes that carry meaning: not reordered (0), nukta, kana voicing, virama.
_MEANT = frozenset({0, 7, 8, 9})

_PLACEHOLDERS = frozenset(
    {
        "",
        "null",
        "NULL",
        "(null)",
        "nil",
        "NIL",
        "none",
        "None",
        "NONE",
        "undefined",
        "UNDEFINED",
        "n/a",
        "N/A",
        "n.a.",
        "N.A.",
        "#N/A",
        "nan",
        "NaN",
        "-",
        "--",
        "---",
        ".",
        "..",
        "...",
        "_",
        "?",
        "??",
        "???",
        "–",
        "—",
        "unknown",
        "Unknown",
        "UNKNOWN",
        "[object Object]",
    }
)


def clean(text: str, *, max_length: int | None = None) -> str:
    """The text in NFC without hidden characters, at most `max_length` code points.

    Idempotent. Line breaks become `\\n`; tabs stay; spaces are left as they are. Equal on every
    database because nothing is left that one of them refuses.
    """
    if text.isascii() and text.isprintable():
        return text[:max_length]
    return _cut(_settled(text), max_length)


def fold(text: str) -> str:
    """The text as search compares it: no case, no accents, no width; not for display.

    `İ`, `I`, `ı` and `i` are one letter, `ß` is `ss`, `Ø` is `o`. Marks that make another letter
    (Devanagari vowels, が against か) are kept. Idempotent.
    """
    if text.isascii():
        return text.lower()
    before = ""
    while text != before:
        before = text
        text = _folded(text)
    return text


def is_placeholder(text: str) -> bool:
    """Whether a cell says "nothing here": empty, NULL, undefined, n/a, a dash and the like.

    `Null`, `Na` and `Nan` are surnames and stay; only spellings that programs write count.
    """
    return text.strip() in _PLACEHOLDERS


def _settled(text: str) -> str:
    # Removing one character can make neighbours compose or a joiner lose its place, so repeat
    # until nothing changes; a text that will not settle loses all its joiners.
    for _ in range(_PASSES):
        before, text = text, _once(text)
        if text == before:
            return text
    return _once(_once(_JOINER.sub("", text)))


def _once(text: str) -> str:
    if _SUSPECT.search(text):
        text = _HIDDEN.sub("", _LINE_BREAK.sub("\n", text))
        text = _JOINER.sub(_joiner, unicodedata.normalize("NFC", text))
    text = unicodedata.normalize("NFC", text)
    return text if text.isascii() else _without_towers(text)


def _joiner(match: re.Match[str]) -> str:
    before, after = match.string[match.start() - 1 : match.start()], match.string[match.end() :][:1]
    if before and after and {unicodedata.category(c) for c in (before, after)} <= _JOINABLE:
        return match[0][0]
    return ""


def _without_towers(text: str) -> str:
    kept: list[str] = []
    height = 0
    for char in text:
        height = height + 1 if unicodedata.category(char)[0] == "M" else 0
        if height <= MAX_MARKS:
            kept.append(char)
    return text if len(kept) == len(text) else "".join(kept)


def _cut(text: str, max_length: int | None) -> str:
    if max_length is None or len(text) <= max_length:
        return text
    return text[:max_length].rstrip("\u200c\u200d")


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(c for c in apart if unicodedata.combining(c) in _MEANT)
    return unicodedata.normalize("NFC", plain.casefold().translate(_LETTERS))
