"""What an enemy tries who has a seat, or none: each attempt changes nothing and tells nothing."""

import re
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client

from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.delivery.models import Message
from leadline.flow import colleagues
from leadline.lib import clock
from leadline.workspace import audit
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Invitation, Role, Team, User
from tests.web import matrix
from tests.web.matrix import Route
from tests.world import World

Enter = Callable[[User], Client]
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
PASSWORD = "correct horse battery"

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]


@pytest.fixture(autouse=True)
def _forget_tries() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def deal(world: World, lead_id: UUID) -> None:
    """9,876,543.21 euros, won."""
    now = clock.now()
    entry = Entry(
        currency="EUR", opened_at=now, lead_id=lead_id, owner_id=world.ben.pk, name="Big",
        amount_minor=987_654_321,
    )  # fmt: skip
    made = deals.open(entry, because="met", now=now)
    assert made is not None


AMOUNT = re.compile(r"9.?876.?543|9\.9 ?M|9,9 ?Mio|9\.88 ?M")


@pytest.mark.usefixtures("deal")
def test_a_marketer_finds_the_amount_nowhere(world: World, enter: Enter, lead_id: UUID) -> None:
    marketer = User.objects.create_user("m@acme.example", role=Role.MARKETER)
    seen = enter(world.ada).get("/api/v1/deals").content.decode()
    assert "987654321" in seen
    client, asked = enter(marketer), 0
    for route in _reading():
        answer = client.get(route.address({"lead_id": lead_id, "deal_id": _deal_id()}))
        text = b"".join(answer) if answer.streaming else answer.content
        assert not AMOUNT.search(text.decode("utf-8", "replace")), route.path
        asked += answer.status_code == 200
    assert asked > 20


def test_nobody_makes_themselves_more_than_they_are(world: World, enter: Enter) -> None:
    ben = enter(world.ben)
    more = {"role": "owner", "is_active": "1", "team": str(world.other.pk), "email": "x@y.example"}
    ben.post("/settings/profile", {"name": "Ben", "time_zone": "UTC", **more})
    ben.post(f"/settings/people/{world.ben.pk}", more)
    enter(world.ada).post(f"/settings/people/{world.ben.pk}", {**more, "takes_leads": "1"})
    enter(world.ada).post("/settings/people/invite", {"role": "owner"})
    world.ben.refresh_from_db()
    assert (world.ben.role, world.ben.email) == (Role.REP, "ben@acme.example")
    assert world.ben.team == world.sales
    assert not Invitation.objects.exists()


def test_who_is_invited_cannot_choose_role_team_or_address(world: World) -> None:
    by, now = audit.by(world.ada, origin=""), clock.now()
    _made, link = colleagues.invite(
        Seat("rep", world.sales), email="dora@acme.example", base_url="", by=by, now=now
    )
    given = {"name": "Dora", "password": PASSWORD, "email": "owner@evil.example", "role": "owner",
             "team": str(world.other.pk), "time_zone": "UTC"}  # fmt: skip
    client = Client()
    before = client.session.session_key
    assert client.post(link, given)["Location"] == "/today"
    dora = User.objects.get(email="dora@acme.example")
    assert (dora.role, dora.team) == (Role.REP, world.sales)
    assert client.session.session_key != before
    again = Client().post(link, {**given, "email": "second@acme.example"})
    assert again.status_code == 404


def test_a_reset_says_the_same_for_everybody(world: World) -> None:
    answers = []
    for address in ("ben@acme.example", "nobody@acme.example"):
        client = Client(headers={"host": "localhost"})
        answer = client.post("/sign-in/password/reset/", {"email": address})
        page = client.get(answer["Location"]).content.decode()
        answers.append((answer.status_code, answer["Location"], _plain(page)))
    assert answers[0] == answers[1]
    known, unknown = Message.objects.order_by("created_at")
    assert "http://127.0.0.1:8000/sign-in/password/reset/key/" in known.text
    assert "Nobody signs in with this address here" in unknown.text
    assert "//localhost" not in known.text + unknown.text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_a_host_of_theirs_gets_no_link_of_ours(world: World, host: str) -> None:
    client = Client(headers={"host": host})
    answer = client.post("/sign-in/password/reset/", {"email": "ben@acme.example"})
    assert answer.status_code == 421
    assert not Message.objects.exists()


def test_what_is_typed_into_settings_stays_text(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    User.objects.filter(pk=world.ben.pk).update(name=EVIL[:120])
    ada.post("/settings/teams/new", {"name": EVIL})
    ada.post("/settings/fields/new", {"label": EVIL, "type": "text", "help": EVIL, "group": EVIL})
    ada.post("/leads/views?sort=name", {"name": EVIL})
    ada.post("/settings/profile", {"name": EVIL, "time_zone": "UTC"})
    made = Team.objects.latest("pk")
    addresses = [route.address({"team_id": made.pk}) for route in _reading()]
    for address in [*addresses, f"/settings/people/{world.ben.pk}"]:
        answer = ada.get(address)
        text = b"".join(answer) if answer.streaming else answer.content
        is_page = answer.get("Content-Type", "").startswith("text/html")
        assert not is_page or b"<script>alert" not in text, address
        assert not is_page or b"<img src=x" not in text, address


def test_private_pages_are_kept_nowhere(world: World, enter: Enter, lead_id: UUID) -> None:
    ben = enter(world.ben)
    for route in _reading():
        answer = ben.get(route.address({"lead_id": lead_id}))
        is_ours = not route.path.startswith(("api/docs", "api/v1/openapi"))
        if answer.status_code == 200 and is_ours and route.name not in _SAME_FOR_ALL:
            assert "no-store" in answer.get("Cache-Control", ""), route.path


# What everybody gets alike, signed in or not.
_SAME_FOR_ALL = frozenset({"manifest", "service_worker", "sw"})


def _reading() -> list[Route]:
    """Every address of ours that is read; signing in has tests of its own."""
    return [each for each in matrix.routes() if not each.path.startswith("sign-")]


def _deal_id() -> UUID:
    return Deal.objects.get().pk


def _plain(page: str) -> str:
    return re.sub(r'nonce="[^"]*"|value="[^"]{64}"|"X-CSRFToken": "[^"]*"|[\w.]+@acme\S*', "", page)
