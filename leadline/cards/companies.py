"""Companies as lists and search show them: those that the reader may see, with what they may see.

Who sees every lead sees every company; anybody else sees the companies at which there is a lead
that they may see, and counts only such leads and deals.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from operator import or_
from uuid import UUID

import msgspec
from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from leadline.cards import deals as of_deals
from leadline.cards import search, sorts, spelling, texts, time_box, visibility
from leadline.cards.models import Card, CompanyCard
from leadline.cards.sorts import Place
from leadline.cards.texts import Wanted
from leadline.deals.models import Deal
from leadline.leads.models import Lead
from leadline.lib import rows, text
from leadline.lib.ids import as_uuid
from leadline.lib.rows import Cursor
from leadline.workspace import permissions
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import EDITS, SEES

MOST_ROWS = 500
MOST_HITS = 1_000
_LAST = "\U0010ffff"
_CALLED = 255

Cards = QuerySet[CompanyCard, CompanyCard]


class CompanyRow(msgspec.Struct, frozen=True):
    """A company as lists show it; counts are of what the reader may see."""

    company_id: UUID
    name: str
    domain: str
    lead_count: int
    open_deal_count: int

    @property
    def title(self) -> str:
        """What people call it: its name, else its domain."""
        return self.name or self.domain


class Page(msgspec.Struct, frozen=True):
    """Companies by name, and the cursor of the next page or None."""

    rows: list[CompanyRow]
    next: str | None


# Reading


def page(user: User, *, typed: str = "", after: str | None = None, limit: int = 50) -> Page:
    """At most `limit` companies (1 to 500) that the user may see, by name, from the cursor on.

    Three queries. Raises InvalidCursor, and TooSlow after 2 s.
    """
    wanted = min(max(limit, 1), MOST_ROWS)
    cards = _seen(user)
    if typed.strip():
        cards = _searched(cards, typed)
    if after:
        place = sorts.read_cursor(after, listed=_fingerprint(typed), key=settings.SECRET_KEY)
        cards = cards.extra(  # fixed SQL, values as parameters
            where=["(cards_companycard.called, cards_companycard.company_id) > (%s, %s)"],
            params=[place.value, place.lead_id],
        )
    with time_box.at_most():
        found = list(cards.order_by("called", "company_id")[: wanted + 1])
    shown = _rows(user, [card.company_id for card in found[:wanted]])
    if len(found) <= wanted:
        return Page(shown, None)
    last = found[wanted - 1]
    cursor = sorts.write_cursor(
        Place(last.called, last.company_id), listed=_fingerprint(typed), key=settings.SECRET_KEY
    )
    return Page(shown, cursor)


def one(user: User, company_id: UUID) -> CompanyRow | None:
    """The company if the user may see it, else None, whatever the reason."""
    if not _seen(user).filter(company=company_id).exists():
        return None
    return _rows(user, [company_id])[0]


def few(user: User, company_ids: Sequence[UUID]) -> list[CompanyRow]:
    """Those of the companies that the user may see, in the order given. Four queries."""
    seen = set(_seen(user).filter(company__in=company_ids).values_list("company_id", flat=True))
    return _rows(user, [each for each in company_ids if each in seen])


def found(user: User, wanted: Wanted, *, limit: int) -> list[CompanyRow]:
    """The companies that these words are about, those whose name begins with them first."""
    if not wanted or not texts.is_findable(wanted):
        return []
    seen = _seen(user).order_by("called", "company_id")
    # Asked for by themselves: neither the alphabet nor the bound of hits leaves them out.
    begins = _either(Q(called__gte=word, called__lt=word + _LAST) for word in wanted[0])
    for word in wanted[1:]:
        begins &= _either(Q(text__contains=each) for each in word)
    ids = list(seen.filter(begins).values_list("company_id", flat=True)[:limit])
    if len(ids) < limit:
        others = _hits(seen, wanted).exclude(begins)
        ids += others.values_list("company_id", flat=True)[: limit - len(ids)]
    return _rows(user, ids)


def may_edit(user: User, company_id: UUID) -> bool:
    """Whether the user may change it: who changes every lead, or one of the leads there."""
    if not permissions.may(user, "edit_leads"):
        return False
    if EDITS[Role(user.role)] == "all":
        return True
    mine = Card.objects.filter(visibility.editable_by(user), lead__company=company_id)
    return mine.exists()


def deals(user: User, company_id: UUID) -> "QuerySet[Deal, Deal]":
    """The deals of the company and of its people that the user may see, the newest first."""
    return _deals(user, [company_id]).select_related("lead", "owner").order_by("-opened_at", "-id")


def _seen(user: User) -> Cards:
    if user.is_active and SEES[Role(user.role)] == "all":
        return CompanyCard.objects.all()
    there = Card.objects.filter(
        visibility.leads_visible_to(user), lead__company=OuterRef("company_id")
    )
    return CompanyCard.objects.filter(Exists(there))


def _searched(cards: Cards, typed: str) -> Cards:
    wanted: Wanted = [[word] for word in search.words(typed)]
    if not wanted:
        return cards.none()
    if not texts.is_findable(wanted):
        word = wanted[0][0]
        return cards.filter(called__gte=word, called__lt=word + _LAST)
    return _hits(cards, wanted)


def _either(tests: Iterable[Q]) -> Q:
    return reduce(or_, tests)


def _hits(cards: Cards, wanted: Wanted) -> Cards:
    sql, params = texts.hits(texts.COMPANIES, wanted, most=MOST_HITS, vendor=connection.vendor)
    return cards.extra(  # noqa: S610  # fixed SQL, words as parameters
        where=[f"cards_companycard.company_id IN (SELECT * FROM ({sql}) AS hits)"], params=params
    )


def _rows(user: User, company_ids: Sequence[UUID]) -> list[CompanyRow]:
    if not company_ids:
        return []
    named = CompanyCard.objects.filter(company__in=company_ids)
    names = {
        company_id: (name, domain or "")
        for company_id, name, domain in named.values_list(
            "company_id", "company__name", "company__domain"
        )
    }
    seen = Card.objects.filter(visibility.leads_visible_to(user), lead__company__in=company_ids)
    leads = dict(seen.values_list("lead__company").annotate(n=Count("pk")))
    open_ = _deals(user, company_ids).filter(state=Deal.State.OPEN).annotate(at=_AT)
    open_deals = dict(open_.order_by().values_list("at").annotate(n=Count("pk")))
    return [
        CompanyRow(each, *names[each], leads.get(each, 0), open_deals.get(each, 0))
        for each in company_ids
        if each in names
    ]


_AT = Coalesce(F("company"), F("lead__company"))


def _deals(user: User, company_ids: Sequence[UUID]) -> "QuerySet[Deal, Deal]":
    # By the lead's id, so that an index serves each side of the OR.
    people = Lead.objects.filter(company__in=company_ids).values("pk")
    theirs = Q(company__in=company_ids) | Q(company=None, lead__in=people)
    return of_deals.visible_to(user).filter(theirs)


def _fingerprint(typed: str) -> str:
    return hashlib.sha256(f"companies\n{typed}".encode()).hexdigest()[:16]


# Writing

_DRAWN = """
SELECT DISTINCT c.id, c.name, c.domain, k.text
FROM {source} LEFT JOIN cards_companycard k ON k.company_id = c.id WHERE {key} {{in}}"""
_OF_LEADS = _DRAWN.format(
    source="leads_lead l JOIN leads_company c ON c.id = l.company_id", key="l.id"
)
_BY_ID = _DRAWN.format(source="leads_company c", key="c.id")


def follow(cursor: Cursor, lead_ids: Collection[UUID], *, vendor: str) -> int:
    """Draw the companies of these leads anew; returns how many changed."""
    return _write(cursor, rows.select_in(cursor, _OF_LEADS, lead_ids, vendor=vendor), vendor=vendor)


def differing(cursor: Cursor, lead_ids: Collection[UUID], *, vendor: str) -> set[UUID]:
    """The companies of these leads whose card is not what it should be. One query."""
    found = rows.select_in(cursor, _OF_LEADS, lead_ids, vendor=vendor)
    return {
        as_uuid(key)
        for key, name, domain, stored in found
        if _drawn(name, domain or "")[1] != stored
    }


def draw(company_ids: Collection[UUID]) -> int:
    """Draw these companies anew; returns how many changed."""
    vendor = connection.vendor
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, _BY_ID, company_ids, vendor=vendor)
        return _write(cursor, found, vendor=vendor)


def _write(cursor: Cursor, found: Sequence[tuple[object, ...]], *, vendor: str) -> int:
    before, after = [], []
    for key, name, domain, stored in found:
        drawn = _drawn(str(name), str(domain or ""))
        if drawn[1] != stored:
            after.append((as_uuid(key), *drawn))  # type: ignore[arg-type]  # column of an id
            before += [str(stored)] if stored else []
    columns = ("company_id", "called", "text")
    rows.upsert(cursor, "cards_companycard", columns, after, key=("company_id",), vendor=vendor)
    if after:
        words = [said for *_, said in after]
        spelling.follow(cursor, before=before, after=words, vendor=vendor)
    return len(after)


def _drawn(name: str, domain: str) -> tuple[str, str]:
    """What the company is called, for the order, and what it is found by."""
    parts = [text.fold(part) for part in (name, domain) if part]
    return (parts or [""])[0][:_CALLED], "\n".join(parts)
