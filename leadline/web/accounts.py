"""How allauth behaves here: nobody signs up, and its mails leave through our outbox."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft
from leadline.lib import clock, ids
from leadline.web import access, sign_ins
from leadline.workspace.models import User


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Sign-in and password reset; no open sign-up.

    Links are made from the configured address, never from the Host header. Mails are queued, so
    that the answer takes as long for an unknown address as for a known one.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        made = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.ENVIRONMENT.base_url}{made.path}"

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that attempts are counted by: the one that the audit names."""
        return access.origin(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            sign_ins.throttled(str(credentials.get("email", "")))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_ins.failed(str(credentials.get("email", "")), how="password")

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        sign_ins.succeeded(request, user)
        return response

    def send_notification_mail(
        self, template_prefix: str, user: User, *given: Any, **details: Any
    ) -> None:
        super().send_notification_mail(template_prefix, user, *given, **details)
        sign_ins.changed(template_prefix, user)

    def format_email_subject(self, subject: str) -> str:
        return f"[Leadline] {subject}"

    def send_mail(
        self,
        template_prefix: str,
        email: str,
        context: dict[str, Any],  # Any: what allauth's templates ask for
    ) -> None:
        host = urlsplit(settings.ENVIRONMENT.base_url).netloc
        site = SimpleNamespace(name="Leadline", domain=host)
        rendered = self.render_mail(
            template_prefix, email, {"email": email, "current_site": site, **context}
        )
        draft = Draft(
            kind=Message.Kind.ACCOUNT,
            cause=f"account:{ids.token()}",
            to_address=email,
            subject=rendered.subject,
            text=rendered.body,
        )
        outbox.put([draft], now=clock.now())
