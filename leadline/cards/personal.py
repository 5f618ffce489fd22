"""The personal data of cards, a projection: emptied with the rows it is made from."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from leadline.cards import search, view_words
from leadline.cards.models import Card, NoteText, Visit
from leadline.lib import personal_data

HOLDS = ("name", "email", "phone", "title", "company_name")


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register("cards.Card", holds=HOLDS, eraser=erase, exporter=export)
    personal_data.register("cards.SearchText", holds=("text",), eraser=erase_search, exporter=None)
    # The words go with the texts that they stand in.
    personal_data.register("cards.Spelling", holds=("word",), eraser=None, exporter=None)
    personal_data.register("cards.NoteText", holds=("text",), eraser=erase_notes, exporter=None)
    personal_data.register(
        "cards.SavedView", holds=("name", "filter"), eraser=view_words.erase, exporter=None
    )
    personal_data.register("cards.Visit", holds=("lead",), eraser=erase_visits, exporter=None)


def erase(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty who the card is about; stage and score stay for the counts. Rows changed."""
    return Card.objects.filter(lead_id__in=lead_ids).update(**dict.fromkeys(HOLDS, ""))


def erase_search(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Take the leads out of the search. Rows deleted; the index follows by itself."""
    with connection.cursor() as cursor:
        return search.remove(cursor, lead_ids, vendor=connection.vendor)


def erase_notes(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """What the notes about the leads were found by. Rows deleted."""
    return NoteText.objects.filter(activity__lead__in=lead_ids).delete()[0]


def erase_visits(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """That anybody opened them lately. Rows deleted."""
    return Visit.objects.filter(lead__in=lead_ids).delete()[0]


def export(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The card as lists show it."""
    for row in Card.objects.filter(lead_id=lead_id).values(*HOLDS, "stage", "temperature", "why"):
        yield dict(row)
