"""The password once more, before something that cannot be taken back.

Whoever finds an open screen has as few tries as whoever guesses at the door.
"""

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.translation import gettext as _

from leadline.web import access, sign_ins

_TRIES = 5
_WITHIN_SECONDS = 300


def problem(request: HttpRequest) -> str:
    """What is wrong with the `password` that was sent, in a sentence; "" when it is right."""
    user = access.reader(request)
    key = f"confirming:{user.pk.hex}"
    cache.add(key, 0, _WITHIN_SECONDS)
    if cache.incr(key) > _TRIES:
        return _("Too many tries. Wait five minutes.")
    if not user.check_password(request.POST.get("password", "")):
        sign_ins.failed(user.email, how="password")
        return _("This is not your password.")
    cache.delete(key)
    return ""
