"""The people who sign in: what may be changed about them, and by whom.

Admins may do everything but touch the owner; nobody changes their own role or shuts themselves
out. Ownership is handed over, never given a second time: the database holds that there is one.
"""

from datetime import datetime
from uuid import UUID

from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leadline.lib import email_address, text
from leadline.workspace import audit, reasons
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import ApiKey, Role, Team, User

ROLES = tuple(role for role in Role if role != Role.OWNER)
"""What a person may be given; the owner is one and is not chosen from a list."""


class NotAllowed(Exception):
    """This cannot be done to this person, whoever asks; the sentence says why."""

    permanent = True


class NotAcceptable(ValueError):
    """A value cannot be taken; `problems` says for each field what is wrong."""

    permanent = True

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {said}" for name, said in problems.items()))
        self.problems = problems


def held(person_id: UUID) -> User | None:
    """The person, locked until the transaction ends, with the team; None when unknown."""
    locked = User.objects.select_for_update(of=("self",)).select_related("team")
    return locked.filter(pk=person_id).first()


def change(
    person: User, *, role: str, team: Team | None, takes_leads: bool, by: Doer, now: datetime
) -> bool:
    """Give a held person a role, a team and a seat or none; False when nothing is different.

    Raises NotAllowed for the owner's role and for one's own, NotAcceptable for an unknown role or
    who would take leads without a team.
    """
    if role != person.role:
        _check_role(person, role, by)
    if takes_leads and team is None:
        raise NotAcceptable({"team": _("Who takes leads needs a team.")})
    before = _facts(person)
    person.role, person.team, person.takes_leads = role, team, takes_leads
    after = _facts(person)
    if before == after:
        return False
    person.save(update_fields=["role", "team", "takes_leads"])
    both = audit.differing(before, after)
    audit.record(Change("person.changed", "person", person.pk, str(person), *both), by=by, now=now)
    return True


def shut_out(person: User, *, by: Doer, now: datetime) -> None:
    """Deactivate a held person: every session and key is dead from the commit on.

    Raises NotAllowed for the owner, for oneself and for who is out already.
    """
    if person.role == Role.OWNER:
        raise NotAllowed(_("The owner cannot be deactivated; hand over the ownership first."))
    if person.pk == by.user_id:
        raise NotAllowed(_("Somebody else has to deactivate you."))
    if not person.is_active:
        raise NotAllowed(_("%(who)s is deactivated already.") % {"who": person})
    person.is_active, person.takes_leads = False, False
    person.sign_in_version += 1
    person.save(update_fields=["is_active", "takes_leads", "sign_in_version"])
    ApiKey.objects.filter(user=person, revoked_at=None).update(revoked_at=now)


def let_in(person: User, *, takes_leads: bool = False, keys_revoked_at: datetime | None) -> None:
    """A held person may sign in again; keys that were revoked at that instant work again."""
    person.is_active, person.takes_leads = True, takes_leads
    person.save(update_fields=["is_active", "takes_leads"])
    if keys_revoked_at is not None:
        ApiKey.objects.filter(user=person, revoked_at=keys_revoked_at).update(revoked_at=None)


def let_in_again(person_id: UUID, *, by: Doer, now: datetime) -> User | None:
    """Activate somebody who is out, without leads and keys; None when unknown or not out."""
    with transaction.atomic():
        person = held(person_id)
        if person is None or person.is_active:
            return None
        let_in(person, keys_revoked_at=None)
        audit.record(Change("person.let_in", "person", person.pk, str(person)), by=by, now=now)
    return person


def make_owner(person_id: UUID, *, by: Doer, now: datetime) -> User | None:
    """Hand the ownership to a person; the owner so far becomes an admin.

    None when they own it already. Raises NotAllowed for somebody unknown or deactivated.
    """
    with transaction.atomic():
        # Owner first, always: two hand-overs at once wait for each other instead of crossing.
        former = User.objects.select_for_update().filter(role=Role.OWNER).first()
        person = held(person_id)
        if person is None or not person.is_active:
            raise NotAllowed(_("Only somebody who can sign in can own the workspace."))
        if person.role == Role.OWNER:
            return None
        if former is not None:
            User.objects.filter(pk=former.pk).update(role=Role.ADMIN)
        person.role = Role.OWNER
        person.save(update_fields=["role"])
        named = Change(
            "ownership.handed_over", "person", person.pk, str(person),
            {"owner": str(former) if former else None}, {"owner": str(person)},
        )  # fmt: skip
        audit.record(named, by=by, now=now)
    return person


def leave_team(person: User, *, to: Team | None) -> None:
    """Move a held person to another team or to none; without a team nobody takes leads.

    Whoever calls this says in the audit why.
    """
    person.team = to
    person.takes_leads = person.takes_leads and to is not None
    person.save(update_fields=["team", "takes_leads"])


def reset_password(person: User, password: str, *, by: Doer, now: datetime) -> None:
    """Set a new password and end every session of the person. Raises NotAcceptable."""
    digest = hashed(password, email=person.email)
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(
            password=digest, sign_in_version=F("sign_in_version") + 1
        )
        named = Change("person.password_reset", "person", person.pk, str(person))
        audit.record(named, by=by, now=now)


def hashed(password: str, *, email: str) -> str:
    """The password's hash; slow on purpose, so before a transaction. Raises NotAcceptable."""
    try:
        password_validation.validate_password(password, User(email=email))
    except ValidationError as error:
        raise NotAcceptable({"password": " ".join(error.messages)}) from error
    return make_password(password)


def address(written: str) -> str:
    """The canonical form of an address. Raises NotAcceptable."""
    try:
        return email_address.canonical(written)
    except email_address.NotAnAddress as error:
        raise NotAcceptable({"email": reasons.not_an_address(error)}) from error


def free_address(written: str) -> str:
    """The canonical form of an address nobody signs in with. Raises NotAcceptable."""
    found = address(written)
    if User.objects.filter(email__iexact=found).exists():
        raise NotAcceptable({"email": _("Somebody signs in with this address already.")})
    return found


def clean_name(written: str) -> str:
    return text.clean(written.strip(), max_length=120)


def who_decide() -> list[User]:
    """Who can grant access: the owner, then the admins, by name. One query."""
    found = User.objects.filter(is_active=True, role__in=[Role.OWNER, Role.ADMIN])
    return sorted(found, key=lambda each: (each.role != Role.OWNER, str(each).casefold()))


def _check_role(person: User, role: str, by: Doer) -> None:
    if person.role == Role.OWNER:
        raise NotAllowed(_("The owner's role changes only when the ownership is handed over."))
    if person.pk == by.user_id:
        raise NotAllowed(_("Somebody else has to change your role."))
    if role not in ROLES:
        raise NotAcceptable({"role": _("Choose a role from the list.")})


def _facts(person: User) -> dict[str, audit.Value]:
    return {
        "role": person.role,
        "team": person.team.name if person.team else None,
        "takes_leads": person.takes_leads,
    }
