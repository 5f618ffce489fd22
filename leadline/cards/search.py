"""Finding leads by what people type: name, e-mail, company, phone, note, any part of any word.

Every word must occur somewhere in the lead's text, or in one note about it; case, accents and
width do not matter. A phone number is found in any spelling and by its last four digits. Words of
three letters and more use the trigram index; shorter ones alone find beginnings of names and
addresses. Of more than 3,000 hits the newest are kept, before anything is sorted.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from uuid import UUID

import msgspec

from leadline.cards import spelling, texts
from leadline.cards.texts import Wanted
from leadline.lib import rows, text
from leadline.lib.rows import Cursor

MOST_HITS = 3_000
_MOST_WORDS = 8
_LONGEST = 200
_LAST = "\U0010ffff"
_DIGITS = re.compile(r"[+(]?[0-9][0-9()./+-]*")
_FEWEST_DIGITS = 4

Sql = tuple[str, list[object]]


class Findable(msgspec.Struct, frozen=True):
    """What a lead is found by, as its card and its bindings hold it."""

    lead_id: UUID
    name: str
    email: str
    company_name: str
    phone: str
    others: Sequence[str] = ()
    """Its further addresses and numbers."""


def write(cursor: Cursor, found: Iterable[Findable], *, vendor: str) -> int:
    """Make the search texts of these cards what they should be; returns how many changed.

    The cards exist already. At most five statements for up to 200 words that nobody is called any
    more, and one for every 200 beyond; a text that is the same is not written again, so that a
    new score costs the index nothing.
    """
    wanted = {each.lead_id: document(each) for each in found}
    present = texts.stored(cursor, texts.LEADS, list(wanted), vendor=vendor)
    changed = {key: value for key, value in wanted.items() if present.get(key) != value}
    texts.write(cursor, texts.LEADS, changed, vendor=vendor)
    spelling.follow(
        cursor, before=[present[key] for key in changed if key in present],
        after=changed.values(), vendor=vendor,
    )  # fmt: skip
    return len(changed)


def differing(cursor: Cursor, found: Iterable[Findable], *, vendor: str) -> set[UUID]:
    """The leads whose search text is not what it should be. One query."""
    wanted = {each.lead_id: document(each) for each in found}
    present = texts.stored(cursor, texts.LEADS, list(wanted), vendor=vendor)
    return {key for key, value in wanted.items() if present.get(key) != value}


def remove(cursor: Cursor, lead_ids: Collection[UUID], *, vendor: str) -> int:
    """Take leads out of the search, and their words where nobody else is called so; how many."""
    if not lead_ids:
        return 0
    gone = texts.stored(cursor, texts.LEADS, list(lead_ids), vendor=vendor)
    count = rows.delete_in(cursor, texts.LEADS.table, texts.LEADS.key, lead_ids, vendor=vendor)
    spelling.follow(cursor, before=gone.values(), after=(), vendor=vendor)
    return count


def document(of: Findable) -> str:
    """The folded text of one lead. Parts are on lines of their own, so no hit spans two."""
    parts = (of.name, of.email, of.company_name, of.phone, *of.others)
    return "\n".join(text.fold(part) for part in parts if part)


def words(search: str) -> tuple[str, ...]:
    """The folded words of a search, at most eight; what cannot be seen is dropped."""
    folded = text.fold(text.clean(search[:_LONGEST]))
    return tuple(dict.fromkeys(folded.split()))[:_MOST_WORDS]


def readings(search: str) -> list[Wanted]:
    """How a search may be meant: word by word, and with what looks like a phone number as one."""
    plain = words(search)
    found: list[Wanted] = [[[word] for word in plain]] if plain else []
    joined = _with_numbers_joined(plain)
    if joined and joined != plain:
        found.append([[word] for word in joined])
    return found


def numbers(search: str) -> tuple[str, ...]:
    """The ends that a phone number has which is searched for; () when the search is none."""
    typed = "".join(map(_ascii_digits, words(search)))
    if not _is_number(typed):
        return ()
    plain = re.sub("[^0-9]", "", typed)
    found = dict.fromkeys((plain, _bare(typed)))
    return tuple(each for each in found if len(each) >= _FEWEST_DIGITS)


def condition(search: str, *, vendor: str, in_notes: bool = True) -> Sql | None:
    """SQL on `cards_card` that holds for the hits, with its parameters; None for no words."""
    parts: list[Sql] = []
    for wanted in readings(search):
        if texts.is_findable(wanted):
            parts.append(texts.hits(texts.LEADS, wanted, most=MOST_HITS, vendor=vendor))
            if in_notes:
                parts.append(_of_notes(wanted, vendor=vendor))
        else:
            parts.append(_beginnings(wanted[0][0]))
    return either(parts) if parts else None


def respelt(wanted: Wanted, *, vendor: str) -> Sql:
    """The same for words in several spellings."""
    return either([texts.hits(texts.LEADS, wanted, most=MOST_HITS, vendor=vendor)])


def either(parts: Sequence[Sql]) -> Sql:
    """SQL on `cards_card` that holds for the leads that any of the parts gives."""
    hits = " UNION ALL ".join(
        f"SELECT * FROM ({sql}) AS part_{number}" for number, (sql, _) in enumerate(parts)
    )
    return f"cards_card.lead_id IN ({hits})", [each for _, params in parts for each in params]


def _of_notes(wanted: Wanted, *, vendor: str) -> Sql:
    hits, params = texts.hits(texts.NOTES, wanted, most=MOST_HITS, vendor=vendor)
    return f"SELECT lead_id FROM activities_activity WHERE id IN ({hits})", params


def _beginnings(word: str) -> Sql:
    """Leads whose name or address begins with a word too short for the index."""
    spellings = sorted({word, word.capitalize(), word.upper()})
    ranges = [("name", each) for each in spellings] + [("email", word)]
    most = MOST_HITS // len(ranges)
    hits = " UNION ALL ".join(
        f"SELECT * FROM (SELECT lead_id FROM cards_card WHERE {column} >= %s AND {column} < %s"
        f" LIMIT {most}) AS {column}_{number}"
        for number, (column, _) in enumerate(ranges)
    )
    return hits, [each for _, start in ranges for each in (start, start + _LAST)]


def _with_numbers_joined(found: Sequence[str]) -> tuple[str, ...]:
    """Neighbouring words of digits as one number without what is only written: `+46 (0)70 12`,
    `0046 70 12` and `070-12` are all the end, or a part, of +467012."""
    joined: list[str] = []
    for is_number, group in groupby(map(_ascii_digits, found), key=_is_number):
        if is_number:
            number = _bare("".join(group))
            joined += [number] if len(number) >= _FEWEST_DIGITS else []
        else:
            joined += group
    return tuple(joined)


def _is_number(word: str) -> bool:
    return _DIGITS.fullmatch(word) is not None


def _bare(number: str) -> str:
    if number.startswith(("+", "00")):
        number = number.replace("(0)", "")
    plain = re.sub("[^0-9]", "", number)
    if number.startswith("+"):
        return plain
    return plain[2:] if plain.startswith("00") else plain.removeprefix("0")


def _ascii_digits(word: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in word)
