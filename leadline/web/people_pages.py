"""Settings → People: who is here, inviting, role and team, leaving and coming back."""

from uuid import UUID

from django.conf import settings as django_settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from leadline.flow import colleagues, departures
from leadline.flow.departures import Takers
from leadline.lib import clock
from leadline.web import access, addresses, confirming, pages, people, second_factor
from leadline.workspace import invitations, teams
from leadline.workspace import people as persons
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Role, Team, User
from leadline.workspace.people import NotAcceptable, NotAllowed

_SAID = ("changed", "owner", "left", "back", "in", "withdrawn", "address")


@require_safe
@access.screen("manage_people")
def page(request: HttpRequest) -> HttpResponse:
    """Everybody by name, open invitations, and what can still be undone."""
    return _list(request)


@require_POST
@access.screen("manage_people")
def invite(request: HttpRequest) -> HttpResponse:
    """Make a link; it is shown once, here. With an address it is mailed as well."""
    post = request.POST
    try:
        _made, link = colleagues.invite(
            Seat(post.get("role", ""), _team(request), "takes_leads" in post),
            email=post.get("email", ""),
            base_url=django_settings.ENVIRONMENT.base_url,
            by=access.doer(request),
            now=clock.now(),
        )
    except NotAcceptable as refusal:
        return _list(request, problems=refusal.problems)
    return _list(request, link=link, sent_to=_made.email)


@require_POST
@access.screen("manage_people")
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """End an open invitation."""
    if not invitations.withdraw(number, by=access.doer(request), now=clock.now()):
        raise Http404
    return _done("withdrawn")


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("manage_people")
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person: role, team, whether leads are dealt to them."""
    found = _find(person_id)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            changed = colleagues.change(
                found.pk, role=request.POST.get("role", found.role), team=_team(request),
                takes_leads="takes_leads" in request.POST, by=access.doer(request),
                now=clock.now(),
            )  # fmt: skip
        except NotAcceptable as refusal:
            problems = refusal.problems
        except NotAllowed as refusal:
            problems = {"role": str(refusal)}
        else:
            if changed is None:
                raise Http404
            return _done("changed")
    return _person(request, found, problems=problems)


@sensitive_post_parameters("password", "code")
@require_POST
@access.screen("manage_people")
def address(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Give a colleague another sign-in address, where no mail could confirm it."""
    found = _find(person_id)
    if not addresses.may_change_of(request, found):
        raise Http404
    if problems := addresses.colleague(request, found):
        return _person(request, found, problems=problems, sent="address")
    return _done("address")


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("manage_people")
def deactivate(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Asks who takes what, with the counts; then shuts the person out at once."""
    found, problems = _find(person_id), {}
    if found.role == Role.OWNER or found.pk == access.reader(request).pk:
        raise Http404
    if request.method == "POST":
        try:
            takers = Takers(
                *(_taker(request, f"{what}_to") for what in ("leads", "tasks", "deals"))
            )
            departures.deactivate(found.pk, takers, by=access.doer(request), now=clock.now())
            return _done("left")
        except NotAcceptable as refusal:
            problems = refusal.problems
        except NotAllowed as refusal:
            problems = {"leads_to": str(refusal)}
    context = {
        **_frame(),
        "person": found,
        "has": departures.belongings(found.pk),
        "takers": [each for each in people.who_sell() if each.pk != found.pk],
        "posted": request.POST,
        "problems": problems,
    }
    return pages.render(request, "person_leaves.html", context, status=422 if problems else 200)


@sensitive_post_parameters("password", "code")
@require_POST
@access.screen("own_workspace")
def make_owner(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Hand the ownership to an admin, with one's password and second factor; one is an admin
    oneself from then on."""
    found = _find(person_id)
    if found.role != Role.ADMIN:
        raise Http404
    if problems := confirming.problems(request):
        return _person(request, found, problems=problems, sent="owner")
    try:
        persons.make_owner(found.pk, by=access.doer(request), now=clock.now())
    except NotAllowed as refusal:
        return _person(request, found, problems={"password": str(refusal)}, sent="owner")
    return _done("owner")


@require_POST
@access.screen("manage_people")
def undo(request: HttpRequest, departure_id: int) -> HttpResponse:
    """Take a departure back: sign-in at once, leads, tasks and deals by a job."""
    if departures.undo_departure(departure_id, by=access.doer(request), now=clock.now()) is None:
        raise Http404
    return _done("back")


@require_POST
@access.screen("manage_people")
def let_in(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Let somebody sign in again who left longer ago."""
    if persons.let_in_again(person_id, by=access.doer(request), now=clock.now()) is None:
        raise Http404
    return _done("in")


def _list(
    request: HttpRequest, *, problems: dict[str, str] | None = None, link: str = "",
    sent_to: str = "",
) -> HttpResponse:  # fmt: skip
    now = clock.now()
    everybody = sorted(User.objects.select_related("team"), key=lambda u: str(u).casefold())
    undoable = {each.user_id: each for each in reversed(departures.undoable(now=now))}
    said = request.GET.get("done", "")
    context = {
        **_frame(),
        "people": [each for each in everybody if each.is_active],
        "gone": [(each, undoable.get(each.pk)) for each in everybody if not each.is_active],
        "invitations": invitations.pending(now=now),
        "problems": problems or {},
        "posted": request.POST,
        "link": link,
        "sent_to": sent_to,
        "done": said if said in _SAID else "",
        "goes_nowhere": django_settings.ENVIRONMENT.email is None,
    }
    return pages.render(request, "people.html", context, status=422 if problems else 200)


def _person(
    request: HttpRequest, found: User, *, problems: dict[str, str], sent: str = ""
) -> HttpResponse:
    may_own = access.may(request, "own_workspace") and found.role == Role.ADMIN
    may_change_address = addresses.may_change_of(request, found)
    context = {
        **_frame(),
        "person": found,
        "seated": _seated(request, found, is_sent=bool(problems) and not sent),
        "problems": problems,
        "may_role": found.role != Role.OWNER and found.pk != access.reader(request).pk,
        "may_own": may_own,
        "may_change_address": may_change_address,
        "is_self": found.pk == access.reader(request).pk,
        "factor": second_factor.asked(request) if may_change_address or may_own else None,
        "written": request.POST.get("email", ""),
        "sent": sent,
    }
    return pages.render(request, "person.html", context, status=422 if problems else 200)


def _seated(request: HttpRequest, found: User, *, is_sent: bool) -> dict[str, object]:
    """Role, team and seat as the form shows them: as they are, or as they were just chosen."""
    if not is_sent:
        team = found.team_id or ""
        return {"role": found.role, "team": team, "takes_leads": found.takes_leads}
    post = request.POST
    return {
        "role": post.get("role", found.role),
        "team": post.get("team", ""),
        "takes_leads": "takes_leads" in post,
    }


def _frame() -> dict[str, object]:
    return {
        "place": "settings",
        "section": "people",
        "roles": [(role.value, role.label) for role in persons.ROLES],
        "teams": teams.active(),
    }


def _find(person_id: UUID) -> User:
    found = User.objects.select_related("team").filter(pk=person_id, is_active=True).first()
    if found is None:
        raise Http404
    return found


def _team(request: HttpRequest) -> Team | None:
    """The team that was chosen. Raises NotAcceptable for one that does not exist."""
    written = request.POST.get("team", "")
    if not written:
        return None
    number = int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else 0
    found = Team.objects.filter(pk=number, archived_at=None).first()
    if found is None:
        raise NotAcceptable({"team": _("Choose a team from the list.")})
    return found


def _taker(request: HttpRequest, field: str) -> UUID | None:
    """Who was chosen to take something; "nobody" is a choice too, nothing is not."""
    written = request.POST.get(field, "")
    if written == "nobody":
        return None
    try:
        return UUID(written)
    except ValueError:
        raise NotAcceptable({field: _("Choose somebody from the list.")}) from None


def _done(what: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('people')}?done={what}")
