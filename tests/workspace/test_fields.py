"""Fields: declared, renamed, their options changed, archived and brought back."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.capture import imports
from leadline.capture.models import Form
from leadline.cards import filters, queries
from leadline.cards.models import SavedView
from leadline.cards.queries import Listing
from leadline.criteria import sentence
from leadline.flow import bulk, field_uses, fields, intake, rulebook
from leadline.flow.rule_places import Use
from leadline.leads.models import Company, CurrentTrait, Lead, TraitValue
from leadline.playbooks import parts
from leadline.workspace import audit, playbook
from leadline.workspace import fields as declared
from leadline.workspace.audit import COMMAND_LINE
from leadline.workspace.fields import FieldRefused, Wanted
from leadline.workspace.models import Field, Job
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db

SIZES = (("s", "Small"), ("m", "Medium"), ("", "Very large"))


def _add(now: datetime, **wanted: object) -> Field:
    return fields.add(Wanted(**{"label": "Fleet size", **wanted}), by=COMMAND_LINE, now=now)  # type: ignore[arg-type]  # as given by the test


def _say(now: datetime, email: str, **traits: object) -> Lead:
    said = worlds.said("identify", "Identified", email=email, at=now, traits=traits)
    lead_id = intake.run([said], now=now).lead_ids[0]
    assert lead_id is not None
    return Lead.objects.get(pk=lead_id)


def _found(world: World, document: Mapping[str, object]) -> set[UUID]:
    rule = filters.read(document)
    listing = Listing(world.ada, world.now, filter=rule, search="", sort="-score")
    return {row.lead_id for row in queries.page(listing, after=None, limit=50).rows}


def test_a_new_field_is_heard_filtered_and_said_at_once(world: World, now: datetime) -> None:
    row = _add(now, type="option", options=SIZES)
    assert (row.name, [each["value"] for each in row.options]) == (
        "fleet_size", ["s", "m", "very_large"],
    )  # fmt: skip
    ben = _say(now, "a@x.example", fleet_size="very LARGE")
    _say(now, "b@x.example", fleet_size="s")
    assert ben.traits["fleet_size"] == "very_large"
    rule = {"trait": "fleet_size", "is": "very_large"}
    assert _found(world, rule) == {ben.pk}
    read = filters.read(rule)
    assert read is not None
    assert sentence.sentence(read) == "fleet size is Very large"


def test_many_of_is_found_by_each_of_its_values(world: World, now: datetime) -> None:
    _add(now, label="Tools", type="options", options=(("crm", "CRM"), ("erp", "ERP"), ("e", "E")))
    both = _say(now, "a@x.example", tools="ERP; crm").pk
    one = _say(now, "b@x.example", tools=["erp"]).pk
    _say(now, "c@x.example")
    assert Lead.objects.get(pk=both).traits["tools"] == ["crm", "erp"]
    cases: list[tuple[dict[str, object], set[UUID]]] = [
        ({"contains": "erp"}, {both, one}), ({"contains": "crm"}, {both}),
        ({"contains": "e"}, set()), ({"in": ["crm", "e"]}, {both}), ({"not_in": ["crm"]}, {one}),
        ({"exists": True}, {both, one}),
    ]  # fmt: skip
    for rule, holds in cases:
        assert _found(world, {"trait": "tools", **rule}) == holds, rule


def test_a_value_that_does_not_fit_is_kept_and_is_no_value(world: World, now: datetime) -> None:
    _add(now, type="option", options=SIZES)
    _add(now, label="Renewal", type="date")
    lead = _say(now, "a@x.example", fleet_size="gigantic", renewal="soon")
    assert not {"fleet_size", "renewal"} & set(lead.traits)
    assert lead.undeclared == {"fleet_size": "gigantic", "renewal": "soon"}


def test_what_was_said_before_the_field_was_declared_is_taken_in(
    world: World, now: datetime
) -> None:
    lead = _say(now, "a@x.example", fleet_size="M")
    other = _say(now, "b@x.example", fleet_size="gigantic")
    row = _add(now, type="option", options=SIZES)
    assert Job.objects.get(kind=fields.TAKE_IN).arguments == {"name": row.name}
    assert fields.take_in({"name": row.name}, now) == 1
    assert fields.take_in({"name": row.name}, now) == 0, "a second run changes nothing"
    lead.refresh_from_db()
    other.refresh_from_db()
    assert (lead.traits["fleet_size"], lead.undeclared) == ("m", {})
    assert (other.traits.get("fleet_size"), other.undeclared) == (None, {"fleet_size": "gigantic"})
    assert CurrentTrait.objects.get(lead=lead, name="fleet_size").text == "m"
    _say(now, "a@x.example", fleet_size="s")
    lead.refresh_from_db()
    assert lead.traits["fleet_size"] == "s", "what is verified replaces it"


def test_renaming_breaks_nothing(world: World, now: datetime) -> None:
    row = _add(now, type="number")
    SavedView.objects.create(name="Big", filter={"trait": "fleet_size", "gte": 100})
    lead = _say(now, "a@x.example", fleet_size=120)
    fields.change(
        row, Wanted(label="Number of lorries", help="Owned or leased"), by=COMMAND_LINE, now=now
    )
    row.refresh_from_db()
    assert (row.name, row.type, row.label) == ("fleet_size", "number", "Number of lorries")
    assert _found(world, SavedView.objects.get(name="Big").filter) == {lead.pk}
    assert rulebook.vocabulary().labels["fleet_size"] == "Number of lorries"


@pytest.mark.parametrize(("becomes", "left"), [("m", "m"), (None, None)])
def test_an_option_goes_when_it_is_said_what_becomes_of_it(
    world: World, now: datetime, becomes: str | None, left: str | None
) -> None:
    row = _add(now, type="option", options=SIZES)
    lead = _say(now, "a@x.example", fleet_size="s")
    fewer = Wanted(label="Fleet size", options=(("m", "Middle"), ("very_large", "Very large")))
    assert fields.affected(row, fewer, by=COMMAND_LINE).counts == {"s": 1}
    with pytest.raises(FieldRefused) as refused:
        fields.change(row, fewer, by=COMMAND_LINE, now=now)
    assert "1 record holds “s”" in refused.value.errors["options"]
    fields.change(row, fewer, becomes={"s": becomes}, by=COMMAND_LINE, now=now)
    job = Job.objects.get(kind=fields.REPLACE_OPTION)
    assert fields.replace_option(job.arguments, now) == 1
    assert fields.replace_option(job.arguments, now) == 0
    lead.refresh_from_db()
    assert lead.traits.get("fleet_size") == left
    assert CurrentTrait.objects.get(lead=lead, name="fleet_size").text == left
    told = TraitValue.objects.filter(lead=lead, name="fleet_size").order_by("id")
    assert [each.value for each in told] == ["s", left], "what was there stays on record"


def test_an_option_goes_from_lists_and_companies_too(world: World, now: datetime) -> None:
    row = _add(now, label="Regions", about="company", type="options",
               options=(("north", "North"), ("south", "South")))  # fmt: skip
    assert row.name == "company.regions"
    lead = _say(now, "a@firm-one.com", **{"company.name": "One", "company.regions": "north,south"})
    assert lead.company_id is not None
    company = Company.objects.get(pk=lead.company_id)
    assert company.traits["regions"] == ["north", "south"]
    alone = Company.objects.create(
        name="Two", domain="two.example", traits={"regions": ["north"]}, created_at=now
    )
    fewer = Wanted(label="Regions", options=(("south", "South"),))
    counted = fields.affected(row, fewer, by=COMMAND_LINE).counts
    assert counted == {"north": 3}, "a lead, its company, and one without leads"
    fields.change(row, fewer, becomes={"north": "south"}, by=COMMAND_LINE, now=now)
    fields.replace_option(Job.objects.get(kind=fields.REPLACE_OPTION).arguments, now)
    for each in (lead, company, alone):
        each.refresh_from_db()
    assert alone.traits["regions"] == ["south"]
    assert lead.traits["company.regions"] == company.traits["regions"] == ["south"]


def test_an_option_that_a_rule_compares_with_cannot_go(world: World, now: datetime) -> None:
    row = declared.get("title_seniority")
    kept = tuple((o.value, o.label) for o in declared.options_of(row) if o.value != "vp")
    with pytest.raises(fields.StillUsed) as used:
        fields.change(row, Wanted(label=row.label, options=kept), by=COMMAND_LINE, now=now)
    assert {each.where for each in used.value.uses} == {"scoring"}


def test_a_field_is_archived_only_when_nothing_names_it(world: World, now: datetime) -> None:
    row = _add(now, type="number")
    rule = {"all": [{"not": {"trait": "fleet_size", "gte": 5}}, {"temperature": "hot"}]}
    view = SavedView.objects.create(name="Big", filter=rule)
    form = Form.objects.get(slug="demo")
    form.fields = [*form.fields, {"name": "fleet_size", "label": "Lorries", "type": "number"}]
    form.save()
    with pytest.raises(fields.StillUsed) as used:
        fields.archive(row, by=COMMAND_LINE, now=now)
    assert used.value.uses == [Use("form", "Book a demo"), Use("view", "Big")]
    view.delete()
    form.fields = form.fields[:-1]
    form.save()
    lead = _say(now, "a@x.example", fleet_size=7)
    fields.archive(row, by=COMMAND_LINE, now=now)
    assert "fleet_size" not in rulebook.vocabulary().traits
    lead.refresh_from_db()
    assert lead.traits["fleet_size"] == 7, "its values stay"
    _say(now, "b@x.example", fleet_size=8)
    fields.restore(row, by=COMMAND_LINE, now=now)
    assert fields.take_in({"name": row.name}, now) == 1
    assert _found(world, {"trait": "fleet_size", "gte": 7}) == set(
        Lead.objects.values_list("pk", flat=True)
    )


def test_where_each_field_of_the_playbook_is_named_is_known(world: World) -> None:
    places = {
        row.name: {each.where for each in field_uses.of(row.name, reader=None)}
        for row in declared.declared()
    }
    assert places["title_seniority"] == {"scoring"}
    assert "form" in places["company.employee_count"]
    assert places["street"] == set()


def test_what_leadline_works_with_is_never_archived(world: World, now: datetime) -> None:
    with pytest.raises(fields.AlwaysNeeded):
        fields.archive(declared.get("email_kind"), by=COMMAND_LINE, now=now)


@pytest.mark.parametrize(
    ("wanted", "wrong"),
    [
        ({"label": ""}, "label"), ({"type": "colour"}, "type"), ({"type": "option"}, "options"),
        ({"type": "option", "options": (("a", "X"), ("b", "x"))}, "options"),
        ({"type": "option", "options": (("a;b", "X"),)}, "options"),
        ({"type": "boolean", "is_unique": True}, "is_unique"),
        ({"type": "option", "options": SIZES, "is_unique": True, "about": "deal"}, "is_unique"),
        ({"is_fact": True, "is_sensitive": True}, "is_sensitive"),
        ({"type": "money", "currency": "euro"}, "currency"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_the_input_named(
    world: World, now: datetime, wanted: dict[str, object], wrong: str
) -> None:
    before = Field.objects.count()
    with pytest.raises(FieldRefused) as refused:
        _add(now, **wanted)
    assert list(refused.value.errors) == [wrong]
    assert Field.objects.count() == before


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Fleet size", "fleet_size"), ("E-Mail address", "e_mail_address"), ("Größe", "grosse"),
        ("42 things", "field_42_things"), ("Phone", "phone_2"), ("State", "state_2"),
        ("UTM source", "utm_source_2"), ("車", "field"), ("x" * 120, "x" * 40),
    ],
)  # fmt: skip
def test_a_name_follows_from_the_label_and_means_nothing_else(
    world: World, now: datetime, label: str, name: str
) -> None:
    row = _add(now, label=label)
    assert row.name == name
    lead = _say(now, "a@x.example", **{row.name: "value"})
    assert lead.traits[row.name] == "value"


def test_a_field_becomes_unique_only_when_no_two_leads_share_a_value(
    world: World, now: datetime
) -> None:
    row = _add(now, label="Customer number")
    for email in ("a@x.example", "b@x.example"):
        _say(now, email, customer_number="7")
    with pytest.raises(FieldRefused) as refused:
        fields.change(row, Wanted(label=row.label, is_unique=True), by=COMMAND_LINE, now=now)
    assert "held by more than one lead" in refused.value.errors["is_unique"]


def test_the_playbook_brings_everything_about_a_field_back(world: World, now: datetime) -> None:
    _add(now, type="options", options=SIZES, help="All of them", group="Fleet", is_fact=True)
    _add(now, label="Deposit", type="money", currency="CHF", is_sensitive=True)
    _add(now, label="Customer number", is_unique=True)
    before = playbook.export()
    differing = parts.diff("b2b-saas")
    Field.objects.all().delete()
    playbook.apply(playbook.read({"fields": [
        {**each} for each in msgspec.to_builtins(before)["fields"]
    ]}), now=now)  # fmt: skip
    assert playbook.export() == before
    assert parts.diff("b2b-saas") == differing


def test_the_shipped_options_have_words_for_people(world: World) -> None:
    for row in declared.declared():
        for option in declared.options_of(row):
            assert option.label != option.value, (row.name, option)


def test_looking_for_uses_costs_the_same_however_much_there_is(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            field_uses.of("title", reader=world.ada)
        return len(caught)

    few = asked()
    for number in range(20):
        SavedView.objects.create(name=f"View {number}", filter={"trait": "title", "is": "x"})
    # One for each of the seven kinds of places, and one for what segments are called.
    assert asked() == few <= 8


def test_a_unique_value_belongs_to_one_lead_and_what_is_refused_is_kept(
    world: World, now: datetime
) -> None:
    _add(now, label="Customer number", is_unique=True)
    said = [
        worlds.said("identify", "Identified", email=email, at=now,
                    traits={"customer_number": number})
        for email, number in [("a@x.example", "7"), ("b@x.example", "7"), ("c@x.example", "8"),
                              ("a@x.example", "7"), ("b@x.example", "9"), ("d@x.example", "9")]
    ]  # fmt: skip
    intake.run(said[:3], now=now)
    found = [intake.run([each], now=now).lead_ids[0] for each in said[3:]]
    lead_of = dict(
        zip("abd", (Lead.objects.get(pk=each) for each in found if each is not None), strict=True)
    )
    assert {key: lead.traits.get("customer_number") for key, lead in lead_of.items()} == {
        "a": "7", "b": "9", "d": None,
    }  # fmt: skip
    assert lead_of["d"].undeclared == {"customer_number": "9"}
    assert lead_of["b"].undeclared == {"customer_number": "7"}, "refused first, and kept"
    held = CurrentTrait.objects.filter(name="customer_number").values_list("text", flat=True)
    assert sorted(filter(None, held)) == ["7", "8", "9"]


def test_a_field_that_becomes_unique_while_a_batch_waits_takes_no_value_twice(
    world: World, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = _add(now, label="Customer number")
    _say(now, "a@x.example", customer_number="7")

    def wait() -> None:
        monkeypatch.undo()
        fields.change(row, Wanted(label=row.label, is_unique=True), by=COMMAND_LINE, now=now)

    monkeypatch.setattr(intake.locks, "passing", wait)
    lead = _say(now, "b@x.example", customer_number="7")
    assert "customer_number" not in lead.traits
    assert lead.undeclared == {"customer_number": "7"}


def test_without_unique_fields_nothing_is_looked_up(world: World, now: datetime) -> None:
    def asked(email: str) -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            _say(now, email, title="CEO")
        return [each["sql"] for each in caught if "t.name, t.text" in each["sql"]]

    assert asked("a@x.example") == []
    _add(now, label="Customer number", is_unique=True)
    with CaptureQueriesContext(connection) as caught:
        intake.run([
            worlds.said("identify", "Identified", email=f"{n}@x.example", at=now,
                        traits={"customer_number": n}) for n in range(20)
        ], now=now)  # fmt: skip
    assert len([each for each in caught if "t.name, t.text" in each["sql"]]) == 1


def test_a_file_finds_a_field_by_what_people_call_it(
    world: World, now: datetime, tmp_path: Path
) -> None:
    row = _add(now, label="Größe der Flotte", type="number")
    fields.change(row, Wanted(label="Anzahl Lkw"), by=COMMAND_LINE, now=now)
    file = tmp_path / "fleets.csv"
    file.write_text("E-Mail,ANZAHL LKW,Other\na@x.example,1200,blue\n", encoding="utf-8")
    batch = imports.start(file, now=now)
    while bulk.run_waiting(limit=200, now=now):
        pass
    assert batch.mapping["targets"] == ["email", row.name, "other"]
    lead = Lead.objects.get(bindings__value="a@x.example")
    assert (lead.traits[row.name], lead.undeclared) == (1200, {"other": "blue"})
    assert _found(world, {"trait": row.name, "gte": 1000}) == {lead.pk}


def test_a_private_view_of_somebody_else_is_counted_and_not_named(
    world: World, now: datetime
) -> None:
    row = _add(now, type="number")
    rule: dict[str, object] = {"trait": "fleet_size", "gte": 5}
    make = SavedView.objects.create
    make(name="Whom I may poach", filter=rule, user=world.ben)
    make(name="Mine", filter=rule, user=world.ada)
    make(name="All", filter=rule, user=world.ben, reach="everybody")
    make(name="Theirs", filter=rule, user=world.cleo, reach="team", team=world.other)
    with pytest.raises(fields.StillUsed) as used:
        fields.archive(row, by=audit.by(world.ada, origin=""), now=now)
    named = [each.name for each in used.value.uses]
    hidden = [f"one of {who}, not shared with you" for who in ("Ben", "Cleo")]
    assert named == ["All", "Mine", *hidden]
    with pytest.raises(fields.StillUsed) as used:
        fields.archive(row, by=COMMAND_LINE, now=now)
    assert [each.name for each in used.value.uses] == [
        "All", "one of Ada, not shared with you", *hidden,
    ]  # fmt: skip
