"""Pages for what went wrong: one sentence, one way on, no stack trace."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.utils.translation import gettext as _

from leadline.web import pages
from leadline.workspace import people

RETRY_SECONDS = 5
_MOST_NAMED = 5


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("Something in the address or the form cannot be understood. Nothing was changed.")
    return _page(request, 400, _("That request makes no sense to us"), text)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("Your role does not allow this.")
    return _page(request, 403, _("Not yours to open"), text, asks=True)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    text = _("There is nothing at this address, or it is not yours to see.")
    return _page(request, 404, _("Nothing here"), text, asks=True)


def closed(request: HttpRequest, key: str = "") -> HttpResponse:
    """For addresses that a library would answer and we do not."""
    raise Http404


def no_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form did not come from one of our pages, or the page was open for too long."""
    text = _("This form is too old or came from elsewhere. Go back, reload the page, try again.")
    return _page(request, 403, _("Please send that again"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks nothing of the database: it may be what failed. Then 503: trying again can help."""
    text = engines["jinja2"].get_template("error_plain.html").render({})
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        return HttpResponse(text, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    return HttpResponse(text, status=500)


def _page(
    request: HttpRequest, status: int, title: str, text: str, *, asks: bool = False
) -> HttpResponse:
    grants = _who_can_grant(request) if asks else ""
    context = {"status": status, "heading": title, "text": text, "grants": grants}
    return pages.render(request, "error.html", context, status=status)


def _who_can_grant(request: HttpRequest) -> str:
    """Who to ask for access, for somebody who works here; nothing about what is hidden."""
    reader = getattr(request, "user", None)
    if reader is None or not reader.is_authenticated:
        return ""
    names = [str(each) for each in people.who_decide() if each.pk != reader.pk][:_MOST_NAMED]
    if not names:
        return ""
    return _("These people can give you access: %(names)s.") % {"names": ", ".join(names)}
