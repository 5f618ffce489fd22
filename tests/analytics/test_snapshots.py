"""Where everybody stands, whose is what, as of one instant; and what of it the lake never holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from leadline.analytics import shapes
from leadline.analytics.lake import Lake
from leadline.flow import intake, reactions
from leadline.leads import trash
from leadline.leads.models import Binding, Lead
from leadline.lib import clock, facts, personal_data
from leadline.privacy.models import Consent
from leadline.scoring.models import Score
from tests.analytics import lakes
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def known(world: World, *addresses: str) -> list[Lead]:
    made = [said("identify", email=each, at=world.now) for each in addresses]
    return [Lead.objects.get(pk=pk) for pk in intake.run(made, now=world.now).lead_ids if pk]


def grant(world: World, address: str) -> None:
    Consent.objects.create(
        identifier_kind="email", identifier=address, purpose="marketing", channel="email",
        state="granted", source="x", at=world.now, known_at=world.now,
    )  # fmt: skip


def test_leads_are_numbered_from_nought_without_a_gap(world: World, lake: Lake) -> None:
    known(world, "a@x.test", "b@x.test", "c@x.test")
    lakes.refreshed(lake, world.now)
    found = sorted(lakes.rows(lake, "leads"), key=lambda row: row["lead_no"])
    assert [row["lead_no"] for row in found] == [0, 1, 2]
    assert [row["lead_id"] for row in found] == sorted(
        str(pk) for pk in Lead.objects.values_list("pk", flat=True)
    )


def test_a_binding_names_the_lead_that_it_belongs_to_now(world: World, lake: Lake) -> None:
    one, two, three = known(world, "a@x.test", "b@x.test", "c@x.test")
    # two became part of one, one of three: the binding says so although it was left behind.
    Lead.objects.filter(pk=two.pk).update(merged_into=one)
    Lead.objects.filter(pk=one.pk).update(merged_into=three)
    visitor = Binding.objects.create(
        kind="anonymous", value="v", opened_at=world.now, known_at=world.now
    )
    lakes.refreshed(lake, world.now)
    numbers = {row["lead_id"]: row["lead_no"] for row in lakes.rows(lake, "leads")}
    found = {row["id"]: row["lead_no"] for row in lakes.rows(lake, "bindings")}
    for lead in (one, two, three):
        assert found[Binding.objects.get(lead=lead).pk] == numbers[str(three.pk)]
    assert found[visitor.pk] is None
    absent = {row["lead_id"] for row in lakes.rows(lake, "leads") if row["is_absent"]}
    assert absent == {str(one.pk), str(two.pk)}


def test_who_lies_in_the_trash_is_there_and_absent(world: World, lake: Lake) -> None:
    lead, other = known(world, "a@x.test", "b@x.test")
    trash.put([lead.pk], by=world.ada.pk, now=world.now)
    lakes.refreshed(lake, world.now)
    found = {row["lead_id"]: row["is_absent"] for row in lakes.rows(lake, "leads")}
    assert found == {str(lead.pk): True, str(other.pk): False}


def test_a_standing_is_what_a_snapshot_says(world: World, lake: Lake) -> None:
    asked = form(
        "demo", email="a@x.test", at=world.now, context={"source": "google", "is_arrival": True}
    )
    lead_id = intake.run([asked], now=world.now).lead_ids[0]
    assert lead_id is not None
    called = world.now + timedelta(hours=1)
    reactions.log_activity(
        lead_id, kind="call", outcome="", text="secret", by=world.ben.pk, began_at=called,
        now=called,
    )  # fmt: skip
    lakes.refreshed(lake, world.now)
    [row] = lakes.rows(lake, "standings")
    assert row["lead_id"] == str(lead_id)
    assert row["owner"] == "ben@acme.example"
    assert row["team"] == world.sales.name
    assert row["source"] == "google"
    assert row["last_response_us"] == clock.micros(called)
    assert row["temperature"] == "hot"
    assert row["total"] == Score.objects.get(lead=lead_id).total


def test_a_consent_holds_for_every_binding_with_its_identifier(world: World, lake: Lake) -> None:
    [lead] = known(world, "a@x.test")
    grant(world, "a@x.test")
    grant(world, "nobody@x.test")
    lakes.refreshed(lake, world.now)
    [row] = lakes.rows(lake, "consents")
    assert row["binding_id"] == Binding.objects.get(lead=lead, kind="email").pk
    assert (row["purpose"], row["channel"], row["state"]) == ("marketing", "email", "granted")


def test_what_did_not_change_is_not_taken_again(world: World, lake: Lake) -> None:
    known(world, "a@x.test")
    grant(world, "a@x.test")
    lakes.refreshed(lake, world.now)
    before = lake.manifest().tables["consents"].files
    lakes.refreshed(lake, world.now)
    assert lake.manifest().tables["consents"].files == before
    grant(world, "a@x.test")
    lakes.refreshed(lake, world.now)
    assert len(lakes.rows(lake, "consents")) == 2


# What is declared


def declared() -> list[tuple[str, str]]:
    """(table of the lake, column as the database names it) of every declared column."""
    found = []
    for table in facts.registered():
        aliases = {table.source.split()[1]: table.source.split()[0]}
        words = table.source.split()
        for at, word in enumerate(words):
            if word == "JOIN":
                aliases[words[at + 2]] = words[at + 1]
        for column in table.columns:
            alias, dot, name = column.sql.partition(".")
            if dot and alias in aliases:
                found.append((aliases[alias], name))
    return found


# What the registry holds as personal and the lake keeps a part of: the fields and properties that
# `analytics.vocabulary` lets in, which are no identifiers and no free text.
PARTS = {("leads_traitvalue", "value"), ("timeline_event", "properties")}
# Our colleagues, as rules name them; and ids, which explain nobody.
OURS = {("workspace_user", "email")}


def test_no_declared_column_is_a_direct_identifier_or_free_text() -> None:
    from django.apps import apps

    personal = {
        (apps.get_model(holder.model_label)._meta.db_table, name)
        for holder in personal_data.registered()
        for name in holder.holds
        if not name.endswith("_id") and name not in ("lead", "lead_id")
    }
    assert len(personal) > 30
    assert set(declared()) & personal == PARTS | (set(declared()) & OURS & personal)


def test_every_declared_column_says_what_it_is_and_exists(world: World, lake: Lake) -> None:
    """Instants and points say in which unit they are by their name or their words."""
    lakes.refreshed(lake, world.now)
    for table in facts.registered():
        assert table.grain
        for column in table.columns:
            assert column.says, f"{table.name}.{column.name}"
        if table.kind == "append":
            assert table.month in {column.name for column in table.columns}
        assert lakes.rows(lake, table.name) is not None
        is_about_nobody = table.name == "segments"
        assert bool(shapes.subjects(table.name)) is not is_about_nobody, table.name
