"""Whoever holds personal data says so, and what is erased is gone."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.apps import apps
from django.db import connection, models

from leadline.activities.due import Due
from leadline.activities.tasks import Plan
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.flow import intake, reactions, tasks
from leadline.lib import personal_data
from leadline.scoring.lines import Line
from leadline.scoring.models import Score, ScoreChange
from tests.architecture import personal_columns
from tests.world import World, form, said

MARK = "Holds personal data"


def declared() -> set[str]:
    return {
        f"{model._meta.app_label}.{model.__name__}"
        for model in apps.get_models()
        if model.__module__.startswith("leadline.") and MARK in (model.__doc__ or "")
    }


def test_every_model_that_holds_personal_data_is_registered() -> None:
    registered = {holder.model_label for holder in personal_data.registered()}
    assert declared() - registered == set()
    assert registered - declared() == set()


def test_every_text_about_a_lead_is_erased_or_says_why_not() -> None:
    held = {
        f"{holder.model_label}.{name}"
        for holder in personal_data.registered()
        for name in holder.holds
    }
    found = {
        f"{model._meta.label}.{column.name}"
        for model in about_leads()
        for column in model._meta.concrete_fields
        if is_text(column)
    }
    missing = found - held - personal_columns.SAYS_NOTHING.keys()
    assert missing == set(), "register these (personal.py) or give a reason (personal_columns.py)"
    assert personal_columns.SAYS_NOTHING.keys() - found == set(), "these are gone"
    assert personal_columns.SAYS_NOTHING.keys() & held == set(), "these are held"


def test_whatever_is_held_about_a_lead_is_erased_and_exported_or_says_why_not() -> None:
    ours = {model._meta.label for model in about_leads()}
    holders = [each for each in personal_data.registered() if each.model_label in ours]
    assert [each.model_label for each in holders if each.eraser is None] == []
    silent = {each.model_label for each in holders if each.exporter is None}
    assert silent == personal_columns.NOT_EXPORTED.keys()


def about_leads() -> list[type[models.Model]]:
    """Leads, their companies, and every model with a key to a lead, or to one that has such a key.

    Whoever adds such a model is asked here, marked or not.
    """
    ours = [each for each in apps.get_models() if each.__module__.startswith("leadline.")]
    found = {"leads.Lead", "leads.Company"}
    while more := {model._meta.label for model in ours if _points_to(model, found)} - found:
        found |= more
    return [model for model in ours if model._meta.label in found]


def _points_to(model: type[models.Model], labels: set[str]) -> bool:
    targets = {column.related_model for column in model._meta.concrete_fields if column.is_relation}
    return any(isinstance(t, type) and t._meta.label in labels for t in targets)


def is_text(column: "models.Field[Any, Any]") -> bool:
    """Can it hold words that somebody wrote? A choice of ours cannot."""
    kinds = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
    return isinstance(column, kinds) and not column.choices


@pytest.mark.parametrize(
    "holder", personal_data.registered(), ids=lambda holder: holder.model_label
)
def test_what_is_registered_exists(holder: personal_data.Holder) -> None:
    model = apps.get_model(holder.model_label)
    names = {field.name for field in model._meta.get_fields()}
    assert set(holder.holds) <= names


@pytest.mark.django_db
def test_erasing_a_lead_leaves_none_of_its_words_in_any_table(world: World) -> None:
    marks = ("grace.hopper@navy.example", "Grace", "Hopper", "compiler-4711")
    erased = _two_people(world, marks)
    before = _tables_with(marks)
    assert {"leads_binding", "cards_card", "timeline_event"} <= before.keys()
    for holder in personal_data.registered():
        if holder.eraser is not None:
            holder.eraser([erased], now=world.now + timedelta(hours=1))
    assert _tables_with(marks) == {}
    assert _tables_with(("linus@kernel.example",)) != {}


@pytest.mark.django_db
def test_erasing_twice_changes_nothing_more(world: World) -> None:
    erased = _two_people(world, ("grace@navy.example", "Grace", "Hopper", "x"))
    for _ in range(2):
        for holder in personal_data.registered():
            if holder.eraser is not None:
                holder.eraser([erased], now=world.now)
    values = [
        holder.model_label
        for holder in personal_data.registered()
        if holder.eraser is not None and holder.model_label == "leads.TraitValue"
        for _ in range(holder.eraser([erased], now=world.now))
    ]
    assert values == []


@pytest.mark.django_db
def test_an_export_holds_what_the_lead_told_us(world: World) -> None:
    marks = ("grace.hopper@navy.example", "Grace", "Hopper", "compiler-4711")
    lead_id = _two_people(world, marks)
    everything = json.dumps(
        {
            holder.model_label: list(holder.exporter(lead_id))
            for holder in personal_data.registered()
            if holder.exporter is not None
        }
    )
    assert all(mark in everything for mark in marks)
    assert "linus" not in everything


@pytest.mark.django_db
def test_what_people_wrote_about_a_lead_is_exported_and_erased_wherever_they_wrote_it(
    world: World,
) -> None:
    lead_id = intake.run([form("demo", email="a@acme.test", at=world.now)], now=world.now).lead_ids[
        0
    ]
    assert lead_id is not None
    places = {
        "activities_activity", "activities_task", "deals_deal", "deals_dealchange",
        "lifecycle_stagechange", "routing_assignment", "routing_clock",
    }  # fmt: skip
    _write_everywhere(lead_id, "otter-4711", world)
    assert _tables_with(("otter-4711",)).keys() >= places
    exported = {
        holder.model_label.lower().replace(".", "_")
        for holder in personal_data.registered()
        if holder.exporter is not None
        and "otter-4711" in json.dumps(list(holder.exporter(lead_id)))
    }
    assert exported >= places
    for holder in personal_data.registered():
        if holder.eraser is not None:
            holder.eraser([lead_id], now=world.now)
    assert _tables_with(("otter-4711",)) == {}


def _write_everywhere(lead_id: UUID, word: str, world: World) -> None:
    """Whatever people can say about a lead, with this word in it."""
    now, ben = world.now, world.ben
    reactions.log_activity(
        lead_id, kind="note", outcome="", text=f"Likes the {word}", by=ben.pk, began_at=now, now=now
    )
    plan = Plan(f"Send the {word}", Due(now + timedelta(days=1), None), ben.pk)
    tasks.add(lead_id, plan, by=ben, now=now)
    reactions.assign(lead_id, world.ada.pk, by=ben.pk, because=f"Knows the {word}", now=now)
    lost = Entry(
        currency="EUR", opened_at=now, closed_at=now, external_id="x", lead_id=lead_id,
        name=f"For the {word}", reason=f"No {word}", state="lost",
    )  # fmt: skip
    deals.import_many([lost], because=f"Told by the {word}", now=now)
    reactions.set_stage(lead_id, "disqualified", by=ben.pk, reason=f"Only the {word}", now=now)


@pytest.mark.django_db
def test_an_erased_score_keeps_its_points_and_names_its_rules_alone(world: World) -> None:
    traits = {"title": "CEO", "company.employee_count": 300}
    known = said("identify", email="a@acme.test", at=world.now, traits=traits)
    lead_id = intake.run([known], now=world.now).lead_ids[0]
    assert lead_id is not None
    before = _lines()
    for _ in range(2):
        for label in ("scoring.Score", "scoring.ScoreChange"):
            holder = next(e for e in personal_data.registered() if e.model_label == label)
            assert holder.eraser is not None
            holder.eraser([lead_id], now=world.now)
    assert [line.points_micro for line in _lines()] == [line.points_micro for line in before]
    assert any(line.sentence != line.rule for line in before)
    assert all(line.sentence == line.rule for line in _lines())


def _lines() -> list[Line]:
    texts = [row.lines for row in Score.objects.all()]
    texts += [row.lines for row in ScoreChange.objects.order_by("pk")]
    return [line for text in texts for line in msgspec.json.decode(text, type=list[Line])]


def _two_people(world: World, marks: tuple[str, ...]) -> UUID:
    email, first, last, word = marks
    at: datetime = world.now
    posted = [
        form(
            "demo", email=email, at=at, traits={"first_name": first, "last_name": last},
            raw=json.dumps({"email": email, "message": word}),
        ),
        said(user_id="u-linus", email="linus@kernel.example", at=at, kind="identify"),
    ]  # fmt: skip
    lead_id = intake.run(posted, now=at).lead_ids[0]
    assert lead_id is not None
    return lead_id


def _tables_with(marks: tuple[str, ...]) -> dict[str, list[str]]:
    """Table → marks found in the text of its rows, in any column."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models():
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            text = repr([[_readable(cell) for cell in row] for row in cursor.fetchall()])
        hits = [mark for mark in marks if mark.lower() in text.lower()]
        if hits:
            found[table] = hits
    return found


def _readable(cell: object) -> object:
    return bytes(cell).decode("utf-8", "replace") if isinstance(cell, bytes | memoryview) else cell
