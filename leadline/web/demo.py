"""Behind the Demo chip: what is real and what made up, who comes in, and other people's eyes."""

from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from leadline.lib import clock, folder_move
from leadline.playbooks.demo import traffic
from leadline.web import access, pages
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change, Value
from leadline.workspace.models import Role, User, Workspace

_BACKEND = "django.contrib.auth.backends.ModelBackend"
ROLES: Mapping[str, str | Promise] = {
    Role.REP: _("a rep"),
    Role.MANAGER: _("a manager"),
    Role.MARKETER: _("a marketer"),
}


@require_safe
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """Only where the workspace is a demo."""
    workspace = workspace_of_demo()
    told = workspace.notes.get("demo", {}) if isinstance(workspace.notes, dict) else {}
    context = {
        "facts": told if isinstance(told, dict) else {},
        "traffic": traffic.state(),
        "roles": ROLES,
        "is_owner": access.reader(request).role == Role.OWNER,
        "own_folder": folder_move.moved_to(settings.ENVIRONMENT.data),
    }
    return pages.render(request, "demo.html", context)


@require_POST
@access.screen("edit_settings")
def change_traffic(request: HttpRequest) -> HttpResponse:
    """Pause the made-up people, or let them go on."""
    workspace_of_demo()
    is_paused = request.POST.get("act") == "pause"
    with transaction.atomic():
        traffic.pause(is_paused)
        note(request, "demo.traffic_changed", "", {"is_running": not is_paused})
    return HttpResponseRedirect("/demo")


@require_POST
@access.screen()
def view_as(request: HttpRequest) -> HttpResponse:
    """The owner becomes somebody of another role, whole: what they see is what that person sees."""
    workspace_of_demo()
    user = access.reader(request)
    if user.role != Role.OWNER:
        raise PermissionDenied
    role = request.POST.get("role", "")
    other = _somebody(role) if role in ROLES else None
    if other is None:
        raise Http404
    note(request, "demo.viewed_as", str(other), {})
    login(request, other, backend=_BACKEND)
    request.session[access.VIEWING_AS] = str(user.pk)
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


@require_POST
@access.screen()
def view_back(request: HttpRequest) -> HttpResponse:
    """Be oneself again. Only who came through `view_as`, and only in a demo."""
    workspace_of_demo()
    came_from = str(request.session.get(access.VIEWING_AS, ""))
    owners = User.objects.filter(role=Role.OWNER, is_active=True)
    found = next((each for each in owners if str(each.pk) == came_from), None)
    if found is None:
        raise Http404
    login(request, found, backend=_BACKEND)
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


def note(request: HttpRequest, act: Act, about: str, after: Mapping[str, Value]) -> None:
    """What the demo's owner did, in the demo's audit."""
    change = Change(act, "demo", "", about, {}, after)
    audit.record(change, by=access.doer(request), now=clock.now())


def workspace_of_demo() -> Workspace:
    """The workspace, if it is a demo; else the page does not exist."""
    found = Workspace.objects.filter(is_demo=True).first()
    if found is None:
        raise Http404
    return found


def _somebody(role: str) -> User | None:
    """The person whose eyes are lent: the first of that role, always the same."""
    return User.objects.filter(role=role, is_active=True).order_by("email").first()
