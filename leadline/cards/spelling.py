"""Words as they are spelt in names, and which of them a misspelt word may have meant.

Each word of a name stands in the table once per run of three letters ("^^a", "^an", "ann", …).
A typed word is compared only with words that share most runs with it; the nearest by letters
changed, added, left out or swapped are meant. Both databases give the same answer, and the cost
grows with the number of different words, not of leads.
"""

from collections.abc import Collection, Iterable, Sequence

from leadline.cards import texts
from leadline.lib import rows
from leadline.lib.rows import Cursor

SHORTEST, LONGEST = 4, 40
MOST_COMPARED = 80
MOST_MEANT = 5
_ONE_LETTER_UP_TO = 4
_AT_ONCE = 200
"""So many words are asked for in one statement: SQLite joins at most 500 SELECTs, two per word."""
_MOST_LOOKED_AT = 1_000
"""A word that stands in none of so many texts with its letters is forgotten: better one that
nobody is reminded of than one of an erased person."""


def follow(cursor: Cursor, *, before: Collection[str], after: Iterable[str], vendor: str) -> None:
    """Texts changed: their new words are known from now on, words that stand nowhere else go.

    Call after the texts are written. Erasure depends on it: no letter of a name stays. Four
    statements, and one more for every `_AT_ONCE` words that went.
    """
    said = {word for each in after for word in words(each)}
    new = said - _known(cursor, said, vendor=vendor)
    grams = sorted((gram, word) for word in new for gram in runs(word))
    rows.insert_ignore(cursor, "cards_spelling", ("gram", "word"), grams, vendor=vendor)
    forget(cursor, {word for each in before for word in words(each)} - said, vendor=vendor)


def forget(cursor: Cursor, gone: Collection[str], *, vendor: str) -> None:
    """Those of the words that stand in no text any more are known no longer.

    Two statements, and one more for every `_AT_ONCE` words.
    """
    unused = sorted(set(gone) - _standing(cursor, sorted(gone), vendor=vendor))
    pairs = [(gram, word) for word in unused for gram in sorted(runs(word))]
    rows.delete_in(cursor, "cards_spelling", ("gram", "word"), pairs, vendor=vendor)


def words(text: str) -> set[str]:
    """The words of a folded text that names are made of: letters only, at least four."""
    return {
        word
        for part in text.split()
        for word in part.split("-")
        if SHORTEST <= len(word) <= LONGEST and word.isalpha()
    }


def runs(word: str) -> set[str]:
    """Three letters each, with two marks before the first and one after the last."""
    marked = f"^^{word}$"
    return {marked[start : start + 3] for start in range(len(marked) - 2)}


def meant(cursor: Cursor, word: str) -> list[str]:
    """The known words that are nearest to a typed one, at most five; itself where it is known.

    One letter may be wrong in words of four letters, two in longer ones. One query.
    """
    if not (SHORTEST <= len(word) <= LONGEST and word.isalpha()):
        return [word]
    grams = sorted(runs(word))
    cursor.execute(
        f"SELECT word FROM cards_spelling WHERE gram IN ({', '.join(['%s'] * len(grams))})"
        f" GROUP BY word ORDER BY count(*) DESC, word LIMIT {MOST_COMPARED}",
        grams,
    )
    allowed = 1 if len(word) <= _ONE_LETTER_UP_TO else 2
    near = sorted((distance(word, other), other) for (other,) in cursor.fetchall())
    best = near[0][0] if near else allowed + 1
    return [other for far, other in near if far == best <= allowed][:MOST_MEANT]


def distance(one: str, other: str) -> int:
    """How many letters must be changed, added, left out or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        older, before, row = before, row, [at]
        for to, wanted in enumerate(other, start=1):
            cost = min(before[to] + 1, row[to - 1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == other[to - 2] and one[at - 2] == wanted:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
    return row[-1]


def _known(cursor: Cursor, asked: Collection[str], *, vendor: str) -> set[str]:
    """Those of the words that are known already, as most names are: a third of all rows that an
    import wrote were runs that stood there.

    A word that is being forgotten at the moment is waited for, and is known no longer then.
    """
    held = " ORDER BY gram, word FOR KEY SHARE" if vendor == "postgresql" else ""
    found = rows.select_in(
        cursor,
        "SELECT word FROM cards_spelling WHERE (gram, word) {in}" + held,
        [(_first_run(word), word) for word in sorted(asked)],
        vendor=vendor,
    )
    return {str(word) for (word,) in found}


def _first_run(word: str) -> str:
    return f"^^{word[0]}"


def _standing(cursor: Cursor, asked: Sequence[str], *, vendor: str) -> set[str]:
    """Which of the words stand in a text, as words: "schmid" does not stand in "schmidt"."""
    found: set[str] = set()
    for start in range(0, len(asked), _AT_ONCE):
        parts = [
            texts.standing(table, word, most=_MOST_LOOKED_AT, vendor=vendor)
            for word in asked[start : start + _AT_ONCE]
            for table in (texts.LEADS, texts.COMPANIES)
        ]
        cursor.execute(
            " UNION ALL ".join(sql for sql, _ in parts),
            [each for _, params in parts for each in params],
        )
        found.update(word for (word,) in cursor.fetchall())
    return found
