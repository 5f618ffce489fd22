"""What is too many to be done at once: shown first, with five examples, and done by a job."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from leadline.flow import bulk_actions, intake
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.segments import lists
from leadline.web import bulk
from leadline.workspace.models import Job, User
from tests.web.test_bulk import whole, work
from tests.world import World, form

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


@pytest.mark.parametrize("count", [100, 101])
def test_a_hundred_are_done_at_once_and_one_more_is_shown_first_and_a_job(
    world: World, enter: Enter, count: int
) -> None:
    at = clock.now() - timedelta(minutes=2)
    posts = [form("demo", email=f"p{n}@firm.example", at=at) for n in range(count)]
    intake.run(posts, now=at)
    asked = whole(act="list", new_list="Fair", seen=str(count))
    ada = enter(world.ada)
    answer, preview = ada.post("/leads/bulk", asked), b""
    if count > 100:
        preview = answer.content
        assert not BulkAction.objects.exists()
        answer = ada.post("/leads/bulk", {**asked, "confirmed": "1"})
    action = BulkAction.objects.get()
    known = (action.lead_count, action.done_count, Job.objects.filter(kind="bulk.run").count())
    assert known == ((100, 100, 0) if count == 100 else (101, 0, 1))
    assert (b"Do it for 101 leads" in preview) is (count > 100)
    assert answer.status_code == 302
    work()
    assert list(lists.sizes().values()) == [count]


@pytest.mark.parametrize("chosen_by", ["filter", "ids"])
def test_five_of_twelve_are_shown_first(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch, chosen_by: str
) -> None:
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 11)
    at = clock.now() - timedelta(minutes=2)
    posts = [form("demo", email=f"q{n}@firm{n}.example", at=at, traits={"name": f"Guest {n:02}"})
             for n in range(12)]  # fmt: skip
    found = [str(each) for each in intake.run(posts, now=at).lead_ids]
    asked = whole(seen="12")
    if chosen_by == "ids":
        asked = {"act": "stage", "stage": "opportunity", "lead": found}  # type: ignore[dict-item]
    page = enter(world.ada).post("/leads/bulk", asked).content.decode()
    assert "Do it for 12 leads" in page
    assert len(set(re.findall(r"Guest \d\d", page))) == bulk.EXAMPLES == 5
