"""A few weeks of a small workspace, drawn at random, and what everybody's score was each time."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from leadline.capture.submission import Submission
from leadline.criteria.mentions import Mentions
from leadline.criteria.snapshot import Snapshot
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.flow import intake, reactions, rulebook, snapshots
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.privacy.claims import ConsentClaim
from leadline.routing import assignments
from leadline.routing.models import Assignment
from leadline.scoring import adjustments, rules, tally
from leadline.scoring.adjustments import Given
from leadline.scoring.rules import Model
from tests.world import World, said

PEOPLE = ("ann@acme.test", "bob@acme.test", "cat@other.test", "dan@gmail.com", "eve@other.test")
SENIORITY = ("vp", "c_level", "manager")

RULES: list[dict[str, object]] = [
    {"when": {"trait": "title_seniority", "in": ["vp", "c_level"]}, "points": 20},
    {"when": {"trait": "company.employee_count", "gte": 200}, "points": 15},
    {"when": {"trait": "company.employee_count", "exists": False}, "points": -1},
    {"each": {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}}},
     "points": 15, "cap": 45, "half_life": "7d"},
    {"when": {"did": "Page Viewed", "at_least": 2, "within": "25h"}, "points": 7},
    {"when": {"did_not": "Form Submitted", "within": "3d"}, "points": -3},
    {"when": {"consent": "marketing", "channel": "email"}, "points": 100},
    {"when": {"since": "last_touch", "at_least": "2d"}, "points": 1000},
    {"when": {"since": "created", "at_least": "36h"}, "points": 2000},
    {"when": {"since": "assigned", "at_least": "30h"}, "points": 4000},
    {"when": {"since": "last_event", "at_least": "2d"}, "points": 8000},
]  # fmt: skip


@dataclass
class Seen:
    """What was known at an instant: each lead's snapshot, and its score by the model of tests."""

    at_us: int
    snapshots: dict[UUID, Snapshot]
    scores: dict[UUID, tuple[int, int, int]]


@dataclass
class Past:
    """A story and what was seen of it now and then. `merged_us`: when a lead was last merged."""

    world: World
    model: Model
    reads: Mentions
    seen: list[Seen] = field(default_factory=list)
    merged_us: dict[UUID, int] = field(default_factory=dict)


def model(*, day_offset_minutes: int) -> Model:
    """The rules above, which ask for what the lake has to know."""
    named = [{"name": f"Rule {place}", **rule} for place, rule in enumerate(RULES)]
    return rules.parse_model(
        {"name": "Past", "fit": named[:3], "engagement": named[3:], "floor": -5},
        vocabulary=rulebook.vocabulary(),
        day_offset_minutes=day_offset_minutes,
    )


def lived(world: World, seed: int, *, steps: int = 14, looks: int = 4, also: Mentions) -> Past:
    """Live through some steps, hours apart; after the last of every few look at everybody."""
    mine = model(day_offset_minutes=60)
    past = Past(world, mine, rules.reads(mine) | also)
    chance, now = random.Random(seed), world.now
    for step in range(steps):
        now += timedelta(hours=chance.randint(1, 30), microseconds=chance.randint(0, 9))
        _step(chance, now, world)
        _note_merges(past, now)
        if (steps - 1 - step) % (steps // looks) == 0:
            _look(past, now)
    return past


def _step(chance: random.Random, now: datetime, world: World) -> None:
    for _ in range(chance.randint(1, 3)):
        chance.choice(_STEPS)(chance, now, world)


def _visit(chance: random.Random, now: datetime, _: World) -> None:
    """Some come late: they happened before, and nobody knew."""
    late = timedelta(hours=chance.choice([0, 0, 30, 100]))
    who = {"anonymous_id": chance.choice("xyz")} if chance.random() < 0.5 else {}
    if not who or chance.random() < 0.5:
        who["email"] = chance.choice(PEOPLE)
    path = chance.choice(["/pricing", "/blog", "/pricing/x"])
    _arrive(
        said(at=now, occurred_us=clock.micros(now - late), properties={"path": path}, **who), now
    )


def _identify(chance: random.Random, now: datetime, _: World) -> None:
    traits = {
        "title_seniority": chance.choice(SENIORITY),
        "company.employee_count": chance.choice([50, 200, 5_000]),
    }
    some = dict(chance.sample(sorted(traits.items()), chance.randint(0, 2)))
    is_trusted = chance.random() < 0.7
    _arrive(said("identify", "Identified", at=now, email=chance.choice(PEOPLE), traits=some,
                 is_trusted=is_trusted), now)  # fmt: skip


def _form(chance: random.Random, now: datetime, _: World) -> None:
    state = chance.choice(["granted", "denied", "withdrawn"])
    claim = ConsentClaim("marketing", "email", state)
    before = timedelta(hours=chance.choice([0, 0, 50]))
    _arrive(said("form", "Form Submitted", at=now, occurred_us=clock.micros(now - before),
                 email=chance.choice(PEOPLE), consents=(claim,),
                 is_trusted=chance.random() < 0.7, properties={"form": "f", "purpose": "demo"}),
            now)  # fmt: skip


def _link(chance: random.Random, now: datetime, _: World) -> None:
    """A trusted source says that two addresses are one person's."""
    one, other = chance.sample(PEOPLE, 2)
    for email in (one, other):
        _arrive(said("identify", "Identified", at=now, email=email, user_id=f"u-{one}"), now)


def _touch(chance: random.Random, now: datetime, world: World) -> None:
    if lead_id := _somebody(chance):
        kind = chance.choice(["call", "note"])
        reactions.log_activity(
            lead_id, kind=kind, outcome="", text="Hm", by=world.ben.pk, began_at=now, now=now
        )


def _assign(chance: random.Random, now: datetime, world: World) -> None:
    """To somebody else, to nobody, or with its owner to another team."""
    if lead_id := _somebody(chance):
        owner_id = chance.choice([world.ben.pk, world.cleo.pk, world.cleo.pk, None])
        reactions.assign(lead_id, owner_id, by=world.ada.pk, because="Hm", now=now)
    if chance.random() < 0.3:
        mine = Assignment.objects.filter(team=world.sales).values_list("lead", flat=True)
        assignments.move_to_team(
            sorted(set(mine)), team_before=world.sales.pk, team_id=None, by=world.ada.pk,
            because="Hm", now=now,
        )  # fmt: skip


def _adjust(chance: random.Random, now: datetime, world: World) -> None:
    if lead_id := _somebody(chance):
        given = Given(chance.choice([5_000_000, -2_500_000]), "Hm", chance.choice([None, 3]))
        adjustments.add(lead_id, given, by=world.ben.pk, now=now)


def _sell(chance: random.Random, now: datetime, _: World) -> None:
    if lead_id := _somebody(chance):
        is_won = chance.random() < 0.5
        entry = Entry("EUR", now - timedelta(days=1), external_id=f"d{now}", lead_id=lead_id,
                      amount_minor=1_000, state="won" if is_won else "open",
                      closed_at=now if is_won else None)  # fmt: skip
        deals.import_many([entry], because="test", now=now)


_STEPS = (_visit, _visit, _visit, _identify, _identify, _form, _form, _link, _touch, _adjust, _sell,
          _assign, _assign)  # fmt: skip


def _arrive(submission: Submission, now: datetime) -> None:
    intake.run([submission], now=now)


def _somebody(chance: random.Random) -> UUID | None:
    there = list(Lead.objects.filter(merged_into=None).order_by("id").values_list("id", flat=True))
    return chance.choice(there) if there else None


def _note_merges(past: Past, now: datetime) -> None:
    for lead_id, kept_id in Lead.objects.exclude(merged_into=None).values_list("id", "merged_into"):
        if lead_id not in past.merged_us:
            past.merged_us[lead_id] = past.merged_us[kept_id] = clock.micros(now)


def _look(past: Past, now: datetime) -> None:
    """Everybody as they are now, scored in process."""
    at_us = clock.micros(now)
    there = list(Lead.objects.values_list("id", flat=True))
    found = snapshots.load(there, reads=past.reads, at_us=at_us)
    present = {each.id: each.snapshot for each in found.values() if not each.is_absent}
    scores = {
        lead_id: tally.total_only(past.model, each, at_us) for lead_id, each in present.items()
    }
    past.seen.append(
        Seen(at_us, present, {k: (s.total, s.fit, s.engagement) for k, s in scores.items()})
    )
