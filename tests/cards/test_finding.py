"""One search finds leads, companies and notes, also misspelt; nobody finds what is hidden."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leadline.cards import companies, finding, notes, queries, search, spelling
from leadline.cards.finding import Found
from leadline.cards.models import Card, CompanyCard, NoteText, SearchText, Spelling
from leadline.cards.queries import Listing
from leadline.flow import doctor, intake, reactions
from leadline.leads.models import Company, Lead
from leadline.workspace.models import User
from tests import world as worlds
from tests.cards.people import lead, people, write_search
from tests.world import World

pytestmark = pytest.mark.django_db


def _names(found: Found, user: User) -> dict[str, list[str]]:
    groups = {
        "leads": [row.name for row in found.leads],
        "companies": [row.title for row in found.companies],
        "noted": [each.card.name for each in found.noted],
        "alike": [row.name for row in found.alike],
        "companies_alike": [row.title for row in found.companies_alike],
    }
    return {name: each for name, each in groups.items() if each}


def _find(user: User, typed: str) -> dict[str, list[str]]:
    return _names(finding.find(user, typed, limit=8), user)


def _company(now: datetime, name: str, domain: str | None = None) -> UUID:
    row = Company.objects.create(name=name, domain=domain, created_at=now)
    companies.draw([row.pk])
    return row.pk


@pytest.mark.parametrize(
    "typed",
    ["Shmidt", "schmitd", "Schimdt", "schmdit", "Schmiedt", "hanelore schmidt", "Hannelore Smidt",
     "anelore"],
)  # fmt: skip
def test_a_name_with_one_or_two_letters_wrong_is_found(now: datetime, typed: str) -> None:
    who = people()
    lead(now, name="Hannelore Schmidt", email="h@one.example")
    lead(now, name="Gustav Lindgren", email="g@two.example")
    assert _find(who.ada, typed) == {"alike": ["Hannelore Schmidt"]}


@pytest.mark.parametrize("typed", ["Smtq", "xyzzy", "Gustafsson", "schmidtbauer", "han"])
def test_what_is_further_away_is_not_meant(now: datetime, typed: str) -> None:
    who = people()
    lead(now, name="Jannelore Schmidt", email="j@one.example")
    assert _find(who.ada, typed) in ({}, {"alike": []})


def test_exact_hits_stand_before_misspelt_ones(now: datetime) -> None:
    who = people()
    lead(now, name="Anna Meyer", points=1)
    lead(now, name="Otto Meier", points=90)
    assert _find(who.ada, "Meyer") == {"leads": ["Anna Meyer"]}
    assert _find(who.ada, "Mejer") == {"alike": ["Otto Meier", "Anna Meyer"]}


def test_names_and_numbers_that_fit_best_stand_first(now: datetime) -> None:
    who = people()
    lead(now, name="Joanna Berg", points=90, phone="+4990555001")
    lead(now, name="Anna Low", points=2, phone="+4912340555")
    assert _find(who.ada, "anna") == {"leads": ["Anna Low", "Joanna Berg"]}
    assert _find(who.ada, "0555") == {"leads": ["Anna Low", "Joanna Berg"]}


def test_companies_are_found_by_name_domain_and_nearly(now: datetime) -> None:
    who = people()
    _company(now, "Blomqvist Åkeri AB", "blomqvist.example")
    _company(now, "Åkerman", None)
    assert _find(who.ada, "akeri") == {"companies": ["Blomqvist Åkeri AB"]}
    assert _find(who.ada, "qvist.exa") == {"companies": ["Blomqvist Åkeri AB"]}
    assert _find(who.ada, "Blomkvist") == {"companies_alike": ["Blomqvist Åkeri AB"]}
    assert [row.title for row in companies.page(who.ada, typed="åk").rows] == ["Åkerman"]


def test_the_company_that_is_called_so_stands_before_those_that_only_hold_the_word(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = people()
    _company(now, "West AG")
    for number in range(40):
        _company(now, f"Alpha West {number:02}")
    titles = [row.title for row in companies.found(who.ada, [["west"]], limit=8)]
    assert titles == ["West AG", *(f"Alpha West {number:02}" for number in range(7))]
    # Nor does it get lost behind newer hits than are ever looked at.
    monkeypatch.setattr(companies, "MOST_HITS", 5)
    assert companies.found(who.ada, [["west"]], limit=1)[0].title == "West AG"
    assert [each.title for each in companies.found(who.ada, [["west"], ["ag"]], limit=8)] == [
        "West AG"
    ]


def test_a_company_is_found_by_those_who_see_a_lead_there(now: datetime) -> None:
    who = people()
    firm, empty = _company(now, "Halvorsen"), _company(now, "Halvtom")
    mine = lead(now, name="Mine", owner=who.ben, team=who.north)
    other = lead(now, name="Other", owner=who.cleo, team=who.south)
    Lead.objects.filter(pk__in=[mine, other]).update(company=firm)
    ben = companies.page(who.ben)
    assert [(row.title, row.lead_count) for row in ben.rows] == [("Halvorsen", 1)]
    assert [(row.title, row.lead_count) for row in companies.page(who.ada).rows] == [
        ("Halvorsen", 2), ("Halvtom", 0),
    ]  # fmt: skip
    assert companies.one(who.ben, empty) is None
    Lead.objects.filter(pk=mine).update(company=None)
    assert companies.one(who.ben, firm) is None
    assert _find(who.ben, "halvorsen") == {}
    assert _find(who.ben, "halvorsn") == {}


def test_hidden_leads_are_found_by_nothing(world: World) -> None:
    at = world.now
    post = worlds.said(email="zora@hidden.example", at=at, traits={"name": "Zora Quellmann"})
    hidden = intake.run([post], now=at).lead_ids[0]
    assert hidden is not None
    Card.objects.filter(pk=hidden).update(owner=world.ben, team=world.sales)
    reactions.log_activity(
        hidden, kind="note", outcome="", text="Wants the violet one", by=world.ben.pk,
        began_at=at, now=at,
    )  # fmt: skip
    Card.objects.filter(pk=hidden).update(owner=world.ben, team=world.sales)
    for typed in ("zora", "Quelmann", "violet", "hidden.example", "hiden"):
        assert _find(world.cleo, typed) == {}, typed
        assert queries.count(Listing(world.cleo, at, search=typed)) == 0
    assert _find(world.ben, "Quelmann") == {"alike": ["Zora Quellmann"]}
    assert _find(world.ben, "violet") == {"noted": ["Zora Quellmann"]}


def test_a_lead_is_found_by_what_was_written_about_it(world: World) -> None:
    at = world.now
    lead_id = intake.run([worlds.said(email="a@b.example", at=at)], now=at).lead_ids[0]
    assert lead_id is not None
    said = "Talked about the Königsberg rollout. " + "Nothing else of note. " * 12
    logged = reactions.log_activity(
        lead_id, kind="call", outcome="connected", text=said, by=world.ada.pk, began_at=at, now=at
    )
    found = finding.find(world.ada, "konigsberg rollout", limit=8)
    assert [each.card.lead_id for each in found.noted] == [lead_id]
    assert "Königsberg rollout" in found.noted[0].excerpt
    assert len(found.noted[0].excerpt) < 200
    assert queries.count(Listing(world.ada, at, search="königsberg")) == 1
    reactions.undo_activity(logged.pk, by=world.ada.pk, now=at)
    assert not NoteText.objects.exists()
    assert _find(world.ada, "konigsberg") == {}


def test_all_addresses_and_numbers_find_the_lead(world: World) -> None:
    at = world.now
    first = worlds.said(email="one@first.example", at=at, user_id="u1", kind="identify")
    second = worlds.said(
        email="two@second.example", at=at, user_id="u1", phone="+4930901820", kind="identify"
    )
    lead_id = intake.run([first, second], now=at).lead_ids[0]
    for typed in ("one@first", "two@second", "030 901820", "1820"):
        found = finding.find(world.ada, typed, limit=8)
        assert [row.lead_id for row in found.leads] == [lead_id], typed


def test_words_of_names_that_are_gone_are_known_no_longer(now: datetime) -> None:
    key = lead(now, name="Xaver Quitzow", email="x@y.example")
    other = lead(now, name="Xaver Other")
    card = Card.objects.get(pk=key)
    card.name = "Xaver Neumann"
    write_search(card)
    words = set(Spelling.objects.values_list("word", flat=True))
    assert words == {"xaver", "neumann", "other"}
    Lead.objects.filter(pk=other).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        spelling.forget(cursor, ["other", "xaver"], vendor=connection.vendor)
    assert set(Spelling.objects.values_list("word", flat=True)) == {"xaver", "neumann"}


def _known() -> set[str]:
    return set(Spelling.objects.values_list("word", flat=True))


def _remove(*keys: UUID) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        search.remove(cursor, keys, vendor=connection.vendor)


@pytest.mark.parametrize(
    ("gone", "stays", "left"),
    [
        ("Erika Schmid", "Hannelore Schmidt", {"hannelore", "schmidt"}),
        ("Erika Schmidt", "Hannelore Schmid", {"hannelore", "schmid"}),
        ("Erika Schmid", "Anna Meier-Schmid", {"anna", "meier", "schmid"}),
        ("Erika Schmid", "Schmid", {"schmid"}),
        ("Erika", "Sofia schmid@x.example", {"sofia"}),
    ],
)
def test_a_word_that_is_part_of_another_is_forgotten_by_itself(
    now: datetime, gone: str, stays: str, left: set[str]
) -> None:
    erased = lead(now, name=gone, email="e@one.example")
    lead(now, name=stays)
    _remove(erased)
    assert _known() == left
    _company(now, "Erika Schmidtbauer")
    assert {"erika", "schmidtbauer"} <= _known()


def test_forgetting_takes_the_same_statements_for_any_number_of_words(now: datetime) -> None:
    letters = "abcdefghij"
    keys = [lead(now, name=f"Otto Q{one}{two}xyz") for one in letters for two in letters]
    counts = []
    for some in ([keys[0]], keys[1:]):
        with CaptureQueriesContext(connection) as asked:
            _remove(*some)
        counts.append(len([q for q in asked.captured_queries if "SAVEPOINT" not in q["sql"]]))
    # What was there, taking it out, which words still stand, and forgetting the others.
    assert counts == [4, 4]
    assert _known() == set()


def test_a_company_that_is_renamed_is_found_by_its_new_name_alone(now: datetime) -> None:
    who = people()
    key = _company(now, "Vorher Werke", "werke.example")
    Company.objects.filter(pk=key).update(name="Nachher Werke")
    assert companies.draw([key]) == 1
    assert companies.draw([key]) == 0
    assert CompanyCard.objects.get(company=key).called == "nachher werke"
    assert _find(who.ada, "vorher") == {}
    assert _find(who.ada, "nachher") == {"companies": ["Nachher Werke"]}


def test_pages_of_companies_hold_each_once(now: datetime) -> None:
    who = people()
    for number in range(7):
        _company(now, f"Firm {number % 3}", f"firm{number}.example")
    seen: list[UUID] = []
    after = None
    while True:
        page = companies.page(who.ada, after=after, limit=2)
        seen += [row.company_id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7


def test_the_doctor_notices_what_cannot_be_found_and_repairs_it(world: World) -> None:
    at = world.now
    posts = [worlds.said(email=f"p{n}@firm{n}.example.com", at=at) for n in range(4)]
    leads = intake.run(posts, now=at).lead_ids
    assert leads[1] is not None
    reactions.log_activity(
        leads[1], kind="note", outcome="", text="Amber", by=world.ada.pk, began_at=at, now=at
    )
    assert doctor.examine(now=at).is_well
    SearchText.objects.filter(card=leads[0]).update(text="wrong")
    NoteText.objects.all().delete()
    CompanyCard.objects.filter(company__leads=leads[2]).delete()
    report = doctor.examine(now=at, repair=True)
    assert set(report.differing) == set(leads[:3])
    assert doctor.examine(now=at).is_well
    assert _find(world.ada, "amber")
    assert _find(world.ada, "p0@firm0")


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("meyer", "meyer", 0), ("meyer", "meier", 1), ("meyer", "emyer", 1), ("meyer", "mye", 2),
     ("schmidt", "smith", 4), ("", "abc", 3)],
)  # fmt: skip
def test_distance_counts_letters(one: str, other: str, letters: int) -> None:
    assert spelling.distance(one, other) == spelling.distance(other, one) == letters


def test_an_excerpt_shows_where_the_word_stands() -> None:
    said = "x " * 100 + "the Needle here" + " y" * 200
    shown = notes.excerpt(said, ["needle"])
    assert "the Needle here" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")
    assert notes.excerpt("short", ["absent"]) == "short"


def test_whoever_asks_finds_texts_of_the_pass_at_once(world: World) -> None:
    at = world.now + timedelta(minutes=1)
    post = worlds.form(
        "demo", email="liv@fjordlink.example.com", at=at,
        traits={"name": "Liv Ullmann", "company.name": "Fjordlink"},
    )  # fmt: skip
    intake.run([post], now=at)
    assert SearchText.objects.filter(text__contains="liv ullmann").exists()
    assert CompanyCard.objects.get().called == "fjordlink"
    assert _find(world.ada, "fjordlnk")["companies_alike"] == ["Fjordlink"]
