"""A workspace that looks like a working day: leads at every stage, for screens and pictures.

Everything goes in through `flow`, as in the product; only the people and the texts are made up
here. Times are relative to the `now` that is passed in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Concat

from leadline.activities.models import Task
from leadline.capture.submission import ConsentClaim, Submission
from leadline.cards.models import Card
from leadline.delivery.models import Message
from leadline.flow import intake, reactions, rulebook
from leadline.leads.models import Company, Lead
from leadline.lib import clock
from leadline.routing.models import Calendar
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.workspace import settings
from leadline.workspace.models import Field, Team, User, Workspace
from tests import world as worlds
from tests.world import World

PASSWORD = "correct horse battery"

# name | title | company | domain | people | purpose | minutes ago | pricing visits | source
TABLE = """
Grace Lindqvist | VP Operations | Halvorsen Shipping | halvorsen | 320 | demo | 2 | 3 | google
Amara Okafor | Head of Marketing | Brightwell Foods | brightwell | 140 | quote | 4 | 2 | linkedin
Jonas Weber | Managing Director | Weber & Söhne | weber | 64 | contact | 26 | 1 | google
Priya Raghunathan | Director of Sales | Meridian Optics | meridian | 210 | | 95 | 4 | newsletter
Lucía Fernández | Marketing Manager | Casa Olivo | casaolivo | 38 | download | 180 | 2 | google
Tomasz Zieliński | CTO | Baltic Grid | balticgrid | 900 | webinar | 300 | 3 | partner
Ingrid Dahl | Chief Revenue Officer | Fjordlink | fjordlink | 520 | demo | 1500 | 5 | google
Mateo Rossi | Sales Manager | Vetrina | vetrina | 45 | trial | 2100 | 1 | bing
Hannah Fischer | Student | TU Dresden | dresden | 0 | newsletter | 2900 | 0 | facebook
Oluwaseun Adeyemi | VP Sales | Lagos Freight | lagosfreight | 410 | callback | 3300 | 2 | google
Sofia Papadopoulou | Procurement Lead | Aegean Lines | aegean | 260 | | 4100 | 1 | partner
Daniel Cohen | Founder | Northbeam Labs | northbeam | 12 | trial | 5200 | 2 | google
Mei-Ling Chen | Director of Growth | Orchid Retail | orchid | 700 | quote | 6100 | 3 | linkedin
Viktor Novák | Manager | Praha Print | prahaprint | 22 | download | 7000 | 0 | google
Aoife Byrne | Head of Success | Cloudpeat | cloudpeat | 180 | webinar | 8200 | 1 | facebook
فاطمة الزهراء | Marketing Director | Atlas Média | atlas | 95 | contact | 9900 | 2 | google
"""
MEDIA = {"google": "cpc", "bing": "organic", "linkedin": "social", "facebook": "social",
         "newsletter": "email", "partner": "referral"}  # fmt: skip
ANSWERED = ("Sofia Papadopoulou", "Daniel Cohen", "Viktor Novák", "Aoife Byrne", "Mateo Rossi",
            "Tomasz Zieliński", "Oluwaseun Adeyemi", "Hannah Fischer")  # fmt: skip
# What Ben did: name | kind | outcome | minutes ago | text
DONE = """
Ingrid Dahl | call | connected | 1497 | Rolls out in the Nordics first. Decision in May.
Ingrid Dahl | mail | sent | 1440 | Sent the rollout plan and two references from shipping.
Oluwaseun Adeyemi | call | no_answer | 3200 |
Mei-Ling Chen | call | voicemail | 6000 | Left a message, she is back on Monday.
Mei-Ling Chen | mail | sent | 5900 | Quote for 700 people, valid for 30 days.
فاطمة الزهراء | mail | sent | 9800 | Answered her questions about data centres in the EU.
"""


@dataclass(frozen=True)
class Person:
    """A row of `TABLE`."""

    name: str
    title: str
    company: str
    domain: str
    people: int
    purpose: str
    minutes_ago: int
    visits: int
    source: str

    @property
    def email(self) -> str:
        first = self.name.split()[0].lower()
        return f"{first if first.isascii() else 'hello'}@{self.domain}.example.com"


@dataclass
class Sample:
    """The world, and the ids of the leads by name."""

    world: World
    leads: dict[str, UUID]


def people() -> list[Person]:
    """The rows of `TABLE`, newest first."""
    return [_person(*cells) for cells in _cells(TABLE)]


def build(now: datetime, *, language: str = "en") -> Sample:
    """The workspace, its people with passwords, and the leads of `TABLE`; the playbook's words are
    in the language."""
    world = _world(now, language)
    sample = Sample(world, {})
    for person in reversed(people()):
        sample.leads[person.name] = _arrive(person, now=now)
        if person.name in ANSWERED:
            at = now - timedelta(minutes=person.minutes_ago - 4)
            _log(sample, person.name, "mail", "sent", "Thanked, and asked for a time to talk.", at)
    for name, kind, outcome, minutes, text in _cells(DONE):
        _log(sample, name, kind, outcome, text, now - timedelta(minutes=int(minutes)))
    fair = lists.named("Trade fair", by=world.ben.pk, now=now - timedelta(days=2))
    guests = [sample.leads[name] for name in ("Ingrid Dahl", "Daniel Cohen", "Mateo Rossi")]
    lists.add(fair.pk, guests, by=world.ben.pk, now=now - timedelta(hours=3))
    return sample


def mark() -> None:
    """Put every name into the brackets of `pseudo`, so that what people and things are called is
    told from what we say, also where it stands in no element of data: in a title, in a choice."""
    for model, column in (
        (User, "name"), (Team, "name"), (Card, "name"), (Card, "company_name"),
        (Company, "name"), (Segment, "name"), (Task, "text"), (Message, "subject"),
    ):  # fmt: skip
        named = model._default_manager.exclude(**{column: ""})
        named = named.exclude(**{f"{column}__contains": "⟦"})
        named.update(**{column: Concat(Value("⟦"), column, Value("⟧"))})
    Field.objects.filter(name="deal.product").update(label="⟦Product⟧")  # a fixture's own
    for lead in Lead.objects.all():
        lead.traits = {**lead.traits, "name": f"⟦{lead.traits.get('name', '')}⟧"}
        lead.save()


def _world(now: datetime, language: str) -> World:
    """The shared world, always at work, so that clocks run whenever a picture is taken."""
    world = worlds.build(now, language=language)
    hours = [["00:00", "12:30"], ["12:30", "23:59"]]
    Calendar.objects.update(hours=dict.fromkeys("mon tue wed thu fri sat sun".split(), hours))
    Workspace.objects.update(name="Northwind")
    settings.rules_changed()
    rulebook.forget()
    names = ("Ada Lindholm", "Ben Carter", "Cleo Marsh")
    for user, name in zip((world.ada, world.ben, world.cleo), names, strict=True):
        user.name, user.time_zone = name, "Europe/Berlin"
        user.set_password(PASSWORD)
        user.save()
    return world


def _arrive(person: Person, *, now: datetime) -> UUID:
    at = now - timedelta(minutes=person.minutes_ago)
    context = {"source": person.source, "medium": MEDIA[person.source], "campaign": "spring"}
    paths = ["/pricing"] * person.visits + ["/product", "/"]
    said = [
        worlds.said(
            "page", "Page Viewed", anonymous_id=f"visitor-{person.domain}",
            at=at - timedelta(hours=5 * n + 1), properties={"path": path}, context=context,
        )
        for n, path in enumerate(paths)
    ]  # fmt: skip
    found = None
    for each in [*reversed(said), _identified(person, at)]:
        found = intake.run([each], now=clock.from_micros(each.occurred_us)).lead_ids[0]
    assert found is not None
    return found


def _identified(person: Person, at: datetime) -> Submission:
    traits: dict[str, object] = {
        "name": person.name, "title": person.title, "company.name": person.company,
    }  # fmt: skip
    if person.people:
        traits["company.employee_count"] = person.people
    consents = (ConsentClaim("marketing", "email", "granted"),) if person.visits > 1 else ()
    fields: dict[str, object] = {
        "anonymous_id": f"visitor-{person.domain}", "traits": traits, "consents": consents,
    }  # fmt: skip
    if not person.purpose:
        return worlds.said("identify", "Identified", email=person.email, at=at, **fields)
    return worlds.form(person.purpose, email=person.email, at=at, is_trusted=True, **fields)


def _log(sample: Sample, name: str, kind: str, outcome: str, text: str, at: datetime) -> None:
    reactions.log_activity(
        sample.leads[name], kind=kind, outcome=outcome, text=text, by=sample.world.ben.pk,
        began_at=at, now=at,
    )  # fmt: skip


def _person(*cells: str) -> Person:
    name, title, company, domain, people, purpose, minutes, visits, source = cells
    return Person(
        name, title, company, domain, int(people), purpose, int(minutes), int(visits), source
    )


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
