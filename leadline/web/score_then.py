"""What the score of a lead was at an instant, and why."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from leadline.cards import queries as cards
from leadline.lib import clock
from leadline.lib.said_date import NotADate
from leadline.scoring import queries as scoring
from leadline.web import access, dossier, due_dates, pages, score_chart
from leadline.workspace import spoken

_LONGEST = 60


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """The score as it stood `at` an instant, or on a `day` as people write it, at a `time`."""
    now, user = clock.now(), access.reader(request)
    card = cards.one(user, lead_id)
    if card is None:
        raise Http404
    at, problem = _asked(request, now=now)
    rules = dossier.in_force(now)
    score = None if problem else dossier.told(scoring.explained(lead_id, as_of=at), rules)
    context = {
        "place": "leads",
        "card": card,
        "at": at,
        "day": request.GET.get("day", "")[:_LONGEST] or spoken.day_of_year(_local(at).date()),
        "time": f"{_local(at):%H:%M}",
        "problem": problem,
        "found": SimpleNamespace(score=score, card=card, may_edit=False),
        "chart": score_chart.of_lead(lead_id, rules, now=now),
    }
    block = "then" if pages.wants_fragment(request) else None
    status = 422 if problem else 200
    return pages.render(request, "score_then.html", context, block=block, now=now, status=status)


def _asked(request: HttpRequest, *, now: datetime) -> tuple[datetime, str]:
    """The instant that is asked for, and what is wrong with what was typed."""
    written = request.GET.get("at", "")[:_LONGEST]
    if written:
        try:
            return min(clock.parse_iso(written), now), ""
        except clock.NotATime:
            return now, _("Write a day, such as “tue”, “3 march” or “last week”.")
    typed = request.GET.get("day", "")[:_LONGEST]
    if not typed.strip():
        return now, ""
    try:
        day = due_dates.read_day(typed, now=now)
        at = _at(day, request.GET.get("time", ""))
    except NotADate as refusal:
        return now, due_dates.problem(refusal)
    except ValueError:
        return now, _("Write a time, such as 14:00.")
    return (at, "") if at <= now + timedelta(days=1) else (now, _("That lies ahead."))


def _at(day: date, written: str) -> datetime:
    """That time of the day in the reader's zone; without one its last second. ValueError."""
    of_day = time.fromisoformat(written) if written.strip() else time(23, 59, 59)
    return datetime.combine(
        day, of_day.replace(tzinfo=None), tzinfo=timezone.get_current_timezone()
    )


def _local(at: datetime) -> datetime:
    return timezone.localtime(at)
