"""How allauth behaves here: nobody signs up, people are set up or invited."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in and password reset; no open sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
