"""Settings → Teams: made, named, staffed, led, archived with everything that was theirs."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.flow import teams as flow
from leadline.lib import clock
from leadline.web import access, pages, people
from leadline.workspace import teams
from leadline.workspace.models import Team, User
from leadline.workspace.people import NotAcceptable

_SAID = ("made", "changed", "archived", "restored")


@require_safe
@access.screen("manage_people")
def page(request: HttpRequest) -> HttpResponse:
    """Every team with its people, then those that were archived."""
    return _list(request)


@require_POST
@access.screen("manage_people")
def make(request: HttpRequest) -> HttpResponse:
    """A new team; its people are chosen on its page."""
    try:
        made = teams.make(request.POST.get("name", ""), by=access.doer(request), now=clock.now())
    except NotAcceptable as refusal:
        return _list(request, problems=refusal.problems)
    return HttpResponseRedirect(f"{reverse('team', args=[made.pk])}?done=made")


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("manage_people")
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """One team: its name, who belongs to it, who leads it."""
    found, problems = _find(team_id), {}
    if request.method == "POST":
        try:
            _save(request, team_id)
            return _done("changed")
        except NotAcceptable as refusal:
            problems = refusal.problems
    chosen = set(request.POST.getlist("people"))
    context = {
        **_frame(),
        "team": found,
        "people": [
            (each, str(each.pk) in chosen if problems else each.team_id == found.pk)
            for each in people.active(with_teams=True)
        ],
        "leader": request.POST.get("leader", "") if problems else str(found.leader_id or ""),
        "name": request.POST.get("name", "") if problems else found.name,
        "problems": problems,
        "done": request.GET.get("done", ""),
    }
    return pages.render(request, "team.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("manage_people")
def archive(request: HttpRequest, team_id: int) -> HttpResponse:
    """Asks where people and leads go, with the counts; then the team ends."""
    found, problems, rules = _find(team_id), {}, []
    if request.method == "POST":
        try:
            flow.archive(team_id, to=_taker(request), by=access.doer(request), now=clock.now())
            return _done("archived")
        except NotAcceptable as refusal:
            problems = refusal.problems
        except flow.StillUsed as used:
            rules = list(used.rules)
    context = {
        **_frame(),
        "team": found,
        "people_count": User.objects.filter(team=found, is_active=True).count(),
        "lead_count": flow.lead_count(found),
        "takers": [each for each in teams.active() if each.pk != found.pk],
        "posted": request.POST,
        "problems": problems,
        "rules": rules,
    }
    return pages.render(
        request, "team_ends.html", context, status=422 if problems or rules else 200
    )


@require_POST
@access.screen("manage_people")
def restore(request: HttpRequest, team_id: int) -> HttpResponse:
    """Let an archived team have people again."""
    if teams.restore(team_id, by=access.doer(request), now=clock.now()) is None:
        raise Http404
    return _done("restored")


def _save(request: HttpRequest, team_id: int) -> None:
    """Name, people and leader at once or not at all. Raises NotAcceptable, Http404."""
    by, now = access.doer(request), clock.now()
    chosen = {found for each in request.POST.getlist("people") if (found := _uuid(each))}
    with transaction.atomic():
        held = teams.held(team_id)
        if held is None:
            raise Http404
        flow.staff(held, chosen, by=by, now=now)
        leader = _uuid(request.POST.get("leader", ""))
        teams.change(held, name=request.POST.get("name", ""), leader_id=leader, by=by, now=now)


def _list(request: HttpRequest, *, problems: dict[str, str] | None = None) -> HttpResponse:
    staffed: dict[int | None, list[User]] = {}
    for person in people.active():
        staffed.setdefault(person.team_id, []).append(person)
    said = request.GET.get("done", "")
    context = {
        **_frame(),
        "teams": [(each, staffed.get(each.pk, [])) for each in teams.active()],
        "archived": teams.archived(),
        "problems": problems or {},
        "posted": request.POST,
        "done": said if said in _SAID else "",
    }
    return pages.render(request, "teams.html", context, status=422 if problems else 200)


def _frame() -> dict[str, object]:
    return {"place": "settings", "section": "teams"}


def _find(team_id: int) -> Team:
    found = Team.objects.select_related("leader").filter(pk=team_id, archived_at=None).first()
    if found is None:
        raise Http404
    return found


def _taker(request: HttpRequest) -> int | None:
    """The team that takes people and leads; "nobody" is a choice too, nothing is not."""
    written = request.POST.get("to", "")
    if written == "nobody":
        return None
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _done(what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('teams')}?done={what}")
