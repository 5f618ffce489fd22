"""A year of a small workspace, brought in by the front door, with planted effects."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from leadline.capture.submission import Submission
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.flow import intake
from leadline.leads.models import Binding
from tests.world import World, said

PEOPLE = 120


def seen(path: str) -> dict[str, Any]:
    """Pages whose path begins so, as a rule writes it."""
    return {"did": "Page Viewed", "where": {"path": {"starts": path}}}


MODEL: dict[str, Any] = {
    "name": "Small",
    "thresholds": {"mql": 30},
    "fit": [{"name": "Vice presidents", "when": {"trait": "title_seniority", "is": "vp"},
             "points": 20}],
    "engagement": [
        {"name": "Prices", "each": seen("/pricing"), "points": 15, "cap": 45, "half_life": "60d"},
        {"name": "Blog", "each": seen("/blog"), "points": 2, "cap": 6},
    ],
}  # fmt: skip


@dataclass
class Year:
    """What is brought in. Those who look at the prices buy, mostly within a month."""

    world: World
    first: datetime
    submissions: list[Submission] = field(default_factory=list)
    sold: dict[int, tuple[datetime, str]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.world.now

    def address(self, number: int) -> str:
        return f"p{number}@example{number % 30}.test"

    def say(self, number: int, at: datetime, name: str, **fields: object) -> None:
        kind = str(fields.pop("kind", "track"))
        self.submissions.append(
            said(kind, name, at=at, email=self.address(number), is_history=True,
                 message_id=f"{number}-{len(self.submissions)}", **fields)
        )  # fmt: skip

    def lived(self, number: int, chance: Random) -> None:
        came = self.first + timedelta(days=chance.random() * 300)
        seniority = chance.choice(["vp", "manager"])
        self.say(number, came, "Identified", kind="identify", traits={"title_seniority": seniority})
        prices = 3 if number % 3 == 0 else 0
        for _ in range(prices + chance.randint(0, 1)):
            self.see(number, came + timedelta(days=chance.random() * 20), "/pricing")
        for _ in range(chance.randint(0, 3)):
            self.see(number, came + timedelta(days=chance.random() * 60), "/blog/x")
        if chance.random() < (0.7 if prices else 0.08):
            closed = came + timedelta(days=50 + chance.random() * 30)
            self.sold[number] = (closed, "won" if prices or chance.random() < 0.5 else "lost")

    def see(self, number: int, at: datetime, path: str) -> None:
        self.say(number, at, "Page Viewed", kind="page", properties={"path": path})

    def come_in(self) -> None:
        """Work all of it off, as history, and then the deals that were closed by now."""
        self.submissions.sort(key=lambda each: each.occurred_us)
        intake.run(self.submissions, now=self.now)
        found = Binding.objects.filter(kind="email").values_list("value", "lead_id")
        leads = dict(found)
        entries = [
            Entry("EUR", closed - timedelta(days=10), external_id=f"d{number}", state=state,
                  lead_id=leads[self.address(number)], closed_at=closed)
            for number, (closed, state) in self.sold.items()
            if closed < self.now
        ]  # fmt: skip
        deals.import_many(entries, because="test", now=self.now)


def year(world: World, *, seed: int = 1) -> Year:
    """A year that ended at the world's instant; not yet brought in."""
    found = Year(world, world.now - timedelta(days=400))
    chance = Random(seed)
    for number in range(PEOPLE):
        found.lived(number, chance)
    return found
