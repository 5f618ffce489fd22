"""Two say at once what only one company, or one deal, may have: one is heard, the other refused."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection

from leadline.deals import deals, values
from leadline.deals.deals import Entry
from leadline.deals.models import Deal
from leadline.flow import deals as flow
from leadline.flow import fields, intake
from leadline.leads import loading
from leadline.leads.models import Company
from leadline.workspace.audit import COMMAND_LINE
from leadline.workspace.fields import About, Wanted
from tests.races.side_by_side import at_once, meeting, unguarded
from tests.world import World, said

pytestmark = pytest.mark.django_db(transaction=True)


def declare(about: About, now: datetime) -> None:
    fields.add(Wanted(label="Number", about=about, is_unique=True), by=COMMAND_LINE, now=now)


def identified(domain: str, now: datetime, **traits: object) -> Callable[[], object]:
    one = said("identify", "Identified", email=f"a@{domain}", at=now, traits=traits)
    return lambda: intake.run([one], now=now) and None


def two_companies(now: datetime) -> tuple[list[object], int]:
    """Both say the number at once; what failed, and how many companies have it."""
    domains = ("one.example.com", "two.example.com")
    failed = at_once(*(identified(each, now, **{"company.number": "7"}) for each in domains))
    return failed, [each.traits for each in Company.objects.all()].count({"number": "7"})


def open_two(now: datetime) -> None:
    """Two deals without a number. Before anybody meets: opening one asks for numbers as well."""
    for name in ("first", "second"):
        entry = Entry(currency="EUR", opened_at=now, name=name)
        assert deals.open(entry, because="met", now=now) is not None


def two_deals(now: datetime) -> tuple[list[object], int]:
    """Both deals are given the number at once; what failed, and how many deals have it."""
    wanted = flow.Wanted(traits={"number": "7"})
    failed = at_once(*(
        lambda pk=each.pk: flow.change(pk, wanted, because="said", now=now)
        for each in Deal.objects.order_by("pk")
    ))  # fmt: skip
    return failed, [each.traits for each in Deal.objects.all()].count({"number": "7"})


def test_of_two_companies_one_has_the_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declare("company", world.now)
    with meeting(monkeypatch, loading, "load"):
        assert two_companies(world.now) == ([None, None], 1)


def test_without_the_lock_both_companies_have_it_or_one_is_turned_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("company", world.now)
    with unguarded(monkeypatch), meeting(monkeypatch, loading, "load"):
        failed, count = two_companies(world.now)
    assert (count, sum(each is not None for each in failed)) == (
        (2, 0) if is_postgres() else (1, 1)
    )


def test_of_two_deals_one_has_the_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    declare("deal", world.now)
    open_two(world.now)
    with meeting(monkeypatch, values, "refuse_taken"):
        failed, count = two_deals(world.now)
    assert count == 1
    assert sorted(type(each).__name__ for each in failed) == ["Misfit", "NoneType"]


def test_without_the_lock_both_deals_have_it_or_one_is_turned_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare("deal", world.now)
    open_two(world.now)
    with unguarded(monkeypatch), meeting(monkeypatch, values, "refuse_taken"):
        failed, count = two_deals(world.now)
    kinds = sorted(type(each).__name__ for each in failed)
    expected = (
        (2, ["NoneType", "NoneType"]) if is_postgres() else (1, ["NoneType", "OperationalError"])
    )
    assert (count, kinds) == expected


def is_postgres() -> bool:
    return connection.vendor == "postgresql"
