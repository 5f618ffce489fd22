"""What moves a lead on, by the rules of the b2b-saas playbook, and who is hot at once."""

import pytest

from leadline.cards.models import Card
from leadline.flow import intake
from leadline.lifecycle.models import StageChange, Standing
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
    # The demo 30, free mail -10, student -15: far from the 50 that marketing asks for.
    assert card.total < 50_000_000
    assert (card.temperature, card.stage) == ("hot", "sql")


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
