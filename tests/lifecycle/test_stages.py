"""What moves a lead on, by the rules of the b2b-saas playbook, and who is hot at once."""

from datetime import timedelta

import pytest

from leadline.cards.models import Card
from leadline.flow import intake
from leadline.lifecycle.models import StageChange, Standing
from leadline.scoring.models import Score
from tests.world import World, form, said

pytestmark = pytest.mark.django_db

WHO = "a@acme.test"


@pytest.mark.parametrize(
    ("name", "because"),
    [
        ("Demo Requested", "asked for a demo"),
        ("Quote Requested", "asked for a quote"),
        ("Callback Requested", "asked to be called back"),
        ("Meeting Booked", "booked a meeting"),
        ("Contact Requested", "asked us to get in touch"),
        ("Pricing Requested", "asked about prices"),
        ("Email Replied", "replied to a mail"),
    ],
)
def test_who_asks_for_us_is_hot_and_goes_to_sales_at_once(
    world: World, name: str, because: str
) -> None:
    intake.run([said("track", name, email=WHO, at=world.now)], now=world.now)
    _is_with_sales(because)


@pytest.mark.parametrize(
    ("purpose", "because"),
    [
        ("demo", "asked for a demo"),
        ("quote", "asked for a quote"),
        ("callback", "asked to be called back"),
        ("booking", "booked a meeting"),
        ("contact", "asked us to get in touch"),
    ],
)
def test_a_form_that_asks_for_us_counts_like_the_event(
    world: World, purpose: str, because: str
) -> None:
    intake.run([form(purpose, email=WHO, at=world.now)], now=world.now)
    _is_with_sales(because)


def _is_with_sales(because: str) -> None:
    card = Card.objects.get()
    assert (card.temperature, card.stage) == ("hot", "sql")
    assert card.owner is not None
    assert card.response_due_at is not None
    assert Standing.objects.get().temperature_reason == because
    change = StageChange.objects.get()
    assert (change.stage, change.because, change.set_by) == ("sql", because, "rule")


def test_a_poor_score_holds_nobody_back_who_asks_for_us(world: World) -> None:
    student = {"title": "Student"}
    asked = form("demo", email="a@gmail.com", at=world.now, traits=student, is_trusted=True)
    intake.run([asked], now=world.now)
    card = Card.objects.get()
    # The demo 25, free mail -10, the student -20: far from the 50 that marketing asks for.
    assert card.total == -5_000_000
    assert (card.temperature, card.stage) == ("hot", "sql")


@pytest.mark.parametrize(
    ("name", "properties", "days_ago", "temperature", "because"),
    [
        ("Product Added", {}, 1, "hot", "put a product into the cart"),
        ("Checkout Started", {}, 2, "hot", "put a product into the cart"),
        ("Product Added", {}, 4, "cold", ""),
        ("Signed Up", {}, 20, "warm", "uses the trial"),
        ("Signed Up", {}, 31, "cold", ""),
        ("Ebook Downloaded", {}, 29, "warm",
         "took content or joined a webinar in the last 30 days"),
        ("Page Viewed", {"path": "/pricing"}, 13, "warm",
         "looked at the prices in the last two weeks"),
        ("Page Viewed", {"path": "/pricing"}, 15, "cold", ""),
        ("Page Viewed", {"path": "/about"}, 0, "cold", ""),
        ("Unheard Of", {}, 0, "cold", ""),
    ],
)  # fmt: skip
def test_how_warm_somebody_is_and_why(
    world: World, name: str, properties: dict[str, object], days_ago: int, temperature: str,
    because: str,
) -> None:  # fmt: skip
    at = world.now - timedelta(days=days_ago)
    intake.run([said("track", name, email=WHO, at=at, properties=properties)], now=world.now)
    standing = Standing.objects.get()
    assert (standing.temperature, standing.temperature_reason) == (temperature, because)
    assert Card.objects.get().temperature == temperature


def test_whoever_was_active_lately_is_warm_by_the_points(world: World) -> None:
    """Fifteen points of engagement: four clicks on links of mails are twelve, five are fifteen."""
    for number, temperature in enumerate(("cold", "cold", "cold", "cold", "warm")):
        at = world.now - timedelta(minutes=number)
        intake.run([said("track", "Email Link Clicked", email=WHO, at=at)], now=world.now)
        assert Score.objects.get().engagement == (number + 1) * 3_000_000
        assert Standing.objects.get().temperature == temperature
    assert Standing.objects.get().temperature_reason == "was active lately"


@pytest.mark.parametrize(
    "name",
    [
        "Newsletter Subscribed", "Content Downloaded", "Whitepaper Downloaded",
        "Ebook Downloaded", "Webinar Registered", "Webinar Attended",
    ],
)  # fmt: skip
def test_who_takes_information_is_information_qualified(world: World, name: str) -> None:
    intake.run([said("track", name, email=WHO, at=world.now)], now=world.now)
    assert Card.objects.get().stage == "iql"


@pytest.mark.parametrize("purpose", ["newsletter", "download", "webinar"])
def test_a_form_for_information_counts_like_the_event(world: World, purpose: str) -> None:
    intake.run([form(purpose, email=WHO, at=world.now)], now=world.now)
    assert Card.objects.get().stage == "iql"


def test_who_uses_the_trial_three_times_is_product_qualified(world: World) -> None:
    def uses(times: int) -> str:
        used = [said("track", "Feature Used", email=WHO, at=world.now) for _ in range(times)]
        intake.run(used, now=world.now)
        return Card.objects.get().stage

    intake.run([said("track", "Trial Started", email=WHO, at=world.now)], now=world.now)
    assert uses(2) == "lead"
    assert uses(1) == "pql"
