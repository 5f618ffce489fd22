"""What the audit says of signing in: who came, who tried, what was changed about the way in.

allauth decides; its adapters tell us here. Who only claims to be somebody is named when the
address is one of ours; else nothing of what was typed is kept, it may be a password.
"""

from collections.abc import Mapping
from datetime import datetime

from allauth.core import context
from django.core.cache import cache
from django.http import HttpRequest

from leadline.lib import clock
from leadline.web import access
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change, Doer, Value
from leadline.workspace.models import AuditEntry, User

_QUIET_SECONDS = 300
_HOW = "account_authentication_methods"  # where allauth keeps how a session was begun

CHANGES: Mapping[str, tuple[Act, str]] = {
    "account/email/password_changed": ("password.changed", "by the old one"),
    "account/email/password_set": ("password.changed", "for the first time"),
    "account/email/password_reset": ("password.changed", "by a link"),
    "mfa/email/totp_activated": ("factor.added", "app"),
    "mfa/email/totp_deactivated": ("factor.removed", "app"),
    "mfa/email/webauthn_added": ("factor.added", "passkey"),
    "mfa/email/webauthn_removed": ("factor.removed", "passkey"),
    "mfa/email/recovery_codes_generated": ("codes.made", ""),
}
"""What allauth would write a mail about → what the audit says."""


def succeeded(request: HttpRequest, user: User, *, how: str = "") -> None:
    """Somebody is in; says by what: password, app, recovery code, passkey."""
    used = request.session.get(_HOW, [])
    how = how or ", ".join(str(each.get("type") or each.get("method", "")) for each in used)
    _note("signed_in", user, {"how": how}, by=_doer(request, user))


def failed(address: str, *, how: str) -> None:
    """A wrong password or code. At most as often as allauth lets people try."""
    _tried("sign_in.failed", address, how=how)


def not_confirmed(request: HttpRequest) -> None:
    """A wrong password at the open screen of somebody who is signed in: the person is named."""
    user = access.reader(request)
    _note("sign_in.failed", user, {"how": "password"}, by=access.doer(request))


def not_confirmed_count(user: User, *, since: datetime) -> int:
    """How often that was since then. Tries at the door name nobody, so a stranger there locks
    nobody out here. One query."""
    tries = AuditEntry.objects.filter(act="sign_in.failed", actor_id=user.pk, at__gt=since)
    return tries.count()


def throttled(address: str) -> None:
    """Somebody has to wait; noted once in five minutes for an address and where it comes from."""
    request: HttpRequest = context.request
    key = f"audit.throttled:{access.origin(request)}:{hash(address.casefold())}"
    if cache.add(key, True, _QUIET_SECONDS):
        _tried("sign_in.throttled", address, how="")


def changed(template_prefix: str, user: User) -> None:
    """Password or second factor of a person; what is not in `CHANGES` is no change of these."""
    found = CHANGES.get(template_prefix)
    if found is not None:
        act, how = found
        _note(act, user, {"how": how} if how else {}, by=_doer(context.request, user))


def _tried(act: Act, address: str, *, how: str) -> None:
    request: HttpRequest = context.request
    user = User.objects.filter(email__iexact=address).first() if address else None
    by = Doer(None, "", access.origin(request), access.browser(request))
    _note(act, user, {"how": how} if how else {}, by=by)


def _note(act: Act, user: User | None, after: Mapping[str, Value], *, by: Doer) -> None:
    about, pk = (str(user), user.pk) if user else ("", "")
    audit.record(Change(act, "person", pk, about, {}, after), by=by, now=clock.now())


def _doer(request: HttpRequest, user: User) -> Doer:
    return audit.by(user, origin=access.origin(request), through=access.browser(request))
