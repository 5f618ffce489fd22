"""The sources there are: of what the user may see, one spelling each, found without case."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.cards import sources, time_box
from leadline.cards.models import KnownSource
from leadline.flow import intake
from tests.cards.people import lead, people
from tests.world import World, form

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_each_source_is_offered_once_in_its_most_frequent_spelling() -> None:
    who = people()
    spelt = ("Messe Hamburg", "Messe Hamburg", "messe hamburg", "google", "", "ÖPNV")
    for number, source in enumerate(spelt):
        lead(NOW + timedelta(minutes=number), source=source, owner=who.ben, team=who.north)
    assert sources.known(who.ada) == ["google", "Messe Hamburg", "ÖPNV"]
    assert sources.spellings(who.ada, "MESSE hamburg") == ("Messe Hamburg", "messe hamburg")
    assert sources.spellings(who.ada, "öpnv") == ("ÖPNV",)
    assert sources.spellings(who.ada, "Elsewhere") == ("Elsewhere",)


def test_nobody_learns_the_sources_of_leads_that_they_may_not_see() -> None:
    who = people()
    lead(NOW, source="Messe Hamburg", owner=who.ben, team=who.north)
    assert sources.known(who.cleo) == []
    assert sources.spellings(who.cleo, "messe hamburg") == ("messe hamburg",)


def test_the_look_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    who = people()
    for number in range(6):
        source = f"s{number}"
        lead(NOW + timedelta(minutes=number), source=source, owner=who.ben, team=who.north)
    monkeypatch.setattr(sources, "NEWEST", 4)
    monkeypatch.setattr(sources, "MOST", 3)
    assert len(sources.known(who.ada)) == 3
    assert sources.spellings(who.ada, "S0") == ("S0",)

    def too_slow(_seconds: float) -> object:
        raise time_box.TooSlow

    monkeypatch.setattr(time_box, "at_most", too_slow)
    assert sources.known(who.ada) == []


def _drawn(*leads: sources.Whose) -> int:
    with connection.cursor() as cursor:
        return sources.follow(cursor, leads, vendor=connection.vendor)


def test_an_old_source_is_found_by_a_part_of_it_and_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    who = people()
    lead(NOW, source="google", owner=who.ben, team=who.north)
    monkeypatch.setattr(sources, "NEWEST", 1)
    assert _drawn(*(("Messe Hamburg", who.ben.pk, who.north.pk),) * 2) == 2  # his, his team's
    assert _drawn(("Messe Hamburg", who.ben.pk, None), ("", None, None)) == 0
    assert _drawn(("ÖPNV 50%", None, None), ("messe hamburg", None, None)) == 2
    assert sources.known(who.ada) == ["google"]
    assert sources.known(who.ada, "öpnv 50%") == ["ÖPNV 50%"]
    assert [each.casefold() for each in sources.known(who.ada, " HAMB")] == ["messe hamburg"]
    assert sources.known(who.ada, "%") == ["ÖPNV 50%"]
    assert sources.known(who.ada, "oogl") == ["google"]
    assert set(sources.spellings(who.ada, "MESSE hamburg")) == {"Messe Hamburg", "messe hamburg"}


def test_an_old_source_is_offered_to_those_alone_who_see_such_leads() -> None:
    who = people()
    _drawn(("Expo", who.ben.pk, who.north.pk), ("Fair", None, who.south.pk), ("Fest", None, None))
    found = {user.name: sources.known(user, "f") for user in (who.ada, who.ben, who.cleo)}
    assert found == {"Ada": ["Fair", "Fest"], "Ben": ["Fest"], "Cleo": ["Fair", "Fest"]}
    assert sources.known(who.ben, "expo") == ["Expo"]
    assert sources.known(who.cleo, "expo") == []
    assert sources.spellings(who.cleo, "expo") == ("expo",)
    who.ada.is_active = False
    assert sources.known(who.ada, "f") == []


def test_many_sources_are_offered_by_how_they_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    who = people()
    _drawn(*((f"{place}fair", None, None) for place in ("", "a", "b", "c")))
    monkeypatch.setattr(sources, "MOST", 1)
    assert sources.known(who.ada, "fair") == ["fair"]


def test_cards_that_are_drawn_tell_their_sources_without_a_query_for_each(world: World) -> None:
    def arrive(number: int, source: str) -> int:
        posts = [
            form("demo", email=f"p{source}{n}@x{n}.example", at=world.now,
                 context={"source": f"{source} {n}", "is_arrival": True})
            for n in range(number)
        ]  # fmt: skip
        with CaptureQueriesContext(connection) as caught:
            intake.run(posts, now=world.now)
        return sum("cards_knownsource" in each["sql"] for each in caught)

    assert [arrive(1, "Press"), arrive(9, "Fair")] == [2, 2]
    assert sources.known(world.ben, "press") == ["Press 0"]
    assert KnownSource.objects.filter(audience=f"user:{world.ben.pk}").count() == 10
