"""Doing one thing to many leads: the bar under a list, its little forms, the preview.

A list is meant by its canonical filter, what was searched and its order, with the number of leads
that the reader saw; the server counts again with the reader's rights. Up to a hundred leads it
happens at once, above that five of them are shown first and a job does it.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import filters, queries, selection, time_box
from leadline.cards.queries import CardRow, Listing
from leadline.criteria import canonical
from leadline.criteria.errors import CriterionError
from leadline.criteria.lists import NotForLists
from leadline.flow import bulk_actions, bulk_acts, bulk_choice, bulk_once, bulk_wanted
from leadline.flow.bulk_actions import CountChanged
from leadline.flow.bulk_choice import Choice, NotAChoice
from leadline.flow.bulk_once import Once, UsedOtherwise
from leadline.flow.bulk_wanted import NotWanted
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.lib.refusal import Refused
from leadline.lib.said_date import NotADate
from leadline.segments import lists
from leadline.web import access, bulk_words, due_dates, labels, leads, pages, people
from leadline.workspace import reasons
from leadline.workspace.models import User

EXAMPLES = 5
_LONGEST_FILTER = 20_000
_LONGEST_DUE = 100
NAMES = ("owner", "stage", "reason", "field", "value", "list", "new_list", "is_off", "kind",
         "outcome", "text", "due")  # fmt: skip
_CHOSEN = ("key", "lead", "list_of", "filter", "q", "sort", "seen", "everything")
_NOT_ASKED = frozenset({"csrfmiddlewaretoken", "key", "next", "confirmed"})
_NOT_NOW = (NotForLists, time_box.TooSlow, NotAChoice, CountChanged)


@dataclass(frozen=True)
class Preview:
    """What would happen: how many leads are meant, how many of these are not the reader's to
    change, and the first five."""

    count: int
    which: str
    left_out: int | None
    examples: list[CardRow]


@require_safe
@access.screen("edit_leads")
def whole_list(request: HttpRequest) -> HttpResponse:
    """How many leads the list holds exactly, with what is needed to mean all of them."""
    wanted, user, now = leads.wanted_by(request), access.reader(request), clock.now()
    try:
        listing = wanted.listing(user, now=now)
        count = selection.count(listing)
    except (CriterionError, *_NOT_NOW) as refusal:
        return pages.render(request, "bulk_all.html", {"problem": _reason(refusal)})
    rule = {} if listing.filter is None else canonical.canonical(listing.filter)
    context = {
        "problem": "", "count": count, "listing": listing,
        "filter": msgspec.json.encode(rule).decode(),
        "is_everything": not rule and not listing.search.strip(),
    }  # fmt: skip
    return pages.render(request, "bulk_all.html", context)


@require_safe
@access.screen("edit_leads")
def form(request: HttpRequest, kind: str) -> HttpResponse:
    """What is asked for a kind of act, inside the bar; a page of its own is the way without."""
    _check_kind(request, kind)
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("leads"))
    return pages.render(request, "bulk_form.html", _fields(request, kind))


@require_safe
@access.screen("edit_leads")
def value(request: HttpRequest) -> HttpResponse:
    """The input for the field that is to be set."""
    name = request.GET.get("field", "")
    found = [each for each in bulk_wanted.settable(access.reader(request)) if each.name == name]
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("leads"))
    context = {"by": found[0] if found else None, "colleagues": people.active()}
    return pages.render(request, "bulk_value.html", context)


@require_POST
@access.screen("edit_leads")
def act(request: HttpRequest) -> HttpResponse:
    """Do it, or show first what it would do."""
    kind, user, now = request.POST.get("act", ""), access.reader(request), clock.now()
    _check_kind(request, kind)
    sent = _sent(request)
    try:
        if (there := bulk_once.begun(sent, by=user.pk)) is not None:
            return _begun(request, there)
        choice = _choice(request, user, now=now)
        wanted = bulk_acts.of(kind).read(_said(request, kind, now=now), user, now)
        count = bulk_choice.count(choice, user, now=now)
        if count > bulk_actions.AT_ONCE and "confirmed" not in request.POST:
            what = bulk_words.Named(owner_id=str(wanted.get("owner") or "")).what(kind, wanted)
            context = {"what": what, "preview": _preview(choice, kind, user, count=count, now=now)}
            return _page(request, kind, context)
        doer = access.doer(request)
        action = bulk_actions.begin(kind, choice, wanted, by=doer, now=now, sent=sent)
    except UsedOtherwise as refusal:
        return _page(request, kind, {"refused": _reason(refusal)}, status=409)
    except NotWanted as refusal:
        return _page(request, kind, {"problem": refusal.reason}, status=422)
    except _NOT_NOW as refusal:
        return _page(request, kind, {"refused": _reason(refusal)}, status=422)
    return _begun(request, action)


def _begun(request: HttpRequest, action: BulkAction) -> HttpResponse:
    """To where one sees how far it is: its own page, or the list with a toast when it is over."""
    if action.state in (BulkAction.State.GATHERING, BulkAction.State.WORKING):
        return HttpResponseRedirect(reverse("bulk_action", args=[action.pk]))
    return HttpResponseRedirect(_back(request, action))


def _sent(request: HttpRequest) -> Once | None:
    """The key that the form was opened under, so that a second click does nothing twice."""
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return None
    said = {name: values for name, values in request.POST.lists() if name not in _NOT_ASKED}
    return bulk_once.once(key, said)


def _preview(choice: Choice, kind: str, user: User, *, count: int, now: datetime) -> Preview:
    """Raises as `bulk_choice.count` does."""
    if choice.is_list:
        listing = bulk_choice.listing_of(choice, user, now=now)
        examples = queries.page(listing, limit=EXAMPLES).rows
    else:
        listing = None
        examples = queries.many(user, choice.leads)[:EXAMPLES]
    return Preview(
        count, bulk_choice.said(choice, count=count), _left_out(choice, kind, user, listing, count),
        examples,
    )  # fmt: skip


def _left_out(
    choice: Choice, kind: str, user: User, listing: Listing | None, count: int
) -> int | None:
    if bulk_acts.of(kind).is_for_all_seen:
        return 0
    if listing is None:
        return count - len(selection.editable(user, choice.leads))
    return count - selection.count_editable(listing)


def _page(
    request: HttpRequest, kind: str, context: dict[str, object], *, status: int = 200
) -> HttpResponse:
    kept = [(name, v) for name in _CHOSEN
            for v in request.POST.getlist(name)[: bulk_choice.MOST_CHOSEN]]  # fmt: skip
    said = [(name, v[:_LONGEST_FILTER]) for name in NAMES for v in request.POST.getlist(name)]
    whole = {
        "place": "leads", "kept": kept, "said": said, "problem": "", "refused": "", "preview": None,
        "what": "", "back": access.safe_next(request, fallback=reverse("leads")),
        **_fields(request, kind), **context,
    }  # fmt: skip
    return pages.render(request, "bulk_page.html", whole, status=status)


def _fields(request: HttpRequest, kind: str) -> dict[str, object]:
    user, found = access.reader(request), bulk_acts.Kind(kind)
    label, icon = bulk_words.KINDS[found]
    typed = {name: request.POST.get(name, "")[:_LONGEST_FILTER] for name in NAMES}
    offered: dict[str, object] = {
        "kind": kind, "label": label, "icon_name": icon, "verb": bulk_words.VERBS[found],
        "typed": typed,
    }  # fmt: skip
    if kind in ("assign", "task"):
        may_free = kind == "assign" and access.may(request, "assign_leads")
        offered |= {"takers": people.who_take_leads(user), "me": user, "may_free": may_free}
    if kind == "field":
        settable = bulk_wanted.settable(user)
        by = next((each for each in settable if each.name == typed["field"]), None)
        offered |= {"settable": settable, "by": by, "colleagues": people.active() if by else []}
    if kind == "list":
        offered |= {"lists": lists.static()}
    if kind == "stage":
        offered |= {"reasons": labels.REASONS}
    return offered


def _choice(request: HttpRequest, user: User, *, now: datetime) -> Choice:
    """Raises NotAChoice: whatever is missing or broken means nothing, never everything."""
    if "list_of" not in request.POST:
        return bulk_choice.of_leads(_ids(request.POST.getlist("lead")))
    written, seen = request.POST.get("filter", ""), request.POST.get("seen", "")
    if not written or not (seen.isascii() and seen.isdecimal() and len(seen) < 10):
        raise NotAChoice(_("The filter of this list is missing."))
    try:
        document = msgspec.json.decode(written[:_LONGEST_FILTER])
        rule = filters.read(document) if isinstance(document, dict) else None
    except (msgspec.DecodeError, CriterionError):
        raise NotAChoice(_("The filter of this list cannot be read.")) from None
    if not isinstance(document, dict):
        raise NotAChoice(_("The filter of this list cannot be read."))
    search, sort = request.POST.get("q", "")[:200], request.POST.get("sort", "") or "-score"
    listing = Listing(user, now, filter=rule, search=search, sort=sort)
    is_everything = request.POST.get("everything") == "1"
    return bulk_choice.of_listing(listing, is_everything=is_everything, seen=int(seen))


def _said(request: HttpRequest, kind: str, *, now: datetime) -> dict[str, object]:
    said: dict[str, object] = {name: request.POST.get(name, "") for name in NAMES}
    values = request.POST.getlist("value")
    if len(values) > 1:
        said["value"] = values
    said["list"] = request.POST.get("new_list", "").strip() or said["list"]
    if kind == bulk_acts.Kind.TASK:
        said |= _due(str(said["due"]), now=now)
    return said


def _due(written: str, *, now: datetime) -> dict[str, object]:
    """What was typed, as for the task of one lead. Raises NotWanted."""
    try:
        due = due_dates.read(written[:_LONGEST_DUE], now=now)
    except NotADate as refusal:
        raise NotWanted("due", due_dates.problem(refusal)) from None
    return {"due_at": clock.micros(due.at), "due_on": due.on.isoformat() if due.on else ""}


def _ids(given: list[str]) -> list[UUID]:
    try:
        return [UUID(each) for each in given]
    except ValueError:
        raise NotAChoice(_("Choose at least one lead.")) from None


def _reason(refusal: Exception) -> str:
    if isinstance(refusal, CountChanged):
        said = _("The list held %(seen)s leads when you looked at it, and %(found)s now. Nothing "
                 "was changed; look again and choose again.")  # fmt: skip
        return said % {"seen": f"{refusal.seen:,}", "found": f"{refusal.found:,}"}
    if isinstance(refusal, UsedOtherwise):
        return _("This form was sent already, with something else in it. Look at the list again "
                 "and choose again.")  # fmt: skip
    if isinstance(refusal, CriterionError):
        return _("The filter of this list cannot be read any more.")
    return reasons.told(refusal) if isinstance(refusal, Refused) else str(refusal)


def _back(request: HttpRequest, action: BulkAction) -> str:
    """The list that one came from, where the toast says what was done."""
    back = access.safe_next(request, fallback=reverse("leads"))
    return f"{back}{'&' if '?' in back else '?'}done={action.pk}"


def _check_kind(request: HttpRequest, kind: str) -> None:
    if kind not in bulk_acts.Kind.values:
        raise Http404
    if not access.may(request, bulk_acts.of(kind).action):
        raise PermissionDenied
