"""Which tasks somebody sees and may change: those of leads that are here and that they may see."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from leadline.activities.models import Snooze, Task
from leadline.cards import queries, visibility
from leadline.cards.models import Card
from leadline.cards.sorts import InvalidCursor
from leadline.lib import clock, signed_token
from leadline.workspace import permissions
from leadline.workspace.models import User

MOST_DUE = 200
MOST_ROWS = 500
State = Literal["open", "done", "all"]
_PURPOSE = "tasks page"
_STATES = {"open": Q(done_at=None), "done": Q(done_at__isnull=False), "all": Q()}


class Listing(msgspec.Struct, frozen=True):
    """Whose tasks, of which lead, in which state. None: anybody's, any lead's."""

    owner_id: UUID | None = None
    lead_id: UUID | None = None
    state: State = "open"


class Page(msgspec.Struct, frozen=True):
    """Tasks with lead, owner and authors, and the cursor of the next page or None."""

    tasks: list[Task]
    next: str | None


def visible_to(user: User) -> QuerySet[Task]:
    """The tasks whose lead the user may see; none of leads in the trash or merged away."""
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk=OuterRef("lead"))
    return Task.objects.filter(Exists(seen))


def one(user: User, task_id: UUID) -> Task | None:
    """A task that the user may see, or None, whatever the reason."""
    found = visible_to(user).select_related("lead", "owner", "created_by", "done_by")
    return found.filter(pk=task_id).first()


def may_change(user: User, task: Task) -> bool:
    """Who may change the lead may, and whoever the task was given to. The user may see it."""
    if not permissions.may(user, "edit_leads"):
        return False
    return task.owner_id == user.pk or queries.may_edit(user, task.lead_id)


def may_have(user: User, lead_id: UUID) -> bool:
    """Whether a task of this lead may be the user's: they work with leads and see this one."""
    return permissions.may(user, "edit_leads") and queries.one(user, lead_id) is not None


def due(user: User, *, until: datetime, now: datetime) -> list[Task]:
    """What the user has to do by then, the earliest first, at most 200; one query.

    Without what belongs to leads that they have put off.
    """
    asleep = Snooze.objects.filter(lead=OuterRef("lead"), user=user.pk, until__gt=now)
    mine = visible_to(user).filter(owner=user.pk, done_at=None, due_at__lte=until)
    return list(mine.exclude(Exists(asleep)).order_by("due_at", "pk")[:MOST_DUE])


def next_due(user: User, *, after: datetime) -> datetime | None:
    """When the next task after an instant is due, or None. One query."""
    mine = visible_to(user).filter(owner=user.pk, done_at=None, due_at__gt=after)
    return mine.order_by("due_at").values_list("due_at", flat=True).first()


def done(user: User, *, since: datetime, limit: int) -> Sequence[Task]:
    """What the user has ticked off since, the newest first. One query."""
    mine = visible_to(user).filter(done_by=user.pk, done_at__gte=since)
    return list(mine.order_by("-done_at", "-pk")[:limit])


def names_of_leads(tasks: Sequence[Task]) -> dict[UUID, str]:
    """The names of the tasks' leads, else their addresses; the user may see them. One query."""
    found = Card.objects.filter(pk__in={task.lead_id for task in tasks})
    return {pk: name or email for pk, name, email in found.values_list("pk", "name", "email")}


def page(user: User, listing: Listing, *, after: str | None = None, limit: int = 50) -> Page:
    """At most `limit` tasks (1 to 500) that the user may see, by when they are due.

    A task that is there throughout and keeps its date comes exactly once. Raises InvalidCursor.
    """
    wanted = min(max(limit, 1), MOST_ROWS)
    found = visible_to(user).filter(_STATES[listing.state])
    if listing.owner_id is not None:
        found = found.filter(owner=listing.owner_id)
    if listing.lead_id is not None:
        found = found.filter(lead=listing.lead_id)
    if after is not None:
        due_us, task_id = _read_cursor(after, listing)
        # The range first: an OR of both would be read from the beginning of the index.
        found = found.filter(due_at__gte=due_us).exclude(due_at=due_us, pk__lte=task_id)
    found = found.select_related("owner", "created_by", "done_by").order_by("due_at", "pk")
    tasks = list(found[: wanted + 1])
    if len(tasks) <= wanted:
        return Page(tasks, None)
    return Page(tasks[:wanted], _write_cursor(tasks[wanted - 1], listing))


def _write_cursor(last: Task, listing: Listing) -> str:
    place = {"d": clock.micros(last.due_at), "i": last.pk.hex, "l": _named(listing)}
    return signed_token.sign(place, purpose=_PURPOSE, key=settings.SECRET_KEY, expires_at=None)


def _read_cursor(token: str, listing: Listing) -> tuple[int, UUID]:
    try:
        # Cursors do not expire, so any instant serves.
        found = signed_token.read(
            token, purpose=_PURPOSE, keys=[settings.SECRET_KEY], now=clock.EPOCH
        )
    except signed_token.InvalidToken:
        raise InvalidCursor from None
    if found["l"] != _named(listing):
        raise InvalidCursor
    return int(str(found["d"])), UUID(str(found["i"]))


def _named(listing: Listing) -> str:
    return f"{listing.owner_id} {listing.lead_id} {listing.state}"
