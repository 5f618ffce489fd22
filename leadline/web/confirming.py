"""The password once more, before something that cannot be taken back.

Whoever finds an open screen has as few tries as whoever guesses at the door. They are counted in
the audit: a cache forgets when it is full, and each process has one of its own.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from leadline.lib import clock
from leadline.web import access, second_factor, sign_ins
from leadline.workspace.models import User

_TRIES = 5
_WITHIN = timedelta(minutes=5)


def problems(request: HttpRequest) -> dict[str, str]:
    """What is wrong with `password` or `code`; empty when the reader is who they say they are.

    The code comes last, since a recovery code works once.
    """
    if said := problem(request):
        return {"password": said}
    if said := second_factor.problem(request):
        return {"code": said}
    return {}


def problem(request: HttpRequest) -> str:
    """What is wrong with the `password` that was sent, in a sentence; "" when it is right."""
    user, since = access.reader(request), clock.now() - _WITHIN
    if not _may_try(user, since):
        return _too_many()
    is_right = user.check_password(request.POST.get("password", ""))
    with transaction.atomic():
        if not _may_still_try(user, since):
            return _too_many()
        if not is_right:
            sign_ins.not_confirmed(request)
            return _("This is not your password.")
    return ""


def _may_try(user: User, since: datetime) -> bool:
    return sign_ins.not_confirmed_count(user, since=since) < _TRIES


def _may_still_try(user: User, since: datetime) -> bool:
    """The same, once more: tries of one person take turns from here on. Not before, because
    checking a password takes long."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    return _may_try(user, since)


def _too_many() -> str:
    return _("Too many tries. Wait five minutes.")
