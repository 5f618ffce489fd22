"""What the links to a new password hold: worthless once a newer link was made for the person."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator

from leadline.workspace.models import User


class Tokens(PasswordResetTokenGenerator):
    """Of what allauth's tokens are made, and of how many links were made for the person."""

    def _make_hash_value(self, user: AbstractBaseUser, timestamp: int) -> str:
        # That module asks for this class while it is imported.
        from allauth.account.forms import EmailAwarePasswordResetTokenGenerator

        said = str(EmailAwarePasswordResetTokenGenerator()._make_hash_value(user, timestamp))
        version = user.link_version if isinstance(user, User) else 0
        return f"{said}.{version}" if version else said
