"""Lists filtered by a declared field: few who have a value lead, and no value is met too late."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from leadline.cards import filters, queries, time_box
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.cards.time_box import TooSlow
from leadline.criteria.nodes import Node
from leadline.leads.models import CurrentTrait
from leadline.workspace.models import Field, Workspace
from tests.cards.people import People, lead, people

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(now: datetime) -> People:
    """Forty leads of Ben's and Cleo's; the ten with the fewest points are of the tier `low`."""
    found = people()
    Workspace.objects.create(id=1, name="Acme", created_at=now)
    Field.objects.create(name="tier", type="text", label="Tier", position=1)
    owners = [(found.ben, found.north), (found.cleo, found.south)]
    ids = [
        lead(now, points=n // 2, owner=owners[n % 2][0], team=owners[n % 2][1]) for n in range(40)
    ]
    CurrentTrait.objects.bulk_create(
        CurrentTrait(lead_id=pk, name="tier", text="low" if n < 10 else "common")
        for n, pk in enumerate(ids)
    )
    return found


def _low() -> Node:
    found = filters.read({"trait": "tier", "is": "low"})
    assert found is not None
    return found


def _walk(listing: Listing) -> list[UUID]:
    found, after = [], None
    for _ in range(20):
        page = queries.page(listing, after=after, limit=3)
        found += [row.lead_id for row in page.rows]
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


def _expected(who: People, *, all_of_them: bool) -> list[UUID]:
    cards = Card.objects.filter(total__lt=5_000_000).order_by("-total", "-lead_id")
    mine = cards if all_of_them else cards.filter(team=who.north)
    return list(mine.values_list("pk", flat=True))


def test_a_value_that_few_have_is_looked_up_and_no_order_is_walked(
    who: People, now: datetime
) -> None:
    with CaptureQueriesContext(connection) as caught:
        queries.page(Listing(who.ada, now, _low()))
    [asked] = [each["sql"] for each in caught if 'FROM "cards_card"' in each["sql"]]
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {asked}")
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "card_total" not in plan, plan
    assert "leads_currenttrait" in plan or "current_trait_value" in plan, plan


def test_every_page_of_them_together_is_the_list_in_order(who: People, now: datetime) -> None:
    for user in (who.ada, who.ben):
        expected = _expected(who, all_of_them=user == who.ada)
        assert _walk(Listing(user, now, _low())) == expected
        assert queries.count(Listing(user, now, _low())) == len(expected)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_value_that_is_met_too_late_is_sorted_for_in_the_rest_of_the_box(
    who: People, now: datetime, monkeypatch: pytest.MonkeyPatch, is_late: bool
) -> None:
    asked: list[tuple[Sequence[object], float | None]] = []
    ordered = queries._ordered

    def walked(parts: Any, order: Any, *rest: Any, seconds: float | None) -> Any:  # as it takes
        asked.append((order, seconds))
        if is_late and seconds == queries.FIELD_WALK_SECONDS:
            raise TooSlow
        return ordered(parts, order, *rest, seconds=seconds)

    monkeypatch.setattr(queries, "_ordered", walked)
    monkeypatch.setattr(filters, "names_few", lambda rule: False)
    page = queries.page(Listing(who.ben, now, _low()))
    assert [row.lead_id for row in page.rows] == _expected(who, all_of_them=False)
    assert [order for order, _ in asked][:1] == [("-total", "-lead_id")]
    boxes = [seconds for _, seconds in asked if seconds is not None]
    assert len(boxes) == 1 + is_late
    if is_late:
        assert sum(boxes) == time_box.SECONDS


def test_only_a_part_that_must_hold_names_few(who: People, now: datetime) -> None:
    def few(document: dict[str, object]) -> bool:
        rule = filters.read(document)
        assert rule is not None
        return filters.names_few(filters.condition(rule, user=who.ada, at_us=0))

    low, stage = {"trait": "tier", "is": "low"}, {"stage": "lead"}
    assert few(low)
    assert few({"all": [stage, low]})
    for document in ({"any": [stage, low]}, {"not": low}, stage, {"trait": "tier", "exists": True}):
        assert not few(document), document
    assert not filters.names_few(Q())
