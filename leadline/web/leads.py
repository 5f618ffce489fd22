"""The list of leads: saved views as tabs, filter chips, sort, search, keyset pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from leadline.cards import filters, queries, sorts, time_box
from leadline.cards.models import SavedView
from leadline.cards.queries import Listing
from leadline.criteria import sentence
from leadline.criteria.errors import CriterionError
from leadline.criteria.lists import NotForLists
from leadline.lib import clock, text
from leadline.web import access, bulk_done, bulk_words, chips, field_filters, pages, people
from leadline.web.chips import Chosen
from leadline.workspace.models import Field, User

PAGE_ROWS = 50
DEFAULT_SORT = "-score"


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
    def is_changed(self) -> bool:
        """Whether chips or sort differ from the saved view."""
        view_sort = self.view.sort if self.view else DEFAULT_SORT
        return self.chosen.is_filtered or self.sort != view_sort

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
        problem = str(refusal)
    offers = bulk_words.offers(user)
    context = {
        "place": "leads", "wanted": wanted, "found": found, "problem": problem, "offers": offers,
    }  # fmt: skip
    if pages.wants_fragment(request) and "after" in request.GET:
        return pages.render(request, "leads_rows.html", context, now=now)
    colleagues = people.active()
    named = {person.email: str(person) for person in colleagues}
    context |= {
        "toasts": bulk_done.toasts(request),
        "chips": wanted.chosen.chips(named),
        "base_sentence": _base_sentence(wanted.view, wanted.declared),
        "colleagues": colleagues,
        "columns": _columns(wanted),
        "by": wanted.chosen.fields.wanted(request.GET.get("by", "")),
    }
    return pages.render(request, "leads.html", context, status=422 if problem else 200, now=now)


@require_safe
@access.screen("see_leads")
def filter_field(request: HttpRequest) -> HttpResponse:
    """The input for one declared field in the filter; nothing for a name that is none."""
    row = field_filters.declared_for(access.reader(request)).wanted(request.GET.get("by", ""))
    context = {"by": row, "colleagues": people.active()}
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


@require_POST
@access.screen("see_leads")
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep filter and sort under a name, as a tab of one's own."""
    wanted = wanted_by(request)
    name = text.clean(request.POST.get("name", "").strip(), max_length=80)
    if not name:
        return HttpResponseRedirect(reverse("leads") + wanted.chosen.address())
    view = SavedView.objects.create(
        user=access.reader(request),
        name=name,
        filter=wanted.document,
        sort=wanted.sort,
        position=1000,
    )
    return HttpResponseRedirect(f"{reverse('leads')}?view={view.pk}")


@require_POST
@access.screen("see_leads")
def remove_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Remove a tab of one's own; everybody's are removed by changing the playbook."""
    if not SavedView.objects.filter(pk=view_id, user=access.reader(request)).delete()[0]:
        raise Http404
    return HttpResponseRedirect(reverse("leads"))


def wanted_by(request: HttpRequest) -> Wanted:
    chosen = chips.read(request.GET, field_filters.declared_for(access.reader(request)))
    mine = Q(user=None) | Q(user=access.reader(request))
    views = list(SavedView.objects.filter(mine).order_by("position", "id"))
    by_id = {view.pk: view for view in views}
    first = views[0] if views else None
    return Wanted(chosen, views, by_id.get(chosen.view_id or 0, first))


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


@dataclass(frozen=True)
class ColumnHead:
    """A column's title; sortable ones carry the address of the other order."""

    key: str
    label: str
    address: str = ""
    direction: str = ""


def _columns(wanted: Wanted) -> list[ColumnHead]:
    titles = (
        ("name", _("Name"), "name"), ("company", _("Company"), ""), ("score", _("Score"), "score"),
        ("temp", _("Temperature"), ""), ("stage", _("Stage"), "stage_since"),
        ("owner", _("Owner"), ""), ("source", _("Source"), ""), ("when", _("Created"), "created"),
    )  # fmt: skip
    heads = []
    for key, label, sort in titles:
        direction = {sort: "ascending", f"-{sort}": "descending"}.get(wanted.sort, "")
        if not sort:
            heads.append(ColumnHead(key, label))
            continue
        first = sort if sort == "name" else f"-{sort}"
        other = sort if first != sort else f"-{sort}"
        address = wanted.chosen.address(sort=other if wanted.sort == first else first)
        heads.append(ColumnHead(key, label, address, direction))
    return heads
