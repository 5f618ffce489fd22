"""New lead: one field takes whatever one has; the rest is filled in for confirmation.

What is typed travels by POST only, so that no address stands in a log. A lead that the reader may
not see is never named, neither while typing nor after.
"""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadline.cards import queries, time_box, visibility
from leadline.cards.models import Card
from leadline.cards.queries import CardRow, Listing
from leadline.flow import by_hand as flow
from leadline.leads import by_hand
from leadline.leads import by_hand_signature as signature
from leadline.leads.by_hand import Draft
from leadline.lib import clock, ids, text
from leadline.web import access, pages
from leadline.workspace import settings
from leadline.workspace.models import Role, User

_TYPED = ("name", "company", "email", "phone", "title", "website", "postal_code", "city")
_MOST_TWINS = 5
_SHORTEST_NAME = 3


@dataclass(frozen=True)
class Twin:
    """A lead that may be the same person; `is_same` when it has the address or number."""

    card: CardRow
    is_same: bool


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("create_leads")
def page(request: HttpRequest) -> HttpResponse:
    """The form, as a page or in the dialog; a POST adds the lead and goes there."""
    if request.method != "POST":
        return _form(request, Draft(key=ids.uuid7()))
    draft = _draft(request)
    if request.POST.get("is_confirmed") != "1":
        return _form(request, _filled(request, draft), is_read=True)
    return _add(request, draft)


@require_POST
@access.screen("create_leads")
def look(request: HttpRequest) -> HttpResponse:
    """The fields filled from the one text, with possible duplicates; nothing is stored."""
    draft = _filled(request, _draft(request))
    return pages.render(request, "new_lead_fields.html", _context(request, draft, is_read=True))


@require_POST
@access.screen("create_leads")
def twins(request: HttpRequest) -> HttpResponse:
    """The possible duplicates of what stands in the fields; nothing is stored."""
    context = {"twins": _twins(access.reader(request), _draft(request))}
    return pages.render(request, "new_lead_twins.html", context)


def _add(request: HttpRequest, draft: Draft) -> HttpResponse:
    user = access.reader(request)
    keeps = request.POST.get("owner") == "me" and _may_own(user)
    try:
        added = flow.add(draft, by=user, keeps=keeps, now=clock.now())
    except by_hand.NotALead as refusal:
        return _form(request, draft, problems=dict(refusal.problems), is_read=True)
    except flow.IsKnown:
        return _form(request, draft, problems={"": _known(user, draft)}, is_read=True)
    is_seen = queries.one(user, added.lead_id) is not None
    address = reverse("lead", args=[added.lead_id]) if is_seen else reverse("leads")
    if pages.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _known(user: User, draft: Draft) -> str:
    """Why the draft makes no new lead; of a lead that the user may not see nothing is said."""
    if any(twin.is_same for twin in _twins(user, draft)):
        return _("This person is here already. Open the lead above.")
    return _("This cannot be added by you. Ask who runs the workspace.")


def _form(
    request: HttpRequest,
    draft: Draft,
    *,
    problems: dict[str, str] | None = None,
    is_read: bool = False,
) -> HttpResponse:
    context = {"place": "new_lead", **_context(request, draft, is_read=is_read)}
    context["problems"] = problems or {}
    block = "form" if pages.wants_fragment(request) else None
    status = 422 if problems else 200
    return pages.render(request, "new_lead.html", context, block=block, status=status)


def _context(request: HttpRequest, draft: Draft, *, is_read: bool) -> dict[str, object]:
    user = access.reader(request)
    return {
        "draft": draft,
        "is_read": is_read,
        "text": request.POST.get("text", "")[: signature.LONGEST],
        "owner": request.POST.get("owner", "me"),
        "may_own": _may_own(user),
        "twins": _twins(user, draft) if is_read else [],
        "problems": {},
    }


def _draft(request: HttpRequest) -> Draft:
    """What stands in the fields, cut to size and nothing else."""
    typed = {
        name: text.clean(request.POST.get(name, "")[:4_000], max_length=255).strip()
        for name in _TYPED
    }
    origin = request.POST.get("origin", "inbound")
    return Draft(key=_key(request.POST.get("key", "")), origin=origin[:20], **typed)


def _filled(request: HttpRequest, draft: Draft) -> Draft:
    """The draft with what the one text says; a field that a person has changed stays."""
    typed = request.POST.get("text", "")
    guess = msgspec.to_builtins(signature.read(typed, region=_country() or None))
    changed = set(request.POST.get("changed", "").split(","))
    kept = {name: getattr(draft, name) for name in _TYPED if name in changed}
    return msgspec.structs.replace(draft, **{**guess, **kept})


def _twins(user: User, draft: Draft) -> list[Twin]:
    """Leads that the user may see and that may be this person, at most five, the same first."""
    try:
        same = set(by_hand.same_person(by_hand.checked(draft, country=_country())))
    except by_hand.NotALead:
        same = set()
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk__in=same)
    found = list(seen.values_list("pk", flat=True))
    shown = [Twin(card, True) for pk in found if (card := queries.one(user, pk))]
    if len(draft.name) >= _SHORTEST_NAME:
        listing = Listing(user, clock.now(), search=draft.name)
        try:
            rows = queries.page(listing, limit=_MOST_TWINS).rows
        except time_box.TooSlow:
            rows = []
        shown += [Twin(row, False) for row in rows if row.lead_id not in same]
    return shown[:_MOST_TWINS]


def _country() -> str:
    return settings.current().country


def _may_own(user: User) -> bool:
    return user.role not in (Role.MARKETER, Role.READ_ONLY)


def _key(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        return ids.uuid7()
