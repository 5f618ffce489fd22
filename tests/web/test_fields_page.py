"""Settings → Fields: added, renamed, options changed with a look, archived, put on forms."""

from collections.abc import Callable

import pytest
from django.test import Client

from leadline.capture import definitions, forms
from leadline.capture.models import Form
from leadline.cards.models import SavedView
from leadline.flow import fields as field_flow
from leadline.flow import intake
from leadline.leads.models import Lead
from leadline.workspace.models import Field, Job, User
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]

NEW = {
    "about": "lead",
    "label": "Fleet size",
    "type": "option",
    "more": "Small\nMedium\nVery large",
}


def _added(client: Client, **other: str) -> Field:
    answer = client.post("/settings/fields/new", NEW | other)
    assert answer.status_code == 302, answer.content.decode()[:5000]
    return Field.objects.order_by("-id")[0]


def test_a_field_is_added_and_stands_in_the_list(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    row = _added(client)
    assert (row.name, [each["value"] for each in row.options]) == (
        "fleet_size", ["small", "medium", "very_large"],
    )  # fmt: skip
    assert "Fleet size" in client.get("/settings/fields").content.decode()
    assert "Added." in client.get("/settings/fields/fleet_size?done=added").content.decode()


def test_what_is_wrong_is_said_beside_the_input_and_nothing_is_lost(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    answer = client.post("/settings/fields/new", NEW | {"more": "Same\nsame", "help": "About it"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Two options are called the same." in text
    assert all(kept in text for kept in ("Fleet size", "About it", "Same\nsame"))
    assert not Field.objects.filter(name="fleet_size").exists()


def test_the_label_changes_and_the_name_stays(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    _added(client, type="number", more="")
    client.post("/settings/fields/fleet_size", {"label": "Lorries", "help": "", "group": "Fleet"})
    row = Field.objects.get(name="fleet_size")
    assert (row.label, row.group, row.type) == ("Lorries", "Fleet", "number")


def test_options_go_after_a_look_at_the_records(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    _added(client)
    said = worlds.said("identify", "Identified", email="a@x.example", at=world.now,
                       traits={"fleet_size": "small"})  # fmt: skip
    lead_id = intake.run([said], now=world.now).lead_ids[0]
    assert lead_id is not None
    post = {"label": "Fleet size", "option_value": ["small", "medium", "very_large"],
            "option_label": ["", "Medium", "Huge"]}  # fmt: skip
    preview = client.post("/settings/fields/fleet_size", post)
    text = preview.content.decode()
    assert "1 record is affected" in text
    assert "1 record holds “Small”" in text
    assert len(Field.objects.get(name="fleet_size").options) == 3, "a look changes nothing"
    done = client.post("/settings/fields/fleet_size", post | {"becomes.small": "medium"})
    assert done.status_code == 302
    assert [each["label"] for each in Field.objects.get(name="fleet_size").options] == [
        "Medium", "Huge",
    ]  # fmt: skip
    field_flow.replace_option(Job.objects.get(kind=field_flow.REPLACE_OPTION).arguments, world.now)
    assert Lead.objects.get(pk=lead_id).traits["fleet_size"] == "medium"


def test_a_used_field_is_not_archived_and_the_places_are_listed(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    _added(client)
    SavedView.objects.create(name="Small ones", filter={"trait": "fleet_size", "is": "small"})
    refused = client.post("/settings/fields/fleet_size/archive")
    assert refused.status_code == 409
    assert "Saved view: Small ones" in refused.content.decode()
    SavedView.objects.filter(name="Small ones").delete()
    assert client.post("/settings/fields/fleet_size/archive").status_code == 302
    assert client.get("/settings/fields/fleet_size").status_code == 404
    assert "Archived" in client.get("/settings/fields").content.decode()
    client.post("/settings/fields/fleet_size/restore")
    assert Field.objects.get(name="fleet_size").archived_at is None
    needed = client.post("/settings/fields/title_seniority/archive")
    assert needed.status_code == 409


@pytest.mark.parametrize("kind", ["text", "long_text", "number", "money", "date", "boolean",
                                  "option", "options", "link"])  # fmt: skip
def test_a_field_is_asked_on_a_form_and_its_answer_becomes_its_value(
    world: World, enter: Enter, kind: str
) -> None:
    client = enter(world.ada)
    _added(client, type=kind, more=NEW["more"] if kind.startswith("option") else "")
    client.post("/settings/fields/fleet_size/forms", {"form": ["newsletter"]})
    form = definitions.load().forms["newsletter"]
    asked = form.fields[-1]
    answers = {
        "text": ["x"], "long_text": ["x"], "number": ["3,5"], "money": ["12.50"],
        "date": ["2026-03-14"], "boolean": ["true"], "option": ["small"],
        "options": ["small", "very_large"], "link": ["https://x.example"],
    }  # fmt: skip
    stored = {
        "number": 3.5, "money": 12.5, "boolean": True, "options": ["small", "very_large"],
    }.get(kind, answers[kind][0])  # fmt: skip
    posted = {"email": ["a@x.example"], "fleet_size": answers[kind],
              "consent.marketing.email": ["on"]}  # fmt: skip
    values, errors = forms.validate(form, posted)
    assert (errors, asked.name) == ({}, "fleet_size")
    said = worlds.form("newsletter", email="a@x.example", at=world.now, traits=values)
    lead_id = intake.run([said], now=world.now).lead_ids[0]
    assert lead_id is not None
    assert Lead.objects.get(pk=lead_id).traits["fleet_size"] == stored
    if kind.startswith("option"):
        assert [label for _value, label in asked.options] == ["Small", "Medium", "Very large"]
        _values, errors = forms.validate(form, posted | {"fleet_size": ["gigantic"]})
        assert "fleet_size" in errors
    client.post("/settings/fields/fleet_size/forms", {})
    assert "fleet_size" not in str(Form.objects.get(slug="newsletter").fields)


def test_nobody_outside_is_asked_for_a_person_of_the_team(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    _added(client, type="person", more="")
    assert "Forms that ask for it" not in client.get("/settings/fields/fleet_size").content.decode()
    answer = client.post("/settings/fields/fleet_size/forms", {"form": ["demo"]})
    assert answer.status_code == 404


def test_fields_change_places_among_their_kind(world: World, enter: Enter) -> None:
    client = enter(world.ada)

    def names() -> list[str]:
        rows = Field.objects.exclude(name__startswith="company.").order_by("position")
        return [row.name for row in rows]

    before = names()
    client.post(f"/settings/fields/{before[1]}/move", {"way": "up"})
    assert names() == [before[1], before[0], *before[2:]]
    client.post(f"/settings/fields/{before[-1]}/move", {"way": "down"})
    assert names() == [before[1], before[0], *before[2:]], "the last stays last"


def test_only_those_who_set_up_the_workspace_come_in(world: World, enter: Enter) -> None:
    client = enter(world.ben)
    for path in ("", "/new", "/title"):
        assert client.get(f"/settings/fields{path}").status_code == 403
    for act in ("archive", "restore", "move", "forms"):
        assert client.post(f"/settings/fields/title/{act}").status_code == 403
    assert enter(world.ada).get("/settings/fields/no_such_field").status_code == 404


@pytest.mark.parametrize(
    ("kind", "value", "query", "said"),
    [
        ("option", "small", "t.fleet_size=small", "Fleet size is one of Small"),
        ("options", "small;medium", "t.fleet_size=medium&t.fleet_size=small",
         "Fleet size is one of Medium, Small"),
        ("number", 12, "t.fleet_size.min=10&t.fleet_size.max=12,5", "Fleet size is at least 10"),
        ("money", "99.50", "t.fleet_size.max=100", "Fleet size is at most 100"),
        ("date", "2026-03-14", "t.fleet_size.min=2026-03-01", "Fleet size is at least 2026-03-01"),
        ("date", "2026-03-14", "t.fleet_size.min=1 mar 2026", "Fleet size is at least 2026-03-01"),
        ("boolean", True, "t.fleet_size=true", "Fleet size is true"),
        ("text", "Big lorries", "t.fleet_size=lorr", "Fleet size contains lorr"),
        ("long_text", "Big lorries", "t.fleet_size=lorr", "Fleet size contains lorr"),
        ("link", "https://x.example", "t.fleet_size=x.example", "Fleet size contains x.example"),
        ("person", "ben@acme.example", "t.fleet_size=ben@acme.example",
         "Fleet size is ben@acme.example"),
    ],
)  # fmt: skip
def test_a_new_field_filters_the_list_and_the_chip_says_so(
    world: World, enter: Enter, kind: str, value: object, query: str, said: str
) -> None:
    client = enter(world.ada)
    _added(client, type=kind, more=NEW["more"] if kind.startswith("option") else "")
    for number, traits in enumerate(
        [{"fleet_size": value, "name": "Has It"}, {"name": "Has None"}]
    ):
        submission = worlds.said("identify", "Identified", email=f"{number}@x.example",
                                 at=world.now, traits=traits)  # fmt: skip
        intake.run([submission], now=world.now)
    text = client.get(f"/leads?{query}").content.decode()
    assert said in text
    assert ("Has It" in text, "Has None" in text) == (True, False)
    asked = client.get("/leads/filter-field?by=fleet_size").content.decode()
    assert query.split("=", maxsplit=1)[0] in asked
    assert 'id="f-field"' in client.get("/leads?by=fleet_size").content.decode()


def test_a_day_in_a_filter_is_typed_in_the_readers_order(world: World, enter: Enter) -> None:
    _added(enter(world.ada), type="date", more="")
    for way, day in (("slashes", "2026-04-03"), ("month_first", "2026-03-04")):
        User.objects.filter(pk=world.ben.pk).update(date_format=way)
        text = enter(world.ben).get("/leads?t.fleet_size.min=3/4/2026").content.decode()
        assert f"at least {day}" in text
    nonsense = enter(world.ben).get("/leads?t.fleet_size.min=some day").content
    assert b'class="chip"' not in nonsense
    box = enter(world.ben).get("/leads/filter-field?by=fleet_size").content.decode()
    assert 'type="date"' not in box
    assert box.count('{"day_in": "t.fleet_size.m') == 2


@pytest.mark.parametrize("query", ["t.no_such=1", "t.budget.min=many", "t.title_seniority=king",
                                   "t.=1", "t.title=%00", "t.budget.min=1e999"])  # fmt: skip
def test_what_a_filter_cannot_understand_is_left_out(
    world: World, enter: Enter, query: str
) -> None:
    answer = enter(world.ada).get(f"/leads?{query}")
    assert answer.status_code == 200
    assert b'class="chip"' not in answer.content
    assert enter(world.ada).get(f"/leads/filter-field?by={query}").status_code == 200
