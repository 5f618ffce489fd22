"""A new password for who has forgotten it: by mail, or by a link where no mail leaves."""

import time
from uuid import UUID

from allauth.account import views
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leadline.delivery import senders
from leadline.flow import password_links
from leadline.lib import clock
from leadline.web import access, addresses, confirming, pages, second_factor
from leadline.workspace.models import Role, User
from leadline.workspace.people import NotAllowed

# A mail to somebody who is known takes a tenth longer to write (0.7 ms of 7), and some hundred
# questions would show it. Within this time both are written (`benchmarks/enumeration.py`).
ANSWER_SECONDS = 0.05


class _ToldWhereItGoes:
    """Says to everybody alike, whatever address they write, that no mail will come."""

    def get_template_names(self) -> list[str]:
        if senders.goes_to_folder():
            return ["account/password_without_mail.html"]
        return super().get_template_names()  # type: ignore[misc, no-any-return]  # of the view

    def get_context_data(self, **known: object) -> dict[str, object]:
        owner = User.objects.filter(role=Role.OWNER).first()
        known["owner"] = owner.name if owner else ""
        return super().get_context_data(**known)  # type: ignore[misc, no-any-return]  # the same


class Forgotten(_ToldWhereItGoes, views.PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """Asks for the address; the answer is the same for one that nobody has, and as quick."""

    def post(self, request: HttpRequest, *given: object, **named: object) -> HttpResponse:
        began = time.monotonic()
        answer: HttpResponse = super().post(request, *given, **named)
        time.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))
        return answer


class Asked(_ToldWhereItGoes, views.PasswordResetDoneView):  # type: ignore[misc]  # the same
    """Says that a mail is on its way."""


@never_cache
@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("manage_people")
def of_person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """A link for a colleague, shown once, after one's own password and second factor."""
    found = User.objects.filter(pk=person_id, is_active=True).first()
    if found is None or not addresses.may_change_of(request, found):
        raise Http404
    problems: dict[str, str] = {}
    link = ""
    if request.method == "POST" and not (problems := confirming.problems(request)):
        link = _made(request, found)
    context = {
        "place": "settings",
        "section": "people",
        "person": found,
        "problems": problems,
        "factor": second_factor.asked(request),
        "link": link,
    }
    return pages.render(request, "person_link.html", context, status=422 if problems else 200)


def _made(request: HttpRequest, found: User) -> str:
    """The link; 404, as for anybody for whom none is made, when they have left or become the owner
    since they were looked for."""
    base_url, by = settings.ENVIRONMENT.base_url, access.doer(request)
    try:
        link = password_links.make(found.pk, base_url=base_url, by=by, now=clock.now())
    except NotAllowed:
        link = None
    if link is None:
        raise Http404
    return link
