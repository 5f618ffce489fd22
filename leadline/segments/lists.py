"""Static lists: made, renamed, ended; leads put on them and taken off; what a lead is on.

Segments with a rule share their names and are found here too; nobody puts leads into those.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.leads import merging
from leadline.leads.models import Lead
from leadline.lib import clock, rows, text
from leadline.segments import memberships
from leadline.segments.models import Membership, Segment

LONGEST_NAME = 80
# Why somebody entered or left a list.
PUT = _noop("It was put on the list by hand")
TAKEN = _noop("It was taken off the list by hand")
CAME = _noop("It came with a lead that was merged into this one")
WENT = _noop("The lead that it came with is one of its own again")
_TRIES = 5
_COLUMNS = ["segment_id", "lead_id", "by_id", "at", "came_with_id"]


class NotAList(ValueError):
    """The list cannot be, or there is none; `reason` is a sentence for people."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def everything() -> list[Segment]:
    """Every list and segment, by name, with who made it. One query."""
    return sorted(Segment.objects.select_related("by"), key=lambda each: each.name.casefold())


def static() -> list[Segment]:
    """The lists that people put leads on, by name. One query."""
    return [each for each in everything() if each.kind == Segment.Kind.STATIC]


def names() -> dict[str, str]:
    """What rules may name, and what people call it. One query."""
    return dict(Segment.objects.values_list("key", "name"))


def find(segment_id: int) -> Segment | None:
    """The list of this number, with who made it. One query."""
    return Segment.objects.select_related("by").filter(pk=segment_id).first()


def held(segment_id: int) -> Segment:
    """The list, locked until the end of the transaction. Raises NotAList."""
    found = Segment.objects.select_for_update().filter(pk=segment_id).first()
    if found is None:
        raise gone()
    return found


def called(name: str) -> Segment | None:
    """The list that people call so, in whatever case. One query."""
    wanted = name.lower()
    return next((each for each in Segment.objects.all() if each.name.lower() == wanted), None)


def named(name: str, *, by: UUID, now: datetime) -> Segment:
    """The list of this name, made when there is none; a second run finds the first. NotAList.

    Raises it also for a segment with a rule, which nobody puts leads into.
    """
    clean = cleaned(name)
    with transaction.atomic():
        for _attempt in range(_TRIES):
            known = called(clean)
            if known is not None and known.kind != Segment.Kind.STATIC:
                raise NotAList(_("A rule fills this segment; nobody is put into it by hand."))
            if known is not None:
                return known
            make(clean, Segment.Kind.STATIC, by=by, now=now)
    raise taken()


def rename(segment: Segment, name: str, *, now: datetime) -> bool:
    """Let people call the list otherwise; rules and views go on, they know it by its key.

    False when it is called so. Raises NotAList, also for the name of another list.
    """
    clean = cleaned(name)
    if clean == segment.name:
        return False
    other = called(clean)
    if other is not None and other.pk != segment.pk:
        raise taken()
    try:
        with transaction.atomic():
            Segment.objects.filter(pk=segment.pk).update(name=clean, changed_at=now)
    except IntegrityError:
        # Somebody else took it in the same moment.
        raise taken() from None
    segment.name, segment.changed_at = clean, now
    return True


def delete(segment_id: int) -> int:
    """End the list; the leads stay, how many were on it. Two statements.

    The caller keeps others from putting leads on it meanwhile.
    """
    count = Membership.objects.filter(segment=segment_id).delete()[0]
    Segment.objects.filter(pk=segment_id).delete()
    return count


def add(
    segment_id: int, lead_ids: Collection[UUID], *, by: UUID | None, now: datetime
) -> dict[UUID, int]:
    """Put leads on the list; the number of the membership of each that was not on it.

    Five statements. The caller holds the leads' locks. A second run adds none. Raises NotAList.
    """
    known = _on(segment_id, lead_ids)
    fresh = [lead_id for lead_id in lead_ids if lead_id not in known]
    if not fresh:
        return {}
    if not _changed([segment_id], now=now):
        raise gone()
    at_us = clock.micros(now)
    with connection.cursor() as cursor:
        rows.insert_ignore(
            cursor, "segments_membership", _COLUMNS,
            [(segment_id, lead_id, by, at_us, None) for lead_id in fresh],
            vendor=connection.vendor,
        )  # fmt: skip
    memberships.note([(segment_id, lead_id, True) for lead_id in fresh], because=PUT, at_us=at_us)
    return _on(segment_id, fresh)


def take_off(segment_id: int, lead_ids: Collection[UUID], *, now: datetime) -> list[UUID]:
    """Take leads off the list; those that were on it. Four statements."""
    known = _on(segment_id, lead_ids)
    if known:
        _changed([segment_id], now=now)
    Membership.objects.filter(pk__in=list(known.values())).delete()
    _note_left([(segment_id, lead_id) for lead_id in known], because=TAKEN, now=now)
    return sorted(known)


def forget(known: Mapping[UUID, int], *, now: datetime) -> set[UUID]:
    """End exactly these memberships, by lead; the leads of which it still stood. 4 statements."""
    standing = Membership.objects.filter(pk__in=list(known.values()))
    found = dict(standing.values_list("lead", "segment"))
    _changed(set(found.values()), now=now)
    standing.delete()
    _note_left([(segment, lead) for lead, segment in found.items()], because=TAKEN, now=now)
    return set(found)


def of_lead(lead_id: UUID) -> list[Membership]:
    """The lists and segments that a lead is in, by name, with who put it there. One query."""
    mine = Membership.objects.filter(lead=lead_id).select_related("segment", "by")
    return list(mine.order_by("segment__name"))


def members(key: str) -> QuerySet[Membership]:
    """The memberships of the list that rules name so; none for an unknown one."""
    return Membership.objects.filter(segment__key=key)


def sizes(among: QuerySet[Any, Any] | None = None) -> dict[int, int]:  # rows of ids of leads
    """How many leads each list has, by its number; empty ones are missing. One query.

    `among` are the ids of the leads that count; None: all, also merged and deleted ones.
    """
    counting = (
        Membership.objects.all() if among is None else Membership.objects.filter(lead__in=among)
    )
    counted = counting.values("segment").annotate(count=Count("id")).order_by()
    return {row["segment"]: row["count"] for row in counted}


def absorb(
    pairs: Sequence[tuple[UUID, UUID]],
    *,
    now: datetime,
    onto: Collection[tuple[int, UUID]] | None = None,
) -> int:
    """After merges of (kept, absorbed): the kept lead is on both's lists; rows added.

    What the absorbed lead was on stays noted, for `part`; rules decide for themselves. `onto` are
    the only (list, lead) that may come about, None: all. Four statements; safe to run twice.
    """
    became = merging.chains(pairs)
    theirs = _by_hand().filter(lead__in=list(became))
    found = []
    for segment, absorbed, by, at in theirs.values_list("segment", "lead", "by", "at"):
        steps = [absorbed, *became[absorbed]]
        found += [
            (segment, kept, by, clock.micros(at), came)
            for came, kept in pairwise(steps)
            if onto is None or (segment, kept) in onto
        ]
    kept = Membership.objects.filter(lead__in={row[1] for row in found})
    known = set(kept.values_list("segment", "lead"))
    entered = {row[:2]: (*row[:2], True) for row in found if row[:2] not in known}
    with connection.cursor() as cursor:
        count = rows.insert_ignore(
            cursor, "segments_membership", _COLUMNS, found, vendor=connection.vendor
        )
    memberships.note(entered.values(), because=CAME, at_us=clock.micros(now))
    return count


def part(lead_ids: Collection[UUID], *, now: datetime) -> int:
    """After a merge of these leads was undone: each is on its own lists again; rows deleted.

    Where another lead that is part of one of them still is on the same list, it stays on it. Nine
    statements.
    """
    came = Membership.objects.filter(lead__in=lead_ids, came_with__in=lead_ids)
    left = set(came.values_list("segment", "lead"))
    count = came.delete()[0]
    _note_left(left, because=WENT, now=now)
    if left:
        within = Lead.objects.filter(merged_into__in={lead_id for _segment, lead_id in left})
        pairs = within.values_list("merged_into", "pk")
        absorb([(kept, came) for kept, came in pairs if kept is not None], now=now, onto=left)
    return count


def _note_left(left: Iterable[tuple[int, UUID]], *, because: str, now: datetime) -> None:
    gone = [(segment, lead_id, False) for segment, lead_id in left]
    memberships.note(gone, because=because, at_us=clock.micros(now))


def _by_hand() -> QuerySet[Membership]:
    return Membership.objects.filter(segment__kind=Segment.Kind.STATIC)


def _on(segment_id: int, lead_ids: Collection[UUID]) -> dict[UUID, int]:
    on_it = Membership.objects.filter(segment=segment_id, lead__in=list(lead_ids))
    return dict(on_it.values_list("lead", "pk"))


def cleaned(name: str) -> str:
    """The name as it is kept. Raises NotAList for none, and for one that is too long."""
    clean = " ".join(text.clean(name).split())
    if not 0 < len(clean) <= LONGEST_NAME:
        raise NotAList(_("A list has a name of at most %(n)d characters.") % {"n": LONGEST_NAME})
    return clean


def make(name: str, kind: Segment.Kind, *, by: UUID | None, now: datetime, key: str = "") -> int:
    """A row of this name, which is clean; 0 when somebody else made it in the same moment.

    Without a key of its own it is named by its name, with a number where that is taken.
    """
    at_us = clock.micros(now)
    columns = ["key", "name", "kind", "by_id", "created_at", "changed_at"]
    row = (key or _free_key(name, names()), name, kind.value, by, at_us, at_us)
    with connection.cursor() as cursor:
        return rows.insert_ignore(
            cursor, "segments_segment", columns, [row], vendor=connection.vendor
        )


def _free_key(name: str, taken: Iterable[str]) -> str:
    """The name, with a number when another list was made with it and is called otherwise now."""
    known, key, number = {each.lower() for each in taken}, name, 1
    while key.lower() in known:
        number += 1
        key = f"{name} {number}"
    return key


def _changed(segment_ids: Collection[int], *, now: datetime) -> int:
    """Note the change, before the memberships: so whoever ends the list waits, or is waited for."""
    return Segment.objects.filter(pk__in=segment_ids).update(changed_at=now)


def gone() -> NotAList:
    """There is none of this number."""
    return NotAList(_("This list is not there any more."))


def taken() -> NotAList:
    """The name is another's."""
    return NotAList(_("Another list has this name."))
