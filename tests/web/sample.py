"""A workspace that looks like a working day: leads at every stage, for screens and pictures.

Everything goes in through `flow.intake`, as in the product; only the people and the texts are
made up here. Times are relative to the `now` that is passed in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadline.capture.submission import ConsentClaim, Submission
from leadline.flow import intake, reactions, rulebook
from leadline.lib import clock
from leadline.routing.models import Calendar
from leadline.workspace import settings
from leadline.workspace.models import User
from tests import world as worlds
from tests.world import World

PASSWORD = "correct horse battery"

# name, title, company, domain, people, purpose, minutes ago, pricing visits, source
PEOPLE = (
    ("Grace Lindqvist", "VP Operations", "Halvorsen Shipping", "halvorsen.example.com", 320, "demo", 2, 3, "google"),
    ("Amara Okafor", "Head of Marketing", "Brightwell Foods", "brightwell.example.com", 140, "quote", 4, 2, "linkedin"),
    ("Jonas Weber", "Managing Director", "Weber & Söhne", "weber.example.com", 64, "contact", 26, 1, "google"),
    ("Priya Raghunathan", "Director of Sales", "Meridian Optics", "meridian.example.com", 210, "", 95, 4, "newsletter"),
    ("Lucía Fernández", "Marketing Manager", "Casa Olivo", "casaolivo.example.com", 38, "download", 180, 2, "google"),
    ("Tomasz Zieliński", "CTO", "Baltic Grid", "balticgrid.example.com", 900, "webinar", 300, 3, "partner-site.example.com"),
    ("Ingrid Dahl", "Chief Revenue Officer", "Fjordlink", "fjordlink.example.com", 520, "demo", 1500, 5, "google"),
    ("Mateo Rossi", "Sales Manager", "Vetrina", "vetrina.example.com", 45, "trial", 2100, 1, "bing"),
    ("Hannah Fischer", "Student", "TU Dresden", "dresden.example.com", 0, "newsletter", 2900, 0, "twitter"),
    ("Oluwaseun Adeyemi", "VP Sales", "Lagos Freight", "lagosfreight.example.com", 410, "callback", 3300, 2, "google"),
    ("Sofia Papadopoulou", "Procurement Lead", "Aegean Lines", "aegean.example.com", 260, "", 4100, 1, "chatgpt.com"),
    ("Daniel Cohen", "Founder", "Northbeam Labs", "northbeam.example.com", 12, "trial", 5200, 2, "google"),
    ("Mei-Ling Chen", "Director of Growth", "Orchid Retail", "orchid.example.com", 700, "quote", 6100, 3, "linkedin"),
    ("Viktor Novák", "Manager", "Praha Print", "prahaprint.example.com", 22, "download", 7000, 0, "google"),
    ("Aoife Byrne", "Head of Customer Success", "Cloudpeat", "cloudpeat.example.com", 180, "webinar", 8200, 1, "facebook"),
    ("فاطمة الزهراء", "Marketing Director", "Atlas Média", "atlas.example.com", 95, "contact", 9900, 2, "google"),
)  # fmt: skip


_MEDIA = {
    "google": "cpc",
    "bing": "organic",
    "linkedin": "social",
    "facebook": "social",
    "newsletter": "email",
}
_ANSWERED = (
    "Sofia Papadopoulou",
    "Daniel Cohen",
    "Viktor Novák",
    "Aoife Byrne",
    "Mateo Rossi",
    "Tomasz Zieliński",
    "Oluwaseun Adeyemi",
)


@dataclass
class Sample:
    """The world, and the ids of the leads by name."""

    world: World
    leads: dict[str, UUID]


def build(now: datetime) -> Sample:
    """The workspace, its people with passwords, and the leads of `PEOPLE`."""
    world = worlds.build(now)
    for user, name in (
        (world.ada, "Ada Lindholm"),
        (world.ben, "Ben Carter"),
        (world.cleo, "Cleo Marsh"),
    ):
        user.name, user.time_zone = name, "Europe/Berlin"
        user.set_password(PASSWORD)
        user.save()
    hours = [["00:00", "12:30"], ["12:30", "23:59"]]
    Calendar.objects.update(hours=dict.fromkeys("mon tue wed thu fri sat sun".split(), hours))
    settings.rules_changed()
    rulebook.forget()
    world.ada.team, world.ada.takes_leads = world.sales, False
    world.ada.save()
    leads: dict[str, UUID] = {}
    for person in reversed(PEOPLE):
        leads[person[0]] = _arrive(person, now=now)
        if person[0] in _ANSWERED:
            at = now - timedelta(minutes=person[6] - 4)
            reactions.log_activity(
                leads[person[0]],
                kind="mail",
                outcome="sent",
                text="Thanked and asked for a time to talk.",
                by=world.ben.pk,
                began_at=at,
                now=at,
            )
    _work(leads, world.ben, now=now)
    return Sample(world, leads)


def _arrive(person: tuple, *, now: datetime) -> UUID:
    name, title, company, domain, people, purpose, minutes, visits, source = person
    at = now - timedelta(minutes=minutes)
    email = f"{name.split()[0].lower()}@{domain}" if name.isascii() else f"hello@{domain}"
    visitor = f"visitor-{domain}"
    context = {"source": source, "medium": _MEDIA.get(source, "referral"), "campaign": "spring"}
    said = [
        worlds.said("page", "Page Viewed", anonymous_id=visitor, at=at - timedelta(hours=5 * n + 1),
                    properties={"path": path, "title": path}, context=context)
        for n, path in enumerate(["/", "/product", *["/pricing"] * visits][::-1])
    ]  # fmt: skip
    traits = {"name": name, "title": title, "company.name": company}
    if people:
        traits["company.employee_count"] = people
    consents = (ConsentClaim("marketing", "email", "granted"),) if minutes % 2 else ()
    said.append(_last(email, visitor, purpose, traits, consents, at))
    outcome = None
    for each in sorted(said, key=lambda one: one.occurred_us):
        instant = clock.from_micros(each.occurred_us)
        outcome = intake.run([each], now=instant)
    assert outcome is not None
    lead_id = outcome.lead_ids[0]
    assert lead_id is not None
    return lead_id


def _last(
    email: str, visitor: str, purpose: str, traits: dict, consents: tuple, at: datetime
) -> Submission:
    fields = {
        "email": email,
        "anonymous_id": visitor,
        "traits": traits,
        "at": at,
        "consents": consents,
    }
    if not purpose:
        return worlds.said("identify", "Identified", **fields)
    return worlds.form(purpose, is_trusted=True, **fields)


def _work(leads: dict[str, UUID], ben: User, *, now: datetime) -> None:
    def log(name: str, kind: str, outcome: str, text: str, minutes: int) -> None:
        at = now - timedelta(minutes=minutes)
        reactions.log_activity(
            leads[name], kind=kind, outcome=outcome, text=text, by=ben.pk, began_at=at, now=at
        )

    log(
        "Ingrid Dahl",
        "call",
        "connected",
        "Rolls out in the Nordics first, 40 seats. Wants to see routing with two calendars. Decision with their CFO in May.",
        1440,
    )
    log(
        "Ingrid Dahl",
        "mail",
        "sent",
        "Sent the rollout plan and two references from shipping.",
        1380,
    )
    log("Oluwaseun Adeyemi", "call", "no_answer", "", 3200)
    log("Mei-Ling Chen", "call", "voicemail", "Left a message, she is back on Monday.", 6000)
    log("Mei-Ling Chen", "mail", "sent", "Quote for 700 people, valid for 30 days.", 5900)
    log(
        "فاطمة الزهراء",
        "mail",
        "sent",
        "Answered her questions about data centres in the EU.",
        9800,
    )
