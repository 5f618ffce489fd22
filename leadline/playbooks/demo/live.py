"""The last hours of the demo: a few people come in live, so that Today has something to do.

Five ask for something (hot, five minutes each; two of them just now), nine become qualified by
what they look at (warm, four hours).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from leadline.capture.submission import Submission
from leadline.lib import clock
from leadline.playbooks.demo.pipeline import SEED, Company

TITLES = ("VP Operations", "Director of IT", "Chief Information Officer", "Director of Procurement")
LEAST_EMPLOYEES = 200

# (form, purpose, minutes ago)
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
FIRST = timedelta(minutes=180)
_MESSAGES = (
    "We are replacing eleven servers in two offices this quarter. Can we talk this week?",
    "Do you offer a frame contract for about forty machines a year?",
)


class Arriving(msgspec.Struct, frozen=True):
    """Somebody's submissions and when the last of them comes in."""

    at: datetime
    submissions: list[Submission]


def arrivals(companies: Sequence[Company], *, now: datetime) -> list[Arriving]:
    """The people of the last hours, earliest first; always the same ones."""
    from faker import Faker  # only whoever builds a demo needs it

    names = Faker("en_US")
    names.seed_instance(f"{SEED} live")
    large = [each for each in companies if each.employee_count >= LEAST_EMPLOYEES]
    chosen = Random(f"{SEED} live").sample(large, len(ARRIVALS))  # noqa: S311 (a demo)
    people = [
        _arriving(number, names.first_name(), names.last_name(), company, now=now)
        for number, company in enumerate(chosen)
    ]
    return sorted(people, key=lambda each: each.at)


def _arriving(number: int, first: str, last: str, company: Company, *, now: datetime) -> Arriving:
    form, purpose, ago = ARRIVALS[number]
    at = now - timedelta(minutes=ago)
    visitor = f"demo-live-{number}"
    seen = [
        _looked(visitor, count, "/pricing" if count else "/products", at=at - gap)
        for count, gap in enumerate((timedelta(days=2), timedelta(days=1), timedelta(minutes=6)))
    ]
    email = f"{first}.{last}@{company.domain}".lower()
    said: dict[str, object] = {
        "name": f"{first} {last}",
        "title": TITLES[number % len(TITLES)],
        "company.name": company.name,
    }
    if purpose == "contact":
        said["message"] = _MESSAGES[number % len(_MESSAGES)]
    posted = Submission(
        source=f"form:{form}",
        message_id=f"{visitor}-form",
        kind="form",
        name="Form Submitted",
        occurred_us=clock.micros(at),
        received_us=clock.micros(at),
        is_trusted=False,
        is_history=False,
        seen_day=clock.local_day(clock.micros(at), 0),
        anonymous_id=visitor,
        email=email,
        traits=said,
        properties={"form": form, "purpose": purpose, "page": f"/p/{form}"},
    )
    return Arriving(at, [*seen, posted])


def _looked(visitor: str, count: int, path: str, *, at: datetime) -> Submission:
    at_us = clock.micros(at)
    return Submission(
        source="demo",
        message_id=f"{visitor}-{count}",
        kind="page",
        name="Page Viewed",
        occurred_us=at_us,
        received_us=at_us,
        is_trusted=True,
        is_history=True,
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
