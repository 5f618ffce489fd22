"""Second factors: their secrets are sealed in the database, and a wrong code leaves a line."""

from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from leadline.lib import clock, sealed_text
from leadline.web import access, sign_ins

PURPOSE = "second factor"
_HOLDS_SECONDS = 300


@dataclass(frozen=True)
class Asked:
    """How the reader can show their second factor now; in no way when they need not."""

    by_code: bool = False
    by_passkey: bool = False

    def __bool__(self) -> bool:
        return self.by_code or self.by_passkey


def asked(request: HttpRequest) -> Asked:
    """What to ask the reader for: nothing without a second factor, nor within five minutes after
    they showed it again (signing in with it is not that)."""
    user, now = access.reader(request), clock.now().timestamp()
    for record in get_authentication_records(request, user):
        is_again = record["method"] == "mfa" and record.get("reauthenticated")
        if is_again and now - record["at"] < _HOLDS_SECONDS:
            return Asked()
    kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Asked(bool(kinds & {"totp", "recovery_codes"}), "webauthn" in kinds)


def problem(request: HttpRequest) -> str:
    """What is wrong with the `code` that was sent, in a sentence; "" when none is asked for or it
    is right. Guessing is throttled as at the door."""
    if not asked(request):
        return ""
    code = request.POST.get("code", "").strip()
    if not code:
        return _("Your second factor is needed as well.")
    form = CodeAgainForm(data={"code": code}, user=access.reader(request))
    if not form.is_valid():
        return " ".join(form.errors["code"])
    form.save()
    return ""


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """The seeds of authenticator apps and of recovery codes are never stored in the clear."""

    def encrypt(self, text: str) -> str:
        return sealed_text.seal(text, purpose=PURPOSE, keys=keys())

    def decrypt(self, encrypted_text: str) -> str:
        """Raises CannotOpen after the secret key was changed without keeping the old one."""
        return sealed_text.unseal(encrypted_text, purpose=PURPOSE, keys=keys())


def keys() -> list[str]:
    """The secret key, then those it replaced."""
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]


class _Noted:
    """A form that asks for a code: what is wrong with it is noted in the audit."""

    user: Any  # Any: allauth's forms set it

    def clean_code(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]  # of allauth's form
        except sealed_text.CannotOpen:
            said = _("This code cannot be checked any more. Ask an admin to reset your sign-in.")
            raise ValidationError(said) from None
        except ValidationError:
            sign_ins.failed(self.user.email, how="code")
            raise


class CodeForm(_Noted, AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code after the password."""


class CodeAgainForm(_Noted, ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The code before something sensitive."""
