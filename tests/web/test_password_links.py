"""A forgotten password where no mail leaves: no mail is promised, and a colleague makes a link."""

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client

from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.lib import clock
from leadline.web import confirming, password_links
from leadline.workspace.models import AuditEntry, Role, User, Workspace
from tests.web.matrix import comparable
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
RESET = "/sign-in/password/reset/"
WORDS = "correct horse battery"
NEW = "a staple of another kind"


@pytest.fixture(autouse=True)
def _passwords(world: World) -> Iterator[None]:
    cache.clear()
    for person in (world.ada, world.ben, world.cleo):
        person.set_password(WORDS)
        person.save()
    yield
    cache.clear()


@pytest.fixture
def with_mail(settings: LazySettings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email={"EMAIL_HOST": "mail.example"})


def _path(person: User) -> str:
    return f"/settings/people/{person.pk}/link"


def _made(client: Client, person: User) -> str:
    """The path of the link that Copy puts on the clipboard."""
    page = client.post(_path(person), {"password": WORDS}).content.decode()
    found = re.search(r'id="password-link"[^>]*>http://[^/]+([^<]+)</pre>', page)
    assert found is not None, page
    return html.unescape(found[1])


def _set(link: str, words: str = NEW) -> bool:
    """Whether the link let somebody set these words."""
    stranger = Client()
    answer = stranger.get(link)
    if answer.status_code != 302:
        return False
    answer = stranger.post(answer["Location"], {"password1": words, "password2": words})
    return answer.status_code == 302


def _lets_in(words: str) -> bool:
    cache.clear()
    answer = Client().post("/sign-in/", {"login": "ben@acme.example", "password": words})
    return answer.status_code == 302


def test_without_a_mail_server_nobody_is_told_of_a_mail(world: World) -> None:
    said = "This workspace sends no mail yet. Ask Ada for a new link."
    for path in (RESET, f"{RESET}done/"):
        page = Client().get(path).content.decode()
        assert said in page
        assert "We have sent you an email" not in page
        assert "@acme.example" not in page


def test_an_address_that_is_known_gets_the_same_answer_as_any_other(world: World) -> None:
    answers = []
    for address in ("ben@acme.example", "nobody@elsewhere.example"):
        client = Client()
        sent = client.post(RESET, {"email": address})
        both = (sent, client.get(sent["Location"]))
        answers.append([comparable(each, address) for each in both])  # type: ignore[arg-type]  # of the test client
    assert answers[0] == answers[1]


def test_neither_is_answered_before_both_would_be(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How long it takes is measured by `benchmarks/enumeration.py`."""
    waited: list[float] = []
    instants = iter((10.0, 10.01, 20.0, 29.0))
    clockwork = SimpleNamespace(monotonic=instants.__next__, sleep=waited.append)
    monkeypatch.setattr(password_links, "time", clockwork)
    for address in ("ben@acme.example", "nobody@elsewhere.example"):
        Client().post(RESET, {"email": address})
    assert waited == [pytest.approx(password_links.ANSWER_SECONDS - 0.01), 0.0]


def test_with_a_mail_server_it_is_as_it_was_but_not_in_the_demo(
    world: World, with_mail: None
) -> None:
    assert 'name="email"' in Client().get(RESET).content.decode()
    assert "We have sent you an email" in Client().get(f"{RESET}done/").content.decode()
    Workspace.objects.update(is_demo=True)
    assert "sends no mail yet" in Client().get(f"{RESET}done/").content.decode()


def test_a_link_lets_somebody_set_a_password_once(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    assert _path(world.ben) in ada.get(f"/settings/people/{world.ben.pk}").content.decode()
    link = _made(ada, world.ben)
    assert _lets_in(WORDS)  # which makes the link of before worthless: they know their password
    assert not _set(link)
    other, link = _made(ada, world.ben), _made(ada, world.ben)
    assert _set(link)
    assert not _set(link, "yet another phrase")
    assert not _set(other, "yet another phrase")
    assert _lets_in(NEW)
    assert not _lets_in(WORDS)
    noted = AuditEntry.objects.filter(object_id=str(world.ben.pk)).order_by("number")
    acts = [each.act for each in noted if not each.act.startswith("sign")]
    assert acts == [*["person.link_made"] * 3, "password.changed"]
    assert not noted.filter(details__contains=link[-20:]).exists()


def test_a_link_needs_the_password_of_who_makes_it(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    answer = ada.post(_path(world.ben), {"password": "wrong"})
    assert answer.status_code == 422
    assert "password-link" not in answer.content.decode()
    assert "password-link" not in ada.get(_path(world.ben)).content.decode()
    assert not AuditEntry.objects.filter(act="person.link_made").exists()


def test_nobody_makes_one_for_the_owner_for_themselves_or_who_has_left(
    world: World, enter: Enter
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    User.objects.filter(pk=world.ben.pk).update(is_active=False)
    client = enter(world.cleo)
    for person in (world.ada, world.cleo, world.ben):
        assert client.post(_path(person), {"password": WORDS}).status_code == 404


@pytest.mark.parametrize("change", [{"role": Role.OWNER}, {"is_active": False}])
def test_who_left_or_became_the_owner_meanwhile_gets_none(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch, change: dict[str, object]
) -> None:
    def while_proven(request: object) -> dict[str, str]:
        User.objects.filter(role=Role.OWNER).update(role=Role.ADMIN)
        User.objects.filter(pk=world.ben.pk).update(**change)
        return {}

    ada = enter(world.ada)
    monkeypatch.setattr(confirming, "problems", while_proven)
    assert ada.post(_path(world.ben), {"password": WORDS}).status_code == 404
    assert not AuditEntry.objects.filter(act="person.link_made").exists()


def test_with_a_mail_server_nobody_makes_one(world: World, enter: Enter, with_mail: None) -> None:
    assert enter(world.ada).get(_path(world.ben)).status_code == 404


def test_a_second_link_ends_the_first(world: World, enter: Enter) -> None:
    ada = enter(world.ada)
    first, second = _made(ada, world.ben), _made(ada, world.ben)
    assert not _set(first)
    assert _set(second)
    assert _lets_in(NEW)


def test_a_link_of_a_colleague_stays_when_another_one_gets_theirs(
    world: World, enter: Enter
) -> None:
    ada = enter(world.ada)
    link, _of_cleo = _made(ada, world.ben), _made(ada, world.cleo)
    assert _set(link)


def test_what_went_into_the_folder_is_never_called_sent(
    world: World, enter: Enter, settings: LazySettings
) -> None:
    draft = outbox.Draft(
        kind=Message.Kind.TEST, cause="t:1", to_address="ada@acme.example", subject="Hello",
        text="x", due_at=clock.now(),
    )  # fmt: skip
    outbox.put([draft], now=clock.now())
    client = enter(world.ada)
    paths = ("/settings/outbox", f"/settings/outbox/{Message.objects.get().pk}")
    servers = ({"EMAIL_HOST": "mail.example"}, None)
    for state, badge in (("folder", ">In the folder</span>"), ("sent", ">Sent</span>")):
        Message.objects.update(state=state, sent_at=clock.now())
        for server in servers:  # whatever is set by now
            settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email=server)
            for path in paths:
                page = client.get(path).content.decode()
                assert [each for each in (">In the folder</span>", ">Sent</span>")
                        if each in page] == [badge]  # fmt: skip


@pytest.mark.parametrize(
    ("is_demo", "server", "states"),
    [(False, None, ["folder", "sent"]), (False, {"EMAIL_HOST": "mail.example"}, ["sent", "sent"]),
     (True, {"EMAIL_HOST": "mail.example"}, ["folder", "sent"])],
    ids=["no-server", "server", "demo"],
)  # fmt: skip
def test_what_was_called_sent_before_an_upgrade_says_where_it_is(
    world: World, settings: LazySettings, is_demo: bool, server: object, states: list[str]
) -> None:
    for kind in ("test", "push"):
        Message.objects.create(kind=kind, cause=kind, state="sent", due_at=world.now,
                               created_at=world.now)  # fmt: skip
    Workspace.objects.update(is_demo=is_demo)
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email=server)
    number = "leadline.delivery.migrations.0007_mark_what_went_into_the_folder"
    import_module(number).mark(apps, connection.schema_editor())
    assert list(Message.objects.order_by("-kind").values_list("state", flat=True)) == states
