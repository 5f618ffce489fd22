"""The address that somebody signs in with: their own by a link, or at once where no mail leaves."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.delivery.models import Message
from leadline.lib import clock, sealed_text
from leadline.web import second_factor
from leadline.workspace import keys
from leadline.workspace.models import AddressChange, AuditEntry, Role, User
from tests.web.matrix import comparable
from tests.world import World

pytestmark = pytest.mark.django_db

Enter = Callable[[User], Client]
OWN = "/settings/profile/address"
WORDS = "correct horse battery"
NEW = "ben.carter@acme.example"
SEED = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _forget_attempts() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def _passwords(world: World) -> None:
    for person in (world.ada, world.ben, world.cleo):
        person.set_password(WORDS)
        person.save()


@pytest.fixture
def with_mail(settings: LazySettings) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, email={"EMAIL_HOST": "mail.example"})


def give(client: Client, path: str = OWN, **given: str) -> int:
    return client.post(path, {"email": NEW, "password": WORDS, **given}).status_code


def link(to: str = NEW) -> str:
    """The path of the link in the newest mail to the address."""
    text = Message.objects.filter(to_address=to).latest("created_at").text
    found = re.search(r"http://\S+?(/address/\S+)", text)
    assert found is not None, text
    return found[1]


def lets_in(address: str) -> bool:
    cache.clear()
    answer = Client().post("/sign-in/", {"login": address, "password": WORDS})
    return answer.status_code == 302


def email_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_a_person_changes_their_address_by_a_link_to_it(
    world: World, enter: Enter, with_mail: None
) -> None:
    here, elsewhere = enter(world.ben), enter(world.ben)
    _row, secret = keys.make_api(world.ben, name="k", scopes=["leads:read"], now=clock.now())
    page = here.get("/settings/profile").content.decode()
    assert f'href="{OWN}"' in page
    assert here.post(OWN, {"email": NEW, "password": WORDS})["Location"] == f"{OWN}?done=1"
    said = here.get(f"{OWN}?done=1").content.decode()
    assert "Nothing changes until you confirm it." in said
    for _ in range(2):
        assert NEW in here.get(link()).content.decode()
    assert email_of(world.ben) == "ben@acme.example", "looking changes nothing"
    assert here.post(link())["Location"] == "/settings/profile?address=1"
    assert email_of(world.ben) == NEW
    assert here.get("/settings/profile?address=1").status_code == 200
    assert elsewhere.get("/today").status_code == 302
    key = Client(headers={"Authorization": f"Bearer {secret}"})
    assert key.get("/api/v1/leads").status_code == 200
    assert lets_in(NEW)
    assert not lets_in("ben@acme.example")


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(
    world: World, enter: Enter, with_mail: None
) -> None:
    give(enter(world.ben))
    path = link()
    for method in ("get", "post"):
        answer = getattr(Client(), method)(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in/?next=")
    assert email_of(world.ben) == "ben@acme.example"


def test_a_used_a_replaced_a_strangers_and_an_unknown_link_look_the_same(
    world: World, enter: Enter, with_mail: None
) -> None:
    ben = enter(world.ben)
    give(ben, email="first@acme.example")
    replaced = link("first@acme.example")
    give(ben)
    used = link()
    ben.post(used)
    cleo = enter(world.cleo)
    give(cleo, email="cleo.new@acme.example")
    strangers = link("cleo.new@acme.example")
    paths = (replaced, used, strangers, "/address/nonsense")
    for ask in (ben.get, ben.post):
        answers = {comparable(ask(path), path) for path in paths}  # type: ignore[arg-type]
        assert len(answers) == 1
        assert answers.pop()[0] == 404
    assert email_of(world.cleo) == "cleo@acme.example"


def test_a_password_that_changes_meanwhile_ends_the_link(
    world: World, enter: Enter, with_mail: None
) -> None:
    give(enter(world.ben))
    world.ben.set_password("another long one 7")
    world.ben.save()
    assert enter(world.ben).post(link()).status_code == 404
    assert email_of(world.ben) == "ben@acme.example"


def test_a_taken_address_gets_the_same_answer_at_the_same_price(
    world: World, enter: Enter, with_mail: None
) -> None:
    asked = []
    for address, who in (("free@acme.example", world.ben), ("ada@acme.example", world.cleo)):
        client = enter(who)
        with CaptureQueriesContext(connection) as captured:
            answer = client.post(OWN, {"email": address, "password": WORDS})
        page = client.get(f"{OWN}?done=1").content.decode().replace(who.email, "OLD")
        page = page.replace(address, "NEW").replace(str(who), "WHO")
        said = re.findall(r'<p class="note-box.*?</p>', page, re.DOTALL)
        asked.append((answer.status_code, answer["Location"], len(captured), said))
    assert asked[0] == asked[1]
    assert asked[0][3] != []
    assert "/address/" not in Message.objects.get(to_address="ada@acme.example").text


def test_the_password_is_needed_and_guessing_is_throttled_as_at_the_door(
    world: World, enter: Enter, with_mail: None
) -> None:
    client = enter(world.ben)
    answers = [
        client.post(OWN, {"email": NEW, "password": f"guess {n}"}).content.decode()
        for n in range(6)
    ]
    assert "This is not your password." in answers[0]
    assert NEW in answers[0], "what was typed stays"
    assert "Too many tries. Wait five minutes." in answers[-1]
    assert give(client) == 422
    assert not AddressChange.objects.exists()
    assert AuditEntry.objects.filter(act="sign_in.failed").count() == 5


def test_whoever_has_a_second_factor_shows_it_too(
    world: World, enter: Enter, with_mail: None
) -> None:
    sealed = sealed_text.seal(SEED, purpose=second_factor.PURPOSE, keys=second_factor.keys())
    Authenticator.objects.create(user=world.ben, type="totp", data={"secret": sealed})
    client = enter(world.ben)
    assert 'name="code"' in client.get(OWN).content.decode()
    assert give(client) == 422
    assert give(client, code="000000") == 422
    assert AuditEntry.objects.filter(act="sign_in.failed").count() == 1
    assert not AddressChange.objects.exists()
    now = next(iter(totp.yield_hotp_counters_from_time()))
    assert give(client, code=totp.format_hotp_value(totp.hotp_value(SEED, now))) == 302
    assert AddressChange.objects.count() == 1
    assert 'name="code"' not in client.get(OWN).content.decode(), "shown a moment ago"


def test_who_has_only_a_passkey_is_led_to_it(world: World, enter: Enter, with_mail: None) -> None:
    Authenticator.objects.create(user=world.ben, type="webauthn", data={"credential": {}})
    client = enter(world.ben)
    page = client.get(OWN).content.decode()
    assert 'name="code"' not in page
    assert f"/sign-in/two-factor/webauthn/reauthenticate/?next={OWN}" in page
    refused = client.post(OWN, {"email": NEW, "password": WORDS})
    assert refused.status_code == 422
    assert "Your second factor is needed as well." in refused.content.decode()


@pytest.mark.parametrize("written", ["", "ben", "a b@c.de", "ben@acme.example", "x" * 300])
def test_what_cannot_be_an_address_is_said_beside_the_field(
    world: World, enter: Enter, with_mail: None, written: str
) -> None:
    answer = enter(world.ben).post(OWN, {"email": written, "password": WORDS})
    assert answer.status_code == 422
    assert re.search(r'id="email"[^>]*aria-invalid="true"', answer.content.decode())


def test_without_a_mail_server_owner_and_admin_change_their_own_at_once(
    world: World, enter: Enter
) -> None:
    here, elsewhere = enter(world.ada), enter(world.ada)
    assert "No mail server is set" in here.get(OWN).content.decode()
    assert give(here, email="ada.new@acme.example", password="wrong") == 422
    assert give(here, email="ben@acme.example") == 422, "she may know who is here"
    assert give(here, email=" Ada.New@ACME.example ") == 302
    assert email_of(world.ada) == "ada.new@acme.example"
    said = here.get(f"{OWN}?done=1").content.decode()
    assert "Changed. Your other sessions have ended." in said
    assert elsewhere.get("/today").status_code == 302


def test_without_a_mail_server_others_are_told_whom_to_ask(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    page = client.get("/settings/profile").content.decode()
    assert OWN not in page
    assert re.search(r"To change it, ask: <bdi>Ada</bdi>", page)
    assert client.get(OWN).status_code == 404
    assert give(client) == 404
    assert email_of(world.ben) == "ben@acme.example"


def test_without_a_mail_server_an_admin_changes_a_colleagues_address(
    world: World, enter: Enter
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    cleo, ben = enter(world.cleo), enter(world.ben)
    path = f"/settings/people/{world.ben.pk}/address"
    assert path in cleo.get(f"/settings/people/{world.ben.pk}").content.decode()
    assert give(cleo, path, password="wrong") == 422
    assert give(cleo, path, email="ada@acme.example") == 422
    assert cleo.post(path, {"email": NEW, "password": WORDS})["Location"].endswith("?done=address")
    assert email_of(world.ben) == NEW
    assert ben.get("/today").status_code == 302
    assert cleo.get("/settings/people?done=address").status_code == 200
    last = AuditEntry.objects.latest("number")
    assert (last.act, last.actor_id, last.object_id) == (
        "address.changed", world.cleo.pk, str(world.ben.pk),
    )  # fmt: skip
    audit_page = enter(world.ada).get("/settings/audit").content.decode()
    assert "Changed a sign-in address" in audit_page


def test_nobody_changes_the_owners_address_or_their_own_under_people(
    world: World, enter: Enter
) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    client = enter(world.cleo)
    for person in (world.ada, world.cleo):
        path = f"/settings/people/{person.pk}/address"
        assert path not in client.get(f"/settings/people/{person.pk}").content.decode()
        assert give(client, path) == 404
    assert give(enter(world.ben), f"/settings/people/{world.cleo.pk}/address") == 403
    assert email_of(world.ada) == "ada@acme.example"


def test_with_a_mail_server_an_address_confirms_itself_and_no_admin_sets_it(
    world: World, enter: Enter, with_mail: None
) -> None:
    client, path = enter(world.ada), f"/settings/people/{world.ben.pk}/address"
    assert path not in client.get(f"/settings/people/{world.ben.pk}").content.decode()
    assert give(client, path) == 404
    assert email_of(world.ben) == "ben@acme.example"


def test_after_a_reset_password_the_old_address_lets_nobody_in_either(
    world: World, enter: Enter, with_mail: None
) -> None:
    """The library keeps a row of the address since then, and lets people in by it."""
    Client().post("/sign-in/password/reset/", {"email": "ben@acme.example"})
    text = Message.objects.get(to_address="ben@acme.example").text
    key = re.search(r"http://\S+(/sign-in/password/reset/key/\S+)", text)
    assert key is not None
    other = Client()
    other.post(other.get(key[1])["Location"], {"password1": WORDS, "password2": WORDS})
    assert EmailAddress.objects.filter(user=world.ben).exists()
    world.ben.refresh_from_db()
    client = enter(world.ben)
    assert give(client) == 302
    client.post(link())
    assert lets_in(NEW)
    assert not lets_in("ben@acme.example")
    assert list(EmailAddress.objects.values_list("user", "email")) == [(world.ben.pk, NEW)]


def test_a_new_password_is_sent_to_the_new_address_alone(
    world: World, enter: Enter, with_mail: None
) -> None:
    client = enter(world.ben)
    give(client)
    client.post(link())
    Message.objects.all().delete()
    for address in ("ben@acme.example", NEW):
        cache.clear()
        Client().post("/sign-in/password/reset/", {"email": address})
    to_new, to_old = (Message.objects.get(to_address=a).text for a in (NEW, "ben@acme.example"))
    assert "/sign-in/password/reset/key/" in to_new
    assert "/sign-in/password/reset/key/" not in to_old
