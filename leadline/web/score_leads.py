"""The leads behind a number of Scoring: of a bar, of a band, of who would cross the line.

The analyst counted them and names them; what they were at a month end of the past no list of today
can show. Readers see those of them that they may see anyway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from leadline.analytics import client
from leadline.analytics.client import AnalystError
from leadline.cards import queries
from leadline.cards.queries import CardRow
from leadline.lib import clock
from leadline.scoring.drafts import OPEN
from leadline.web import access, pages, score_effect
from leadline.workspace.models import User

KINDS = ("now", "looks", "people", "up", "down")
MODELS = ("draft", "published")
_LONGEST = 24


@dataclass(frozen=True)
class Row:
    """A lead, its points by the model that was asked, and what became of it after a look."""

    card: CardRow
    points: float
    at: datetime | None
    won: bool | None


@require_safe
@access.screen("see_scoring")
def page(request: HttpRequest, version_id: int) -> HttpResponse:
    """Who is counted in one number of what a version would change, or of how the scores lie."""
    version = score_effect.find(version_id)
    is_alone = version.state not in OPEN and version.model.is_default
    which = _which(request.GET) | {"alone": is_alone}
    arguments = {"version_id": version.pk, "documents": [version.document], "which": which}
    context: dict[str, object] = {
        "place": "scoring", "version": version, "back": score_effect.back(version), "which": which,
        "is_alone": is_alone, "problem": None,
    }  # fmt: skip
    try:
        answer = client.ask("leads_behind", arguments, timeout_s=score_effect.PATIENCE_S)
    except AnalystError as problem:
        return pages.render(request, "score_leads.html", context | {"problem": problem})
    context |= {
        "count": answer["count"],
        "rows": _rows(answer, access.reader(request)),
        "told": len(answer["rows"]),
        "more": _more(request.GET, which, answer),
        "fresh_at": clock.from_micros(answer["lake_us"]),
    }
    return pages.render(request, "score_leads.html", context)


def _which(asked: QueryDict) -> dict[str, Any]:  # Any: JSON, as `analytics.behind` describes
    """The number that was clicked; 404 for one that no page shows."""
    kind, model = asked.get("kind", "people"), asked.get("model", "draft")
    if kind not in KINDS or model not in MODELS:
        raise Http404
    return {
        "kind": kind, "model": model, "won": asked.get("won") == "1",
        "begins": _points(asked.get("begins")), "ends": _points(asked.get("ends")),
        "skip": score_effect.whole(asked.get("skip", "")),
    }  # fmt: skip


def _points(written: str | None) -> float | int | None:
    if not written:
        return None
    try:
        found = float(written[:_LONGEST])
    except ValueError:
        raise Http404 from None
    if not abs(found) <= score_effect.MOST:
        raise Http404
    return int(found) if found.is_integer() else found


def _rows(answer: Mapping[str, Any], user: User) -> list[Row]:
    """Those that the reader may see, in the order of the answer. One query."""
    found = [(UUID(each["lead_id"]), each) for each in answer["rows"]]
    cards = {card.lead_id: card for card in queries.many(user, [key for key, _ in found])}
    return [
        Row(
            cards[key],
            each["points"],
            None if each["at_us"] is None else clock.from_micros(each["at_us"]),
            each["won"],
        )
        for key, each in found
        if key in cards
    ]


def _more(asked: QueryDict, which: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The address of what comes after this page; "" at the end."""
    seen = which["skip"] + len(answer["rows"])
    if not answer["rows"] or seen >= answer["count"]:
        return ""
    return "?" + urlencode(asked.dict() | {"skip": seen})
