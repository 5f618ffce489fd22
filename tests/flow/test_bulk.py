"""Rows of a file go through the same steps as everything else, and count for what they did."""

from datetime import datetime
from pathlib import Path

import pytest

from leadline.capture import imports
from leadline.capture.models import Import
from leadline.cards.models import Card
from leadline.flow import bulk
from leadline.leads import addresses
from leadline.leads.models import Lead
from leadline.routing.models import Notification
from tests import world

pytestmark = pytest.mark.django_db

ROWS = """email,name,Job Title,Company Name,Employees
vera@pier.example,Vera Pier,VP Operations,Pier,300
VERA@pier.example,Vera Pier,Chief Technology Officer,Pier,300
otto@quay.example,Otto Quay,Student,Quay,20
nobody,No Body,,,
"""


def brought_in(folder: Path, text: str, now: datetime, name: str = "people.csv") -> Import:
    path = folder / name
    path.write_text(text, "utf-8")
    batch = imports.start(path, now=now)
    while bulk.run_waiting(limit=2, now=now):
        pass
    batch.refresh_from_db()
    return batch


def test_rows_become_leads_with_score_and_stage(tmp_path: Path, now: datetime) -> None:
    world.build(now)

    batch = brought_in(tmp_path, ROWS, now)

    assert batch.state == "done"
    assert (batch.created_count, batch.updated_count, batch.rejected_count) == (2, 1, 1)
    vera = Card.objects.get(email="vera@pier.example")
    # VP 15 + 300 people 15; of two titles said at one instant the greater text counts.
    assert (vera.total, vera.title, vera.stage) == (30_000_000, "VP Operations", "lead")
    assert addresses.known(["otto@quay.example", "new@quay.example"]) == {"otto@quay.example"}


def test_the_past_is_recorded_and_wakes_nobody(tmp_path: Path, now: datetime) -> None:
    world.build(now)

    brought_in(tmp_path, ROWS, now)

    assert not Notification.objects.exists()
    assert set(Card.objects.values_list("owner", "response_due_at")) == {(None, None)}


def test_another_file_with_known_rows_changes_nothing(tmp_path: Path, now: datetime) -> None:
    world.build(now)
    brought_in(tmp_path, ROWS, now)
    before = list(Lead.objects.order_by("id").values_list("id", "version"))
    head, *others = ROWS.splitlines()

    batch = brought_in(tmp_path, "\n".join([head, *reversed(others)]), now, name="again.csv")

    assert (batch.created_count, batch.unchanged_count, batch.rejected_count) == (0, 3, 1)
    assert list(Lead.objects.order_by("id").values_list("id", "version")) == before
