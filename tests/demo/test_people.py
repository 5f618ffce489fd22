"""The public set is read as it is, and the made-up people carry the effects that about.md tells."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from leadline.capture.submission import ConsentClaim, Submission
from leadline.lib import domain_name, email_address
from leadline.playbooks.demo import behaviour, people, pipeline
from leadline.playbooks.demo.people import Person

CONSENT = ConsentClaim("marketing", "email", "granted", "Yes", 1)
MOVED = timedelta(weeks=460)


@pytest.fixture(scope="module")
def everybody() -> list[Person]:
    return people.all_people(pipeline.companies(), pipeline.opportunities())


@pytest.fixture(scope="module")
def diaries(everybody: list[Person]) -> dict[str, list[Submission]]:
    return {each.key: behaviour.history(each, moved=MOVED, consent=CONSENT) for each in everybody}


def test_the_set_is_read_whole() -> None:
    deals = pipeline.opportunities()
    states = [deal.state for deal in deals]

    assert (len(pipeline.companies()), len(pipeline.agents()), len(deals)) == (85, 35, 8_800)
    assert Counter(states) == {"won": 4_238, "lost": 2_473, "open": 2_089}
    assert sum(deal.company is None for deal in deals) == 1_425
    assert max(deal.closed_on or deal.opened_on for deal in deals) == pipeline.NEWEST
    assert all(deal.closed_at is None or deal.opened_at < deal.closed_at for deal in deals)


def test_known_slips_are_mended() -> None:
    assert {deal.product for deal in pipeline.opportunities()} >= {"GTX Pro"}
    assert "technolgy" not in {each.sector for each in pipeline.companies().values()}


@pytest.mark.parametrize("day", [date(2026, 3, 9) + timedelta(days=n) for n in range(7)])
def test_the_newest_date_becomes_the_last_sunday_before_today(day: date) -> None:
    newest = pipeline.NEWEST + pipeline.weeks_to(day)

    assert newest.weekday() == pipeline.NEWEST.weekday()
    assert timedelta(days=1) <= day - newest <= timedelta(days=7)


def test_every_company_has_a_domain_of_its_own() -> None:
    domains = [each.domain for each in pipeline.companies().values()]

    assert len(set(domains)) == 85
    assert all(domain_name.registered_domain(each) == each for each in domains)


def test_people_are_distinct_and_cannot_be_reached(everybody: list[Person]) -> None:
    addresses = [each.email for each in everybody]

    assert len(set(addresses)) == len(addresses)
    assert all(email_address.canonical(each) == each for each in addresses)
    assert all(each.endswith(".example.com") for each in addresses)
    phones = [each.phone for each in everybody if each.phone]
    assert len(set(phones)) == len(phones)
    assert all("55501" in each for each in phones)


def test_everything_is_the_same_again(everybody: list[Person]) -> None:
    again = people.all_people(pipeline.companies(), pipeline.opportunities())

    assert again == everybody
    first, second = (behaviour.history(each[7], moved=MOVED, consent=CONSENT)
                     for each in (everybody, again))  # fmt: skip
    assert first == second


def test_each_deal_belongs_to_one_person_who_came_before_it(
    everybody: list[Person], diaries: dict[str, list[Submission]]
) -> None:
    deals = [deal.id for person in everybody for deal in person.deals]
    assert len(deals) == len(set(deals)) == 8_800
    for person in everybody:
        if person.deals:
            form = next(each for each in diaries[person.key] if each.kind == "form")
            opened = person.deals[0].opened_at + MOVED
            assert datetime.fromtimestamp(form.occurred_us / 1e6, UTC) < opened


def test_messages_have_ids_of_their_own(diaries: dict[str, list[Submission]]) -> None:
    identities = [each.message_id for diary in diaries.values() for each in diary]

    assert len(set(identities)) == len(identities)
    assert 35_000 < len(identities) < 55_000


def rate(everybody: list[Person], has_won: bool, holds: Callable[[Person], float]) -> float:
    group = [p for p in everybody if p.has_won == has_won and p.kind != "target"]
    return sum(map(holds, group)) / len(group)


def test_the_planted_effects_are_there(
    everybody: list[Person], diaries: dict[str, list[Submission]]
) -> None:
    def referred(person: Person) -> float:
        return person.arrived.medium == "referral"

    def is_senior(person: Person) -> float:
        return person.title.startswith(("Chief", "VP", "Director"))

    def attended(person: Person) -> float:
        return any(each.name == "Webinar Attended" for each in diaries[person.key])

    def looked_at_prices(person: Person) -> float:
        seen = [each for each in diaries[person.key] if each.name == "Page Viewed"]
        return sum(each.properties["path"] == "/pricing" for each in seen)

    effects: list[tuple[Callable[[Person], float], float, float]] = [
        (referred, 0.22, 0.08),
        (is_senior, 0.45, 0.27),
        (attended, 0.30, 0.12),
    ]
    for holds, won, others in effects:
        assert rate(everybody, True, holds) == pytest.approx(won, abs=0.045)
        assert rate(everybody, False, holds) == pytest.approx(others, abs=0.03)
    assert rate(everybody, True, looked_at_prices) == pytest.approx(2.0, abs=0.15)
    assert rate(everybody, False, looked_at_prices) == pytest.approx(0.6, abs=0.1)
