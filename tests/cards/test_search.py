"""Search finds parts of names, addresses, companies and phones, and nothing that is typed runs."""

from datetime import datetime
from uuid import UUID

import pytest
from django.db import connection

from leadline.cards import queries, search
from leadline.cards.models import Card, SearchText
from leadline.cards.queries import Listing
from leadline.leads.models import Lead
from tests.cards.people import lead, people, write_search

pytestmark = pytest.mark.django_db


def _found(now: datetime, user: object, typed: str) -> set[UUID]:
    return {row.lead_id for row in queries.page(Listing(user, now, search=typed)).rows}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed",
    ["Ångström", "angstrom", "GSTR", "anders ang", "ang anders", "anders_1@", "Volvo",
     "volvo anders", "+46 70 123", "0701234", "4567", "+46 (0)70-123 45 67", "0046 70 1234567",
     "(070) 123.45.67", "anders 070 123", "٠٧٠١٢٣٤", "a an", "An", "a", "an", "  anders  ",
     "o'brien", "x-anders_1"],
)  # fmt: skip
def test_a_lead_is_found_by_any_part_of_what_is_known(now: datetime, typed: str) -> None:
    who = people()
    key = lead(
        now, name="Anders Ångström O'Brien", email="x-anders_1@volvo.example",
        company_name="Volvo", phone="+46701234567",
    )  # fmt: skip
    lead(now, name="Somebody Else", email="other@else.example", company_name="Elsewhere")
    assert _found(now, who.ada, typed) == {key}, search.readings(typed)


@pytest.mark.parametrize(
    "typed",
    ['"', '""', "'", "*", "anna*", "anna OR bob", "anna AND", "NOT anna", "NEAR(a b)", "text:anna",
     "^anna", "anna -bob", "{anna}", "(anna", "%", "%%%", "___", "\\", "an\\na", "' OR 1=1 --",
     "; DROP TABLE cards_card; --", "\x00anna", "\u202eanna\u202c xx", "🦊🦊🦊", "a" * 5_000,
     "a b c d e f g h i j k l", "ß", "\ud800abc", "日本語"],
)  # fmt: skip
def test_what_is_typed_is_only_ever_searched_for(now: datetime, typed: str) -> None:
    who = people()
    lead(now, name="Bob Stone", email="bob@stone.example")
    assert _found(now, who.ada, typed) == set()
    assert Card.objects.count() == 1


def test_marks_of_patterns_stand_for_themselves(now: datetime) -> None:
    who = people()
    percent = lead(now, name="100% Wolle")
    lead(now, name="1000 Wolle")
    assert _found(now, who.ada, "100%") == {percent}
    assert _found(now, who.ada, "0% wolle") == {percent}


def test_what_changed_or_is_gone_is_not_found_any_more(now: datetime) -> None:
    who = people()
    key = lead(now, name="Maria Alt", email="maria@alt.example")
    card = Card.objects.get(pk=key)
    assert write_search(card) == 0
    card.name = "Maria Neumann"
    assert write_search(card) == 1
    assert _found(now, who.ada, "neumann") == {key}
    assert _found(now, who.ada, "maria alt neu") == {key}  # the address still says alt
    Lead.objects.filter(pk=key).delete()
    assert SearchText.objects.count() == 0
    assert _found(now, who.ada, "maria") == set()


@pytest.mark.sqlite_only
def test_the_index_keeps_no_letters_of_an_erased_lead(now: datetime) -> None:
    """About FTS5, which SQLite alone has."""
    key = lead(now, name="Xylophonia Quartz", email="xq@quartz.example")
    Lead.objects.filter(pk=key).delete()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO cards_search(cards_search) VALUES ('integrity-check')")
        cursor.execute("SELECT count(*) FROM cards_search WHERE cards_search MATCH '\"xyl\"'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT block FROM cards_search_data")
        assert not any(b"xyl" in bytes(block) for (block,) in cursor.fetchall())


def test_many_texts_are_written_with_the_same_number_of_statements(now: datetime) -> None:
    from django.test.utils import CaptureQueriesContext

    def statements(count: int) -> int:
        keys = [lead(now) for _ in range(count)]
        cards = list(Card.objects.filter(pk__in=keys))
        for number, card in enumerate(cards):
            card.name = f"Person {number}"
        with CaptureQueriesContext(connection) as seen:
            assert write_search(*cards) == count
        return len([q for q in seen if "cards_searchtext" in q["sql"] and "SELECT" in q["sql"][:9]])

    assert statements(1) == statements(40) == 1


def test_hits_stop_at_their_cap(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_HITS", 4)
    who = people()
    keys = [lead(now, name=f"Common {number}", points=number) for number in range(8)]
    found = _found(now, who.ada, "common")
    assert len(found) == 4
    assert queries.count(Listing(who.ada, now, search="common")) == 4
    assert found <= set(keys)
