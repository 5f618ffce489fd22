"""The sources there are: of what the user may see, one spelling each, found without case."""

from datetime import UTC, datetime, timedelta

import pytest

from leadline.cards import sources, time_box
from tests.cards.people import lead, people

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
