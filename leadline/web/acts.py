"""What people do with a lead from any screen: log, snooze, pass on, move, disqualify.

Each act happens at once and answers with a toast that offers Undo. Nobody edits what they may
only see: such a lead answers 403, one they may not see 404.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop
from django.views.decorators.http import require_POST, require_safe

from leadline.activities import logs, snoozes
from leadline.activities import queries as activities
from leadline.activities.models import Activity
from leadline.cards import queries as cards
from leadline.cards.queries import CardRow
from leadline.flow import mentions, reactions, rulebook
from leadline.leads import locks
from leadline.lib import clock, text
from leadline.lib.refusal import Refused
from leadline.lifecycle import standings
from leadline.routing import assignments
from leadline.web import access, labels, once, pages, people, undo
from leadline.web.undo import Toast
from leadline.workspace import reasons, spoken
from leadline.workspace.models import User

VERBS = ("call", "mail", "meeting", "note", "task", "snooze", "pass", "disqualify")
_LONGEST_AGO = 7 * 24 * 60
_REFUSED = (logs.NotAnActivity, snoozes.NotASnooze, standings.UnknownStage,
            assignments.NotAssignable)  # fmt: skip


@require_safe
@access.screen("edit_leads")
def form(request: HttpRequest, lead_id: UUID, verb: str) -> HttpResponse:
    """The small form of a verb, opened in place."""
    if verb not in VERBS:
        raise Http404
    card = editable(request, lead_id)
    return _form(request, card, verb, problem="")


@require_POST
@access.screen("edit_leads")
def log(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """A call, mail, meeting or note; the first real response stops the clock."""
    card, user, now = editable(request, lead_id), access.reader(request), clock.now()
    kind = request.POST.get("kind", "")
    try:
        made = reactions.log_activity(
            lead_id,
            kind=kind,
            outcome=_outcome(request, kind),
            text=request.POST.get("text", "")[: logs.LONGEST_TEXT + 1],
            by=user.pk,
            began_at=now - timedelta(minutes=_minutes_ago(request)),
            now=now,
            key=once.key(request, "activity"),
        )
    except _REFUSED as refusal:
        return refused(request, card, kind if kind in VERBS else "note", refusal)
    said = _("%(what)s logged for %(who)s") % {
        "what": labels.of(labels.ACTIVITIES, kind), "who": name(card),
    }  # fmt: skip
    said = " · ".join([said, *_not_told(made)])
    token = undo.token(user, "activity", lead_id, str(made.pk), now=now)
    ask = None if activities.has_plan(lead_id, now=now) else card
    return undo.answer(request, Toast(said, token), ask=ask)


@require_POST
@access.screen("edit_leads")
def snooze(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Put the lead off for oneself until a morning to come."""
    card, user, now = editable(request, lead_id), access.reader(request), clock.now()
    until = _until(request.POST.get("until", ""), now=now)
    before = snoozes.until(lead_id, user_id=user.pk)
    try:
        reactions.snooze(lead_id, user=user.pk, until=until, now=now)
    except _REFUSED as refusal:
        return refused(request, card, "snooze", refusal)
    said = _("%(who)s comes back %(when)s") % {"who": name(card), "when": spoken.moment(until)}
    return _done(request, said, undo.snooze_token(user, lead_id, before, now=now))


@require_POST
@access.screen("edit_leads")
def pass_on(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Give the lead to a colleague, or take it."""
    card, user, now = editable(request, lead_id), access.reader(request), clock.now()
    takers = {each.pk: each for each in (*people.who_take_leads(user), user)}
    new_owner = takers.get(_uuid(request.POST.get("owner", "")) or UUID(int=0))
    if new_owner is None:
        return _form(request, card, "pass", problem=_("Choose a colleague from the list."))
    reason = text.clean(request.POST.get("reason", "").strip(), max_length=200)
    is_taken = new_owner.pk == user.pk
    because = _noop("Taken by %(who)s") if is_taken else _noop("Passed on by %(who)s")
    because = because % {"who": user} + (f": {reason}" if reason else "")
    try:
        with transaction.atomic():
            if not _is_still_editable(user, lead_id):
                return undo.answer(request, undo.changed_since())
            made = reactions.assign(lead_id, new_owner.pk, by=user.pk, because=because, now=now)
    except _REFUSED as refusal:
        return refused(request, card, "pass", refusal)
    said = _("%(who)s is yours") if is_taken else _("%(who)s goes to %(owner)s")
    said = said % {"who": name(card), "owner": new_owner}
    token = undo.owner_token(user, made, now=now) if made else ""
    return _done(request, said, token)


@require_POST
@access.screen("edit_leads")
def move(request: HttpRequest, lead_id: UUID) -> HttpResponse:
    """Set the stage; disqualifying needs a reason."""
    card, user, now = editable(request, lead_id), access.reader(request), clock.now()
    stage = request.POST.get("stage", "")
    reason = labels.of(labels.REASONS, text.clean(request.POST.get("reason", ""), max_length=200))
    if stage == "disqualified" and not request.POST.get("reason", "").strip():
        return _form(request, card, "disqualify", problem=_("Say why, in one of these words."))
    reason = reason or _noop("Set by %(who)s") % {"who": user}
    try:
        with transaction.atomic():
            if not _is_still_editable(user, lead_id):
                return undo.answer(request, undo.changed_since())
            was = standings.place_of(lead_id)
            change = reactions.set_stage(lead_id, stage, by=user.pk, reason=reason, now=now)
    except (*_REFUSED, rulebook.NoRules) as refusal:
        return refused(request, card, "disqualify", refusal)
    said = _("%(who)s is now %(stage)s") % {"who": name(card), "stage": labels.stage(stage)}
    return _done(request, said, undo.stage_token(user, change, was, now=now) if change else "")


def _not_told(made: Activity) -> list[str]:
    """Whom a note names without effect, because they may not see the lead."""
    blind = mentions.read(made).blind
    return [_("%(who)s may not see this lead and was not told") % {"who": who} for who in blind]


def editable(request: HttpRequest, lead_id: UUID) -> CardRow:
    """The card of a lead that the reader may change; else 404, or 403 when they may see it."""
    seen = cards.with_right(access.reader(request), lead_id)
    if seen is None:
        raise Http404
    card, may_edit = seen
    if not may_edit:
        raise PermissionDenied
    return card


def _is_still_editable(user: User, lead_id: UUID) -> bool:
    """Take turns over the lead, then look once more: somebody may have taken it meanwhile."""
    locks.hold([lead_id])
    seen = cards.with_right(user, lead_id)
    return seen is not None and seen[1]


def _form(request: HttpRequest, card: CardRow, verb: str, *, problem: str) -> HttpResponse:
    user = access.reader(request)
    context = {
        "card": card,
        "verb": verb,
        "problem": problem,
        "typed": request.POST.get("text", ""),
        "typed_due": request.POST.get("due", _("tomorrow")),
        "takers": people.who_take_leads(user) if verb in ("pass", "task") else [],
    }
    if pages.wants_fragment(request):
        return pages.render(request, "act_form.html", context, status=422 if problem else 200)
    return pages.render(request, "act_page.html", context, status=422 if problem else 200)


def refused(request: HttpRequest, card: CardRow, verb: str, refusal: Exception) -> HttpResponse:
    """The form again, with what was typed and why it cannot be taken."""
    return _form(request, card, verb, problem=why(refusal))


def why(refusal: Exception) -> str:
    """What a form says about what it cannot take."""
    return reasons.sentence(refusal) if isinstance(refusal, Refused) else str(refusal)


def _done(request: HttpRequest, said: str, token: str) -> HttpResponse:
    return undo.answer(request, Toast(said, token))


def name(card: CardRow) -> str:
    return card.name or card.email or _("Unknown visitor")


def _outcome(request: HttpRequest, kind: str) -> str:
    if kind == "mail":
        return "sent"
    return request.POST.get("outcome", "") if kind in ("call", "meeting") else ""


def _minutes_ago(request: HttpRequest) -> int:
    given = request.POST.get("minutes_ago", "0")
    return min(int(given), _LONGEST_AGO) if given.isascii() and given.isdecimal() else 0


def _until(word: str, *, now: datetime) -> datetime:
    """An hour from now, or nine in the morning of a day to come, in the reader's zone."""
    if word == "hour":
        return now + timedelta(hours=1)
    days = {"tomorrow": 1, "three_days": 3, "week": 7}.get(word, 1)
    morning = timezone.localtime(now) + timedelta(days=days)
    return morning.replace(hour=9, minute=0, second=0, microsecond=0)


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
