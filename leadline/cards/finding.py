"""One search for everything: leads, companies, what was written about leads, names nearly like it.

Exact hits stand first; what only sounds like it is a group of its own, and only asked for when
there are few exact ones. Every part goes through the same visibility as the lists.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from leadline.activities.models import Activity
from leadline.cards import companies, notes, queries, search, spelling, texts, time_box, visibility
from leadline.cards.companies import CompanyRow
from leadline.cards.models import Card
from leadline.cards.queries import CardRow
from leadline.cards.texts import Wanted
from leadline.workspace.models import User

FEW = 3
"""With fewer exact hits, names that are spelt nearly so are looked for as well."""


class Noted(msgspec.Struct, frozen=True):
    """A lead about whom something was written, and the part of it that was looked for."""

    card: CardRow
    excerpt: str
    at: datetime


class Found(msgspec.Struct, frozen=True):
    """What a search gives, each group best first. `alike` and `companies_alike` are misspelt."""

    leads: Sequence[CardRow] = ()
    companies: Sequence[CompanyRow] = ()
    noted: Sequence[Noted] = ()
    alike: Sequence[CardRow] = ()
    companies_alike: Sequence[CompanyRow] = ()

    @property
    def is_empty(self) -> bool:
        return not (
            self.leads or self.companies or self.noted or self.alike or self.companies_alike
        )


def find(user: User, typed: str, *, limit: int) -> Found:
    """At most `limit` of each kind that the user may see. Raises TooSlow after 2 s."""
    found = search.condition(typed, vendor=connection.vendor, in_notes=False)
    if found is None:
        return Found()
    plain: Wanted = [[word] for word in search.words(typed)]
    with time_box.at_most():
        leads = _leads(user, found, typed=typed, limit=limit)
        firms = companies.found(user, plain, limit=limit)
        noted = _noted(user, plain, without=[row.lead_id for row in leads], limit=limit)
        if len(leads) + len(firms) + len(noted) >= FEW:
            return Found(leads, firms, noted)
        alike, firms_alike = _alike(user, plain, limit=limit)
    known = {row.lead_id for row in leads} | {each.card.lead_id for each in noted}
    known_firms = {row.company_id for row in firms}
    return Found(
        leads,
        firms,
        noted,
        [row for row in alike if row.lead_id not in known],
        [row for row in firms_alike if row.company_id not in known_firms],
    )


def alike(user: User, typed: str, *, limit: int) -> list[CardRow]:
    """The leads whose names are spelt nearly as typed. Raises TooSlow after 2 s."""
    plain: Wanted = [[word] for word in search.words(typed)]
    with time_box.at_most():
        return _alike(user, plain, limit=limit)[0]


def _leads(user: User, found: search.Sql, *, typed: str, limit: int) -> list[CardRow]:
    where, params = found
    cards = Card.objects.filter(visibility.leads_visible_to(user))
    cards = cards.extra(where=[where], params=params)  # noqa: S610  # fixed SQL, words as parameters
    return queries.rows(_best_first(cards, typed)[:limit])


def _best_first(cards: QuerySet[Card, Card], typed: str) -> QuerySet[Card, Card]:
    """Names that begin so and numbers that end so, then all others; in each by score."""
    is_best = Q(name__istartswith=typed.strip()) | Q(email=typed.strip().lower())
    for end in search.numbers(typed):
        is_best |= Q(phone__endswith=end)
    rank = Case(When(is_best, then=Value(0)), default=Value(1), output_field=IntegerField())
    return cards.annotate(rank=rank).order_by("rank", "-total", "-lead_id")


def _noted(user: User, wanted: Wanted, *, without: Sequence[UUID], limit: int) -> list[Noted]:
    """The newest note of each lead in which all the words stand."""
    if not wanted or not texts.is_findable(wanted):
        return []
    sql, params = texts.hits(texts.NOTES, wanted, most=search.MOST_HITS, vendor=connection.vendor)
    hits = Activity.objects.extra(where=[f"id IN ({sql})"], params=params)  # noqa: S610  # as above
    # Asked of each hit: `lead IN (…)` made SQLite begin with every lead that the user may see.
    seen = Card.objects.filter(visibility.leads_visible_to(user), pk=OuterRef("lead"))
    hits = hits.filter(Exists(seen)).exclude(lead__in=without).order_by("-began_at")
    newest: dict[UUID, tuple[str, datetime]] = {}
    for lead_id, said, at in hits.values_list("lead_id", "text", "began_at")[: limit * 4]:
        newest.setdefault(lead_id, (said, at))
    chosen = dict(list(newest.items())[:limit])
    cards = {row.lead_id: row for row in queries.rows(Card.objects.filter(pk__in=chosen))}
    words = [word for word, *_ in wanted]
    return [
        Noted(cards[lead_id], notes.excerpt(said, words), at)
        for lead_id, (said, at) in chosen.items()
    ]


def _alike(user: User, wanted: Wanted, *, limit: int) -> tuple[list[CardRow], list[CompanyRow]]:
    """Leads and companies for the words that were meant; nothing when each is known as it is."""
    with connection.cursor() as cursor:
        meant = [spelling.meant(cursor, word) for word, *_ in wanted]
    if not all(meant) or meant == [list(each) for each in wanted] or not texts.is_findable(meant):
        return [], []
    where, params = search.respelt(meant, vendor=connection.vendor)
    cards = Card.objects.filter(visibility.leads_visible_to(user))
    cards = cards.extra(where=[where], params=params)  # noqa: S610  # fixed SQL, words as parameters
    rows = queries.rows(cards.order_by("-total", "-lead_id")[:limit])
    return rows, companies.found(user, meant, limit=limit)
