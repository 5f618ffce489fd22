"""A query that takes too long is broken off with a sentence, and the next one is not."""

from datetime import datetime

import pytest
from django.db import OperationalError, connection
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL

from leadline.cards import filters, queries, time_box
from leadline.cards.queries import Listing
from leadline.criteria.nodes import Fact
from tests.cards.people import lead, people

pytestmark = pytest.mark.django_db
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def _run(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_an_endless_query_ends(db: None) -> None:
    with pytest.raises(time_box.TooSlow, match="Narrow the filter"), time_box.at_most(0.1):
        _run(ENDLESS[connection.vendor])
    assert _run("SELECT 1") == [(1,)]


def test_another_error_stays_what_it_is(db: None) -> None:
    other = OperationalError("disk I/O error")
    with pytest.raises(OperationalError, match="disk"), time_box.at_most(5):
        raise other


def test_a_list_that_takes_too_long_says_so(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    who = people()
    lead(now)
    endless = Q(RawSQL(f"({ENDLESS[connection.vendor]}) IS NULL", [], BooleanField()))
    monkeypatch.setattr(filters, "condition", lambda *_, **__: endless)
    monkeypatch.setattr(time_box, "SECONDS", 0.2)
    monkeypatch.setattr(queries, "WALK_SECONDS", 0.1)
    listing = Listing(who.ada, now, Fact("stage", "stage", ()))
    for ask in (queries.page, queries.count):
        with pytest.raises(time_box.TooSlow):
            ask(listing)
