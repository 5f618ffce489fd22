"""The Lead page, the panel beside the list, and the timeline's next pages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from leadline.cards import history, sorts
from leadline.cards.history import History
from leadline.lib import clock
from leadline.routing import follows
from leadline.timeline.moments import KINDS, Kind, Moment
from leadline.web import access, deal_values, dossier, edit, moments, next_steps, pages
from leadline.web.dossier import Dossier

_ROWS = 40
_PEEK_ROWS = 8


@dataclass(frozen=True)
class Filter:
    """One way to look at the timeline: a name and the kinds of moments it shows."""

    key: str
    label: str | Promise
    kinds: Collection[Kind]


_DEALS: tuple[Kind, ...] = ("deal",)
FILTERS = (
    Filter("", _("All"), KINDS),
    Filter("people", _("Ours"), ("note", "send", "task", "assignment")),
    Filter("theirs", _("Theirs"), ("event", "consent")),
    Filter("score", _("Score and stage"), ("score", "stage")),
    Filter("deal", _("Deals"), _DEALS),
)
_BY_KEY = {each.key: each for each in FILTERS}


@dataclass(frozen=True)
class Run:
    """Neighbouring moments of one day; those made by machines are folded into one line."""

    is_folded: bool
    moments: Sequence[Moment]


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """One lead: who, what happened, why. A lead that was merged away leads to the other."""
    now = clock.now()
    found = _find(request, lead_id)
    context = {
        "place": "leads",
        "found": found,
        "sheet": edit.sheet(found.lead, known=found.identifiers, heading=found.card.name),
        "deals": deal_values.of_lead(access.reader(request), lead_id),
        "next_step": next_steps.suggest(found.card, found.touches, now=now),
        "is_following": follows.is_following(lead_id, user_id=access.reader(request).pk),
        **_timeline(request, found),
    }
    block = "lead" if pages.wants_fragment(request) else None
    return pages.render(request, "lead.html", context, block=block, now=now)


@require_safe
@access.screen("see_leads")
def timeline(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """The next page of the timeline."""
    found = _find(request, lead_id)
    context = {"found": found, **_timeline(request, found)}
    return pages.render(request, "lead_timeline.html", context)


@require_safe
@access.screen("see_leads")
def peek(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """The panel beside a list: identity, why, score, the newest moments."""
    now = clock.now()
    found = _find(request, lead_id)
    recent = history.page(lead_id, known=found.identifiers, limit=_PEEK_ROWS)
    context = {
        "found": found,
        "runs": _runs(recent.moments),
        "next_step": next_steps.suggest(found.card, found.touches, now=now),
    }
    return pages.render(request, "peek.html", context, now=now)


def _find(request: HttpRequest, lead_id: UUID) -> Dossier:
    found = dossier.find(access.reader(request), lead_id, now=clock.now())
    if found is None:
        raise Http404
    return found


def _timeline(request: HttpRequest, about: Dossier) -> dict[str, object]:
    chosen = _BY_KEY.get(request.GET.get("show", ""), FILTERS[0])
    try:
        found = history.page(
            about.lead.pk,
            known=about.identifiers,
            kinds=chosen.kinds,
            after=request.GET.get("after"),
            limit=_ROWS,
        )
    except sorts.InvalidCursor:
        found = History([], None)
    return {
        "filters": FILTERS,
        "chosen_filter": chosen,
        "days": _days(found.moments),
        "next_page": found.next,
    }


def _days(found: Sequence[Moment]) -> list[tuple[Moment, list[Run]]]:
    """Moments by day in the reader's zone: (the first of the day, its runs)."""
    days = [list(group) for _, group in groupby(found, key=lambda each: moments.day(each.at))]
    return [(day[0], _runs(day)) for day in days]


def _runs(found: Sequence[Moment]) -> list[Run]:
    grouped = groupby(found, key=lambda each: each.actor == "machine" or each.kind == "score")
    runs = [Run(folds, list(group)) for folds, group in grouped]
    return [Run(run.is_folded and len(run.moments) > 1, run.moments) for run in runs]
