"""A value that only one company, or one deal, may have, through every door it comes in by."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.deals import deals, values
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.flow import company_edits, deal_edits, fields, intake
from leadline.flow.edits import NotAValue
from leadline.leads.models import Company, Lead
from leadline.lib import clock
from leadline.workspace import fields as declared
from leadline.workspace.audit import COMMAND_LINE
from leadline.workspace.fields import FieldRefused, Wanted
from leadline.workspace.models import Field
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
COMPANY, DEAL = "company.tax_number", "deal.order_number"


def _declare(now: datetime, about: str, *, is_unique: bool = True) -> Field:
    label = {"company": "Tax number", "deal": "Order number"}[about]
    wanted = Wanted(label=label, about=about, is_unique=is_unique)  # type: ignore[arg-type]  # one of three
    return fields.add(wanted, by=COMMAND_LINE, now=now)


def _work_at(now: datetime, domain: str, **traits: object) -> Company:
    """Somebody of this company is identified by a trusted source."""
    said = worlds.said("identify", "Identified", email=f"{now:%f}a@{domain}", at=now, traits=traits)
    [lead_id] = intake.run([said], now=now).lead_ids
    company = Lead.objects.select_related("company").get(pk=lead_id).company
    assert company is not None
    return company


def _order(now: datetime, key: str, **traits: object) -> None:
    """An order of another system's, as its import states it."""
    entry = Entry(currency="EUR", opened_at=now, external_id=key, name=key, traits=traits)
    deals.import_many([entry], because="imported", now=now)


def _numbers() -> dict[str, object]:
    return {each.name: each.traits.get("order_number") for each in Deal.objects.all()}


def test_a_company_is_not_given_what_another_has(world: World, now: datetime) -> None:
    _declare(now, "company")
    first = _work_at(now, "one.example.com", **{COMPANY: "DE7"})
    second = _work_at(now, "two.example.com", **{COMPANY: "DE7"})
    assert (first.traits, second.traits) == ({"tax_number": "DE7"}, {})
    assert Lead.objects.get(company=second).traits[COMPANY] == "DE7", "what it said is kept"
    assert _work_at(now, "two.example.com", **{COMPANY: "DE8"}).traits == {"tax_number": "DE8"}
    freed = _work_at(now, "one.example.com", **{COMPANY: "DE9"})
    assert freed.traits == {"tax_number": "DE9"}
    assert _work_at(now, "two.example.com", **{COMPANY: "DE7"}).traits == {"tax_number": "DE7"}


def test_of_two_companies_in_one_batch_the_first_has_it(world: World, now: datetime) -> None:
    _declare(now, "company")
    said = [
        worlds.said("identify", "Identified", email=f"a{n}@{domain}", at=now,
                    traits={COMPANY: number})
        for n, (domain, number) in enumerate([
            ("one.example.com", "7"), ("two.example.com", "7"),
            ("one.example.com", "8"), ("two.example.com", "7"),
        ])
    ]  # fmt: skip
    intake.run(said, now=now)
    assert {each.domain: each.traits for each in Company.objects.all()} == {
        "one.example.com": {"tax_number": "8"}, "two.example.com": {"tax_number": "7"},
    }  # fmt: skip


def test_colleagues_at_one_company_say_the_same(world: World, now: datetime) -> None:
    _declare(now, "company")
    for n in range(2):
        at = clock.from_micros(clock.micros(now) + n)
        assert _work_at(at, "one.example.com", **{COMPANY: "7"}).traits == {"tax_number": "7"}
    held = Lead.objects.filter(company__domain="one.example.com")
    assert [each.traits[COMPANY] for each in held] == ["7", "7"]


def test_by_hand_the_second_company_is_told(world: World, now: datetime) -> None:
    _declare(now, "company")
    _work_at(now, "one.example.com", **{COMPANY: "7"})
    second = _work_at(now, "two.example.com")
    place = company_edits.places()[COMPANY]
    with pytest.raises(NotAValue) as refused:
        company_edits.edit(second.pk, place, "7", seen=None, by=world.ada, now=now)
    assert refused.value.reason == "Another company has this value already."
    with pytest.raises(company_edits.Taken):
        company_edits.edit_many(second.pk, {COMPANY: (place, "7")}, by=world.ada, now=now)
    assert company_edits.edit(second.pk, place, "8", seen=None, by=world.ada, now=now)


def test_a_deal_is_not_given_what_another_has(world: World, now: datetime) -> None:
    _declare(now, "deal")
    _order(now, "first", order_number="7")
    _order(now, "first", order_number="7")
    with pytest.raises(values.Misfit) as refused:
        _order(now, "second", order_number="7")
    assert (refused.value.name, refused.value.reason) == (
        "order_number", "Another deal has this value already.",
    )  # fmt: skip
    _order(now, "second", order_number="8")
    place, second = deal_edits.places(world.ada)[DEAL], Deal.objects.get(name="second")
    with pytest.raises(NotAValue):
        deal_edits.edit(second.pk, place, "7", seen="8", by=world.ada, now=now)
    assert _numbers() == {"first": "7", "second": "8"}


def test_an_import_may_swap_two_numbers_and_not_give_one_twice(world: World, now: datetime) -> None:
    _declare(now, "deal")

    def state(**numbers: str) -> None:
        entries = [
            Entry(currency="EUR", opened_at=now, external_id=name, name=name,
                  traits={"order_number": number})
            for name, number in numbers.items()
        ]  # fmt: skip
        deals.import_many(entries, because="imported", now=now)

    state(first="7", second="8")
    state(first="8", second="7")
    for twice in ({"third": "9", "fourth": "9"}, {"first": "7"}):
        with pytest.raises(values.Misfit):
            state(**twice)
    assert _numbers() == {"first": "8", "second": "7"}


@pytest.mark.parametrize(("about", "said"), [("company", "one company"), ("deal", "one deal")])
def test_a_field_becomes_unique_only_when_nobody_shares_a_value(
    world: World, now: datetime, about: str, said: str
) -> None:
    row = _declare(now, about, is_unique=False)
    give: Callable[[str, str], object] = (
        (lambda who, number: _work_at(now, f"{who}.example.com", **{COMPANY: number}))
        if about == "company" else (lambda who, number: _order(now, who, order_number=number))
    )  # fmt: skip
    give("one", "7")
    give("two", "7")
    with pytest.raises(FieldRefused) as refused:
        fields.change(row, Wanted(label=row.label, is_unique=True), by=COMMAND_LINE, now=now)
    assert f"1 value is held by more than {said}" in refused.value.errors["is_unique"]
    give("two", "8")
    fields.change(row, Wanted(label=row.label, is_unique=True), by=COMMAND_LINE, now=now)
    assert declared.get(row.name).is_unique


def _lookups(caught: CaptureQueriesContext) -> int:
    """How many statements looked among the companies for holders of the number."""
    return len([
        each for each in caught
        if each["sql"].startswith("SELECT") and "leads_company" in each["sql"]
        and "tax_number" in each["sql"]
    ])  # fmt: skip


def test_a_batch_asks_once_for_a_unique_field_of_companies(world: World, now: datetime) -> None:
    _declare(now, "company")

    def asked(count: int) -> int:
        said = [
            worlds.said("identify", "Identified", email=f"a@x{count}-{n}.example.com", at=now,
                        traits={COMPANY: f"{count}-{n}"}) for n in range(count)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as caught:
            intake.run(said, now=now)
        return _lookups(caught)

    assert (asked(1), asked(20)) == (1, 1)
    with CaptureQueriesContext(connection) as caught:
        _work_at(now, "other.example.com", title="CEO")
    assert _lookups(caught) == 0
