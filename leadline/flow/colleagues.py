"""A person comes and changes place: what that means for every package.

How somebody leaves stands in `departures`.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.routing import rotations
from leadline.workspace import audit, invitations, people, settings
from leadline.workspace.audit import Change, Doer
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Invitation, Team, User


def invite(
    seat: Seat, *, email: str, base_url: str, by: Doer, now: datetime
) -> tuple[Invitation, str]:
    """Make an invitation; returns (row, link). With an address, a mail with the link is queued.

    Raises people.NotAcceptable.
    """
    with transaction.atomic():
        made, token = invitations.make(seat, email=email, by=by, now=now)
        link = f"{base_url.rstrip('/')}/join/{token}"
        if made.email:
            outbox.put([_letter(made, link, by=by)], now=now)
    return made, link


def join(token: str, person: invitations.Person, *, origin: str, now: datetime) -> User:
    """Accept an invitation and take the seat. Raises what `invitations.accept` does."""
    with transaction.atomic():
        user = invitations.accept(token, person, origin=origin, now=now)
        _sit(user)
    return user


def add(seat: Seat, person: invitations.Person, *, by: Doer, now: datetime) -> User:
    """Make a person without an invitation, from the command line. Raises people.NotAcceptable."""
    email = people.free_address(person.email)
    digest = people.hashed(person.password, email=email)
    if seat.takes_leads and seat.team is None:
        raise people.NotAcceptable({"team": _("Who takes leads needs a team.")})
    with transaction.atomic():
        user = User.objects.create(
            email=email, password=digest, name=people.clean_name(person.name), role=seat.role,
            team=seat.team, takes_leads=seat.takes_leads, time_zone=person.time_zone,
            created_at=now,
        )  # fmt: skip
        _sit(user)
        named = Change("person.added", "person", user.pk, str(user), {}, {"role": user.role})
        audit.record(named, by=by, now=now)
    return user


def change(
    person_id: UUID, *, role: str, team: Team | None, takes_leads: bool, by: Doer, now: datetime
) -> User | None:
    """Change role, team and seat of a person; None when there is nobody with this id.

    The seat of another team is given up. Raises people.NotAllowed, people.NotAcceptable.
    """
    with transaction.atomic():
        person = people.held(person_id)
        if person is None or not person.is_active:
            return None
        team_before = person.team_id
        people.change(person, role=role, team=team, takes_leads=takes_leads, by=by, now=now)
        if team_before is not None and team_before != person.team_id:
            rotations.leave(team_before, user_id=person.pk)
        _sit(person)
    return person


def _sit(person: User) -> None:
    if person.team_id is not None and person.takes_leads:
        rotations.join(person.team_id, user_ids=[person.pk])


def _letter(made: Invitation, link: str, *, by: Doer) -> Draft:
    workspace = settings.current().name
    lines = [
        _("%(who)s invites you to %(workspace)s on Leadline.")
        % {"who": by.name or _("A colleague"), "workspace": workspace},
        "",
        link,
        "",
        _("The link works once, for seven days."),
    ]
    return Draft(
        kind=Message.Kind.ACCOUNT,
        cause=f"invitation:{made.pk}",
        to_address=made.email,
        subject=outbox.one_line(_("Join %(workspace)s") % {"workspace": workspace}),
        text="\n".join(lines),
    )
