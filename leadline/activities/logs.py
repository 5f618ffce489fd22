"""Writing down what a person did with a lead."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from leadline.activities.models import Activity
from leadline.lib.refusal import Phrase, Refused, shown, too_long
from leadline.lib.text import clean

LONGEST_TEXT = 20_000
CLOCK_SKEW = timedelta(minutes=2)

_CALLS = ("", "connected", "voicemail", "no_answer", "wrong_number", "meeting")
OUTCOMES = {
    Activity.Kind.CALL: _CALLS,
    Activity.Kind.MAIL: ("", "sent", "meeting"),
    Activity.Kind.MEETING: ("", "connected", "no_answer", "meeting"),
    Activity.Kind.NOTE: ("",),
}

# What reached the person, so that a wait has ended. A voicemail did: somebody has answered. A
# call that nobody took, a wrong number and a note did not.
_RESPONSES = frozenset(
    {
        (Activity.Kind.CALL, "connected"),
        (Activity.Kind.CALL, "voicemail"),
        (Activity.Kind.CALL, "meeting"),
        (Activity.Kind.MAIL, ""),
        (Activity.Kind.MAIL, "sent"),
        (Activity.Kind.MAIL, "meeting"),
        (Activity.Kind.MEETING, ""),
        (Activity.Kind.MEETING, "connected"),
        (Activity.Kind.MEETING, "meeting"),
    }
)
ATTEMPTS = (Activity.Kind.CALL, Activity.Kind.MAIL, Activity.Kind.MEETING)


class NotAnActivity(Refused):
    """An activity that cannot be. `field` says which part is wrong."""

    def __init__(self, field: str, because: Phrase) -> None:
        super().__init__(because, message=f"{field}: {because}")
        self.field = field


def log(
    lead_id: uuid.UUID,
    *,
    kind: str,
    outcome: str = "",
    text: str = "",
    by: uuid.UUID | None,
    began_at: datetime,
    now: datetime,
    key: uuid.UUID | None = None,
) -> Activity:
    """Write down a call, mail, meeting or note; returns the row.

    `key` makes it safe to send twice: with a key that exists, nothing is written and the first
    row comes back. Raises NotAnActivity for an unknown kind or outcome, a note without text, a
    text over 20,000 characters, or a beginning more than two minutes in the future.
    """
    text = clean(text).strip()
    check(kind, outcome=outcome, text=text)
    if began_at > now + CLOCK_SKEW:
        raise NotAnActivity(
            "began_at", Phrase("%(when)s lies in the future", when=f"{began_at:%F %R} UTC")
        )
    values = {
        "lead_id": lead_id,
        "kind": kind,
        "outcome": outcome,
        "text": text,
        "by_id": by,
        "began_at": min(began_at, now),
        "logged_at": now,
    }
    if key is None:
        return Activity.objects.create(**values)
    with transaction.atomic():
        activity, is_new = Activity.objects.get_or_create(id=key, defaults=values)
    if not is_new and activity.lead_id != lead_id:
        raise NotAnActivity("key", Phrase("it belongs to an activity of another lead"))
    return activity


def written(key: uuid.UUID, *, lead_id: uuid.UUID) -> Activity | None:
    """What was written down about this lead under a key, or None. One query."""
    return Activity.objects.filter(pk=key, lead=lead_id).first()


def log_many(
    lead_ids: Collection[uuid.UUID],
    *,
    kind: str,
    outcome: str = "",
    text: str = "",
    by: uuid.UUID | None,
    now: datetime,
) -> list[Activity]:
    """Write down the same for each of these leads, as of now; the rows. One statement.

    A second run writes it again. Raises NotAnActivity as `log` does.
    """
    text = clean(text).strip()
    check(kind, outcome=outcome, text=text)
    return Activity.objects.bulk_create(
        Activity(
            lead_id=lead_id, kind=kind, outcome=outcome, text=text, by_id=by, began_at=now,
            logged_at=now,
        )
        for lead_id in lead_ids
    )  # fmt: skip


def take_back(activity_ids: Collection[uuid.UUID]) -> list[Activity]:
    """Remove these logs; what they were, for those that are still there. Two statements."""
    found = list(Activity.objects.filter(pk__in=list(activity_ids)))
    Activity.objects.filter(pk__in=[each.pk for each in found]).delete()
    return found


def is_response(activity: Activity) -> bool:
    """Whether it reached the person, and so stops the response clock."""
    return (Activity.Kind(activity.kind), activity.outcome) in _RESPONSES


def first_responses(since: Mapping[uuid.UUID, datetime]) -> dict[uuid.UUID, datetime]:
    """When the earliest answer began of those written down since the instant of its lead; leads
    without one are missing. One query, none for nobody."""
    if not since:
        return {}
    mine = Activity.objects.filter(lead__in=list(since), logged_at__gte=min(since.values()))
    found: dict[uuid.UUID, datetime] = {}
    for each in mine.order_by("-began_at"):
        if is_response(each) and each.logged_at >= since[each.lead_id]:
            found[each.lead_id] = each.began_at
    return found


def is_attempt(activity: Activity) -> bool:
    """Whether it counts as a touch, also when nobody answered."""
    return Activity.Kind(activity.kind) in ATTEMPTS


def check(kind: str, *, outcome: str, text: str) -> None:
    """Raises NotAnActivity for what cannot be written down; the text is clean already."""
    if kind not in Activity.Kind.values:
        raise NotAnActivity("kind", _none_of(kind, Activity.Kind.values))
    allowed = OUTCOMES[Activity.Kind(kind)]
    if outcome not in allowed:
        raise NotAnActivity("outcome", _none_of(outcome, [each or "(none)" for each in allowed]))
    if kind == Activity.Kind.NOTE and not text:
        raise NotAnActivity("text", Phrase("a note says something"))
    if len(text) > LONGEST_TEXT:
        raise NotAnActivity("text", too_long(text, limit=LONGEST_TEXT))


def _none_of(found: str, allowed: Iterable[str]) -> Phrase:
    return Phrase(
        "“%(found)s” is none of these: %(allowed)s", found=shown(found), allowed=", ".join(allowed)
    )


class CannotUndo(ValueError):
    """The log is not there any more, or somebody else wrote it."""

    permanent = True


def undo(activity_id: uuid.UUID, *, by: uuid.UUID) -> Activity:
    """Take one's own log back; returns what it was. Raises CannotUndo, also on a second run."""
    found = Activity.objects.filter(id=activity_id, by_id=by).first()
    if found is None:
        raise CannotUndo("This entry is gone already, or somebody else wrote it.")
    Activity.objects.filter(id=activity_id).delete()
    return found
