"""Lists of tasks and deals go along an index: they neither read nor sort what they do not show."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Task
from leadline.cards import deals as seen_deals
from leadline.cards import tasks as seen_tasks
from leadline.cards.tasks import Listing, State
from leadline.deals.models import Deal
from tests.cards.people import People, lead, people

pytestmark = pytest.mark.django_db
LEADS, MANY, OPEN_DEALS = 20, 4_000, 40
_SORTS = re.compile(r"\bSort\b|TEMP B-TREE")
_FROM_THE_CURSOR = re.compile(r"task_open \(due_at>\?\)|Index Cond: \(due_at >= ")


@pytest.fixture
def who(now: datetime) -> People:
    """Four thousand tasks, a third of them done, and as many deals, of which few are open."""
    found = people()
    owners = [(found.ben, found.north), (found.cleo, found.south)]
    ids = [lead(now, owner=owners[n % 2][0], team=owners[n % 2][1]) for n in range(LEADS)]
    Task.objects.bulk_create(
        Task(lead_id=ids[n % LEADS], written_for_id=ids[n % LEADS], text="Call", created_at=now,
             due_at=now + timedelta(minutes=n * 37 % MANY), done_at=None if n % 3 else now,
             owner=owners[n % 2][0])
        for n in range(MANY)
    )  # fmt: skip
    Deal.objects.bulk_create(
        Deal(lead_id=ids[n % LEADS], currency="EUR", opened_at=now, known_at=now,
             state="open" if n < OPEN_DEALS else "won",
             closed_at=None if n < OPEN_DEALS else now)
        for n in range(MANY)
    )  # fmt: skip
    _rows("ANALYZE")
    return found


def _rows(sql: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else []


def _plan(ask: Callable[[], object]) -> str:
    """How the database does the one query of `ask`."""
    with CaptureQueriesContext(connection) as caught:
        ask()
    [query] = caught.captured_queries
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row[-1]) for row in _rows(f"{explain} {query['sql']}"))


def test_open_tasks_are_read_in_their_order_from_the_cursor_on(who: People) -> None:
    for user in (who.ada, who.ben):
        after = seen_tasks.page(user, Listing()).next
        first = _plan(partial(seen_tasks.page, user, Listing()))
        second = _plan(partial(seen_tasks.page, user, Listing(), after=after))
        for plan in (first, second):
            assert "task_open" in plan, plan
            assert not _SORTS.search(plan), plan
        assert _FROM_THE_CURSOR.search(second), second


@pytest.mark.parametrize("state", ["done", "all"])
def test_done_tasks_and_all_are_read_in_their_order_from_the_cursor_on(
    who: People, state: State
) -> None:
    for user, listing, index in [
        (who.ada, Listing(state=state), "task_by_due"),
        (who.ben, Listing(state=state), "task_by_due"),
        (who.ada, Listing(who.ben.pk, state=state), "task_of_owner_by_due"),
        (who.ben, Listing(who.ben.pk, state=state), "task_of_owner_by_due"),
    ]:
        after = seen_tasks.page(user, listing).next
        for cursor in (None, after):
            plan = _plan(partial(seen_tasks.page, user, listing, after=cursor))
            assert index in plan, plan
            assert not _SORTS.search(plan), plan


def test_the_deals_of_a_lead_are_found_by_it(who: People) -> None:
    lead_id = Deal.objects.values_list("lead", flat=True).first()
    mine = seen_deals.visible_to(who.ada).filter(lead=lead_id).order_by("-id")[:51]
    assert re.search(r"deal_lead|deals_deal_lead_id", _plan(partial(list, mine)))


def test_the_few_deals_of_a_state_are_found_by_it(who: People) -> None:
    for user in (who.ada, who.ben):
        few = seen_deals.visible_to(user).filter(state="open").order_by("-id")[:51]
        plan = _plan(partial(list, few))
        assert "deal_by_state" in plan, plan
