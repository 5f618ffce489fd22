"""A person signs in with another address: wished for and confirmed, or changed by who runs it all.

Sign-in belongs to allauth, which keeps rows of addresses of its own as soon as somebody has reset
a password, and lets people in by them: they follow here, or the old address would open for ever.
"""

from datetime import datetime
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.lib import ids
from leadline.workspace import addresses, audit, people, readers, settings
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import AddressChange, Role, User


class NotValid(Exception):
    """The link never existed, was used, is too old, or the address went to somebody else."""

    permanent = True


def ask(
    person_id: UUID, written: str, *, base_url: str, by: Doer, now: datetime
) -> AddressChange | None:
    """Mail a link to the new address and a warning to the old one; None for an unknown person.

    Nothing changes yet. For an address of somebody else everything is the same to whoever asks,
    but what arrives there has no link. Raises people.NotAcceptable.
    """
    address = people.address(written)
    with transaction.atomic():
        person = people.held(person_id)
        if person is None or not person.is_active:
            return None
        if address == person.email:
            raise people.NotAcceptable({"email": _("You sign in with this address already.")})
        wish = addresses.ask(person, address, now=now)
        link = f"{base_url.rstrip('/')}/address/{addresses.token(wish, person)}"
        holder = User.objects.filter(email__iexact=address).first()
        first = _letter(person, wish, link) if _is_free(address, person) else _taken(holder, wish)
        outbox.put([first, _warning(person, wish, base_url=base_url)], now=now)
        both = {"email": person.email}, {"email": address}
        named = Change("address.asked", "person", person.pk, str(person), *both)
        audit.record(named, by=by, now=now)
    return wish


def confirm(token: str, person_id: UUID, *, by: Doer, now: datetime) -> User:
    """Use the link up: from now on the person signs in with the new address. Returns them.

    Their sessions end, keys stay. Raises NotValid, also for who comes second to an address.
    """
    try:
        with transaction.atomic():
            person = people.held(person_id)
            wish = addresses.find(token, person, now=now) if person is not None else None
            if person is None or wish is None or not addresses.use_up(wish, now=now):
                raise NotValid
            if not _is_free(wish.email, person):
                raise NotValid
            _move(person, wish.email, is_verified=True, by=by, now=now)
    except IntegrityError as error:
        # Somebody took the address between the look and the write.
        raise NotValid from error
    return person


def change_at_once(person_id: UUID, written: str, *, by: Doer, now: datetime) -> User | None:
    """Change an address without asking there, for houses that cannot send mail; returns the person.

    None when unknown or deactivated. Their sessions end, keys stay. Raises people.NotAllowed for
    the owner's address, which is the owner's alone, and people.NotAcceptable.
    """
    address = people.address(written)
    try:
        with transaction.atomic():
            person = people.held(person_id)
            if person is None or not person.is_active:
                return None
            if person.role == Role.OWNER and person.pk != by.user_id:
                raise people.NotAllowed(_("Only the owner can change the owner's address."))
            if not _is_free(address, person) or address == person.email:
                raise _in_use()
            _move(person, address, is_verified=False, by=by, now=now)
    except IntegrityError as error:
        raise _in_use() from error
    return person


def _in_use() -> people.NotAcceptable:
    said = _("Somebody signs in with this address already.")
    return people.NotAcceptable({"email": said})


def _is_free(address: str, person: User) -> bool:
    """Whether nobody but the person gets in by this address. Two queries."""
    others = User.objects.exclude(pk=person.pk).filter(email__iexact=address)
    known = EmailAddress.objects.exclude(user=person).filter(email__iexact=address)
    return not others.exists() and not known.exists()


def _move(person: User, address: str, *, is_verified: bool, by: Doer, now: datetime) -> None:
    """A held person signs in with the address from now on. Joins the caller's transaction."""
    before, person.email = person.email, address
    person.sign_in_version += 1
    person.save(update_fields=["email", "sign_in_version"])
    _follow(person, is_verified=is_verified)
    addresses.end_open(person, now=now)
    outbox.put([_farewell(person, before, by=by)], now=now)
    both = {"email": before}, {"email": address}
    named = Change("address.changed", "person", person.pk, str(person), *both)
    audit.record(named, by=by, now=now)


def _follow(person: User, *, is_verified: bool) -> None:
    """Where allauth has a row of the person, the one row is the new address."""
    mine = EmailAddress.objects.filter(user=person)
    if mine.exists():
        mine.delete()
        EmailAddress.objects.create(
            user=person, email=person.email, primary=True, verified=is_verified
        )


def _letter(person: User, wish: AddressChange, link: str) -> Draft:
    """To the new address: the link."""
    with readers.speaking_to(readers.of(person)):
        named = {"who": person, "workspace": settings.current().name}
        lines = [
            _("%(who)s wants to sign in to %(workspace)s on Leadline with this address.") % named,
            _("If that is you, open this link where you are signed in, and confirm:"),
            "", link, "",
            _("The link works once, for 24 hours. If it is not you, do nothing."),
        ]  # fmt: skip
        return _draft(
            f"address:{wish.pk}:link", wish.email, _("Confirm your sign-in address"), lines
        )


def _taken(holder: User | None, wish: AddressChange) -> Draft:
    """To an address by which somebody gets in already: no link, and no word of who asked."""
    reader = readers.of(holder) if holder is not None else readers.of(wish.user)
    with readers.speaking_to(reader):
        named = {"workspace": settings.current().name}
        lines = [
            _("Somebody wanted to sign in to %(workspace)s on Leadline with this address.") % named,
            _("It is in use there already, so nothing changes. There is nothing for you to do."),
        ]
        return _draft(
            f"address:{wish.pk}:link", wish.email, _("This address is in use already"), lines
        )


def _warning(person: User, wish: AddressChange, *, base_url: str) -> Draft:
    """To the old address: what was asked for, and what to do about it."""
    with readers.speaking_to(readers.of(person)):
        named = {"workspace": settings.current().name, "address": wish.email}
        lines = [
            _("You asked to sign in to %(workspace)s on Leadline with %(address)s from now on.")
            % named,
            _("Until that is confirmed, you sign in with this address as before."),
            "",
            _("If this was not you, somebody knows your password. Change it now; that ends the"
              " request as well:"),
            f"{base_url.rstrip('/')}/sign-in/password/change/",
        ]  # fmt: skip
        return _draft(
            f"address:{wish.pk}:warning", person.email,
            _("Your sign-in address is to be changed"), lines,
        )  # fmt: skip


def _farewell(person: User, before: str, *, by: Doer) -> Draft:
    """To the old address, once it is none any more."""
    with readers.speaking_to(readers.of(person)):
        named = {"workspace": settings.current().name, "address": person.email}
        lines = [
            _("From now on you sign in to %(workspace)s on Leadline with %(address)s.") % named,
            _("This address does not let you in any more. It was changed by %(who)s.")
            % {"who": by.name},
            "",
            _("If this was not you, tell whoever runs your workspace at once."),
        ]  # fmt: skip
        return _draft(
            f"address:{ids.token()}:changed", before, _("Your sign-in address was changed"), lines
        )


def _draft(cause: str, address: str, subject: str, lines: list[str]) -> Draft:
    return Draft(
        kind=Message.Kind.ACCOUNT, cause=cause, to_address=address,
        subject=outbox.one_line(subject), text="\n".join(lines),
    )  # fmt: skip
