"""What a draft would change, asked of the analyst: scores, conversions, who crosses the line.

A part of the draft's page that loads after it, so that the page is usable while the analyst works
and when it does not answer. What every score means today, without a draft, is asked the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_safe

from leadline.analytics import client
from leadline.analytics.client import AnalystError
from leadline.lib import clock
from leadline.scoring import publishing
from leadline.scoring.drafts import OPEN, State
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.web import access, charts, pages
from leadline.web.charts import Bar, Rate

PATIENCE_S = 30.0
WAYS = ("up", "down")
MOST = 1_000_000_000

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """Leads that would cross the line one way, and the conversions that go with them."""

    way: str
    count: int
    lead_ids: Sequence[UUID]
    expected: Json | None


@dataclass(frozen=True)
class Drawn:
    """An answer of the analyst, ready for the page. `before` is None where nothing is compared."""

    after: Json | None
    before: Json | None
    bars: Sequence[Bar]
    rates: Sequence[Rate]
    rates_before: Sequence[Rate]
    line: float | None
    line_x: float | None
    sides: Sequence[Side]
    fresh_at: datetime | None

    @property
    def over(self) -> int:
        """How many leads stand on or over the line, which is an edge of the bars."""
        return sum(bar.after for bar in self.bars if self.line is not None
                   and bar.begins >= self.line)  # fmt: skip

    @property
    def is_line_whole(self) -> bool:
        return self.line is not None and float(self.line).is_integer()


@require_safe
@access.screen("see_scoring")
def effect(request: HttpRequest, version_id: int) -> HttpResponse:
    """What the draft, or another model, would change: a fragment."""
    draft = find(version_id)
    if draft.state not in OPEN and draft.model.is_default:
        raise Http404
    context = _around(request) | {"address": request.path, "draft": draft, "version": draft}
    context["back"] = back(draft)
    try:
        context["drawn"] = _of_draft(draft, objective(request.GET, _sees_amounts(request)))
    except AnalystError as problem:
        context["problem"] = problem
    return _rendered(request, context)


@require_safe
@access.screen("see_scoring")
def today(request: HttpRequest, model_id: int) -> HttpResponse:
    """How the scores of the model in force lie, and what became of such leads: a fragment."""
    model = ScoreModel.objects.filter(pk=model_id).first()
    version = publishing.in_force(model, at=clock.now()) if model else None
    if version is None:
        raise Http404
    context = _around(request) | {"address": request.path, "draft": None}
    context |= {"back": reverse("scoring"), "version": version}
    try:
        context["drawn"] = _of_version(version, objective(request.GET, _sees_amounts(request)))
    except AnalystError as problem:
        context["problem"] = problem
    return _rendered(request, context)


def objective(asked: QueryDict, sees_amounts: bool) -> dict[str, object]:
    """What the line is to be good for, as far as it was asked for and can be understood.

    Money only for those who may see amounts.
    """
    found: dict[str, object] = {}
    reps, calls = (whole(asked.get(name, "")) for name in ("reps", "calls"))
    if reps and calls:
        found |= {"reps": reps, "calls_a_day": calls}
    value, cost = (_amount(asked.get(name, "")) for name in ("value", "cost"))
    if sees_amounts and value:
        found |= {"kind": "value", "value": value, "cost": cost or 0.0}
    return found


def find(version_id: int) -> ScoreModelVersion:
    """A draft, a scheduled version or one in force; 404 for one that is retired."""
    versions = ScoreModelVersion.objects.select_related("model", "made_from", "by")
    found = versions.filter(pk=version_id).exclude(state=State.RETIRED).first()
    if found is None:
        raise Http404
    return found


def back(version: ScoreModelVersion) -> str:
    """The page that the version is decided on."""
    if version.state in OPEN:
        return reverse("score_draft", args=[version.pk])
    if version.model.is_default:
        return reverse("scoring")
    return reverse("score_choose", args=[version.model_id])


def _of_draft(draft: ScoreModelVersion, aim: Json) -> Drawn:
    arguments = {
        "version_id": draft.pk,
        "objective": aim or None,
        "documents": [draft.document],
    }
    return drawn(client.ask("draft_effect", arguments, timeout_s=PATIENCE_S))


def _of_version(version: ScoreModelVersion, aim: Json) -> Drawn:
    arguments = {"version_id": version.pk, "objective": aim or None}
    answer = client.ask("backtest", arguments, timeout_s=PATIENCE_S)
    lines = (version.document.get("thresholds") or {}).values()
    alone = {"draft": answer, "published": None, "crossing": None, "lake_us": answer["lake_us"]}
    return drawn(alone, line=min(lines, default=None))


def drawn(answer: Json, *, line: float | None = None) -> Drawn:
    """The pictures of one answer (the contract's document); `line` where nothing crosses one."""
    after, before, crossing = answer["draft"], answer["published"], answer["crossing"]
    bars = charts.bars(
        after["distribution"] if after else [], before["distribution"] if before else None
    )
    bands, others = (each["bands"] if each else [] for each in (after, before))
    line = crossing["line"] if crossing else line
    sides = [
        Side(way, crossing[way]["count"], [UUID(each) for each in crossing[way]["lead_ids"]],
             crossing["extra" if way == "up" else "lost"])
        for way in WAYS
        if crossing
    ]  # fmt: skip
    lake_us = answer.get("lake_us")
    return Drawn(
        after=after,
        before=before,
        bars=bars,
        rates=charts.rates(bands, others),
        rates_before=charts.rates(others, bands),
        line=line,
        line_x=None if line is None else charts.line_at(bars, line),
        sides=sides,
        fresh_at=clock.from_micros(lake_us) if lake_us else None,
    )


def _rendered(request: HttpRequest, context: Json) -> HttpResponse:
    """The part for the page it belongs to, or a page of its own where there is no JavaScript."""
    is_part = pages.wants_fragment(request)
    return pages.render(
        request, "score_effect_page.html", context, block="part" if is_part else None
    )


def _around(request: HttpRequest) -> dict[str, object]:
    sees = _sees_amounts(request)
    kept = ("reps", "calls", "value", "cost") if sees else ("reps", "calls")
    return {
        "sees_amounts": sees,
        "asked": {name: request.GET.get(name, "")[:20] for name in kept},
        "drawn": None,
        "problem": None,
    }


def _sees_amounts(request: HttpRequest) -> bool:
    return access.may(request, "see_amounts")


def whole(written: str) -> int:
    """A number of at most five digits; 0 for anything else."""
    is_number = written.isascii() and written.isdecimal() and len(written) < 6
    return int(written) if is_number else 0


def _amount(written: str) -> float:
    try:
        found = float(written.replace(",", "."))
    except ValueError:
        return 0.0
    return found if 0 <= found <= MOST else 0.0
