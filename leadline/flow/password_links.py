"""Links to a new password, made by who runs the house for a colleague whom no mail reaches."""

from datetime import datetime
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.db import transaction
from django.utils.translation import gettext as _

from leadline.workspace import audit, people
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import Role


def make(person_id: UUID, *, base_url: str, by: Doer, now: datetime) -> str | None:
    """A link behind which the person sets a new password; None when unknown or deactivated.

    It works once, for three days, and no longer than until they sign in, their address changes or
    another link is made for them: it is made of their present password, their last sign-in and how
    many links there were, and is kept nowhere. Raises people.NotAllowed for the owner, who is
    nobody's to let in.
    """
    with transaction.atomic():
        person = people.held(person_id)
        if person is None or not person.is_active:
            return None
        if person.role == Role.OWNER:
            raise people.NotAllowed(_("Only the owner sets the owner's password."))
        person.link_version += 1
        person.save(update_fields=["link_version"])
        key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
        named = Change("person.link_made", "person", person.pk, str(person))
        audit.record(named, by=by, now=now)
    return f"{base_url.rstrip('/')}/sign-in/password/reset/key/{key}/"
