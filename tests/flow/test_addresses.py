"""Another address to sign in with: mailed, confirmed once, and never two people's."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from leadline.delivery.models import Message
from leadline.flow import addresses
from leadline.workspace import addresses as wishes
from leadline.workspace import audit, people
from leadline.workspace.audit import Doer
from leadline.workspace.models import AddressChange, AuditEntry, Role, User
from tests.races.side_by_side import at_once, meeting
from tests.world import World

BASE = "http://leads.acme.example"
NEW = "ben.carter@acme.example"
HOUR = timedelta(hours=1)


def by(person: User) -> Doer:
    return audit.by(person, origin="203.0.113.9")


def ask(person: User, written: str, *, now: datetime) -> AddressChange:
    wish = addresses.ask(person.pk, written, base_url=BASE, by=by(person), now=now)
    assert wish is not None
    return wish


def token_of(wish: AddressChange) -> str:
    """What the mail to the new address carries."""
    text = Message.objects.get(cause=f"address:{wish.pk}:link").text
    return text.split(f"{BASE}/address/")[1].split("\n")[0]


def confirm(token: str, person: User, *, now: datetime) -> User:
    return addresses.confirm(token, person.pk, by=by(person), now=now)


def mails() -> list[tuple[str, str]]:
    rows = Message.objects.filter(kind="account").order_by("created_at", "pk")
    return list(rows.values_list("to_address", "subject"))


@pytest.mark.django_db
def test_nothing_changes_until_the_link_is_confirmed_and_both_addresses_are_told(
    world: World,
) -> None:
    wish = ask(world.ben, "  Ben.Carter@ACME.example ", now=world.now)
    assert User.objects.get(pk=world.ben.pk).email == "ben@acme.example"
    assert sorted(mails()) == [
        ("ben.carter@acme.example", "Confirm your sign-in address"),
        ("ben@acme.example", "Your sign-in address is to be changed"),
    ]
    warning = Message.objects.get(to_address="ben@acme.example").text
    assert NEW in warning
    assert "If this was not you" in warning
    assert "/address/" not in warning
    person = confirm(token_of(wish), world.ben, now=world.now + HOUR)
    assert (person.email, User.objects.get(pk=world.ben.pk).email) == (NEW, NEW)
    assert ("ben@acme.example", "Your sign-in address was changed") in mails()
    acts = [(each.act, each.actor_id) for each in AuditEntry.objects.order_by("number")]
    assert acts == [("address.asked", world.ben.pk), ("address.changed", world.ben.pk)]
    assert audit.verify().is_whole


@pytest.mark.django_db
def test_a_link_works_once(world: World) -> None:
    token = token_of(ask(world.ben, NEW, now=world.now))
    confirm(token, world.ben, now=world.now)
    with pytest.raises(addresses.NotValid):
        confirm(token, world.ben, now=world.now)
    assert AuditEntry.objects.filter(act="address.changed").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "works"), [(23.99, True), (24, False), (48, False)])
def test_a_link_works_for_24_hours(world: World, hours: float, works: bool) -> None:
    token = token_of(ask(world.ben, NEW, now=world.now))
    found = wishes.find(token, world.ben, now=world.now + hours * HOUR)
    assert (found is not None) == works


@pytest.mark.django_db
def test_a_second_wish_ends_the_first(world: World) -> None:
    first = token_of(ask(world.ben, "typo@acme.exmaple", now=world.now))
    second = token_of(ask(world.ben, NEW, now=world.now))
    with pytest.raises(addresses.NotValid):
        confirm(first, world.ben, now=world.now)
    assert confirm(second, world.ben, now=world.now).email == NEW


@pytest.mark.django_db
def test_a_new_password_ends_the_wish_and_a_colleague_cannot_use_it(world: World) -> None:
    token = token_of(ask(world.ben, NEW, now=world.now))
    with pytest.raises(addresses.NotValid):
        confirm(token, world.ada, now=world.now)
    people.reset_password(world.ben, "correct horse battery", by=by(world.ada), now=world.now)
    with pytest.raises(addresses.NotValid):
        confirm(token, world.ben, now=world.now)
    assert User.objects.get(pk=world.ben.pk).email == "ben@acme.example"


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "x", "x.y", "ä", "\x00", "x" * 10_000])
def test_a_token_that_never_was_confirms_nothing(world: World, token: str) -> None:
    ask(world.ben, NEW, now=world.now)
    with pytest.raises(addresses.NotValid):
        confirm(token, world.ben, now=world.now)


@pytest.mark.django_db
def test_a_taken_address_is_not_given_and_whoever_asks_does_not_learn_of_it(world: World) -> None:
    User.objects.filter(pk=world.ada.pk).update(language="de")
    wish = ask(world.ben, "ADA@acme.example", now=world.now)
    (to_ada,) = Message.objects.filter(to_address="ada@acme.example")
    assert to_ada.cause == f"address:{wish.pk}:link"
    assert "/address/" not in to_ada.text
    assert "Ben" not in to_ada.text
    with pytest.raises(addresses.NotValid):
        confirm(wishes.token(wish, world.ben), world.ben, now=world.now)
    assert wishes.waiting(world.ben, now=world.now) == wish, "as with a free one"


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["", "ben", "a@b@c", "ben@acme.example", "BEN@Acme.example"])
def test_what_is_no_address_or_ones_own_is_refused(world: World, written: str) -> None:
    with pytest.raises(people.NotAcceptable):
        ask(world.ben, written, now=world.now)
    assert mails() == []


@pytest.mark.django_db
def test_nobody_can_have_more_than_five_mails_an_hour_sent(world: World) -> None:
    for number in range(wishes.MOST_AN_HOUR):
        ask(world.ben, f"n{number}@acme.example", now=world.now)
    with pytest.raises(people.NotAcceptable, match="Too many tries"):
        ask(world.ben, NEW, now=world.now + 0.9 * HOUR)
    assert len(mails()) == 2 * wishes.MOST_AN_HOUR
    ask(world.cleo, NEW, now=world.now + 0.9 * HOUR)
    ask(world.ben, NEW, now=world.now + HOUR)
    ask(world.ben, NEW, now=world.now + 26 * HOUR)
    assert AddressChange.objects.filter(user=world.ben).count() == 1, "a day later it is forgotten"


@pytest.mark.django_db
@pytest.mark.parametrize("had", [True, False])
def test_the_row_of_the_sign_in_library_follows(world: World, had: bool) -> None:
    if had:
        for address, is_first in (("ben@acme.example", True), ("older@acme.example", False)):
            EmailAddress.objects.create(
                user=world.ben, email=address, verified=True, primary=is_first
            )
    confirm(token_of(ask(world.ben, NEW, now=world.now)), world.ben, now=world.now)
    rows = EmailAddress.objects.values_list("user", "email", "verified", "primary")
    assert list(rows) == ([(world.ben.pk, NEW, True, True)] if had else [])


@pytest.mark.django_db
def test_an_address_that_lets_somebody_in_by_the_library_alone_is_taken_too(world: World) -> None:
    EmailAddress.objects.create(user=world.cleo, email=NEW, verified=True, primary=True)
    wish = ask(world.ben, NEW, now=world.now)
    with pytest.raises(addresses.NotValid):
        confirm(wishes.token(wish, world.ben), world.ben, now=world.now)
    with pytest.raises(people.NotAcceptable):
        addresses.change_at_once(world.ben.pk, NEW, by=by(world.ada), now=world.now)


@pytest.mark.django_db
def test_mails_are_in_the_language_of_whom_they_go_to(world: World) -> None:
    User.objects.filter(pk=world.ben.pk).update(language="de")
    world.ben.refresh_from_db()
    changed = addresses.change_at_once(world.ben.pk, NEW, by=by(world.ada), now=world.now)
    assert changed is not None
    (told,) = Message.objects.filter(kind="account")
    with translation.override("de"):
        subject = gettext("Your sign-in address was changed")
        words = gettext("If this was not you, tell whoever runs your workspace at once.")
    assert (told.to_address, told.subject) == ("ben@acme.example", subject)
    assert told.text.endswith(words)
    assert "Ada" in told.text


@pytest.mark.django_db
def test_an_address_changed_at_once_ends_sessions_and_open_wishes(world: World) -> None:
    before = world.ben.sign_in_version
    token = token_of(ask(world.ben, "other@acme.example", now=world.now))
    changed = addresses.change_at_once(world.ben.pk, NEW, by=by(world.ada), now=world.now)
    assert changed is not None
    assert (changed.email, changed.sign_in_version) == (NEW, before + 1)
    with pytest.raises(addresses.NotValid):
        confirm(token, changed, now=world.now)


@pytest.mark.django_db
def test_the_owners_address_is_the_owners_and_who_has_left_keeps_theirs(world: World) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)
    with pytest.raises(people.NotAllowed):
        addresses.change_at_once(world.ada.pk, NEW, by=by(world.cleo), now=world.now)
    assert addresses.change_at_once(world.ada.pk, NEW, by=by(world.ada), now=world.now) is not None
    User.objects.filter(pk=world.ben.pk).update(is_active=False)
    at_once_ = addresses.change_at_once(
        world.ben.pk, "b@x.example", by=by(world.ada), now=world.now
    )
    assert at_once_ is None
    assert addresses.ask(world.ben.pk, NEW, base_url=BASE, by=by(world.ben), now=world.now) is None


def both_claim(
    world: World, monkeypatch: pytest.MonkeyPatch, *, meet: bool
) -> tuple[list[object], list[str]]:
    """Ben and Cleo confirm the same free address at once; results, and who has it."""
    tokens = {each: token_of(ask(each, NEW, now=world.now)) for each in (world.ben, world.cleo)}

    def try_it(person: User) -> Callable[[], object]:
        def act() -> object:
            try:
                return str(confirm(tokens[person], person, now=world.now))
            except addresses.NotValid:
                return "too late"

        return act

    if meet:
        with meeting(monkeypatch, addresses, "_is_free"):
            found = at_once(try_it(world.ben), try_it(world.cleo))
    else:
        found = at_once(try_it(world.ben), try_it(world.cleo))
    return found, [str(each) for each in User.objects.filter(email=NEW)]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_one_address_at_once_one_gets_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, holders = both_claim(world, monkeypatch, meet=True)
    assert len(holders) == 1
    assert sorted(map(str, found)) == sorted([*holders, "too late"])
    assert AuditEntry.objects.filter(act="address.changed").count() == 1
    assert Message.objects.filter(subject="Your sign-in address was changed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_look_the_database_lets_one_have_it_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "_is_free", lambda _address, _person: True)
    found, holders = both_claim(world, monkeypatch, meet=False)
    assert len(holders) == 1
    assert sorted(map(str, found)) == sorted([*holders, "too late"])


@pytest.mark.django_db(transaction=True)
def test_one_link_pressed_twice_at_once_counts_once(world: World) -> None:
    token = token_of(ask(world.ben, NEW, now=world.now))

    def act() -> object:
        try:
            return str(confirm(token, world.ben, now=world.now))
        except addresses.NotValid:
            return "too late"

    assert sorted(map(str, at_once(act, act))) == ["Ben", "too late"]
    assert AuditEntry.objects.filter(act="address.changed").count() == 1


@pytest.mark.django_db
def test_the_token_says_nothing_of_the_address(world: World) -> None:
    token = token_of(ask(world.ben, NEW, now=world.now))
    assert "carter" not in token
    assert len(token) < 400
    assert settings.SECRET_KEY not in token
