"""The address that somebody signs in with: changed by themselves, or by who runs the workspace.

With a mail server the new address confirms itself by a link. Without one nothing can be sent, so
owner and admins change it at once: their own, and a colleague's under People.
"""

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from leadline.flow import addresses
from leadline.lib import clock
from leadline.web import access, confirming, pages, second_factor
from leadline.workspace import addresses as wishes
from leadline.workspace import people
from leadline.workspace.models import Role, User
from leadline.workspace.people import NotAcceptable, NotAllowed


@sensitive_post_parameters("password", "code")
@require_http_methods(["GET", "HEAD", "POST"])
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """One's own: asks for the new address, the password and the second factor."""
    if not may_change_own(request):
        raise Http404
    problems: dict[str, str] = {}
    if request.method == "POST":
        problems = _change_own(request)
        if not problems:
            return HttpResponseRedirect(f"{reverse('sign_in_address')}?done=1")
    user, now = access.reader(request), clock.now()
    context = {
        "place": "settings",
        "section": "profile",
        "problems": problems,
        "written": request.POST.get("email", ""),
        "factor": second_factor.asked(request),
        "waiting": wishes.waiting(user, now=now),
        "is_done": "done" in request.GET,
        "is_mailed": sends_mail(),
    }
    return pages.render(request, "address.html", context, status=422 if problems else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@access.screen()
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Behind the link: says what will change, and changes it when the button is pressed.

    A link that was used, is too old, was replaced or is somebody else's gets one and the same
    answer.
    """
    user, now = access.reader(request), clock.now()
    wish = wishes.find(token, user, now=now)
    if wish is None:
        return _over(request)
    if request.method == "POST":
        try:
            changed = addresses.confirm(token, user.pk, by=access.doer(request), now=now)
        except addresses.NotValid:
            return _over(request)
        return _go_on(request, changed)
    context = {"place": "settings", "section": "profile", "wish": wish}
    return pages.render(request, "address_confirm.html", context)


def colleague(request: HttpRequest, found: User) -> dict[str, str]:
    """Change the address of a colleague, who has been found, at once; what is wrong, if anything.

    Only behind a screen for those who manage people.
    """
    written, now = request.POST.get("email", ""), clock.now()
    try:
        people.address(written)
        if problems := confirming.problems(request):
            return problems
        if addresses.change_at_once(found.pk, written, by=access.doer(request), now=now) is None:
            raise Http404
    except NotAcceptable as refusal:
        return refusal.problems
    except NotAllowed as refusal:
        return {"email": str(refusal)}
    return {}


def may_change_of(request: HttpRequest, person: User) -> bool:
    """Whether the reader, who manages people, changes this colleague's address for them."""
    is_other = person.pk != access.reader(request).pk
    return not sends_mail() and is_other and person.role != Role.OWNER


def may_change_own(request: HttpRequest) -> bool:
    return sends_mail() or access.may(request, "manage_people")


def sends_mail() -> bool:
    """Whether a mail server is set, so that an address can confirm itself."""
    return settings.ENVIRONMENT.email is not None


def _change_own(request: HttpRequest) -> dict[str, str]:
    user, now, by = access.reader(request), clock.now(), access.doer(request)
    written = request.POST.get("email", "")
    try:
        people.address(written)
        if problems := confirming.problems(request):
            return problems
        if sends_mail():
            base_url = settings.ENVIRONMENT.base_url
            addresses.ask(user.pk, written, base_url=base_url, by=by, now=now)
        elif changed := addresses.change_at_once(user.pk, written, by=by, now=now):
            update_session_auth_hash(request, changed)
    except NotAcceptable as refusal:
        return refusal.problems
    return {}


def _go_on(request: HttpRequest, changed: User) -> HttpResponse:
    """This session stays, with the person as they are now; all others have ended."""
    update_session_auth_hash(request, changed)
    return HttpResponseRedirect(f"{reverse('profile')}?address=1")


def _over(request: HttpRequest) -> HttpResponse:
    context = {"place": "settings", "section": "profile", "wish": None}
    return pages.render(request, "address_confirm.html", context, status=404)
