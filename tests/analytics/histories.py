"""A month of a small workspace that came in by the front door, with the worker beside it."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from leadline.capture.submission import Submission
from leadline.deals.deals import Entry
from leadline.flow import adjustments, edits, intake, reactions, score_models, timers, trash
from leadline.flow import deals as deals_flow
from leadline.leads.models import Binding, Merge
from leadline.lib import clock
from leadline.scoring import publishing
from leadline.scoring.adjustments import Given
from leadline.scoring.models import ScoreModel
from leadline.worker import kinds
from leadline.workspace import audit, jobs
from tests.world import World, form, said

HOUR = timedelta(hours=1)


@dataclass
class History:
    """What happens, and the instants at which the worker had done everything."""

    world: World
    now: datetime
    quiet: list[datetime] = field(default_factory=list)

    def say(self, *submissions: Submission) -> None:
        intake.run(list(submissions), now=self.now)

    def go_on(self, hours: float) -> None:
        """Time goes by; the worker does what is due, and every day what the day changes."""
        until = self.now + hours * HOUR
        while self.now < until:
            self.now = min(self.now + 6 * HOUR, until)
            self.work()

    def work(self) -> None:
        for claim in jobs.claim(worker="test", limit=10, now=self.now):
            if claim.kind.startswith("scoring."):
                kinds.verb(claim.kind)(claim.arguments, self.now)
            jobs.finish(claim, now=self.now)
        while timers.check_up(limit=timers.MOST, now=self.now):
            pass
        self.quiet.append(self.now)

    def lead(self, email: str) -> UUID:
        found = Binding.objects.get(kind="email", value=email, closed_at=None).lead_id
        assert found is not None
        return found

    def visit(self, who: str, path: str = "/pricing", *, hours_ago: float = 0) -> Submission:
        at = self.now - hours_ago * HOUR
        return said(
            "page", anonymous_id=who, at=self.now, occurred_us=clock.micros(at),
            is_trusted=hours_ago > 0, properties={"path": path},
        )  # fmt: skip


def a_month(world: World) -> History:
    """A history that ends a month after the world's instant."""
    history = History(world, world.now)
    for act in _acts(history):
        assert act
        history.work()
        history.go_on(31)
    return history


def _acts(at: History) -> Iterator[str]:
    """One thing after the other, each with its name."""
    known = {"title": "VP Sales", "company.employee_count": 300}
    at.say(
        form("demo", email="ann@alder.example", at=at.now, anonymous_id="v1"),
        said("identify", email="bob@birch.example", at=at.now, traits=known),
        said("identify", email="cat@cedar.example", user_id="u3", at=at.now),
        at.visit("stranger"),
    )
    yield "the first leads, and a visitor nobody knows"
    at.say(at.visit("v1"), at.visit("v1", "/blog"), *[said("track", "Visit Started",
           email="bob@birch.example", at=at.now) for _ in range(3)])  # fmt: skip
    yield "visits, three in a day"
    at.say(form("download", email="ann@alder.example", at=at.now, anonymous_id="stranger"))
    yield "the visitor turns out to be Ann, with what they did before"
    at.say(at.visit("v1", hours_ago=60), at.visit("v1", hours_ago=0))
    yield "an event comes late"
    at.say(said("identify", email="cat@cedar.example", at=at.now, traits={"email_kind": "free"}))
    edits.edit(
        at.lead("bob@birch.example"), edits.places()["title"], "Manager", seen="VP Sales",
        by=at.world.ada, now=at.now,
    )  # fmt: skip
    yield "values change, one by hand"
    ada = audit.by(at.world.ada, origin="127.0.0.1")
    given = [
        adjustments.add(at.lead(f"{name}.example"), Given(points * 1_000_000, "fair", half_life),
                        by=at.world.ada, doer=ada, now=at.now)
        for name, points, half_life in (("ann@alder", 7, 3), ("bob@birch", -4, None))
    ]  # fmt: skip
    yield "points by hand"
    at.say(
        form("demo", email="dan@dogwood.example", at=at.now, anonymous_id="v4"),
        said("identify", email="eve@elm.example", at=at.now, traits={"title": "CTO"}),
    )
    trash.move([at.lead("cat@cedar.example")], by=at.world.ada, now=at.now)
    yield "two more come, one goes to the trash"
    _publish(at)
    yield "another version of the model"
    adjustments.undo(given[0].pk, by=at.world.ada, doer=ada, now=at.now)
    at.say(said("identify", email="eve@elm.example", user_id="u9", at=at.now), at.visit("v4"))
    yield "points are taken back"
    at.say(said("alias", user_id="u9", email="dan@dogwood.example", at=at.now))
    assert Merge.objects.count() == 1
    yield "two turn out to be one"
    trash.restore([at.lead("cat@cedar.example")], by=at.world.ada, now=at.now)
    entry = Entry("EUR", at.now, external_id="1", lead_id=at.lead("bob@birch.example"),
                  amount_minor=500)  # fmt: skip
    deals_flow.state(entry, because="stated", now=at.now)
    yield "one comes back, another buys"
    reactions.undo_merge(Merge.objects.get().pk, now=at.now)
    at.say(form("contact", email="dan@dogwood.example", at=at.now))
    yield "they were two after all"


def _publish(at: History) -> None:
    """Visits to the prices are worth more and fade sooner; what is known counts less."""
    doer = audit.by(at.world.ada, origin="127.0.0.1")
    model = ScoreModel.objects.get(is_default=True)
    current = publishing.in_force(model, at=at.now)
    assert current is not None
    document = deepcopy(current.document)
    [rule] = [each for each in document["engagement"] if each["name"] == "Pricing page visit"]
    rule |= {"points": 25, "half_life": "3d"}
    draft = score_models.begin(model, document, made_from=current, by=doer, now=at.now)
    score_models.publish(draft.pk, seen=1, over=current.pk, by=doer, now=at.now)
