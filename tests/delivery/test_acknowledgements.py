"""After hours people are told when somebody answers: in their zone, once a day, if allowed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import TestCase

from leadline.delivery import acknowledgements, outbox, senders
from leadline.delivery.acknowledgements import Ask
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft, DraftRefused
from leadline.leads.models import Lead
from leadline.lib.email_address import NotAnAddress
from leadline.routing import hours

pytestmark = pytest.mark.django_db

OFFICE = hours.parse(
    "Europe/Berlin", week={d: [["09:00", "17:00"]] for d in ("mon", "tue", "wed", "thu", "fri")}
)
FRIDAY_NIGHT = datetime(2026, 3, 27, 21, 0, tzinfo=UTC)  # 22:00 in Berlin


@pytest.fixture
def allowed() -> None:
    senders.note_test(FRIDAY_NIGHT)
    senders.approve_acknowledgement(
        subject="We have your request", text="Thank you. We answer {when}.", now=FRIDAY_NIGHT
    )


@pytest.fixture
def lead() -> Lead:
    at = FRIDAY_NIGHT
    return Lead.objects.create(
        created_at=at, known_at=at, updated_at=at, traits={"first_name": "{when} <b>BUY</b>"}
    )


def asked(lead: Lead, *, at: datetime = FRIDAY_NIGHT, **changes: str | None) -> list[Draft]:
    words: dict[str, str | None] = {"address": "eve@example.com", "time_zone": None, "cause": "s1"}
    ask = Ask(lead.id, **{**words, **changes})  # type: ignore[arg-type]  # by name
    return acknowledgements.drafts([ask], calendar=OFFICE, workspace_zone="Europe/Berlin", now=at)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("zone", "told"),
    [
        # Monday 30 March 09:00 in Berlin is 07:00 UTC: summer time began on Sunday.
        (None, "Monday, 30 March, 09:00 (Berlin time)"),
        ("Europe/Lisbon", "Monday, 30 March, 08:00 (Lisbon time)"),
        ("America/New_York", "Monday, 30 March, 03:00 (New York time)"),
        ("Asia/Kathmandu", "Monday, 30 March, 12:45 (Kathmandu time)"),
        ("../../etc/passwd", "Monday, 30 March, 09:00 (Berlin time)"),
        ("Mars/Olympus", "Monday, 30 March, 09:00 (Berlin time)"),
    ],
)
def test_the_text_says_when_somebody_answers_in_the_persons_zone(
    lead: Lead, zone: str | None, told: str
) -> None:
    (draft,) = asked(lead, time_zone=zone)
    assert draft.text == f"Thank you. We answer {told}."
    assert (draft.kind, draft.cause) == ("acknowledgement", "acknowledgement:s1")
    assert outbox.put([draft], now=FRIDAY_NIGHT) == 1


@pytest.mark.usefixtures("allowed")
def test_nothing_that_the_person_wrote_is_in_the_message(lead: Lead) -> None:
    (draft,) = asked(lead)
    assert "BUY" not in draft.text + draft.subject


@pytest.mark.usefixtures("allowed")
def test_while_somebody_is_there_nothing_is_acknowledged(lead: Lead) -> None:
    with TestCase().assertNumQueries(0):
        assert asked(lead, at=datetime(2026, 3, 27, 9, 0, tzinfo=UTC)) == []


@pytest.mark.usefixtures("allowed")
def test_an_address_is_acknowledged_at_most_once_in_24_hours(lead: Lead) -> None:
    outbox.put(asked(lead), now=FRIDAY_NIGHT)
    assert asked(lead, cause="s2", at=FRIDAY_NIGHT + timedelta(hours=23, minutes=59)) == []
    other = asked(lead, cause="s3", address="dan@example.com", at=FRIDAY_NIGHT)
    assert [draft.to_address for draft in other] == ["dan@example.com"]
    assert len(asked(lead, cause="s4", at=FRIDAY_NIGHT + timedelta(hours=24))) == 1


@pytest.mark.usefixtures("allowed")
def test_two_requests_in_one_batch_are_acknowledged_once(lead: Lead) -> None:
    asks = [Ask(lead.id, "eve@example.com", None, cause) for cause in ("s1", "s2")]
    with TestCase().assertNumQueries(2):
        found = acknowledgements.drafts(
            asks, calendar=OFFICE, workspace_zone="UTC", now=FRIDAY_NIGHT
        )
    assert [draft.cause for draft in found] == ["acknowledgement:s1"]


@pytest.mark.parametrize("missing", ["tested", "approved", "both"])
def test_nothing_is_acknowledged_before_a_test_and_a_look_at_the_text(
    lead: Lead, missing: str
) -> None:
    if missing == "approved":
        senders.note_test(FRIDAY_NIGHT)
    if missing == "tested":
        senders.approve_acknowledgement(subject="s", text="t", now=FRIDAY_NIGHT)
    assert asked(lead) == []


@pytest.mark.usefixtures("allowed")
def test_another_sender_address_has_to_be_tested_again(lead: Lead) -> None:
    senders.change_address("Leads@example.org")
    assert senders.current().from_address == "leads@example.org"
    assert asked(lead) == []
    senders.note_test(FRIDAY_NIGHT)
    senders.change_address("leads@example.org")
    assert len(asked(lead)) == 1
    with pytest.raises(NotAnAddress):
        senders.change_address("nobody")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Hello {name}", "text"),
        ("Hello", "{name}, we answer {when}"),
        ("Hello\r\nBcc: a@example.com", "text"),
        ("", "text"),
    ],
)
def test_a_text_with_other_placeholders_or_a_broken_subject_is_not_approved(
    subject: str, text: str
) -> None:
    with pytest.raises(DraftRefused):
        senders.approve_acknowledgement(subject=subject, text=text, now=FRIDAY_NIGHT)
    assert not senders.may_acknowledge(senders.current())


def test_a_text_without_a_place_for_the_time_gets_a_sentence() -> None:
    text = acknowledgements.told("Thank you.\n", when="Monday")
    assert text == "Thank you.\n\nSomebody will answer you from Monday."


def test_the_moment_is_spoken_in_the_zone() -> None:
    winter = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    spoken = acknowledgements.spoken(winter, ZoneInfo("Europe/Berlin"))
    assert spoken == "Friday, 1 January, 00:30 (Berlin time)"


def test_a_test_message_waits_in_the_outbox() -> None:
    cause = senders.send_test("ada@example.com", now=FRIDAY_NIGHT)
    assert Message.objects.get(cause=cause).kind == "test"
    assert senders.current().tested_at is None
    with pytest.raises(DraftRefused):
        senders.send_test("ada@example.com, eve@example.com", now=FRIDAY_NIGHT)
