"""Exported leads: what the asker may see, safe to open, fetched once within a day."""

import csv
from datetime import timedelta
from io import StringIO
from uuid import UUID

import pytest

from leadline.cards import filters
from leadline.cards.queries import Listing
from leadline.flow import bulk_actions, bulk_choice, bulk_export, intake, reactions
from leadline.flow.models import BulkAction
from leadline.worker import kinds
from leadline.workspace import audit
from leadline.workspace.models import AuditEntry, Field, Job, Role, User
from tests.world import World, form


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Ben's lead of three; one calls itself a formula."""
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=world.now,
             traits={"name": "=HYPERLINK(1)" if n == 0 else f"P {n}", "title": "VP Sales"})
        for n in range(3)
    ]  # fmt: skip
    return [each for each in intake.run(posts, now=world.now).lead_ids if each is not None]


def export(world: World, by: User) -> BulkAction:
    listing = Listing(by, world.now, filters.read({"temperature": "hot"}))
    choice = bulk_choice.of_listing(listing, is_everything=False, seen=3)
    action = bulk_actions.begin("export", choice, {}, by=audit.by(by, origin=""), now=world.now)
    for job in Job.objects.filter(state="ready", kind=bulk_actions.RUN):
        kinds.verb(job.kind)(job.arguments, world.now)
        job.delete()
    action.refresh_from_db()
    return action


def fetched(world: World, action: BulkAction, by: User) -> list[dict[str, str]] | None:
    now = world.now + timedelta(hours=1)
    file = bulk_export.fetch(action.pk, by, origin="203.0.113.9", now=now)
    if file is None:
        return None
    with file:
        return list(csv.DictReader(StringIO(file.read().decode("utf-8-sig"))))


@pytest.mark.django_db
def test_the_file_holds_the_leads_and_no_formula(world: World, lead_ids: list[UUID]) -> None:
    action = export(world, world.ada)
    assert (action.state, action.done_count) == ("done", 3)
    rows = fetched(world, action, world.ada)
    assert rows is not None
    assert {row["Lead"] for row in rows} == {str(each) for each in lead_ids}
    assert {row["Name"] for row in rows} == {"'=HYPERLINK(1)", "P 1", "P 2"}
    assert {row["Job title"] for row in rows} == {"VP Sales"}
    assert {row["Owner"] for row in rows} == {"Ben"}


@pytest.mark.django_db
def test_it_is_fetched_once_and_only_by_its_asker(world: World, lead_ids: list[UUID]) -> None:
    action = export(world, world.ada)
    other = User.objects.create_user("a@acme.example", name="Al", role=Role.ADMIN)
    assert fetched(world, action, other) is None
    assert fetched(world, action, world.ada) is not None
    assert fetched(world, action, world.ada) is None
    assert AuditEntry.objects.filter(act="leads.exported").count() == 1
    assert AuditEntry.objects.filter(act="export.fetched").count() == 1


@pytest.mark.django_db
def test_after_a_day_it_is_gone(world: World, lead_ids: list[UUID]) -> None:
    action = export(world, world.ada)
    tomorrow = world.now + timedelta(days=1, minutes=1)
    assert bulk_export.fetch(action.pk, world.ada, origin="", now=tomorrow) is None
    path = bulk_export._path(action.pk)
    assert path.exists()
    assert path.stat().st_mode & 0o777 == 0o600
    year = timedelta(days=3_660)
    assert bulk_export.clear(now=world.now + year) >= 1
    assert not path.exists()


@pytest.mark.django_db
def test_sensitive_fields_are_not_in_the_file_of_who_may_not_see_them(
    world: World, lead_ids: list[UUID]
) -> None:
    Field.objects.filter(name="title").update(is_sensitive=True)
    mara = User.objects.create_user("m@acme.example", name="Mara", role=Role.MARKETER)
    rows = fetched(world, export(world, mara), mara)
    assert rows is not None
    assert len(rows) == 3
    assert "Job title" not in rows[0]
    assert "VP Sales" not in str(rows)


@pytest.mark.django_db
def test_leads_that_were_hidden_meanwhile_are_not_in_it(world: World, lead_ids: list[UUID]) -> None:
    lea = User.objects.create_user(
        "l@acme.example", name="Lea", role=Role.MANAGER, team=world.sales
    )
    choice = bulk_choice.of_leads(lead_ids)
    action = bulk_actions.begin("export", choice, {}, by=audit.by(lea, origin=""), now=world.now)
    reactions.assign(lead_ids[0], world.cleo.pk, by=world.ada.pk, because="-", now=world.now)
    bulk_actions.run({"action": str(action.pk)}, world.now)
    action.refresh_from_db()
    rows = fetched(world, action, lea)
    assert rows is not None
    assert {row["Lead"] for row in rows} == {str(each) for each in lead_ids[1:]}


@pytest.mark.django_db
def test_a_killed_export_is_written_anew_and_a_cancelled_one_leaves_nothing(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_export, "PORTION", 2)
    choice = bulk_choice.of_leads(lead_ids)
    action = bulk_actions.begin(
        "export", choice, {}, by=audit.by(world.ada, origin=""), now=world.now
    )

    def killed(count: int) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bulk_export.write(action, go_on=killed)
    assert bulk_export.write(action, go_on=lambda count: True) == 3
    bulk_actions.cancel(action.pk, now=world.now)
    bulk_export._path(action.pk).unlink()
    bulk_actions.run({"action": str(action.pk)}, world.now)
    assert not bulk_export._path(action.pk).exists()
