"""The list of leads: saved views as tabs, filter chips, sort, search, keyset pages."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadline.cards import arrivals, filters, finding, queries, sorts, sources, time_box, views
from leadline.cards.models import SavedView
from leadline.cards.queries import CardRow, Listing
from leadline.cards.views import Reach
from leadline.criteria import sentence
from leadline.criteria.errors import CriterionError
from leadline.criteria.lists import NotForLists
from leadline.lib import clock, text
from leadline.lib.refusal import Refused
from leadline.segments import lists as static_lists
from leadline.web import (
    access,
    bulk_done,
    bulk_words,
    chips,
    columns,
    field_filters,
    pages,
    people,
    presence,
    segments,
)
from leadline.web.chips import Chosen
from leadline.web.columns import Columns
from leadline.workspace import permissions, reasons
from leadline.workspace.models import Field, User

PAGE_ROWS = 50
DEFAULT_SORT = "-score"
# What the choice of another field says for static lists; no field is called so.
_BY_LIST = "@list"
_SOURCES = "@sources"
_ALIKE = 8


@dataclass(frozen=True)
class Wanted:
    """What the address asks for, with the saved view it stands on."""

    chosen: Chosen
    views: list[SavedView]
    view: SavedView | None

    @property
    def document(self) -> dict[str, object]:
        return self.chosen.document(self.view.filter if self.view else {})

    @property
    def declared(self) -> Sequence[Field]:
        return self.chosen.fields.rows

    @property
    def sort(self) -> str:
        return self.chosen.sort or (self.view.sort if self.view else DEFAULT_SORT)

    @property
    def columns(self) -> Columns:
        return columns.of(self.chosen.columns or self._saved_columns, self.declared)

    @property
    def is_changed(self) -> bool:
        """Whether chips, sort or columns differ from the saved view."""
        saved_sort = self.view.sort if self.view else DEFAULT_SORT
        saved = columns.of(self._saved_columns, self.declared)
        is_as_saved = self.sort == saved_sort and self.columns.written == saved.written
        return self.chosen.is_filtered or not is_as_saved

    @property
    def _saved_columns(self) -> Sequence[str]:
        return self.view.columns if self.view else ()

    def listing(self, user: User, *, now: datetime) -> Listing:
        rule = filters.read(self.document, declared=self.declared)
        return Listing(user, now, filter=rule, search=self.chosen.search, sort=self.sort)


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest) -> HttpResponse:
    """One page of leads; the next one is asked for as a fragment or a plain link."""
    wanted, user, problem = wanted_by(request), access.reader(request), ""
    now = clock.now()
    found = queries.Page([], None)
    try:
        listing = wanted.listing(user, now=now)
        found = queries.page(listing, after=request.GET.get("after"), limit=PAGE_ROWS)
    except (CriterionError, NotForLists, time_box.TooSlow, sorts.InvalidCursor) as refusal:
        problem = _why(refusal)
    offers = bulk_words.offers(user)
    context = {
        "place": "leads", "wanted": wanted, "found": found, "problem": problem, "offers": offers,
        "on": presence.on([row.lead_id for row in found.rows], user, now=now),
        "columns": wanted.columns, "value": wanted.columns.values(found.rows),
        "read_ms": clock.micros(now) // 1000,
    }  # fmt: skip
    if pages.wants_fragment(request) and "after" in request.GET:
        return pages.render(request, "leads_rows.html", context, now=now)
    colleagues = people.active()
    named = {person.email: str(person) for person in colleagues}
    called = static_lists.names() if "list" in wanted.chosen.values else {}
    context |= {
        "toasts": bulk_done.toasts(request),
        "chips": wanted.chosen.chips(named, called),
        "base_sentence": _base_sentence(wanted.view, wanted.declared),
        "colleagues": colleagues,
        "heads": wanted.columns.heads(wanted.chosen, sort=wanted.sort),
        "menu": wanted.columns.menu(wanted.chosen),
        "tab": _tab(request, wanted.view),
        "as_segment": _as_segment(user, wanted),
        "alike": [] if found.rows or problem else _nearly(user, wanted.chosen.search),
        "by": wanted.chosen.fields.wanted(request.GET.get("by", "")),
        "lists": static_lists.everything() if request.GET.get("by") == _BY_LIST else [],
    }
    return pages.render(request, "leads.html", context, status=422 if problem else 200, now=now)


@require_safe
@access.screen("see_leads")
def filter_field(request: HttpRequest) -> HttpResponse:
    """The input for one declared field in the filter, or the sources in which what is typed stands;
    nothing for a name that is none."""
    if request.GET.get("by") == _SOURCES:
        typed = text.clean(request.GET.get("source", ""), max_length=254)
        known = sources.known(access.reader(request), typed)
        return pages.render(request, "leads_sources.html", {"sources": known})
    row = field_filters.declared_for(access.reader(request)).wanted(request.GET.get("by", ""))
    lists = static_lists.everything() if request.GET.get("by") == _BY_LIST else []
    context = {"by": row, "lists": lists, "colleagues": people.active()}
    return pages.render(request, "leads_filter_field.html", context)


@require_safe
@access.screen("see_leads")
def count(request: HttpRequest) -> HttpResponse:
    """How many leads the list holds; asked for after the page, because it costs more."""
    wanted = wanted_by(request)
    try:
        total = queries.count(wanted.listing(access.reader(request), now=clock.now()))
    except (CriterionError, NotForLists, time_box.TooSlow):
        return HttpResponse(_("many"))
    if total >= queries.MOST_COUNTED:
        return HttpResponse(_("10,000+ leads"))
    return pages.render(request, "leads_count.html", {"total": total})


@require_safe
@access.screen("see_leads")
def arrived(request: HttpRequest) -> HttpResponse:
    """The pill of a list that is being read: how many leads have come that it would show."""
    wanted, since, now = wanted_by(request), request.GET.get("since", ""), clock.now()
    if not pages.wants_fragment(request):
        return HttpResponseRedirect(reverse("leads") + wanted.chosen.address())
    is_known = since.isascii() and since.isdecimal() and len(since) < 15
    try:
        listing = wanted.listing(access.reader(request), now=now)
        found = arrivals.since(listing, int(since)) if is_known else 0
    except (CriterionError, NotForLists):
        found = 0
    on = presence.anywhere(access.reader(request), now=now)
    context = {"count": found, "most": arrivals.MOST, "on": on}
    return pages.render(request, "leads_arrived.html", context)


def wanted_by(request: HttpRequest) -> Wanted:
    """What the address asks for, among the views that the reader has. Three queries, one more for
    a source."""
    user = access.reader(request)
    chosen = chips.read(request.GET, field_filters.declared_for(user))
    if written := chosen.values.get("source"):
        chosen = replace(chosen, sources=sources.spellings(user, written[0]))
    tabs = views.visible_to(user)
    by_id = {view.pk: view for view in tabs}
    return Wanted(chosen, tabs, by_id.get(chosen.view_id or 0, tabs[0] if tabs else None))


@dataclass(frozen=True)
class Tab:
    """What the reader may do with the view that is open, and one that was just removed."""

    may_change: bool
    reaches: Sequence[Reach]
    removed: SavedView | None


def _tab(request: HttpRequest, view: SavedView | None) -> Tab:
    user, number = access.reader(request), request.GET.get("removed", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 10
    removed = views.one(user, int(number)) if is_number else None
    if removed is not None and (removed.removed_at is None or not views.may_change(user, removed)):
        removed = None
    may_change = view is not None and views.may_change(user, view)
    return Tab(may_change, views.reaches(user) if may_change else (), removed)


def _as_segment(user: User, wanted: Wanted) -> str:
    """Where the filter becomes a segment; "" for no filter, and for who may not make one."""
    may_make = permissions.may(user, "edit_segments")
    return segments.address_for(wanted.document) if may_make else ""


def _why(refusal: Refused | CriterionError) -> str:
    """A rule that cannot be read names places in a document that nobody sees here."""
    if isinstance(refusal, Refused):
        return reasons.told(refusal)
    return _("The filter of this list cannot be read any more.")


def _nearly(user: User, searched: str) -> list[CardRow]:
    """Names spelt nearly as what was searched for, where nothing is spelt so."""
    try:
        return finding.alike(user, searched, limit=_ALIKE) if searched else []
    except time_box.TooSlow:
        return []


def _base_sentence(view: SavedView | None, declared: Sequence[Field]) -> str:
    """The saved view's rule in words; "" when it filters nothing or cannot be read."""
    if view is None or not view.filter:
        return ""
    try:
        rule = filters.read(view.filter, declared=declared)
    except CriterionError:
        return ""
    said = sentence.sentence(rule, translate=_) if rule else ""
    return said[:1].upper() + said[1:]
