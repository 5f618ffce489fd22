"""The public set: companies, sales people and deals, as they stand in the files."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from random import Random

import msgspec
from django.utils.text import slugify

SEED = "leadline demo 1"
NEWEST = date(2017, 12, 31)
"""The newest date in the set, a Sunday."""

_MENDED = {"GTXPro": "GTX Pro", "technolgy": "technology", "Philipines": "Philippines"}
_STATES = {"Won": "won", "Lost": "lost", "Engaging": "open", "Prospecting": "open"}
_COUNTRIES = {
    "United States": "US", "Kenya": "KE", "Philippines": "PH", "Japan": "JP", "Italy": "IT",
    "Norway": "NO", "Korea": "KR", "Jordan": "JO", "Brazil": "BR", "Germany": "DE",
    "Panama": "PA", "Belgium": "BE", "Romania": "RO", "Poland": "PL", "China": "CN",
}  # fmt: skip
_FIT = {"software": "target", "technology": "target", "telecommunications": "adjacent",
        "finance": "adjacent"}  # fmt: skip


class Company(msgspec.Struct, frozen=True):
    """A customer of the set. Revenue in whole dollars."""

    name: str
    domain: str
    sector: str
    employee_count: int
    country: str
    annual_revenue: int

    @property
    def industry_fit(self) -> str:
        """How well the sector fits the made-up seller: target, adjacent or other."""
        return _FIT.get(self.sector, "other")


class Agent(msgspec.Struct, frozen=True):
    """A sales person with manager and region."""

    name: str
    manager: str
    region: str


class Opportunity(msgspec.Struct, frozen=True):
    """A deal. Dates are those of the set; `company` is None where the set names none."""

    id: str
    agent: str
    product: str
    company: str | None
    state: str
    opened_on: date
    closed_on: date | None
    amount_minor: int

    @property
    def opened_at(self) -> datetime:
        """In the morning of the day, before any closing."""
        return _at(self.opened_on, 8, Random(f"{SEED} {self.id} opened"))  # noqa: S311 (a demo)

    @property
    def closed_at(self) -> datetime | None:
        """In the afternoon of the day, or None."""
        if self.closed_on is None:
            return None
        return _at(self.closed_on, 14, Random(f"{SEED} {self.id} closed"))  # noqa: S311


def weeks_to(today: date) -> timedelta:
    """By how much dates move: whole weeks, so that the newest is the last Sunday before today."""
    return timedelta(weeks=(today - NEWEST - timedelta(days=1)) // timedelta(weeks=1))


def companies() -> dict[str, Company]:
    """The 85 companies by name."""
    return {
        row["account"]: Company(
            name=row["account"],
            domain=f"{slugify(row['account'])}.example.com",
            sector=row["sector"],
            employee_count=int(row["employees"]),
            country=_COUNTRIES[row["office_location"]],
            annual_revenue=round(float(row["revenue"]) * 1_000_000),
        )
        for row in _rows("accounts.csv")
    }


def agents() -> list[Agent]:
    """The 35 sales people in the order of the file."""
    return [
        Agent(row["sales_agent"], row["manager"], row["regional_office"])
        for row in _rows("sales_teams.csv")
    ]


def opportunities() -> list[Opportunity]:
    """The 8,800 deals, oldest first."""
    prices = {row["product"]: int(row["sales_price"]) for row in _rows("products.csv")}
    found = [_opportunity(row, prices) for row in _rows("sales_pipeline.csv")]
    return sorted(found, key=lambda each: (each.opened_on, each.id))


def _opportunity(row: dict[str, str], prices: dict[str, int]) -> Opportunity:
    value = int(float(row["close_value"])) if row["close_value"] else 0
    # What was lost brought nothing; what is open is valued at the list price.
    is_open = _STATES[row["deal_stage"]] == "open"
    engaged = row["engage_date"]
    return Opportunity(
        id=row["opportunity_id"],
        agent=row["sales_agent"],
        product=row["product"],
        company=row["account"] or None,
        state=_STATES[row["deal_stage"]],
        opened_on=date.fromisoformat(engaged) if engaged else _prospected(row["opportunity_id"]),
        closed_on=date.fromisoformat(row["close_date"]) if row["close_date"] else None,
        amount_minor=100 * (prices[row["product"]] if is_open else value),
    )


def _prospected(identity: str) -> date:
    """A made-up day in the last sixty, for deals that have none in the set."""
    ago = Random(f"{SEED} {identity} prospected").randint(0, 59)  # noqa: S311
    return NEWEST - timedelta(days=ago)


def _at(day: date, hour: int, chance: Random) -> datetime:
    seconds = chance.randint(0, 4 * 3600)
    return datetime.combine(day, time(hour), tzinfo=UTC) + timedelta(seconds=seconds)


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = resources.files(__package__).joinpath("data", name).read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield {key: _MENDED.get(value, value) for key, value in row.items()}
