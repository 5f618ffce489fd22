"""Bulk actions in the order in which they were done, whatever their ids are."""

from uuid import UUID

import pytest

from leadline.flow import bulk_actions, bulk_choice, bulk_history, bulk_once
from leadline.flow.models import BulkAction
from leadline.workspace import audit
from leadline.workspace.models import User
from tests.flow.many import arrive, later
from tests.world import World


def log(world: World, by: User, lead_ids: list[UUID], minute: int) -> BulkAction:
    """A note under a key that is smaller the later it is."""
    choice, wanted = bulk_choice.of_leads(lead_ids), {"kind": "note", "text": "Met."}
    sent = bulk_once.once(UUID(int=1_000 - minute), wanted)
    doer = audit.by(by, origin="")
    return bulk_actions.begin("log", choice, wanted, by=doer, now=later(world, minute), sent=sent)


@pytest.mark.django_db
def test_the_newest_comes_first_page_by_page(world: World) -> None:
    lead_ids = arrive(world, 1)
    made = [log(world, world.ada, lead_ids, minute).pk for minute in range(5)]
    first = bulk_history.newest(world.ada, limit=2)
    rest = bulk_history.newest(world.ada, before=first[-1].pk, limit=9)
    assert [each.pk for each in (*first, *rest)] == made[::-1]


@pytest.mark.django_db
def test_somebody_elses_action_is_no_place_to_go_on_from(world: World) -> None:
    lead_ids = arrive(world, 1)
    mine, theirs = (log(world, who, lead_ids, n) for n, who in enumerate((world.ben, world.ada)))
    assert [e.pk for e in bulk_history.newest(world.ben, before=theirs.pk, limit=9)] == [mine.pk]
    assert bulk_history.newest(world.ben, before=mine.pk, limit=9) == []
