"""Pages of lists: every lead once, in order, in both directions, whatever happens meanwhile."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.cards import queries, sorts
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.leads.models import Lead
from leadline.workspace.models import User
from tests.cards.people import People, lead, people

pytestmark = pytest.mark.django_db


def _walk(listing: Listing, *, limit: int = 3) -> list[UUID]:
    found, after = [], None
    for _ in range(100):
        page = queries.page(listing, after=after, limit=limit)
        found += [row.lead_id for row in page.rows]
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


def _leads(now: datetime, who: People) -> None:
    owners = [(who.ben, who.north), (None, who.north), (None, None), (who.cleo, who.south)]
    for number in range(20):
        owner, team = owners[number % 4]
        lead(
            now,
            points=number // 3,  # ties, so the id decides
            name=f"Lead {number % 7}",
            owner=owner,
            team=team,
            created_at=now - timedelta(hours=number % 5),
            response_due_at=now + timedelta(minutes=number % 3) if number % 2 else None,
        )


@pytest.mark.parametrize("sort", sorts.NAMES)
def test_every_page_together_is_the_list_in_order(now: datetime, sort: str) -> None:
    who = people()
    _leads(now, who)
    column = sorts.read(sort).column
    for user in (who.ada, who.ben):
        seen = _walk(Listing(user, now, sort=sort))
        cards = Card.objects.filter(sorts.read(sort).only).order_by(*sorts.read(sort).order)
        if user == who.ben:
            cards = cards.exclude(owner=who.cleo)
        assert seen == list(cards.values_list("pk", flat=True)), column
        assert len(seen) == len(set(seen)) > 0


def test_rows_added_and_removed_between_pages_spoil_nothing(now: datetime) -> None:
    who = people()
    _leads(now, who)
    listing = Listing(who.ada, now)
    before = _walk(listing, limit=50)
    first = queries.page(listing, limit=5)
    lead(now, points=999)
    Lead.objects.filter(pk__in=[first.rows[2].lead_id, before[10]]).delete()
    rest, after = [], first.next
    while after:
        page = queries.page(listing, after=after, limit=5)
        rest += [row.lead_id for row in page.rows]
        after = page.next
    assert rest == [each for each in before[5:] if each != before[10]]


def test_a_cursor_of_another_list_is_refused(now: datetime) -> None:
    who = people()
    _leads(now, who)
    cursor = queries.page(Listing(who.ada, now), limit=2).next
    for listing, token in [
        (Listing(who.ada, now, sort="name"), cursor),
        (Listing(who.ada, now, search="lead"), cursor),
        (Listing(who.ada, now), f"{cursor}x"),
        (Listing(who.ada, now), "e30.AAAA"),
        (Listing(who.ada, now), "\udcff" * 10),
    ]:
        with pytest.raises(sorts.InvalidCursor):
            queries.page(listing, after=token)


def test_an_unknown_or_secret_column_is_no_sort(now: datetime) -> None:
    who = people()
    for name in ("owner__password", "email", "--score", "total", "-", "score,name", ""):
        with pytest.raises(sorts.UnknownSort):
            queries.page(Listing(who.ada, now, sort=name))


def test_a_page_costs_one_query_for_ada_and_three_for_ben(
    now: datetime,
) -> None:
    who = people()
    _leads(now, who)
    for user, expected in ((who.ada, 1), (who.ben, 3)):
        with CaptureQueriesContext(connection) as seen:
            queries.page(Listing(user, now), limit=20)
        assert len(seen) == expected


def test_a_limit_is_kept_between_one_and_five_hundred(now: datetime) -> None:
    who = people()
    _leads(now, who)
    assert len(queries.page(Listing(who.ada, now), limit=-5).rows) == 1
    assert len(queries.page(Listing(who.ada, now), limit=10**9).rows) == 20


def test_counting_stops_at_its_cap(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    who = people()
    _leads(now, who)
    assert queries.count(Listing(who.ada, now)) == 20
    assert queries.count(Listing(who.ben, now)) == 15
    assert queries.count(Listing(who.ada, now, sort="response_due")) == 10
    monkeypatch.setattr(queries, "MOST_COUNTED", 7)
    assert queries.count(Listing(who.ada, now)) == 7
    assert queries.count(Listing(who.ben, now)) == 7


def test_somebody_on_another_team_sees_nothing_of_ours(now: datetime) -> None:
    who = people()
    ours = lead(now, owner=who.ben, team=who.north, name="Ours", email="ours@example.com")
    waiting = lead(now, team=who.north, name="Waiting for us")
    listing = Listing(who.cleo, now)
    assert queries.page(listing).rows == []
    assert queries.page(Listing(who.cleo, now, search="ours")).rows == []
    assert queries.count(listing) == 0
    assert queries.today(who.cleo, now=now) == []
    assert queries.one(who.cleo, ours) is None
    assert not queries.may_edit(who.cleo, waiting)


def test_who_sees_and_who_changes_which_leads(now: datetime) -> None:
    who = people()
    make = User.objects.create_user
    mia = make("mia@example.com", role="manager", team=who.north)
    max_ = make("max@example.com", role="marketer")
    ron = make("ron@example.com", role="read_only")
    gone = make("gone@example.com", role="admin", is_active=False)
    cards = {
        "bens": lead(now, owner=who.ben, team=who.north),
        "adas": lead(now, owner=who.ada, team=who.north),
        "waiting": lead(now, team=who.north),
        "nobodys": lead(now),
        "cleos": lead(now, owner=who.cleo, team=who.south),
        "bens outside": lead(now, owner=who.ben, team=who.south),
    }
    everything = set(cards)
    norths = {"bens", "adas", "waiting", "nobodys"}
    expected = {
        who.ada: (everything, everything),
        mia: (norths, norths),
        who.ben: (norths | {"bens outside"}, {"bens", "bens outside", "waiting", "nobodys"}),
        who.cleo: ({"cleos", "bens outside", "nobodys"}, {"cleos", "nobodys"}),
        max_: (everything, {"waiting", "nobodys"}),
        ron: (everything, set()),
        gone: (set(), set()),
    }
    for user, (seen, changed) in expected.items():
        visible = {n for n, key in cards.items() if queries.one(user, key)}
        listed = set(_walk(Listing(user, now)))
        editable = {n for n, key in cards.items() if queries.may_edit(user, key)}
        assert (visible, editable) == (seen, changed), user.email
        assert listed == {cards[n] for n in seen}, user.email
