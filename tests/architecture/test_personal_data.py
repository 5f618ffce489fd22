"""Whoever holds personal data says so, and what is erased is gone."""

import json
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection

from leadline.flow import intake
from leadline.lib import personal_data
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


def _two_people(world: World, marks: tuple[str, ...]) -> object:
    email, first, last, word = marks
    at: datetime = world.now
    posted = [
        form(
            "demo", email=email, at=at, traits={"first_name": first, "last_name": last},
            raw=json.dumps({"email": email, "message": word}),
        ),
        said(user_id="u-linus", email="linus@kernel.example", at=at, kind="identify"),
    ]  # fmt: skip
    return intake.run(posted, now=at).lead_ids[0]


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
