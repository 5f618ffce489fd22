"""Second factors: their secrets are sealed in the database, and a wrong code leaves a line."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leadline.lib import sealed_text
from leadline.web import sign_ins

PURPOSE = "second factor"


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
