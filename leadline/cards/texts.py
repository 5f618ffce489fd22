"""Tables of texts that people search, each with a trigram index beside it.

A table has a row per thing with its folded `text`. The index is FTS5 with trigrams on SQLite, where
triggers keep it equal to the rows, and pg_trgm on PostgreSQL.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from leadline.lib import rows
from leadline.lib.ids import as_uuid
from leadline.lib.rows import Cursor

TRIGRAM = 3
_NUMBER = re.compile(r"\+?[0-9]{7,}")
_NUMBER_END = 6

Wanted = Sequence[Sequence[str]]
"""Folded words that must all occur; of each any one of its spellings."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A table, the column that says whose text it is, and its index on SQLite."""

    table: str
    key: str
    index: str


LEADS = Texts("cards_searchtext", "card_id", "cards_search")
COMPANIES = Texts("cards_companycard", "company_id", "cards_companysearch")
NOTES = Texts("cards_notetext", "activity_id", "cards_notesearch")


def stored(cursor: Cursor, of: Texts, keys: Sequence[UUID], *, vendor: str) -> dict[UUID, str]:
    """The texts as they are. One query."""
    sql = f"SELECT {of.key}, text FROM {of.table} WHERE {of.key} {{in}}"
    return {as_uuid(key): text for key, text in rows.select_in(cursor, sql, keys, vendor=vendor)}


def write(cursor: Cursor, of: Texts, changed: Mapping[UUID, str], *, vendor: str) -> None:
    """Set these texts. One statement; the index follows by itself."""
    rows.upsert(
        cursor, of.table, (of.key, "text"), list(changed.items()), key=(of.key,), vendor=vendor
    )


def is_findable(wanted: Wanted) -> bool:
    """Whether the index can be asked: one word at least has three letters in every spelling."""
    return any(_is_long(word) for word in wanted)


def hits(of: Texts, wanted: Wanted, *, most: int, vendor: str) -> tuple[str, list[object]]:
    """SQL that gives the keys of at most `most` hits, the newest first, with its parameters.

    Only for words that `is_findable` holds for.
    """
    if vendor == "postgresql":
        tests, params = _tests(wanted, "text LIKE %s", lambda word: f"%{_like(word)}%")
        return f"SELECT {of.key} FROM {of.table} WHERE {tests} LIMIT {most}", params
    asked = [[_indexed(each) for each in word] for word in wanted if _is_long(word)]
    # What the index was asked for in full need not be looked for again.
    rest = [word for word in wanted if not (_is_long(word) and _is_whole(word))]
    matched = (
        f"SELECT rowid FROM {of.index} WHERE {of.index} MATCH %s ORDER BY rowid DESC LIMIT {most}"
    )
    tests, params = _tests(rest, "instr(text, %s) > 0", lambda word: word)
    sql = f"SELECT {of.key} FROM {of.table} WHERE id IN ({matched})"
    return sql + (f" AND {tests}" if rest else ""), [_match(asked), *params]


def standing(of: Texts, word: str, *, most: int, vendor: str) -> tuple[str, list[object]]:
    """SQL that gives the word if it stands by itself, between blanks, hyphens and ends of lines, in
    one of the newest `most` texts that hold its letters; with its parameters.

    Only for words of three letters and more.
    """
    found, params = hits(of, [[word]], most=most, vendor=vendor)
    alone = "' ' || replace(replace(text, %s, ' '), '-', ' ') || ' ' LIKE %s"
    sql = (
        f"SELECT CAST(%s AS text) AS word WHERE EXISTS"
        f" (SELECT 1 FROM {of.table} WHERE {of.key} IN ({found}) AND {alone})"
    )
    return sql, [word, *params, "\n", f"% {_like(word)} %"]


def _tests(wanted: Wanted, test: str, value: Callable[[str], str]) -> tuple[str, list[object]]:
    said = ["(" + " OR ".join([test] * len(word)) + ")" for word in wanted]
    return " AND ".join(said), [value(each) for word in wanted for each in word]


def _is_long(word: Sequence[str]) -> bool:
    return all(len(each) >= TRIGRAM for each in word)


def _is_whole(word: Sequence[str]) -> bool:
    return all(_indexed(each) == each for each in word)


def _indexed(word: str) -> str:
    """The part of a word that the trigram index is asked for.

    Of a long number the end: country and area codes stand in half of all rows, and to read those
    lists took 54 ms where the end takes 5 (a million leads, SQLite).
    """
    return word[-_NUMBER_END:] if _NUMBER.fullmatch(word) else word


def _match(asked: Wanted) -> str:
    return " AND ".join("(" + " OR ".join(map(_phrase, word)) + ")" for word in asked)


def _like(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _phrase(word: str) -> str:
    # A quoted FTS5 string knows one escape: the quote, twice. Nothing in it is an operator.
    return '"' + word.replace('"', '""') + '"'
