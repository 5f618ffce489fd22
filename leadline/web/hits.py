"""What a search found, as lines under headings: the same for the palette and for the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadline.cards import finding, time_box, visits
from leadline.cards.companies import CompanyRow
from leadline.cards.finding import Found
from leadline.cards.queries import CardRow
from leadline.workspace.models import User


@dataclass(frozen=True)
class Hit:
    """One line: what it is called, what stands beside it, and the route to it."""

    route: str
    key: UUID
    title: str
    detail: str = ""
    temperature: str = ""


@dataclass(frozen=True)
class Group:
    """Lines under a heading."""

    label: str | Promise
    hits: Sequence[Hit]


def groups(user: User, typed: str, *, limit: int) -> list[Group]:
    """What is found for what is typed, at most `limit` of each kind; without text what was opened
    lately. Nothing when it takes too long."""
    if not typed:
        return _some([Group(gettext_lazy("Recent"), _recent(user, limit))])
    try:
        return _some(_found(finding.find(user, typed, limit=limit)))
    except time_box.TooSlow:
        return []


def _found(found: Found) -> list[Group]:
    noted = [_lead(each.card, detail=each.excerpt) for each in found.noted]
    near = [_lead(row) for row in found.alike] + [_company(row) for row in found.companies_alike]
    return [
        Group(gettext_lazy("Leads"), [_lead(row) for row in found.leads]),
        Group(gettext_lazy("Companies"), [_company(row) for row in found.companies]),
        Group(gettext_lazy("In notes"), noted),
        Group(gettext_lazy("Spelt nearly so"), near),
    ]


def _recent(user: User, limit: int) -> list[Hit]:
    opened = visits.recent(user, limit=limit)
    leads = [_lead(each.lead) if each.lead else None for each in opened]
    firms = [_company(each.company) if each.company else None for each in opened]
    return [hit for pair in zip(leads, firms, strict=True) for hit in pair if hit is not None]


def _some(found: Sequence[Group]) -> list[Group]:
    return [group for group in found if group.hits]


def _lead(row: CardRow, *, detail: str = "") -> Hit:
    title = row.name or row.email or _("Unknown visitor")
    beside = detail or row.company_name or (row.email if row.name else "")
    return Hit("lead", row.lead_id, title, beside, row.temperature)


def _company(row: CompanyRow) -> Hit:
    title = row.title or _("Company without a name")
    return Hit("company", row.company_id, title, row.domain if row.name else "")
