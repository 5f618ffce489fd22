"""Finding leads by what people type: name, e-mail, company, phone, any part of any word.

Every word must occur somewhere in the lead's text; case, accents and width do not matter. Words
of three letters and more use the trigram index; shorter ones alone find beginnings of names and
addresses. Of more than 3,000 hits the newest are kept, before anything is sorted.
"""

import re
from collections.abc import Iterable
from uuid import UUID

from leadline.lib import rows, text
from leadline.lib.ids import as_uuid
from leadline.lib.rows import Cursor

MOST_HITS = 3_000
_MOST_WORDS = 8
_LONGEST = 200
_TRIGRAM = 3
_NUMBER = re.compile(r"\+?[0-9]{7,}")
_NUMBER_END = 6
_LAST = "\U0010ffff"

Found = tuple[UUID, str, str, str, str]
"""(lead id, name, e-mail, company name, phone) as a card holds them."""


def write(cursor: Cursor, found: Iterable[Found], *, vendor: str) -> int:
    """Make the search texts of these cards what they should be; returns how many changed.

    The cards exist already. Two statements for any number of rows; a text that is the same is
    not written again, so that a new score costs the index nothing.
    """
    wanted = {lead_id: document(*parts) for lead_id, *parts in found}
    sql = "SELECT card_id, text FROM cards_searchtext WHERE card_id {in}"
    present = {
        as_uuid(card_id): stored
        for card_id, stored in rows.select_in(cursor, sql, wanted, vendor=vendor)
    }
    changed = [(key, value) for key, value in wanted.items() if present.get(key) != value]
    if changed:
        rows.upsert(
            cursor,
            "cards_searchtext",
            ("card_id", "text"),
            changed,
            key=("card_id",),
            vendor=vendor,
        )
    return len(changed)


def document(name: str, email: str, company_name: str, phone: str) -> str:
    """The folded text of one card. Parts are on lines of their own, so no hit spans two."""
    return "\n".join(text.fold(part) for part in (name, email, company_name, phone) if part)


def words(search: str) -> tuple[str, ...]:
    """The folded words of a search, at most eight; what cannot be seen is dropped."""
    folded = text.fold(text.clean(search[:_LONGEST]))
    return tuple(dict.fromkeys(folded.split()))[:_MOST_WORDS]


def condition(found: tuple[str, ...], *, vendor: str) -> tuple[str, list[object]]:
    """SQL on `cards_card` that holds for the hits of these words, with its parameters."""
    if not any(len(word) >= _TRIGRAM for word in found):
        return _beginnings(found[0])
    if vendor == "postgresql":
        tests = " AND ".join(["text LIKE %s"] * len(found))
        hits = f"SELECT card_id FROM cards_searchtext WHERE {tests} LIMIT {MOST_HITS}"
        return f"cards_card.lead_id IN ({hits})", [f"%{_like(word)}%" for word in found]
    indexed = [_indexed(word) for word in found if len(word) >= _TRIGRAM]
    others = [word for word in found if word not in indexed]
    matched = (
        "SELECT rowid FROM cards_search WHERE cards_search MATCH %s"
        f" ORDER BY rowid DESC LIMIT {MOST_HITS}"
    )
    tests = " AND instr(text, %s)" * len(others)
    hits = f"SELECT card_id FROM cards_searchtext WHERE id IN ({matched}){tests}"
    return f"cards_card.lead_id IN ({hits})", [" AND ".join(map(_phrase, indexed)), *others]


def _indexed(word: str) -> str:
    """The part of a word that the trigram index is asked for.

    Of a long number the end: country and area codes stand in half of all rows, and to read those
    lists took 54 ms where the end takes 5 (a million leads, SQLite).
    """
    return word[-_NUMBER_END:] if _NUMBER.fullmatch(word) else word


def _beginnings(word: str) -> tuple[str, list[object]]:
    """Cards whose name or address begins with a word too short for the index."""
    spellings = sorted({word, word.capitalize(), word.upper()})
    ranges = [("name", spelling) for spelling in spellings] + [("email", word)]
    each = MOST_HITS // len(ranges)
    hits = " UNION ALL ".join(
        f"SELECT * FROM (SELECT lead_id FROM cards_card WHERE {column} >= %s AND {column} < %s"
        f" LIMIT {each}) AS {column}_{number}"
        for number, (column, _) in enumerate(ranges)
    )
    params = [text for _, start in ranges for text in (start, start + _LAST)]
    return f"cards_card.lead_id IN ({hits})", [*params]


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _phrase(word: str) -> str:
    # A quoted FTS5 string knows one escape: the quote, twice. Nothing in it is an operator.
    return '"' + word.replace('"', '""') + '"'
