"""X Education: 9,240 leads with sources, visits, last activity and outcome, as traits and events.

"Select" means not answered. What sales filled in later (tags, quality, profile) is left out. The
set has no dates: `Lead Number` grows with time, so numbers become days. A lead's visits become
page views on its first day, its last activity the event of the default vocabulary.
"""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from leadline.cards.models import Card
from leadline.leads.models import CurrentTrait, Lead
from leadline.scoring.models import Score
from leadline.timeline.models import Event, Touch
from tests.real_input import files, workspace
from tests.real_input.workspace import FrontDoor, Item

pytestmark = pytest.mark.django_db

ACTIVITIES = {
    "Email Opened": "Email Opened",
    "Email Link Clicked": "Email Link Clicked",
    "Email Bounced": "Email Bounced",
    "Unsubscribed": "Unsubscribed",
    "Olark Chat Conversation": "Live Chat Conversation Started",
    "Had a Phone Conversation": "Call Answered",
    "Form Submitted on Website": "Form Submitted",
}
SENIORITY = {"Student": "student"}
MOST_VISITS = 10


@pytest.fixture
def leads() -> list[dict[str, str]]:
    return files.rows(files.find("x_education") / "Leads.csv.gz")


def said(row: dict[str, str], column: str) -> str | None:
    value = row[column].strip()
    return None if value in ("", "Select") else value


def first_day(row: dict[str, str], now: datetime) -> datetime:
    # Numbers run from 579533 to 660737; a thousand of them are a day, the newest is yesterday.
    return now - timedelta(days=1 + (660_737 - int(row["Lead Number"])) / 1_000)


def items(row: dict[str, str], now: datetime) -> list[Item]:
    """The lead itself, its visits (at most ten) and its last activity."""
    identity, at = f"xed:{row['Prospect ID']}", first_day(row, now)
    traits = {
        "lead_source": said(row, "Lead Source"),
        "country": said(row, "Country"),
        "city": said(row, "City"),
        "title_seniority": SENIORITY.get(row["What is your current occupation"]),
    }
    campaign = {"campaign": {"source": said(row, "Lead Source")}}
    found = [workspace.past("identify", identity, identity, at=at, traits=traits, context=campaign)]
    for number in range(min(MOST_VISITS, int(float(row["TotalVisits"] or 0)))):
        found.append(
            workspace.past(
                "page", identity, f"{identity}-{number}", at=at + timedelta(minutes=number),
                properties={"path": "/"},
            )
        )  # fmt: skip
    name = ACTIVITIES.get(row["Last Activity"])
    if name is not None:
        found.append(
            workspace.past(
                "track", identity, f"{identity}-last", at=at + timedelta(hours=1), event=name,
                properties={"purpose": "other"},
            )
        )  # fmt: skip
    return found


def test_every_lead_arrives_with_its_traits_and_events(
    door: FrontDoor, leads: list[dict[str, str]], now: datetime
) -> None:
    door.put_in([item for row in leads for item in items(row, now)])

    assert Lead.objects.count() == Card.objects.count() == Score.objects.count() == 9_240
    sources = Counter(said(row, "Lead Source") for row in leads)
    stored = CurrentTrait.objects.filter(name="lead_source").values_list("text", flat=True)
    assert Counter(stored) == {name: n for name, n in sources.items() if name}
    expected = Counter(ACTIVITIES.get(row["Last Activity"]) for row in leads)
    expected["Page Viewed"] = sum(
        min(MOST_VISITS, int(float(row["TotalVisits"] or 0))) for row in leads
    )
    expected["Identified"] = 9_240
    del expected[None]
    assert Counter(Event.objects.values_list("name", flat=True)) == expected
    assert Touch.objects.count() == 9_240 - sources[None]


def test_points_are_those_of_the_default_model(
    door: FrontDoor, leads: list[dict[str, str]], now: datetime
) -> None:
    some = [row for row in leads if row["Last Activity"] in ACTIVITIES][:1_500]
    door.put_in([item for row in some for item in items(row, now)])

    totals = dict(Lead.objects.values_list("bindings__value", "id"))
    points = dict(Score.objects.values_list("lead_id", "fit"))
    for row in some:
        fit = points[totals[f"xed:{row['Prospect ID']}"]]
        # Students lose 20; nothing else in the set is about fit.
        assert fit == (-20_000_000 if row["What is your current occupation"] == "Student" else 0)
    gone = {f"xed:{row['Prospect ID']}" for row in some if row["Last Activity"] == "Unsubscribed"}
    engagement = Score.objects.filter(lead__in=[totals[each] for each in gone])
    assert gone
    assert set(engagement.values_list("engagement", flat=True)) == {-30_000_000}
