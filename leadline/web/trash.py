"""Deleting a lead and the trash: 30 days in which everything can come back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import queries as cards
from leadline.flow import trash as flow
from leadline.leads import trash
from leadline.leads.models import Removal
from leadline.lib import clock, person_name, text
from leadline.web import access, pages
from leadline.workspace import audit
from leadline.workspace.audit import Act, Change

_ROWS = 50


@dataclass(frozen=True)
class Lying:
    """A lead in the trash: what it is called, who put it there, when it goes for good."""

    removal: Removal
    name: str
    company: str
    goes_at: datetime

    @property
    def lead_id(self) -> UUID:
        return self.removal.lead_id


@require_safe
@access.screen("delete_leads")
def page(request: HttpRequest) -> HttpResponse:
    """What lies in the trash, the newest first."""
    found = trash.newest(before=_before(request), limit=_ROWS + 1)
    context = {
        "place": "settings",
        "section": "trash",
        "lying": _lying(found[:_ROWS]),
        "next_page": found[_ROWS - 1].pk if len(found) > _ROWS else None,
        "kept_days": trash.KEPT.days,
    }
    return pages.render(request, "trash.html", context)


@require_POST
@access.screen("delete_leads")
def move(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Move a lead to the trash; the way back stands where its page was."""
    user = access.reader(request)
    card = cards.one(user, lead_id)
    if card is None:
        raise Http404
    with transaction.atomic():
        flow.move([lead_id], by=user, now=clock.now())
        _record(request, "lead.deleted", lead_id)
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("trash"))
    name = card.name or card.email or _("Unknown visitor")
    context = {"lead_id": lead_id, "name": name, "kept_days": trash.KEPT.days}
    response = pages.render(request, "trash_moved.html", context)
    response["HX-Retarget"], response["HX-Reswap"] = "#content", "innerHTML"
    return response


@require_POST
@access.screen("delete_leads")
def restore(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Bring a lead back and go to it. One that is not in the trash answers 404."""
    with transaction.atomic():
        if not flow.restore([lead_id], by=access.reader(request), now=clock.now()):
            raise Http404
        _record(request, "lead.restored", lead_id)
    address = reverse("lead", args=[lead_id])
    if pages.wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _record(request: HttpRequest, act: Act, lead_id: UUID) -> None:
    """The audit names the lead by its id: it is kept longer than what is known of a person."""
    change = Change(act, "lead", lead_id, str(lead_id))
    audit.record(change, by=access.doer(request), now=clock.now())


def _lying(found: list[Removal]) -> list[Lying]:
    reachable = trash.names([each.lead_id for each in found])
    return [_named(each, reachable.get(each.lead_id, [])) for each in found]


def _named(removal: Removal, reachable: list[str]) -> Lying:
    traits = removal.lead.traits
    first, last, full, company = (
        text.clean(str(traits.get(name) or ""), max_length=200)
        for name in ("first_name", "last_name", "name", "company.name")
    )
    name = person_name.display(first, last, full, reachable[0] if reachable else "")
    return Lying(removal, name or _("Unknown visitor"), company, removal.at + trash.KEPT)


def _before(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None
