"""What is written about leads, made findable: the texts of notes, calls, mails and meetings."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from leadline.cards import texts
from leadline.lib import rows, text
from leadline.lib.ids import as_uuid
from leadline.lib.rows import Cursor

# Nobody changes what was logged, so what has a row has the right one.
_MISSING = """
SELECT a.id, a.text, a.lead_id FROM activities_activity a
LEFT JOIN cards_notetext n ON n.activity_id = a.id
WHERE a.lead_id {in} AND a.text <> '' AND n.id IS NULL"""


def follow(lead_ids: Collection[UUID]) -> int:
    """Make what was logged about these leads findable; returns how many texts are new.

    Whoever logs calls it: events log nothing, and to ask in every pass costs more with every note.
    Two statements; what is taken back takes its text along by itself.
    """
    vendor = connection.vendor
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, _MISSING, lead_ids, vendor=vendor)
        fresh = {as_uuid(key): text.fold(said) for key, said, _ in found}
        texts.write(cursor, texts.NOTES, fresh, vendor=vendor)
    return len(fresh)


def lacking(cursor: Cursor, lead_ids: Collection[UUID], *, vendor: str) -> set[UUID]:
    """The leads about whom something was logged that cannot be found. One query."""
    found = rows.select_in(cursor, _MISSING, lead_ids, vendor=vendor)
    return {as_uuid(lead_id) for _key, _said, lead_id in found}


def excerpt(said: str, found: Collection[str], *, around: int = 60) -> str:
    """The part of a note in which the first of the folded words stands, in one line."""
    plain = " ".join(said.split())
    folded = text.fold(plain)
    at = min((place for word in found if (place := folded.find(word)) >= 0), default=0)
    start = max(0, at - around)
    part = plain[start : at + 2 * around]
    return ("… " if start else "") + part + (" …" if at + 2 * around < len(plain) else "")
