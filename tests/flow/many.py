"""Seven leads of Ben's and one thing done to them: what the tests of bulk actions share."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadline.cards import filters
from leadline.cards.models import Card
from leadline.cards.queries import Listing
from leadline.flow import bulk_actions, bulk_choice, intake
from leadline.flow.bulk_choice import Choice
from leadline.flow.models import BulkAction
from leadline.worker import kinds
from leadline.workspace import audit
from leadline.workspace.models import Job, User
from tests.world import World, form

LEADS = 7
Do = Callable[..., BulkAction]


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Seven leads of Ben's, who asked for a demo."""
    return arrive(world, LEADS)


def arrive(world: World, count: int, *, start: int = 0) -> list[UUID]:
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=world.now, traits={"title": "VP Sales"})
        for n in range(start, start + count)
    ]
    found = intake.run(posts, now=world.now).lead_ids
    return [each for each in found if each is not None]


@pytest.fixture
def do(world: World) -> Do:
    """Does something to leads as Ada, unless it is said who."""

    def act(what: str, choice: Choice | list[UUID], by: User | None = None, **wanted: object):  # type: ignore[no-untyped-def]
        chosen = choice if isinstance(choice, Choice) else bulk_choice.of_leads(choice)
        return bulk_actions.begin(
            what,
            chosen,
            wanted,
            by=audit.by(by or world.ada, origin="203.0.113.9"),
            now=later(world),
        )

    return act


def later(world: World, minutes: int = 1) -> datetime:
    return world.now + timedelta(minutes=minutes)


def work(world: World) -> None:
    """What the worker does with the jobs that wait."""
    for job in Job.objects.filter(state="ready", kind__startswith="bulk.").order_by("id"):
        kinds.verb(job.kind)(job.arguments, later(world, 2))
        job.delete()


def undo(world: World, action: BulkAction, by: User | None = None) -> BulkAction | None:
    undone = bulk_actions.undo(
        action.pk, by=audit.by(by or world.ada, origin=""), now=later(world, 5)
    )
    work(world)
    if undone is not None:
        undone.refresh_from_db()
    return undone


def listed(world: World, document: dict[str, object], *, seen: int) -> Choice:
    listing = Listing(world.ada, world.now, filters.read(document))
    return bulk_choice.of_listing(listing, is_everything=False, seen=seen)


def counts(action: BulkAction) -> tuple[int, int, int]:
    return action.done_count, action.same_count, action.left_out_count


def owners() -> set[UUID | None]:
    return set(Card.objects.values_list("owner", flat=True))
