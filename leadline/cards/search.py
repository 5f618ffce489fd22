"""Finding leads by what people type: name, e-mail, company, phone, any part of any word.

Every word must occur somewhere in the lead's text; case, accents and width do not matter. Words
of three letters and more use the trigram index; shorter ones alone find beginnings of names and
addresses. Of more than 5,000 hits the newest are kept, before anything is sorted.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from leadline.lib import rows, text
from leadline.lib.rows import Cursor

MOST_HITS = 5_000
_MOST_WORDS = 8
_LONGEST = 200
_TRIGRAM = 3

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
        card_id if isinstance(card_id, UUID) else UUID(card_id): stored
        for card_id, stored in rows.select_in(cursor, sql, wanted, vendor=vendor)
    }
    changed = [(key, value) for key, value in wanted.items() if present.get(key) != value]
    if changed:
        rows.upsert(
            cursor, "cards_searchtext", ("card_id", "text"), changed, key=("card_id",),
            vendor=vendor,
        )  # fmt: skip
    return len(changed)


def document(name: str, email: str, company_name: str, phone: str) -> str:
    """The folded text of one card. Parts are on lines of their own, so no hit spans two."""
    return "\n".join(text.fold(part) for part in (name, email, company_name, phone) if part)


def words(search: str) -> tuple[str, ...]:
    """The folded words of a search, at most eight; what cannot be seen is dropped."""
    folded = text.fold(text.clean(search[:_LONGEST]))
    return tuple(dict.fromkeys(folded.split()))[:_MOST_WORDS]


def condition(found: tuple[str, ...], *, vendor: str) -> tuple[str, list[object]]:
    """SQL on `cards_card` that holds for the hits of these words, with its parameters.

    At least one word has three letters; see `is_indexed`.
    """
    long = [word for word in found if len(word) >= _TRIGRAM]
    short = [word for word in found if len(word) < _TRIGRAM]
    if vendor == "postgresql":
        tests = " AND ".join(["text LIKE %s"] * len(found))
        hits = f"SELECT card_id FROM cards_searchtext WHERE {tests} LIMIT {MOST_HITS}"
        return f"cards_card.lead_id IN ({hits})", [f"%{_like(word)}%" for word in found]
    matched = (
        "SELECT rowid FROM cards_search WHERE cards_search MATCH %s"
        f" ORDER BY rowid DESC LIMIT {MOST_HITS}"
    )
    tests = "".join(" AND instr(text, %s)" for _ in short)
    hits = f"SELECT card_id FROM cards_searchtext WHERE id IN ({matched}){tests}"
    return f"cards_card.lead_id IN ({hits})", [" AND ".join(map(_phrase, long)), *short]


def is_indexed(found: tuple[str, ...]) -> bool:
    """Whether one word is long enough for the trigram index."""
    return any(len(word) >= _TRIGRAM for word in found)


def beginnings(found: tuple[str, ...]) -> Q:
    """Cards whose name or address begins with the (short) first word, in the usual cases."""
    word = found[0]
    spellings = {word, word.capitalize(), word.upper()}
    either = Q(email__gte=word, email__lt=_after(word))
    for spelling in sorted(spellings):
        either |= Q(name__gte=spelling, name__lt=_after(spelling))
    return either


def _after(word: str) -> str:
    """A text above every text that begins with `word`."""
    return word + "\U0010ffff"


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _phrase(word: str) -> str:
    # A quoted FTS5 string knows one escape: the quote, twice. Nothing in it is an operator.
    return '"' + word.replace('"', '""') + '"'
