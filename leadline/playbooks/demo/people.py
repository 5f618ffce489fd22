"""Made-up people: who they are, where they came from, which deals are theirs. Always the same."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Literal

import msgspec

from leadline.playbooks.demo.pipeline import NEWEST, SEED, Company, Opportunity

Kind = Literal["buyer", "visitor", "fresh", "target"]

FIRST_DAY = date(2016, 8, 25)
"""Eight weeks before the first deal of the set."""

FRESH_DAYS = 40
BUYERS_PER_COMPANY = 8
PRIVATE_BUYERS = 420
VISITORS = 1_300
FRESH = 260
TARGETS = 240

PRIVATE = "freemail.example.com"
# (title, share among people with a won deal, share among the others), in percent
TITLES = (
    ("Chief Information Officer", 5, 2),
    ("Chief Technology Officer", 5, 2),
    ("VP Operations", 12, 6),
    ("Director of IT", 14, 10),
    ("Director of Procurement", 9, 7),
    ("IT Manager", 22, 22),
    ("Purchasing Manager", 14, 14),
    ("Systems Engineer", 12, 18),
    ("Administrator", 7, 14),
    ("Student", 0, 5),
)
# (source, medium, campaign, referrer host, share among won, share among the others)
SOURCES = (
    ("google", "organic", "", "www.google.com", 25, 33),
    ("google", "cpc", "hardware-search", "www.google.com", 12, 18),
    ("linkedin", "paid_social", "it-leaders", "www.linkedin.com", 8, 11),
    ("partner", "referral", "", "partner.example.net", 22, 8),
    ("newsletter", "email", "monthly", "", 9, 8),
    ("webinar", "event", "sizing-servers", "", 8, 6),
    ("", "", "", "", 16, 16),
)


class Arrived(msgspec.Struct, frozen=True):
    """Where somebody came from."""

    source: str
    medium: str
    campaign: str
    referrer_host: str


class Person(msgspec.Struct, frozen=True):
    """Somebody who does not exist. `since` is their first visit, in the set's time."""

    key: str
    kind: Kind
    first_name: str
    last_name: str
    email: str
    phone: str | None
    title: str
    company: Company | None
    arrived: Arrived
    since: datetime
    has_won: bool
    deals: tuple[Opportunity, ...] = ()

    def chance(self, what: str) -> Random:
        """This person's own dice for one purpose: the same throws on every machine."""
        return Random(f"{SEED} {self.key} {what}")  # noqa: S311 (a demo, not a secret)


class Draft(msgspec.Struct, frozen=True):
    """A person before it has a name."""

    kind: Kind
    company: Company | None
    since: datetime
    deals: tuple[Opportunity, ...] = ()

    @property
    def has_won(self) -> bool:
        return any(deal.state == "won" for deal in self.deals)


def all_people(companies: dict[str, Company], opportunities: Sequence[Opportunity]) -> list[Person]:
    """About 2,900 people; everybody with a deal first. Uses Faker for names."""
    drafts = _buyers(companies, opportunities)
    known = list(companies.values())
    chance = Random(f"{SEED} drafts")  # noqa: S311
    last = NEWEST - timedelta(days=FRESH_DAYS)
    drafts += [
        Draft("visitor", _some(known, chance), _day(chance, FIRST_DAY, last))
        for _ in range(VISITORS)
    ]
    drafts += [
        Draft("fresh", _some(known, chance), _day(chance, last, NEWEST)) for _ in range(FRESH)
    ]
    drafts += [
        Draft("target", chance.choice(known), _day(chance, FIRST_DAY, last)) for _ in range(TARGETS)
    ]
    return _named(drafts)


def _buyers(companies: dict[str, Company], opportunities: Sequence[Opportunity]) -> list[Draft]:
    """Each company's deals are spread over eight people, the ones without company over 420."""
    groups: dict[tuple[str | None, int], list[Opportunity]] = {}
    for deal in opportunities:
        places = BUYERS_PER_COMPANY if deal.company else PRIVATE_BUYERS
        place = Random(f"{SEED} {deal.id} buyer").randrange(places)  # noqa: S311
        groups.setdefault((deal.company, place), []).append(deal)
    drafts = []
    for (name, place), deals in sorted(groups.items(), key=lambda each: str(each[0])):
        chance = Random(f"{SEED} {name} {place} since")  # noqa: S311
        first = datetime.combine(deals[0].opened_on, time(7), tzinfo=UTC)
        since = first - timedelta(days=chance.randint(4, 40), minutes=chance.randint(0, 600))
        drafts.append(Draft("buyer", companies[name] if name else None, since, tuple(deals)))
    return drafts


def _some(known: Sequence[Company], chance: Random) -> Company | None:
    return None if chance.random() < 0.15 else chance.choice(known)


def _day(chance: Random, first: date, last: date) -> datetime:
    day = first + timedelta(days=chance.randint(0, (last - first).days))
    return datetime.combine(day, time(7), tzinfo=UTC) + timedelta(minutes=chance.randint(0, 720))


def _named(drafts: Sequence[Draft]) -> list[Person]:
    from faker import Faker  # only whoever builds a demo needs it

    names = Faker("en_US")
    names.seed_instance(SEED)
    taken: set[str] = set()
    people = []
    for number, draft in enumerate(drafts):
        first, last = names.first_name(), names.last_name()
        chance = Random(f"{SEED} person {number}")  # noqa: S311
        people.append(
            Person(
                key=f"p{number:04}",
                kind=draft.kind,
                first_name=first,
                last_name=last,
                email=_address(first, last, draft.company, taken=taken),
                phone=_phone(number) if chance.random() < 0.6 else None,
                title=_pick(TITLES, draft.has_won, chance)[0],
                company=draft.company,
                arrived=Arrived(*_pick(SOURCES, draft.has_won, chance)[:4]),
                since=draft.since,
                has_won=draft.has_won,
                deals=draft.deals,
            )
        )
    return people


def _address(first: str, last: str, company: Company | None, *, taken: set[str]) -> str:
    """first.last at the company, or with a mailbox provider that does not exist."""
    domain = company.domain if company else PRIVATE
    base = f"{first}.{last}".lower().replace("'", "").replace(" ", "")
    address, again = f"{base}@{domain}", 2
    while address in taken:
        address, again = f"{base}{again}@{domain}", again + 1
    taken.add(address)
    return address


def _phone(number: int) -> str:
    """A number from 555-0100 to 555-0199, kept for films, in one of 60 area codes."""
    areas = _AREAS.split()
    return f"+1{areas[number // 100 % len(areas)]}55501{number % 100:02}"


_AREAS = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234"
    " 239 240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309"
    " 310 312 313 314 315 316 317 318 319 320 321 323 325 330"
)


def _pick(table: Sequence[tuple[object, ...]], has_won: bool, chance: Random) -> tuple[str, ...]:
    shares = [int(str(row[-2 if has_won else -1])) for row in table]
    return tuple(map(str, chance.choices(table, weights=shares)[0]))
