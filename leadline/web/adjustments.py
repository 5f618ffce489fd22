"""Points by hand on the Lead page: the small form beside the score, and taking them back."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from leadline.cards.queries import CardRow
from leadline.flow import adjustments as flow
from leadline.lib import clock
from leadline.scoring import adjustments
from leadline.scoring.adjustments import Given, NotAnAdjustment
from leadline.scoring.models import ScoreAdjustment
from leadline.web import access, acts, pages, undo
from leadline.web.undo import Toast

MICRO = 1_000_000


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_leads")
def adjust(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """The form; sent, the points count at once, with a line that says who and why."""
    card, now = acts.editable(request, lead_id), clock.now()
    if request.method != "POST":
        return _form(request, card, problem="")
    try:
        given = Given(_micro(request), request.POST.get("reason", "")[:1_000], _half_life(request))
        made = flow.add(
            lead_id, given, by=access.reader(request), doer=access.doer(request), now=now,
            key=_key(request),
        )  # fmt: skip
    except NotAnAdjustment as refusal:
        return _form(request, card, problem=_problem(refusal))
    said = _("%(points)s points for %(who)s") % {
        "points": adjustments.signed_points(made.points_micro), "who": acts.name(card),
    }  # fmt: skip
    return undo.answer(request, Toast(said, address=_undo_address(made)))


@require_POST
@access.screen("edit_leads")
def take_back(request: HttpRequest, lead_id: UUID, adjustment_id: int) -> HttpResponse:
    """The points go with their line; what the score was before stays told."""
    acts.editable(request, lead_id)
    mine = {each.pk for each in adjustments.of_lead(lead_id)}
    if not ScoreAdjustment.objects.filter(pk=adjustment_id, lead=lead_id).exists():
        raise Http404
    if adjustment_id in mine:
        user, doer = access.reader(request), access.doer(request)
        flow.undo(adjustment_id, by=user, doer=doer, now=clock.now())
    return undo.answer(request, Toast(_("The points were taken back.")))


def _form(request: HttpRequest, card: CardRow, *, problem: str) -> HttpResponse:
    context = {
        "place": "leads",
        "card": card,
        "problem": problem,
        "typed": {name: request.POST.get(name, "") for name in ("points", "reason", "half_life")},
        "most": adjustments.MOST_POINTS,
    }
    template = "adjust_form.html" if pages.wants_fragment(request) else "adjust_page.html"
    return pages.render(request, template, context, status=422 if problem else 200)


def _problem(refusal: NotAnAdjustment) -> str:
    if refusal.field == "points":
        most = adjustments.MOST_POINTS
        return _("Give a number of points, at most %(most)d, or take as many.") % {"most": most}
    if refusal.field == "reason":
        return _("Say why, in at most %(most)d characters.") % {"most": adjustments.LONGEST_REASON}
    return _("Choose whether the points stay or fade.")


def _micro(request: HttpRequest) -> int:
    """What was typed as micro-points, with a comma or a point; 0 when it is no number."""
    written = request.POST.get("points", "").strip().replace(",", ".").replace("−", "-")
    try:
        micro = Decimal(written[:20]) * MICRO
        return int(micro) if micro == micro.to_integral_value() else 0
    except (InvalidOperation, ValueError, OverflowError):
        return 0


def _half_life(request: HttpRequest) -> int | None:
    written = request.POST.get("half_life", "")
    if not written:
        return None
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 6 else 0


def _undo_address(made: ScoreAdjustment) -> str:
    return reverse("undo_adjustment", args=[made.lead_id, made.pk])


def _key(request: HttpRequest) -> UUID | None:
    """What the form was sent under, so that a second click gives no points twice."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return None
