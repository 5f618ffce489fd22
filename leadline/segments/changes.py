"""The feed of who entered and left segments, for whoever acts on it: routing, nurture, webhooks.

In the order of commits, so that nobody who reads on from where they were misses a change. On
PostgreSQL numbers alone do not follow it: a transaction that began earlier may commit later. Read
are the changes of transactions below the oldest that still runs, in the order of transaction and
number; SQLite has one writer, whose numbers are in order.
"""

from collections.abc import Collection

import msgspec
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from leadline.segments.models import MembershipChange

MOST = 500


class Place(msgspec.Struct, frozen=True):
    """Up to where the feed was read."""

    written_in: int = 0
    id: int = 0

    @property
    def cursor(self) -> str:
        return f"{self.written_in}.{self.id}"


class NotAPlace(ValueError):
    """A cursor that is none of ours."""

    permanent = True


def place(cursor: str | None) -> Place:
    """The place that a cursor names; the beginning for none. Raises NotAPlace."""
    if not cursor:
        return Place()
    parts = cursor.split(".")
    if len(parts) != 2 or not all(_is_number(each) for each in parts):
        raise NotAPlace(f"{cursor[:60]!r} is no place in this feed; send `next` as it came.")
    return Place(int(parts[0]), int(parts[1]))


def after(
    place: Place, *, segment_ids: Collection[int], limit: int
) -> tuple[list[MembershipChange], Place]:
    """Up to `limit` changes of these segments behind the place, and the place up to which was
    read: it stays where it was when there is nothing new. One query."""
    beyond = Q(written_in__gt=place.written_in) | Q(written_in=place.written_in, id__gt=place.id)
    found = list(
        _settled()
        .filter(beyond, segment__in=segment_ids)
        .select_related("segment")
        .order_by("written_in", "id")[: min(limit, MOST)]
    )
    if not found:
        return [], place
    return found, Place(found[-1].written_in, found[-1].pk)


def _settled() -> QuerySet[MembershipChange]:
    if connection.vendor != "postgresql":
        return MembershipChange.objects.all()
    oldest = RawSQL("pg_snapshot_xmin(pg_current_snapshot())::text::bigint", [])
    return MembershipChange.objects.filter(written_in__lt=oldest)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
