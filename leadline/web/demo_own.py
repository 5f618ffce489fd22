"""From the demo to one's own: an empty workspace in its own data folder.

The wish goes to the supervisor, which makes the folder, starts everybody anew on it and leaves a
one-time entrance; nothing of the demo goes along (decision 0013).
"""

import time

from django.conf import settings
from django.contrib.auth import hashers, login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from leadline.lib import clock, folder_move, ids
from leadline.lib.folder_move import Answer, Own, Wish
from leadline.web import access, demo, new_workspace, pages, sign_ins
from leadline.workspace import entrances
from leadline.workspace.models import Role, Workspace

_BACKEND = "django.contrib.auth.backends.ModelBackend"
PATIENCE_SECONDS = 60.0
LOOK_EVERY_SECONDS = 0.1


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """The form with what the browser tells filled in; then the way into the new workspace."""
    demo.workspace_of_demo()
    if access.reader(request).role != Role.OWNER:
        raise PermissionDenied
    if request.method != "POST":
        return _form(request, problems={})
    own, problems = _read(request)
    if problems:
        return _form(request, problems=problems)
    demo.note(request, "demo.left", own.workspace_name, {})
    answer = _wished(Wish(ids.token(), "own", own))
    if answer is None or answer.problem:
        return _form(request, problems={"": _why_not_made(answer)})
    return _ready(request, answer, name=own.workspace_name)


@require_POST
@access.screen()
def back(request: HttpRequest) -> HttpResponse:
    """On to the workspace that was opened from this demo before; one signs in there."""
    demo.workspace_of_demo()
    if access.reader(request).role != Role.OWNER:
        raise PermissionDenied
    demo.note(request, "demo.left", "", {})
    answer = _wished(Wish(ids.token(), "back"))
    if answer is None or answer.problem:
        raise Http404
    return _ready(request, answer, name="")


@never_cache
@require_POST
def welcome(request: HttpRequest) -> HttpResponse:
    """The owner of a workspace that was opened from the demo comes in, once."""
    if Workspace.objects.filter(is_demo=True).exists():
        # Still the old process: the new one answers in a moment.
        answer = Answer("", entrance=request.POST.get("entrance", "")[:200])
        return _ready(request, answer, name="")
    owner = entrances.take(request.POST.get("entrance", ""), now=clock.now())
    if owner is None:
        return HttpResponseRedirect(settings.LOGIN_URL)
    login(request, owner, backend=_BACKEND)
    sign_ins.succeeded(request, owner, how="entrance")
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


def why_not() -> str:
    """Why this demo cannot make room for another workspace; "" when it can."""
    environment = settings.ENVIRONMENT
    if not environment.is_sqlite:
        return _(
            "This demo runs on PostgreSQL. Start `leadline serve` with another "
            "LEADLINE_DATABASE_URL and data folder for your own workspace."
        )
    if not folder_move.can_move(environment.data):
        return _("This works where `leadline serve` or `make run` started Leadline.")
    return ""


def _read(request: HttpRequest) -> tuple[Own, dict[str, str]]:
    """What was filled in, and what is wrong with it, by field."""
    problems = new_workspace.problems(request)
    if reason := why_not():
        problems[""] = reason
    own = Own(
        **new_workspace.said(request),
        password_hash="" if problems else hashers.make_password(request.POST.get("password", "")),
        base_url=settings.ENVIRONMENT.base_url,
    )
    return own, problems


def _wished(wish: Wish) -> Answer | None:
    """What the supervisor made of the wish; None when it said nothing for a minute."""
    data = settings.ENVIRONMENT.data
    folder_move.ask(data, wish)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = folder_move.answered(data, wish.id)
        if answer is not None:
            return answer
        time.sleep(LOOK_EVERY_SECONDS)
    return None


def _why_not_made(answer: Answer | None) -> str:
    """What the supervisor says of it is for whoever looks after the server: it stands there."""
    if answer is None:
        return _("Nobody answered within a minute; try again.")
    return _("The new workspace could not be made; the console says why.")


def _form(request: HttpRequest, *, problems: dict[str, str]) -> HttpResponse:
    context = {**new_workspace.context(request, problems=problems), "obstacle": why_not()}
    return pages.render(request, "demo_own.html", context, status=422 if problems else 200)


def _ready(request: HttpRequest, answer: Answer, *, name: str) -> HttpResponse:
    context = {"entrance": answer.entrance, "folder": answer.folder, "name": name}
    return pages.render(request, "demo_own_ready.html", context)
