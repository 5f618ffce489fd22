"""One timeline of everything about a lead, newest first, in pages."""

from collections.abc import Callable, Collection, Sequence
from heapq import nsmallest
from typing import cast
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _

from leadline.activities import queries as activities
from leadline.activities.models import Activity, File, Task
from leadline.cards.sorts import InvalidCursor
from leadline.deals import queries as deals
from leadline.deals.models import Deal
from leadline.delivery.models import Message
from leadline.leads.models import Lead, Merge
from leadline.lib import clock, signed_token
from leadline.lifecycle import queries as lifecycle
from leadline.routing.models import Assignment
from leadline.scoring import queries as scoring
from leadline.timeline import moments
from leadline.timeline import queries as timeline
from leadline.timeline.moments import Before, Kind, Moment
from leadline.timeline.queries import Identifier
from leadline.workspace import kept

MOST = 500
_PURPOSE = "timeline page"


class History(msgspec.Struct, frozen=True):
    """Moments newest first, and the cursor of the next page or None."""

    moments: list[Moment]
    next: str | None


def page(
    lead_id: UUID,
    *,
    known: Sequence[Identifier] | None = None,
    kinds: Collection[Kind] = moments.KINDS,
    after: str | None = None,
    limit: int = 50,
) -> History:
    """At most `limit` moments (1 to 500) of these kinds, from the cursor on.

    One query per kind of which the lead has something, one to know which those are, and one for the
    identifiers unless they are `known`; each reads only as many rows as the page may need. The
    caller has checked that the lead may be seen. Raises InvalidCursor.
    """
    wanted = min(max(limit, 1), MOST)
    before = None if after is None else _read_cursor(after, lead_id)
    known = timeline.identifiers(lead_id) if known is None else known
    sources: dict[Kind, Callable[[], list[Moment]]] = {
        "event": lambda: timeline.events(known, before=before, limit=wanted + 1),
        "consent": lambda: timeline.consents(known, before=before, limit=wanted + 1),
        "merge": lambda: timeline.merges(lead_id, before=before, limit=wanted + 1),
        "score": lambda: scoring.changes(lead_id, before=before, limit=wanted + 1),
        "stage": lambda: lifecycle.changes(lead_id, before=before, limit=wanted + 1),
        "assignment": lambda: _assignments(lead_id, before=before, limit=wanted + 1),
        "send": lambda: _sends(lead_id, before=before, limit=wanted + 1),
        "note": lambda: _activities(lead_id, before=before, limit=wanted + 1),
        "file": lambda: activities.files(lead_id, before=before, limit=wanted + 1),
        "task": lambda: activities.task_changes(lead_id, before=before, limit=wanted + 1),
        "deal": lambda: deals.changes(lead_id, before=before, limit=wanted + 1),
    }
    told = [kind for kind in sources if kind in kinds]
    missing = _missing(lead_id, told)
    found = [moment for kind in told if kind not in missing for moment in sources[kind]()]
    found = nsmallest(wanted + 1, found, key=moments.newest_first)
    if len(found) <= wanted:
        return History(found, None)
    return History(found[:wanted], _write_cursor(found[wanted - 1].place, lead_id))


# What most leads have nothing of, with the column that names the lead.
_RARE: dict[Kind, tuple[type[Model], str]] = {
    "merge": (Merge, "kept_id"),
    "send": (Message, "lead_id"),
    "note": (Activity, "lead_id"),
    "file": (File, "lead_id"),
    "task": (Task, "lead_id"),
    "deal": (Deal, "lead_id"),
}


def _missing(lead_id: UUID, kinds: Collection[Kind]) -> set[Kind]:
    """Those rare ones of the kinds of which the lead has nothing. One query, or none."""
    rare = [kind for kind in _RARE if kind in kinds]
    if len(rare) < 2:
        return set()
    column = Lead._meta.pk.get_db_prep_value(lead_id, connection)
    asked = ", ".join(
        f"EXISTS (SELECT 1 FROM {model._meta.db_table} WHERE {name} = %s)"  # ours
        for model, name in (_RARE[kind] for kind in rare)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {asked}", [column] * len(rare))
        return {kind for kind, has in zip(rare, cursor.fetchone(), strict=True) if not has}


def _write_cursor(place: Before, lead_id: UUID) -> str:
    payload = {"t": place.at_us, "k": place.kind, "i": place.id, "l": lead_id.hex}
    return signed_token.sign(payload, purpose=_PURPOSE, key=settings.SECRET_KEY, expires_at=None)


def _read_cursor(token: str, lead_id: UUID) -> Before:
    try:
        # Cursors do not expire, so any instant serves.
        found = signed_token.read(
            token, purpose=_PURPOSE, keys=[settings.SECRET_KEY], now=clock.EPOCH
        )
    except signed_token.InvalidToken:
        raise InvalidCursor from None
    if found["l"] != lead_id.hex:
        raise InvalidCursor
    return Before(cast(int, found["t"]), cast(Kind, found["k"]), str(found["i"]))


def _assignments(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    mine = Assignment.objects.filter(lead=lead_id).select_related("owner", "by", "team")
    found = moments.newest(mine, kind="assignment", before=before, limit=limit)
    return [
        Moment(
            id=row.pk,
            kind="assignment",
            name=str(row.owner) if row.owner else _("Nobody"),
            at=row.at,
            received_at=row.at,
            sentence=_("Goes to %(owner)s: %(because)s")
            % {"owner": row.owner or row.team or _("nobody"), "because": kept.told(row.because)},
            actor="human" if row.by_id else "system",
            properties={
                "owner": str(row.owner_id) if row.owner_id else None,
                "team": row.team.name if row.team else None,
            },
            by=str(row.by) if row.by else None,
        )
        for row in found
    ]


def _sends(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    # Messages to the lead; what colleagues are told is not part of the lead's story.
    mine = Message.objects.filter(lead=lead_id).exclude(kind=Message.Kind.NOTIFICATION)
    found = moments.newest(mine, kind="send", before=before, limit=limit, at="created_at")
    return [
        Moment(
            id=row.pk,
            kind="send",
            name=row.kind,
            at=row.created_at,
            received_at=row.sent_at or row.created_at,
            sentence=_("Mail “%(subject)s” to %(to)s: %(state)s")
            % {
                "subject": row.subject,
                "to": row.to_address,
                "state": row.get_state_display()
                + (f", {kept.told(row.reason)}" if row.reason else ""),
            },
            properties={"state": row.state, "subject": row.subject},
        )
        for row in found
    ]


def _activities(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    mine = Activity.objects.filter(lead=lead_id).select_related("by")
    found = moments.newest(mine, kind="note", before=before, limit=limit, at="began_at")
    return [
        Moment(
            id=row.pk,
            kind="note",
            name=row.kind,
            at=row.began_at,
            received_at=row.logged_at,
            sentence=_activity(row),
            actor="human",
            properties={"outcome": row.outcome, "text": row.text},
            by=str(row.by) if row.by else None,
        )
        for row in found
    ]


def _activity(row: Activity) -> str:
    who = str(row.by) if row.by else _("Somebody")
    what = row.get_kind_display()
    if row.outcome:
        what += f" · {row.get_outcome_display()}"
    return f"{who}: {what}. {row.text}" if row.text else f"{who}: {what}"
