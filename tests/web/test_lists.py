"""The list of leads: the address holds the state, the filter reads as a sentence."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards.models import Card, KnownSource, SavedView
from leadline.flow import intake
from leadline.lib import clock
from leadline.web import chips
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World

Enter = Callable[[User], Client]


def _fill(world: World, count: int) -> list[UUID]:
    """`count` leads, newest last, each with other points and one page view."""
    at = clock.now() - timedelta(days=2)
    said = [
        worlds.form("newsletter" if n % 2 else "demo", email=f"p{n:03d}@firm{n:03d}.example.com",
                    at=at + timedelta(minutes=n), traits={"name": f"Person {n:03d}"})
        for n in range(count)
    ]  # fmt: skip
    return [found for found in intake.run(said, now=clock.now()).lead_ids if found]


def _names(answer: object) -> list[str]:
    text = answer.content.decode()  # type: ignore[attr-defined]
    return re.findall(r'class="name clip"[^>]*><bdi>([^<]*)</bdi>', text)


@pytest.mark.django_db
def test_pages_follow_one_another_without_a_gap(world: World, enter: Enter) -> None:
    _fill(world, 120)
    client, address, seen = enter(world.ada), "/leads?sort=name", []
    while address:
        answer = client.get(address)
        seen += _names(answer)
        following = re.search(
            r'class="button plain wide" href="(\?[^"]*)"', answer.content.decode()
        )
        address = f"/leads{following[1]}".replace("&amp;", "&") if following else ""
    assert seen == [f"Person {n:03d}" for n in range(120)]


@pytest.mark.django_db
def test_the_next_page_comes_as_rows_alone(world: World, enter: Enter) -> None:
    _fill(world, 60)
    client = enter(world.ada)
    first = client.get("/leads").content.decode()
    address = re.search(r'hx-get="(/leads\?[^"]*after=[^"]*)"', first)
    assert address is not None
    rows = client.get(address[1].replace("&amp;", "&"), headers={"HX-Request": "true"})
    assert len(_names(rows)) == 10
    assert b"<html" not in rows.content


@pytest.mark.django_db
def test_a_list_costs_the_same_number_of_queries_for_few_and_for_many(
    world: World, enter: Enter
) -> None:
    client = enter(world.ben)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    addresses = ("/leads", "/leads?stage=sql&owner=me", "/leads?q=person", "/leads/count", "/today")
    _fill(world, 2)
    client.get("/leads")  # whatever is read once per process
    few = [queries(address) for address in addresses]
    _fill(world, 45)
    assert [queries(address) for address in addresses] == few
    assert max(few) <= 17


@pytest.mark.django_db
def test_chips_narrow_the_list_and_read_as_sentences(world: World, enter: Enter) -> None:
    _fill(world, 6)
    client = enter(world.ada)
    answer = client.get("/leads?stage=sql&temperature=hot&owner=ben@acme.example&score=10")
    assert sorted(_names(answer)) == ["Person 000", "Person 002", "Person 004"]
    text = answer.content.decode()
    for sentence in ("Stage is SQL", "Temperature is hot", "Ben owns it", "Score is at least 10"):
        assert sentence in text
    assert client.get("/leads/count?stage=sql").content.strip() == b"3 leads"


@pytest.mark.django_db
def test_the_owner_may_be_me_or_nobody(world: World, enter: Enter) -> None:
    ids = _fill(world, 4)
    Card.objects.filter(pk=ids[0]).update(owner=None, team=None)
    client = enter(world.ben)
    assert _names(client.get("/leads?owner=nobody")) == ["Person 000"]
    assert len(_names(client.get("/leads?owner=me"))) == 3


@pytest.mark.django_db
def test_a_view_is_saved_as_a_tab_of_ones_own(world: World, enter: Enter) -> None:
    _fill(world, 4)
    client = enter(world.ben)
    answer = client.post("/leads/views?stage=sql&sort=name", {"name": "Ready"})
    view = SavedView.objects.get(name="Ready")
    assert answer["Location"] == f"/leads?view={view.pk}"
    assert (view.user_id, view.sort) == (world.ben.pk, "name")
    assert _names(client.get(f"/leads?view={view.pk}")) == ["Person 000", "Person 002"]
    others = enter(world.ada)
    assert b"Ready" not in others.get("/leads").content
    assert others.post(f"/leads/views/{view.pk}/remove").status_code == 404
    assert client.post(f"/leads/views/{view.pk}/remove").status_code == 302
    assert SavedView.objects.get(pk=view.pk).removed_at is not None


@pytest.mark.django_db
def test_search_finds_part_of_any_word(world: World, enter: Enter) -> None:
    _fill(world, 12)
    client = enter(world.ada)
    assert _names(client.get("/leads?q=firm011")) == ["Person 011"]
    assert b"Person 011" in client.get("/palette?q=firm011").content
    assert b"Person 011" in client.get("/search?q=firm011").content
    assert b"No lead matches" in client.get("/leads?q=nobody-of-this-name").content


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "after=nonsense", "after=" + "A" * 400, "sort=password", "sort=-total;drop", "view=999999",
        "view=abc", "stage=x'--&temperature=%00", "score=1e9", "score=nan", "score=--5",
        "owner=%00%00", "owner=" + "x" * 5000, "source=%F0%9F%98%80", "q=%22%20OR%20*", "q=%00",
        "q=" + "%25" * 300, "stage=sql&" * 2000, "after=&view=&sort=&q=",
    ],
)  # fmt: skip
def test_whatever_stands_in_the_address_gives_a_page(
    world: World, enter: Enter, query: str
) -> None:
    _fill(world, 3)
    client = enter(world.ada)
    assert client.get(f"/leads?{query}").status_code in (200, 400, 422)
    assert client.get(f"/leads/count?{query}").status_code in (200, 400)


def test_the_address_of_a_chip_leaves_out_only_itself() -> None:
    chosen = chips.read(QueryDict("stage=mql&stage=sql&temperature=hot&q=ann&view=3&x=1"))
    without = {chip.sentence: chip.without for chip in chosen.chips({}, {})}
    assert without == {
        "Stage is MQL or SQL": "?temperature=hot&q=ann&view=3",
        "Temperature is hot": "?stage=mql&stage=sql&q=ann&view=3",
    }


def test_chips_and_the_saved_view_must_all_hold() -> None:
    chosen = chips.read(QueryDict("score=50&owner=nobody"))
    assert chosen.document({"temperature": "hot"}) == {
        "all": [
            {"temperature": "hot"},
            {"owner": {"exists": False}},
            {"score": "total", "gte": 50},
        ]
    }
    assert chips.read(QueryDict("")).document({}) == {}


@pytest.mark.django_db
def test_the_source_that_the_column_shows_finds_its_leads(world: World, enter: Enter) -> None:
    leads = _fill(world, 4)
    Card.objects.filter(pk__in=leads[:2]).update(source="Messe Hamburg", channel="other")
    Card.objects.filter(pk=leads[2]).update(source="messe hamburg", channel="other")
    client = enter(world.ada)
    page = client.get("/leads").content.decode()
    assert '<td class="col-source"><bdi title="Other">Messe Hamburg</bdi></td>' in page
    offered = client.get("/leads/filter-field?by=@sources").content.decode()
    assert offered.split() == ["<option", 'value="Messe', 'Hamburg"></option>']
    KnownSource.objects.create(source="Old <Expo>", folded="old <expo>", audience="")
    typed = client.get("/leads/filter-field?by=@sources&source=EXPO").content.decode()
    assert typed.split() == ["<option", 'value="Old', '&lt;Expo&gt;"></option>']
    for written in ("Messe Hamburg", "messe hamburg", "MESSE HAMBURG"):
        answer = client.get("/leads", {"source": written})
        assert sorted(_names(answer)) == ["Person 000", "Person 001", "Person 002"], written
        assert "Source is Messe Hamburg" in answer.content.decode()
        assert "3 leads" in client.get("/leads/count", {"source": written}).content.decode()


def _since(page: str) -> str:
    found = re.search(r'hx-get="(/leads/arrived\?[^"]*)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


@pytest.mark.django_db
def test_leads_that_come_while_a_list_is_read_wait_behind_a_pill(
    world: World, enter: Enter
) -> None:
    _fill(world, 3)
    ada, cleo, asks = enter(world.ada), enter(world.cleo), {"HX-Request": "true"}
    lists = {client: _since(client.get("/leads?stage=sql").content.decode())
             for client in (ada, cleo)}  # fmt: skip
    assert b"<a" not in ada.get(lists[ada], headers=asks).content
    at = clock.now() - timedelta(days=1)  # earlier than those that are there: made now all the same
    intake.run(
        [worlds.form("newsletter" if n == 2 else "demo", email=f"n{n}@new{n}.example.com", at=at)
         for n in range(3)],
        now=clock.now(),
    )  # fmt: skip
    assert "2 new" in ada.get(lists[ada], headers=asks).content.decode(), "one is no SQL"
    assert "new" not in cleo.get(lists[cleo], headers=asks).content.decode(), "Ben's are not hers"
    assert ada.get(lists[ada])["Location"] == "/leads?stage=sql"
    assert b"<a" not in ada.get("/leads/arrived?since=x", headers=asks).content
