"""What a timeline is made of: moments from many tables in one order, read newest first.

Each package reads its own rows (`queries.py`) and makes moments of them; `cards.history` merges.
The order is (instant, kind, id), all falling; `Before` is a place in it, so that no page repeats
or skips a moment however many share an instant.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar
from uuid import UUID

import msgspec
from django.db.models import Model, Q, QuerySet

from leadline.lib import clock

M = TypeVar("M", bound=Model)
Kind = Literal[
    "event",
    "score",
    "stage",
    "assignment",
    "send",
    "consent",
    "merge",
    "note",
    "task",
    "deal",
    "file",
]
Actor = Literal["human", "machine", "unsure", "system"]
# Of several at one instant the consequence stands above its cause: the newest first.
KINDS: tuple[Kind, ...] = (
    "task", "file", "note", "send", "assignment", "stage", "score", "deal", "merge", "consent",
    "event",
)  # fmt: skip
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


class Moment(msgspec.Struct, frozen=True):
    """One line of a timeline. `sentence` is for people; `by` names the person who did it."""

    id: int | UUID
    kind: Kind
    name: str
    at: datetime
    received_at: datetime
    sentence: str
    actor: Actor = "system"
    message_id: str | None = None
    properties: Mapping[str, object] = {}
    context: Mapping[str, object] = {}
    # False: stored and shown, never scored.
    counts: bool = True
    by: str | None = None

    @property
    def place(self) -> "Before":
        """Where this moment stands in the order."""
        return Before(clock.micros(self.at), self.kind, str(self.id))


class Before(msgspec.Struct, frozen=True):
    """A place in the order; a page goes on with what comes after it."""

    at_us: int
    kind: Kind
    id: str


def newest_first(moment: Moment) -> tuple[int, int, int]:
    """The sort key of a merged timeline."""
    number = moment.id.int if isinstance(moment.id, UUID) else moment.id
    return -clock.micros(moment.at), _RANK[moment.kind], -number


def newest(
    rows: "QuerySet[M, Any]",  # of whatever shape the caller selects
    *,
    kind: Kind,
    before: Before | None,
    limit: int,
    at: str = "at",
) -> "QuerySet[M, Any]":
    """At most `limit` of `rows`, newest first, from the place on. `at` is their instant."""
    if before is not None:
        rows = rows.filter(_beyond(before, kind, at))
    return rows.order_by(f"-{at}", "-pk")[:limit]


def _beyond(before: Before, kind: Kind, at: str) -> Q:
    """Rows of this kind after the place: at its instant only kinds that stand below it."""
    earlier = Q(**{f"{at}__lt": before.at_us})
    if _RANK[kind] < _RANK[before.kind]:
        return earlier
    same = Q(**{at: before.at_us})
    if kind == before.kind:
        return earlier | (same & Q(pk__lt=before.id))
    return earlier | same
