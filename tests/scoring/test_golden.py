"""The two shipped models on the examples of their source documents, with the sums."""

from pathlib import Path

import pytest
import yaml

import leadline.playbooks
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib.clock import DAY, HOUR, MINUTE
from leadline.scoring import rules, tally

NOW = 20_522 * DAY + 9 * HOUR + 30 * MINUTE  # Tuesday 10 March 2026, 09:30 UTC
FOLDER = Path(leadline.playbooks.__file__).parent / "b2b-saas" / "scoring"
VOCABULARY = Vocabulary(
    {
        "title_seniority": "text",
        "company.employee_count": "number",
        "industry_fit": "text",
        "region_fit": "text",
        "email_kind": "text",
    }
)
PRICING = ("Page Viewed", {"path": "/pricing"})
DEMO = ("Demo Requested", {})


def shipped(name: str, *, without: str | None = None) -> rules.Model:
    """A model of the playbook, perhaps without one of its rules."""
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    for group in rules.GROUPS:
        if group in document:
            document[group] = [rule for rule in document[group] if rule["name"] != without]
    return rules.parse_model(document, vocabulary=VOCABULARY)


FIT_AND_ENGAGEMENT = shipped("fit-and-engagement")
SIMPLE_BEHAVIOUR = shipped("simple-behaviour")


def points(
    model: rules.Model,
    *happened: tuple[str, dict[str, object]] | tuple[str, dict[str, object], int],
    facts: dict[str, object] | None = None,
    **traits: object,
) -> float:
    """The total in points for a lead of these traits; events happened now or so long ago."""
    events = [
        Event(number, name, NOW - (ago[0] if ago else 0), properties)
        for number, (name, properties, *ago) in enumerate(happened, start=1)
    ]
    named = {key.replace("employee_count", "company.employee_count"): traits[key] for key in traits}
    lead = Snapshot(named, by_name(events), facts or {})
    found = tally.score(model, lead, NOW)
    assert sum(line.points_micro for line in found.lines) == found.total
    return found.total / 1_000_000


def test_the_vice_president_scores_eighty() -> None:
    # The source says 85, but its own terms are 15 + 15 + 10 + 15 + 25 = 80.
    total = points(
        FIT_AND_ENGAGEMENT,
        PRICING,
        DEMO,
        title_seniority="vp",  # 15
        employee_count=300,  # 15
        industry_fit="target",  # 10, and 15 + 25 for the two acts
    )
    assert total == 80
    assert total * 1_000_000 >= FIT_AND_ENGAGEMENT.thresholds_micro["mql"]


def test_the_manager_scores_eleven_with_the_size_of_the_company() -> None:
    # The source says 6 = 5 + 1 and forgets its own 5 points for 10 to 50 people: 5 + 5 + 1 = 11.
    manager = {"title_seniority": "manager", "employee_count": 20}
    assert points(FIT_AND_ENGAGEMENT, ("Email Opened", {}), **manager) == 11
    without_size = shipped("fit-and-engagement", without="Company size")
    assert points(without_size, ("Email Opened", {}), **manager) == 6


@pytest.mark.parametrize(
    ("employees", "expected"),
    [(0, 0), (9, 0), (10, 5), (49, 5), (50, 10), (199, 10), (200, 15), (300_000, 15), (None, 0)],
)
def test_size_bands_are_half_open(employees: int | None, expected: int) -> None:
    assert points(FIT_AND_ENGAGEMENT, employee_count=employees) == expected


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({"title_seniority": "c_level"}, 20),
        ({"title_seniority": "vp"}, 15),
        ({"title_seniority": "director"}, 10),
        ({"title_seniority": "manager"}, 5),
        ({"title_seniority": "individual"}, 0),
        ({"title_seniority": "student"}, -20),
        ({"title_seniority": "retired"}, -20),
        ({"industry_fit": "target"}, 10),
        ({"industry_fit": "adjacent"}, 5),
        ({"region_fit": "target"}, 10),
        ({"email_kind": "free"}, -10),
        ({"email_kind": "work"}, 0),
        ({"title_seniority": "student", "email_kind": "free"}, -30),
    ],
)
def test_each_fit_rule_gives_what_the_source_says(traits: dict[str, object], expected: int) -> None:
    assert points(FIT_AND_ENGAGEMENT, **traits) == expected


@pytest.mark.parametrize(
    ("name", "properties", "expected"),
    [
        ("Page Viewed", {"path": "/pricing"}, 15),
        ("Page Viewed", {"path": "/pricing/enterprise"}, 15),
        ("Page Viewed", {"path": "/blog/pricing"}, 0),
        ("Demo Requested", {}, 25),
        ("Form Submitted", {"purpose": "demo"}, 25),
        ("Form Submitted", {"purpose": "other"}, 0),
        ("Email Opened", {}, 1),
        ("Email Link Clicked", {}, 3),
        ("Whitepaper Downloaded", {}, 5),
        ("Ebook Downloaded", {}, 5),
        ("Content Downloaded", {}, 5),
        ("Form Submitted", {"purpose": "download"}, 5),
        ("Webinar Attended", {}, 10),
        ("Webinar Registered", {}, 0),
        ("Unsubscribed", {}, -30),
    ],
)
def test_each_act_gives_what_the_source_says(
    name: str, properties: dict[str, object], expected: int
) -> None:
    assert points(FIT_AND_ENGAGEMENT, (name, properties)) == expected


def test_several_visits_count_within_twenty_four_hours() -> None:
    def visits(*ages_us: int) -> float:
        return points(FIT_AND_ENGAGEMENT, *(("Visit Started", {}, age_us) for age_us in ages_us))

    assert visits(0, HOUR) == 0
    assert visits(0, HOUR, 24 * HOUR - 1) == 10
    assert visits(0, HOUR, 24 * HOUR) == 0


def test_a_demo_that_is_reported_twice_is_one_demo() -> None:
    assert points(FIT_AND_ENGAGEMENT, DEMO, ("Form Submitted", {"purpose": "demo"})) == 25


def test_pricing_visits_are_capped_and_fade() -> None:
    assert points(FIT_AND_ENGAGEMENT, *[PRICING] * 3) == 45
    assert points(FIT_AND_ENGAGEMENT, *[PRICING] * 9) == 45
    # 15 + 15/2 + 15/4 = 26.25 for visits today, 30 and 60 days ago
    ago = [(*PRICING, days * DAY) for days in (0, 30, 60)]
    assert points(FIT_AND_ENGAGEMENT, *ago) == 26.25
    assert points(FIT_AND_ENGAGEMENT, (*PRICING, 301 * DAY)) == 0


@pytest.mark.parametrize(
    ("happened", "expected"),
    [
        ([PRICING], 10),
        ([PRICING, PRICING], 10),  # counts once
        ([("Webinar Attended", {})], 20),
        ([DEMO], 30),
        ([("Form Submitted", {"purpose": "demo"})], 30),
        ([PRICING, ("Webinar Attended", {}), DEMO], 60),  # 10 + 20 + 30
        ([("Webinar Attended", {}), DEMO], 50),  # exactly the threshold
        ([("Email Opened", {}), ("Whitepaper Downloaded", {})], 0),
    ],
)
def test_the_simple_model_has_the_points_of_its_source(
    happened: list[tuple[str, dict[str, object]]], expected: int
) -> None:
    assert points(SIMPLE_BEHAVIOUR, *happened) == expected
    assert SIMPLE_BEHAVIOUR.thresholds_micro["mql"] == 50_000_000


def mails(*ages_days: int) -> list[tuple[str, dict[str, object], int]]:
    return [("Email Delivered", {}, days * DAY) for days in ages_days]


OPENED_LONG_AGO: tuple[str, dict[str, object], int] = ("Email Opened", {}, 70 * DAY)


def test_whoever_stopped_opening_mail_loses_ten_points() -> None:
    assert points(SIMPLE_BEHAVIOUR, *mails(5, 20, 40), OPENED_LONG_AGO) == -10
    clicked = ("Email Link Clicked", {}, 59 * DAY)
    assert points(SIMPLE_BEHAVIOUR, *mails(5, 20, 40), OPENED_LONG_AGO, clicked) == 0


def test_nobody_is_inactive_who_has_hardly_been_written_to() -> None:
    assert points(SIMPLE_BEHAVIOUR, OPENED_LONG_AGO) == 0
    assert points(SIMPLE_BEHAVIOUR, *mails(1, 2), OPENED_LONG_AGO) == 0
    assert points(SIMPLE_BEHAVIOUR, *mails(91, 92, 93), OPENED_LONG_AGO) == 0


def test_nobody_is_inactive_whose_opens_may_not_be_seen() -> None:
    assert points(SIMPLE_BEHAVIOUR, *mails(5, 20, 40)) == 0
    agreed = {"consent.tracking.email": True}
    assert points(SIMPLE_BEHAVIOUR, *mails(5, 20, 40), facts=agreed) == -10
