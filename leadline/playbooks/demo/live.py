"""The last working hours of the demo: a few people come in live, so that Today has something to do.

Five ask for something (hot, five minutes each; two of them just now), nine become qualified by
what they look at (warm, four hours). Minutes are working minutes back from now, so the demo looks
like an ordinary Tuesday on a Sunday night too: whoever came last came before closing time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from leadline.capture import submission
from leadline.capture.submission import Submission
from leadline.lib import clock
from leadline.playbooks.demo.pipeline import SEED, Company
from leadline.routing import hours as business
from leadline.routing.hours import Hours

TITLES = ("VP Operations", "Director of IT", "Chief Information Officer", "Director of Procurement")
LEAST_EMPLOYEES = 200

# (form, purpose, working minutes ago)
ARRIVALS = (
    ("demo", "demo", 0),
    ("demo", "demo", 2),
    ("contact", "contact", 25),
    ("demo", "demo", 70),
    ("contact", "contact", 130),
    ("ebook", "download", 5),
    ("ebook", "download", 12),
    ("ebook", "download", 20),
    ("ebook", "download", 35),
    ("ebook", "download", 50),
    ("ebook", "download", 80),
    ("ebook", "download", 110),
    ("ebook", "download", 150),
    ("ebook", "download", 170),
)
_MESSAGES = (
    "We are replacing eleven servers in two offices this quarter. Can we talk this week?",
    "Do you offer a frame contract for about forty machines a year?",
)


class Arriving(msgspec.Struct, frozen=True):
    """Somebody's submissions and when the last of them comes in."""

    at: datetime
    submissions: list[Submission]


class Newcomer(msgspec.Struct, frozen=True):
    """Somebody who comes in live: `key` names their visitor, `number` picks title and words."""

    key: str
    number: int
    first_name: str
    last_name: str
    email: str
    company: Company
    form: str
    purpose: str
    at: datetime


def instants(*, now: datetime, hours: Hours | None) -> list[datetime]:
    """When each of `ARRIVALS` comes in: so many working minutes before now (without hours: any)."""
    now_us = clock.micros(now)
    if hours is None:
        return [now - timedelta(minutes=ago) for _, _, ago in ARRIVALS]
    return [
        clock.from_micros(business.subtract_working(hours, now_us, minutes=ago))
        for _, _, ago in ARRIVALS
    ]


def arrivals(companies: Sequence[Company], *, now: datetime, hours: Hours | None) -> list[Arriving]:
    """The people of the last working hours, earliest first; always the same ones."""
    from faker import Faker  # only whoever builds a demo needs it

    names = Faker("en_US")
    names.seed_instance(f"{SEED} live")
    chosen = Random(f"{SEED} live").sample(large(companies), len(ARRIVALS))  # noqa: S311 (a demo)
    times = instants(now=now, hours=hours)
    people = []
    for number, (company, at) in enumerate(zip(chosen, times, strict=True)):
        form, purpose, _ = ARRIVALS[number]
        first, last = names.first_name(), names.last_name()
        email = f"{first}.{last}@{company.domain}".lower()
        key = f"demo-live-{number}"
        people.append(
            arriving(Newcomer(key, number, first, last, email, company, form, purpose, at))
        )
    return sorted(people, key=lambda each: each.at)


def large(companies: Sequence[Company]) -> list[Company]:
    """Those whose people the score model finds fitting."""
    return [each for each in companies if each.employee_count >= LEAST_EMPLOYEES]


def arriving(who: Newcomer) -> Arriving:
    """Three looks around as history, then a form, live."""
    seen = [
        _looked(who.key, count, "/pricing" if count else "/products", at=who.at - gap)
        for count, gap in enumerate((timedelta(days=2), timedelta(days=1), timedelta(minutes=6)))
    ]
    said: dict[str, object] = {
        "name": f"{who.first_name} {who.last_name}",
        "title": TITLES[who.number % len(TITLES)],
        "company.name": who.company.name,
    }
    if who.purpose == "contact":
        said["message"] = _MESSAGES[who.number % len(_MESSAGES)]
    posted = msgspec.structs.replace(
        submission.posted(
            who.form, purpose=who.purpose, page=f"/p/{who.form}", message_id=f"{who.key}-form",
            at_us=clock.micros(who.at), is_trusted=False,
        ),
        anonymous_id=who.key,
        email=who.email,
        traits=said,
    )  # fmt: skip
    return Arriving(who.at, [*seen, posted])


def _looked(visitor: str, count: int, path: str, *, at: datetime) -> Submission:
    seen = submission.said(
        "page", "Page Viewed", source="demo", message_id=f"{visitor}-{count}",
        at_us=clock.micros(at), is_history=True,
    )  # fmt: skip
    return msgspec.structs.replace(
        seen,
        seen_day=0,
        anonymous_id=visitor,
        properties={"path": path},
        context={}
        if count
        else {
            "source": "google",
            "medium": "organic",
            "referrer_host": "www.google.com",
            "landing_page": path,
            "is_arrival": True,
        },
    )
