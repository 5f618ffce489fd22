"""Invitations: one link makes one person a colleague, within seven days.

The token is shown once, when the link is made; only its hash is kept. Two people who use one link
at the same moment: the conditional UPDATE lets one of them in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from leadline.lib import ids, secret_hash
from leadline.workspace import audit, people
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import Invitation, Team, User

VALID = timedelta(days=7)
_LONGEST_TOKEN = 200
State = Invitation.State


class NotValid(Exception):
    """The link never existed, was used, was withdrawn, or is older than seven days."""

    permanent = True

    def __init__(self) -> None:
        super().__init__(_("This link does not work any more. Ask for a new one."))


@dataclass(frozen=True)
class Seat:
    """What an invitation gives: role, team, and whether leads are dealt to the person."""

    role: str
    team: Team | None = None
    takes_leads: bool = False


@dataclass(frozen=True)
class Person:
    """What somebody says of themselves when they accept."""

    name: str
    password: str
    email: str = ""
    time_zone: str = "UTC"
    language: str = "en"


def make(seat: Seat, *, email: str, by: Doer, now: datetime) -> tuple[Invitation, str]:
    """A new invitation; returns (row, token). The token is shown only here.

    `email` "" makes a link for whoever is given it. A second invitation of one address withdraws
    the first. Raises people.NotAcceptable with every problem at once.
    """
    address = _checked(seat, email)
    token = ids.token()
    with transaction.atomic():
        if address:
            Invitation.objects.filter(email=address, state=State.OPEN).update(
                state=State.WITHDRAWN, ended_at=now
            )
        made = Invitation.objects.create(
            token_hash=secret_hash.digest(token), email=address, role=seat.role, team=seat.team,
            takes_leads=seat.takes_leads, invited_by_id=by.user_id, created_at=now,
            expires_at=now + VALID,
        )  # fmt: skip
        given: dict[str, audit.Value] = {
            "role": seat.role, "team": seat.team.name if seat.team else None,
        }  # fmt: skip
        named = Change("person.invited", "invitation", made.pk, address, {}, given)
        audit.record(named, by=by, now=now)
    return made, token


def find(token: str, *, now: datetime) -> Invitation | None:
    """The open invitation of a link, or None. One query; reading does not use it up."""
    if not 0 < len(token) <= _LONGEST_TOKEN:
        return None
    found = Invitation.objects.select_related("team", "invited_by").filter(
        token_hash=secret_hash.digest(token), state=State.OPEN, expires_at__gt=now
    )
    return found.first()


def accept(token: str, person: Person, *, origin: str, now: datetime) -> User:
    """Use the link up and make the person; returns the new user. One transaction.

    Raises NotValid, also for who comes second; people.NotAcceptable with what to correct, and
    then the link stays as it was.
    """
    invitation = find(token, now=now)
    if invitation is None:
        raise NotValid
    email = people.free_address(invitation.email or person.email)
    digest = people.hashed(person.password, email=email)
    try:
        with transaction.atomic():
            if not _use_up(invitation, now=now):
                raise NotValid
            user = _enter(invitation, person, email=email, digest=digest, now=now)
            audit.record(
                Change("person.joined", "person", user.pk, str(user), {}, {"role": user.role}),
                by=audit.by(user, origin=origin), now=now,
            )  # fmt: skip
    except IntegrityError as error:
        # Somebody took the address between the look and the insert.
        taken = {"email": _("Somebody signs in with this address already.")}
        raise people.NotAcceptable(taken) from error
    return user


def withdraw(number: int, *, by: Doer, now: datetime) -> bool:
    """End an open invitation; False when it has ended already or never was."""
    with transaction.atomic():
        mine = Invitation.objects.filter(pk=number, state=State.OPEN)
        if not mine.update(state=State.WITHDRAWN, ended_at=now):
            return False
        email = Invitation.objects.values_list("email", flat=True).get(pk=number)
        named = Change("invitation.withdrawn", "invitation", number, email)
        audit.record(named, by=by, now=now)
    return True


def withdraw_of(user: User, *, now: datetime) -> int:
    """End the open invitations that a person made: who leaves keeps no way back in."""
    mine = Invitation.objects.filter(invited_by=user, state=State.OPEN)
    return mine.update(state=State.WITHDRAWN, ended_at=now)


def pending(*, now: datetime) -> list[Invitation]:
    """Those that can still be used, newest first. One query."""
    found = Invitation.objects.select_related("team", "invited_by")
    return list(found.filter(state=State.OPEN, expires_at__gt=now).order_by("-id"))


def _checked(seat: Seat, email: str) -> str:
    problems: dict[str, str] = {}
    address = ""
    if seat.role not in people.ROLES:
        problems["role"] = _("Choose a role from the list.")
    if seat.takes_leads and seat.team is None:
        problems["team"] = _("Who takes leads needs a team.")
    try:
        address = people.free_address(email) if email.strip() else ""
    except people.NotAcceptable as refusal:
        problems |= refusal.problems
    if problems:
        raise people.NotAcceptable(problems)
    return address


def _use_up(invitation: Invitation, *, now: datetime) -> bool:
    """Take the one use of the link, if it is still there: whoever changes the row has it."""
    mine = Invitation.objects.filter(pk=invitation.pk, state=State.OPEN, expires_at__gt=now)
    return mine.update(state=State.ACCEPTED, ended_at=now) == 1


def _enter(
    invitation: Invitation, person: Person, *, email: str, digest: str, now: datetime
) -> User:
    user = User.objects.create(
        email=email, password=digest, name=people.clean_name(person.name), role=invitation.role,
        team=invitation.team, takes_leads=invitation.takes_leads, time_zone=person.time_zone,
        language=person.language, created_at=now,
    )  # fmt: skip
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    return user
