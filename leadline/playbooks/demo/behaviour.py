"""What a made-up person does, as submissions: visits, forms, mails. Effects are planted here."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from leadline.capture.submission import ConsentClaim, Submission
from leadline.lib import clock
from leadline.playbooks.demo.people import Person

SOURCE = "demo"
MAIL_RATES = {"open": 0.35, "click": 0.25}
WEBINAR_RATE = {True: 0.30, False: 0.12}
PRICING_MEAN = {True: 2.0, False: 0.6}
"""By whether the person has a won deal."""

_PAGES = (
    "/", "/products", "/products/gtx-basic", "/products/gtx-pro", "/products/mg-advanced",
    "/case-studies", "/case-studies/retail", "/blog/sizing-servers", "/blog/total-cost",
    "/docs/setup", "/about",
)  # fmt: skip
_FORMS = {
    # kind of person: (form, purpose, share in percent)
    "buyer": (("demo", "demo", 45), ("contact", "contact", 30), ("ebook", "download", 25)),
    "visitor": (
        ("newsletter", "newsletter", 34),
        ("ebook", "download", 42),
        ("checklist", "other", 20),
        ("demo", "demo", 4),
    ),
    "fresh": (("newsletter", "newsletter", 38), ("ebook", "download", 47), ("demo", "demo", 15)),
    "target": (("newsletter", "newsletter", 100),),
}


class Diary:
    """The submissions of one person, each with its own message id, in the order written."""

    def __init__(self, person: Person, *, moved: timedelta, consent: ConsentClaim) -> None:
        self.person = person
        self.moved = moved
        self.consent = consent
        self.entries: list[Submission] = []

    def write(self, at: datetime, kind: str, name: str, **said: object) -> None:
        """Add a submission of the past at `at` in the set's time."""
        at_us = clock.micros(at + self.moved)
        self.entries.append(
            Submission(
                source=SOURCE,
                message_id=f"{self.person.key}-{len(self.entries)}",
                kind=kind,
                name=name,
                occurred_us=at_us,
                received_us=at_us,
                is_trusted=True,
                is_history=True,
                seen_day=0,
                **said,  # type: ignore[arg-type]  # fields of Submission, by the callers below
            )
        )


def history(person: Person, *, moved: timedelta, consent: ConsentClaim) -> list[Submission]:
    """Everything the person did until the newest date of the set; always the same."""
    diary = Diary(person, moved=moved, consent=consent)
    if person.kind == "target":
        _listed(diary)
        return diary.entries
    asked_at = _first_form(diary)
    chance = person.chance("later")
    # What is planted comes before asking: a score of any later day has seen all of it.
    for _ in range(_poisson(chance, PRICING_MEAN[person.has_won])):
        at = person.since + (asked_at - person.since) * chance.random()
        _visit(diary, at, chance, pages=("/pricing", chance.choice(_PAGES)))
    if chance.random() < WEBINAR_RATE[person.has_won]:
        at = person.since + (asked_at - person.since) * chance.random()
        diary.write(at, "track", "Webinar Attended", anonymous_id=_visitor(person), actor="human",
                    properties={"title": "Sizing servers"})  # fmt: skip
    _mails(diary, asked_at, chance)
    for deal in person.deals[1:4]:
        at = deal.opened_at - timedelta(days=chance.randint(1, 9))
        if at > asked_at:
            _visit(diary, at, chance, pages=(chance.choice(_PAGES), chance.choice(_PAGES)))
    return diary.entries


def traits(person: Person) -> dict[str, object]:
    """What the person and the public set say about them."""
    said: dict[str, object] = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "lead_source": person.arrived.source or "direct",
    }
    if person.phone:
        said["phone"] = person.phone
    if person.company is None:
        return said
    company = person.company
    return said | {
        "country": company.country,
        "industry_fit": company.industry_fit,
        "region_fit": "target" if company.country == "US" else "other",
        "company.name": company.name,
        "company.domain": company.domain,
        "company.industry": company.sector,
        "company.employee_count": company.employee_count,
        "company.country": company.country,
        "company.annual_revenue": company.annual_revenue,
    }


def _first_form(diary: Diary) -> datetime:
    """The first visit, perhaps another, and the form; returns when it was sent."""
    person, chance = diary.person, diary.person.chance("first")
    _visit(diary, person.since, chance, pages=_some_pages(chance), is_arrival=True)
    until = timedelta(days=20)
    if person.deals:
        until = person.deals[0].opened_at - person.since
    at = person.since + until * (0.2 + 0.6 * chance.random())
    if chance.random() < 0.5:
        _visit(diary, person.since + (at - person.since) / 2, chance, pages=_some_pages(chance))
    forms = _FORMS[person.kind]
    form, purpose, _ = chance.choices(forms, weights=[share for _, _, share in forms])[0]
    _visit(diary, at - timedelta(minutes=4), chance, pages=(f"/p/{form}",))
    wants_mail = purpose == "newsletter" or chance.random() < 0.4
    diary.write(
        at,
        "form",
        "Form Submitted",
        anonymous_id=_visitor(person),
        email=person.email,
        phone=person.phone,
        traits=traits(person),
        properties={"form": form, "purpose": purpose, "page": f"/p/{form}"},
        consents=(diary.consent,) if wants_mail else (),
    )
    return at


def _visit(
    diary: Diary,
    at: datetime,
    chance: Random,
    *,
    pages: tuple[str, ...],
    is_arrival: bool = False,
) -> None:
    visitor, context = _visitor(diary.person), _context(diary.person, pages[0])
    diary.write(
        at,
        "track",
        "Visit Started",
        anonymous_id=visitor,
        properties={"path": pages[0]},
        context=context if is_arrival else {},
    )
    for number, path in enumerate(pages):
        seen_at = at + timedelta(seconds=1 + 40 * number + chance.randint(0, 30))
        diary.write(seen_at, "page", "Page Viewed", anonymous_id=visitor, properties={"path": path})


def _context(person: Person, landing_page: str) -> dict[str, object]:
    said = person.arrived
    context: dict[str, object] = {
        "source": said.source,
        "medium": said.medium,
        "campaign": said.campaign,
        "referrer_host": said.referrer_host,
        "landing_page": landing_page,
    }
    return {key: value for key, value in context.items() if value} | {"is_arrival": True}


def _mails(diary: Diary, since: datetime, chance: Random) -> None:
    """A few mails after the form: delivered, some opened, some of those clicked."""
    for number in range(chance.randint(1, 3)):
        at = since + timedelta(days=7 * (number + 1), hours=chance.randint(0, 6))
        told = {"email_id": f"guide-{number + 1}"}
        for name, share, minutes in (
            ("Email Delivered", 1.0, 0),
            ("Email Opened", MAIL_RATES["open"], 50),
            ("Email Link Clicked", MAIL_RATES["click"], 2),
        ):
            if chance.random() >= share:
                break
            at += timedelta(minutes=minutes)
            actor = "system" if name == "Email Delivered" else "human"
            diary.write(at, "track", name, email=diary.person.email, properties=told, actor=actor)


def _listed(diary: Diary) -> None:
    """Somebody on a list: no visit, no interest, until perhaps a reply."""
    person, chance = diary.person, diary.person.chance("listed")
    diary.write(
        person.since,
        "identify",
        "Identified",
        email=person.email,
        traits=traits(person) | {"lead_source": "trade fair list"},
        context={"source": "trade fair list", "medium": "event"},
        origin="outbound",
        shows_interest=False,
        actor="system",
    )
    if chance.random() < 0.08:
        at = person.since + timedelta(days=chance.randint(2, 9), hours=3)
        diary.write(at, "track", "Email Replied", email=person.email)


def _some_pages(chance: Random) -> tuple[str, ...]:
    return tuple(chance.choices(_PAGES, k=chance.randint(1, 4)))


def _visitor(person: Person) -> str:
    return f"demo-{person.key}"


def _poisson(chance: Random, mean: float) -> int:
    """Knuth's method; fine for small means."""
    limit, product, count = 2.718281828459045**-mean, chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


def by_week(entries: Iterator[Submission], *, first_us: int) -> dict[int, list[Submission]]:
    """Submissions by week since `first_us`, each week in the order of what happened."""
    weeks: dict[int, list[Submission]] = {}
    for entry in entries:
        weeks.setdefault((entry.occurred_us - first_us) // (7 * clock.DAY), []).append(entry)
    for week in weeks.values():
        week.sort(key=lambda each: (each.occurred_us, each.message_id))
    return weeks
