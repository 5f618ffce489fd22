"""Numbers and short marks as people read them. Points are integer micro-points."""

import unicodedata
import zlib

from leadline.workspace import spoken

MICRO = 1_000_000


def points(micro: int) -> str:
    """ "15", "7.5" or "7,5", "-30": at most one decimal, cut towards zero, so that 49.99 is never
    shown as 50."""
    tenths = abs(micro) * 10 // MICRO
    sign = "-" if micro < 0 and tenths else ""
    whole, part = divmod(tenths, 10)
    return spoken.decimal(f"{sign}{whole}.{part}" if part else f"{sign}{whole}")


def whole_points(micro: int) -> str:
    """The points without decimals, cut towards zero: what lists show."""
    whole = abs(micro) // MICRO
    return spoken.number(-whole if micro < 0 else whole)


def signed_points(micro: int) -> str:
    """ "+15" or "−30", with a real minus sign."""
    text = points(micro)
    return "−" + text[1:] if text.startswith("-") else "+" + text


def initials(name: str) -> str:
    """Up to two letters for a round mark beside a name; of Arabic ones only the first, for two
    would join to a word."""
    words = [word for word in name.replace("@", " ").replace(".", " ").split() if word]
    letters = [word[0] for word in words if word[0].isalnum()]
    if not letters:
        return "?"
    first, last = letters[0], letters[-1] if len(letters) > 1 else ""
    is_joining = unicodedata.bidirectional(first) == "AL"
    return first if is_joining else (first + last).upper()


def tint(name: str) -> str:
    """One of four calm tints for a name, always the same for the same name."""
    return f"t{zlib.crc32(name.encode('utf-8', 'replace')) % 4}"
