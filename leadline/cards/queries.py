"""What lists, search and Today ask of the cards. Reads only; always a fixed number of queries."""

import hashlib
from collections.abc import Collection, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from heapq import merge
from typing import Any, Literal
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, NullIf

from leadline.activities.models import Activity, Snooze
from leadline.cards import filters, sorts, time_box, visibility
from leadline.cards import search as search_texts
from leadline.cards.models import Card
from leadline.cards.sorts import Place, Sort
from leadline.criteria.mentions import Mentions, mentions
from leadline.criteria.nodes import Node
from leadline.lib import clock
from leadline.workspace import permissions
from leadline.workspace.models import User

MOST_ROWS = 500
MOST_COUNTED = 10_001
MOST_TODAY = 100
WALK_SECONDS = 0.5
FIELD_WALK_SECONDS = 0.15
"""A walk by a field ends sooner: values that are spread over the order are found in 0.05 s among a
million leads, others would be met only at its end (decision 19)."""
QUIET = timedelta(hours=20)
"""A lead that somebody called, mailed or met is not due again in Today for so long."""

CALLED = Coalesce(NullIf("name", Value("")), "email")
"""What a lead is called: by its name, else by its address."""

Cards = QuerySet[Card, Card]


class CardRow(msgspec.Struct, frozen=True):
    """A lead as lists show it; the fields are columns of `Card`, in micro-points and UTC."""

    lead_id: UUID
    name: str
    email: str
    phone: str
    title: str
    company_name: str
    total: int
    temperature: str
    stage: str
    stage_since: datetime
    owner_id: UUID | None
    owner_name: str | None
    owner_email: str | None
    team_id: int | None
    team_name: str | None
    channel: str
    source: str
    response_due_at: datetime | None
    why: str
    created_at: datetime
    updated_at: datetime

    @property
    def points(self) -> int:
        """The total in whole points, rounded down: 49.9 is not 50."""
        return self.total // 1_000_000


_FIELDS = [
    name.replace("owner_n", "owner__n").replace("owner_e", "owner__e").replace("team_n", "team__n")
    for name in CardRow.__struct_fields__
]


class Page(msgspec.Struct, frozen=True):
    """Rows in the order asked for, and the cursor of the next page or None."""

    rows: list[CardRow]
    next: str | None


class Listing(msgspec.Struct, frozen=True):
    """Which leads, in which order, for whom, at which instant."""

    user: User
    now: datetime
    filter: Node | None = None
    search: str = ""
    sort: str = "-score"


def page(listing: Listing, *, after: str | None = None, limit: int = 50) -> Page:
    """At most `limit` rows (1 to 500) that the user may see, from the cursor on.

    Every lead that is there throughout comes exactly once over all pages, however many are added
    or removed meanwhile. Raises UnknownSort, InvalidCursor, NotForLists, TooSlow (after 2 s).
    """
    sort = sorts.read(listing.sort)
    wanted = min(max(limit, 1), MOST_ROWS)
    cards = _listed(listing, sort)
    if after:
        place = sorts.read_cursor(after, listed=_fingerprint(listing), key=settings.SECRET_KEY)
        cards = cards.extra(  # noqa: S610  # fixed SQL, values as parameters
            where=[sort.beyond], params=[place.value, place.lead_id]
        )
    found = _boxed(cards, listing, sort, wanted + 1)
    if len(found) <= wanted:
        return Page(found, None)
    last = found[wanted - 1]
    cursor = sorts.write_cursor(
        Place(_value(last, sort), last.lead_id),
        listed=_fingerprint(listing),
        key=settings.SECRET_KEY,
    )
    return Page(found[:wanted], cursor)


def count(listing: Listing) -> int:
    """How many leads the listing holds; 10,001 means more than 10,000."""
    cards = matching(listing, few=filters.MANY)
    with time_box.at_most():
        return cards.values("pk")[:MOST_COUNTED].count()


def matching(listing: Listing, *, few: int = filters.FEW) -> Cards:
    """Every card that the listing holds, in no order. Whoever reads it puts it into a time box.

    Leads of a trait that fewer than `few` have are looked up first.
    """
    seen = _rule(listing, few=few) & visibility.leads_visible_to(listing.user)
    return _listed(listing, sorts.read(listing.sort)).filter(seen)


def one(user: User, lead_id: UUID) -> CardRow | None:
    """The card of a lead that the user may see, or None, whatever the reason."""
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk=lead_id)
    return next(iter(rows(cards)), None)


def with_right(user: User, lead_id: UUID) -> tuple[CardRow, bool] | None:
    """The card of a lead that the user may see and whether they may change it, or None."""
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk=lead_id)
    rule = visibility.editable_by(user) if permissions.may(user, "edit_leads") else Q(pk__in=[])
    right = ExpressionWrapper(rule, output_field=BooleanField()) if rule else Value(True)
    for *values, is_ours in cards.values_list(*_FIELDS, right):
        return CardRow(*values), bool(is_ours)
    return None


def many(user: User, lead_ids: Collection[UUID]) -> list[CardRow]:
    """The cards of those of the leads that the user may see, by name. One query."""
    cards = Card.objects.filter(visibility.leads_visible_to(user), pk__in=list(lead_ids))
    return rows(cards.order_by("name", "pk"))


def may_edit(user: User, lead_id: UUID) -> bool:
    """Whether the user may change this lead."""
    return lead_id in editable(user, [lead_id])


def editable(user: User, lead_ids: Collection[UUID]) -> set[UUID]:
    """Those of the leads that the user may change. One query."""
    if not lead_ids or not permissions.may(user, "edit_leads"):
        return set()
    theirs = Card.objects.filter(visibility.editable_by(user), pk__in=lead_ids)
    return set(theirs.values_list("pk", flat=True))


def of_company(user: User, company_id: UUID, *, limit: int) -> list[CardRow]:
    """The leads at a company that the user may see, the highest score first. One query."""
    seen = Card.objects.filter(visibility.leads_visible_to(user), lead__company=company_id)
    return rows(seen.order_by("-total", "-lead_id")[:limit])


# Today


class TodayRow(msgspec.Struct, frozen=True):
    """A card in the queue and why it stands there: its clock runs, it is hot, something is planned
    for now, or by score."""

    card: CardRow
    group: Literal["clock", "hot", "task", "score"]
    # Because of a task alone; without it the lead would not be here.
    is_only_planned: bool = False


def today(user: User, *, now: datetime, planned: Sequence[UUID] = ()) -> list[TodayRow]:
    """What the user should do now, most urgent first, at most 100; three queries, one more with
    `planned`: the leads for which the user has something to do now, the most urgent first.

    Running clocks by when they are due (one's own and unowned ones; for those who watch clocks
    everybody's), then hot leads that nobody owns, newest first, then what is planned, then one's
    own by score. What the user put off, and in the last group what somebody has just worked on,
    is left out.
    """
    visible = Card.objects.filter(visibility.leads_visible_to(user))
    visible = visible.exclude(Exists(Snooze.objects.filter(_put_off(user, now))))
    ours = Q(owner=user.pk) | Q(owner__isnull=True)
    clocks = visible.filter(response_due_at__isnull=False)
    if not permissions.may(user, "watch_clocks"):
        clocks = clocks.filter(ours)
    hot = visible.filter(owner__isnull=True).exclude(stage__in=_CLOSED)
    # SQLite uses a partial index only when it can read its condition: no parameter here.
    hot = hot.extra(where=["cards_card.temperature = 'hot'"])  # fixed SQL
    own = visible.filter(owner=user.pk, total__gt=0).exclude(stage__in=_CLOSED)
    own = own.exclude(Exists(_worked_on(now)))
    groups: tuple[tuple[Literal["clock", "hot", "task", "score"], Cards], ...] = (
        ("clock", clocks.order_by("response_due_at", "lead_id")),
        ("hot", hot.order_by("-created_at", "-lead_id")),
        ("task", visible.filter(pk__in=planned)),
        ("score", own.order_by("-total", "-lead_id")),
    )
    place = {lead_id: number for number, lead_id in enumerate(planned)}
    queue: dict[UUID, TodayRow] = {}
    for group, cards in groups:
        found, is_planned = rows(cards[:MOST_TODAY]), group == "task"
        if is_planned:
            found.sort(key=lambda row: place[row.lead_id])
        for row in found:
            known = queue.setdefault(row.lead_id, TodayRow(row, group, is_planned))
            if known.is_only_planned and not is_planned:
                queue[row.lead_id] = TodayRow(row, known.group)
    return list(queue.values())[:MOST_TODAY]


def next_due(user: User, *, now: datetime) -> datetime | None:
    """When the next lead that the user put off comes back, or None."""
    coming = Snooze.objects.filter(user=user.pk, until__gt=now).order_by("until")
    return coming.values_list("until", flat=True).first()


_CLOSED = ("customer", "disqualified")


def _put_off(user: User, now: datetime) -> Q:
    return Q(lead=OuterRef("pk"), user=user.pk, until__gt=now)


def _worked_on(now: datetime) -> QuerySet[Activity, Activity]:
    met = [Activity.Kind.CALL, Activity.Kind.MAIL, Activity.Kind.MEETING]
    return Activity.objects.filter(lead=OuterRef("pk"), began_at__gt=now - QUIET, kind__in=met)


# Rows


def _listed(listing: Listing, sort: Sort) -> Cards:
    """The cards that the search finds, of those that the sort is about."""
    cards = Card.objects.filter(sort.only)
    return _searched(cards, listing.search) if listing.search.strip() else cards


def _rule(listing: Listing, *, few: int = filters.FEW) -> Q:
    if listing.filter is None:
        return Q()
    at_us = clock.micros(listing.now)
    return filters.condition(listing.filter, user=listing.user, at_us=at_us, few=few)


def _boxed(cards: Cards, listing: Listing, sort: Sort, wanted: int) -> list[CardRow]:
    """The first of these cards that the listing holds, within the time box.

    A list is first read by walking the index of its order. PostgreSQL weighs a LIMIT, SQLite does
    not: there conditions that no such index begins with are hidden from the planner. When few rows
    pass, so that the walk does not end soon, the order is hidden and the conditions lead. Neither
    planner knows which values of a field go with a low score, so both look twice there. A value
    that few have leads at once (decision 19).
    """
    rule, branches = _rule(listing), visibility.branches(listing.user)
    if listing.search:
        # At most 3,000 hits: looking them up once is less than once per branch.
        branches = (visibility.leads_visible_to(listing.user),)
    is_sqlite, asks_fields = connection.vendor == "sqlite", _asks_fields(listing)
    if filters.names_few(rule):
        seen = visibility.leads_visible_to(listing.user)
        led = [cards.filter(rule & (_hidden(seen) if is_sqlite else seen))]
        return _ordered(led, sort.hidden_order, sort, wanted, seconds=time_box.SECONDS)
    walks = [_walked(listing, sort, rule, each) if is_sqlite else rule & each for each in branches]
    parts = [cards.filter(each) for each in walks]
    if not (is_sqlite or asks_fields):
        is_plain = listing.filter is None and not listing.search
        seconds = None if is_plain else time_box.SECONDS
        return _ordered(parts, sort.order, sort, wanted, seconds=seconds)
    box = FIELD_WALK_SECONDS if asks_fields else WALK_SECONDS
    with suppress(time_box.TooSlow):
        return _ordered(parts, sort.order, sort, wanted, seconds=box)
    if asks_fields:
        # Whoever sees few leads had them all walked: here a value is looked up once for all.
        branches = (visibility.leads_visible_to(listing.user),)
    led = [cards.filter(_rule(listing, few=filters.MANY) & each) for each in branches]
    return _ordered(led, sort.hidden_order, sort, wanted, seconds=time_box.SECONDS - box)


def _ordered(
    parts: list[Cards],
    order: Sequence[str | OrderBy],
    sort: Sort,
    wanted: int,
    *,
    seconds: float | None,
) -> list[CardRow]:
    """The first rows of the parts in this order, in a time box of so many seconds or in none."""
    with nullcontext() if seconds is None else time_box.at_most(seconds):
        return _first([part.order_by(*order) for part in parts], sort, wanted)


_SERVED = {
    "total": frozenset({"stage", "owner", "team", "score.total"}),
    "created_at": frozenset({"since.created"}),
    "stage_since": frozenset({"stage_since"}),
}
"""By column of the order: the facts that one index serves together with it."""


def _asks_fields(listing: Listing) -> bool:
    return listing.filter is not None and bool(mentions(listing.filter).traits)


def _walked(listing: Listing, sort: Sort, rule: Q, branch: Q) -> Q:
    """Rule and branch, each hidden unless an index serves it together with the order."""
    asked = mentions(listing.filter) if listing.filter else Mentions()
    is_served = not asked.traits and asked.facts <= _SERVED.get(sort.column, frozenset())
    return (rule if is_served else _hidden(rule)) & (
        branch if sort.column == "total" else _hidden(branch)
    )


def _hidden(condition: Q) -> Q:
    """The same condition, for which SQLite uses no index: `+(…)`. (`likely(…)` hides nothing.)"""
    if not condition:
        return condition
    wrapped = ExpressionWrapper(condition, output_field=BooleanField())
    return Q(Func(wrapped, template="+(%(expressions)s)", output_field=BooleanField()))


def _first(parts: list[Cards], sort: Sort, wanted: int) -> list[CardRow]:
    """The first `wanted` rows of ordered parts together, each once."""
    found = [rows(cards[:wanted]) for cards in parts]
    if len(found) == 1:
        return found[0]
    merged = merge(*found, key=lambda row: _key(row, sort), reverse=sort.is_descending)
    return list({row.lead_id: row for row in merged}.values())[:wanted]


def _searched(cards: Cards, typed: str) -> Cards:
    found = search_texts.condition(typed, vendor=connection.vendor)
    if found is None:
        return cards.none()
    where, params = found
    return cards.extra(where=[where], params=params)  # noqa: S610  # as above


def rows(cards: Cards) -> list[CardRow]:
    return [CardRow(*values) for values in cards.values_list(*_FIELDS)]


def _value(row: CardRow, sort: Sort) -> Any:  # int or str, by the sort
    value = getattr(row, sort.column)
    return clock.micros(value) if isinstance(value, datetime) else value


def _key(row: CardRow, sort: Sort) -> tuple[Any, str]:  # int or str, by the sort
    return _value(row, sort), row.lead_id.hex


def _fingerprint(listing: Listing) -> str:
    """Names the list, so that a cursor of another one is refused."""
    named = f"{listing.sort}\n{listing.search}\n{listing.filter!r}"
    return hashlib.sha256(named.encode()).hexdigest()[:16]
