"""The load file of 100,000 made-up leads goes in through the import, recognised and counted."""

import gzip
from datetime import datetime
from pathlib import Path

import pytest

from leadline.capture import imports
from leadline.cards.models import Card
from leadline.flow import bulk
from leadline.leads import addresses
from leadline.leads.models import Binding, Company, Lead
from leadline.timeline.models import Event
from tests.real_input import files, workspace

pytestmark = pytest.mark.django_db
ROWS = 1_500


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    """The first rows of the file; all of them are for the benchmark."""
    packed = files.find("synthetic_leads_100k") / "leads100k.csv.gz"
    path = tmp_path / "leads.csv"
    with gzip.open(packed, "rt", encoding="utf-8") as stream, path.open("w") as out:
        out.writelines(next(stream) for _ in range(ROWS + 1))
    return path


def work_off(now: datetime) -> None:
    while bulk.run_waiting(limit=200, now=now):
        pass


def test_same_addresses_are_one_lead_and_totals_add_up(leads: Path, now: datetime) -> None:
    workspace.open_up(now)
    rows = files.rows(leads)
    people = {row["email"].strip().lower() for row in rows}

    batch = imports.start(leads, now=now)
    work_off(now)

    batch.refresh_from_db()
    assert (batch.state, batch.row_count, batch.rejected_count) == ("done", ROWS, 0)
    assert batch.created_count == Lead.objects.count() == Card.objects.count() == len(people)
    assert batch.created_count + batch.updated_count == ROWS
    assert Binding.objects.filter(kind="external").count() == ROWS
    domains = {each.rpartition("@")[2] for each in people}
    # Some duplicates write "mail." before their company's domain: one company all the same.
    assert Company.objects.count() == len({each.removeprefix("mail.") for each in domains})


def test_the_file_again_with_one_more_row_adds_that_row(leads: Path, now: datetime) -> None:
    workspace.open_up(now)
    imports.start(leads, now=now)
    work_off(now)
    events = Event.objects.count()
    with leads.open("a") as out:
        out.write("L999999,New,Person,new@new.example.com" + "," * 14 + "\n")

    found = imports.preview(leads, known=addresses.known)
    batch = imports.start(leads, now=now)
    work_off(now)

    batch.refresh_from_db()
    assert (found.new_count, found.row_count) == (1, ROWS + 1)
    assert (batch.created_count, batch.unchanged_count) == (1, ROWS)
    assert Event.objects.count() == events + 1
