"""Wishes to sign in with another address: one at a time, confirmed once, within 24 hours.

The link that is mailed carries a signed token: which wish, whose, and what ends it early. Nobody
but that person, signed in, can use it, so a wish that goes to a stranger's mailbox is worth
nothing there. A new password ends it, and so does whatever else ends the person's sessions.
"""

import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from leadline.lib import secret_hash, signed_token
from leadline.workspace.models import AddressChange, User
from leadline.workspace.people import NotAcceptable

VALID = timedelta(hours=24)
MOST_AN_HOUR = 5
"""Mails that a person can have sent to addresses of others' choice, in an hour."""

State = AddressChange.State
_PURPOSE = "sign-in address"


def ask(person: User, address: str, *, now: datetime) -> AddressChange:
    """A held person's wish for a canonical address; it replaces the one before.

    Raises NotAcceptable above `MOST_AN_HOUR`. What is older than a day is forgotten.
    """
    mine = AddressChange.objects.filter(user=person)
    mine.filter(asked_at__lte=now - VALID).delete()
    if mine.filter(asked_at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR:
        raise NotAcceptable({"email": _("Too many tries. Wait an hour.")})
    end_open(person, now=now)
    return AddressChange.objects.create(
        user=person, email=address, asked_at=now, expires_at=now + VALID
    )


def end_open(person: User, *, now: datetime) -> None:
    """Whatever the person has wished for counts no more."""
    mine = AddressChange.objects.filter(user=person, state=State.OPEN)
    mine.update(state=State.REPLACED, ended_at=now)


def waiting(person: User, *, now: datetime) -> AddressChange | None:
    """The wish that can still be confirmed. One query."""
    mine = AddressChange.objects.filter(user=person, state=State.OPEN, expires_at__gt=now)
    return mine.first()


def token(wish: AddressChange, person: User) -> str:
    """What the link carries; the same every time."""
    payload = {"c": wish.pk, "u": person.pk.hex, "s": _session_mark(person)}
    return signed_token.sign(
        payload, purpose=_PURPOSE, key=settings.SECRET_KEY, expires_at=wish.expires_at
    )


def find(written: str, person: User, *, now: datetime) -> AddressChange | None:
    """The open wish of this person that the token names, or None. Reading does not use it up."""
    keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    try:
        found = signed_token.read(written, purpose=_PURPOSE, keys=keys, now=now)
    except signed_token.InvalidToken:
        return None
    is_theirs = found["u"] == person.pk.hex
    if not is_theirs or not hmac.compare_digest(str(found["s"]), _session_mark(person)):
        return None
    wish = waiting(person, now=now)
    return wish if wish is not None and wish.pk == found["c"] else None


def use_up(wish: AddressChange, *, now: datetime) -> bool:
    """Take the one use of the wish, if it is still there: whoever changes the row has it."""
    mine = AddressChange.objects.filter(pk=wish.pk, state=State.OPEN, expires_at__gt=now)
    return mine.update(state=State.CONFIRMED, ended_at=now) == 1


def _session_mark(person: User) -> str:
    """Differs as soon as a session from before is none any more; says nothing by itself."""
    return secret_hash.digest(person.get_session_auth_hash())[:32]
