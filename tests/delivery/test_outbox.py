"""A message is written once per cause, to exactly one address, with nothing smuggled in."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.delivery import outbox, queries, sending
from leadline.delivery.models import Message
from leadline.delivery.outbox import Draft, DraftRefused
from leadline.leads.models import Lead
from leadline.privacy.models import Suppression
from tests.delivery.conftest import Put

pytestmark = pytest.mark.django_db


def draft(**changes: str) -> Draft:
    words = {
        "kind": "notification",
        "cause": "assigned:1",
        "to_address": "ben@example.com",
        "subject": "New lead",
        "text": "Ada asked for a demo",
    }
    return Draft(**{**words, **changes})


def test_one_cause_is_one_message_however_often_the_step_runs(now: datetime) -> None:
    assert outbox.put([draft(), draft(cause="assigned:2"), draft()], now=now) == 2
    assert outbox.put([draft(subject="Again")], now=now) == 0
    assert set(Message.objects.values_list("subject", flat=True)) == {"New lead"}


def test_the_address_is_canonical_and_the_due_time_is_kept(now: datetime) -> None:
    later = now + timedelta(hours=3)
    outbox.put(
        [Draft("notification", "c", "Ben@Example.COM", "New lead", "text", due_at=later)], now=now
    )
    row = Message.objects.get()
    assert (row.to_address, row.due_at, row.created_at) == ("ben@example.com", later, now)
    assert (row.state, row.fence, row.attempts) == ("pending", 0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "New lead\r\nBcc: victim@example.com"),
        ("subject", "New\nlead"),
        ("subject", "New\rlead"),
        ("subject", "New\u2028lead"),
        ("subject", "New\u2029lead"),
        ("subject", "New\x85lead"),
        ("subject", "New\x00lead"),
        ("subject", "New\x0blead"),
        ("subject", ""),
        ("subject", "x" * 301),
        ("cause", "a\nb"),
        ("cause", ""),
        ("cause", "x" * 201),
        ("text", "nul \x00"),
        ("text", "bare return \r\n."),
        ("text", "half a pair \ud800"),
        ("text", "x" * 20_001),
        ("kind", "marketing"),
        ("to_address", "b@example.com, victim@example.com"),
        ("to_address", "<a@example.com> <b@example.com>"),
        ("to_address", "friends: a@example.com, b@example.com;"),
        ("to_address", "a@example.com\nBcc: victim@example.com"),
        ("to_address", "a@example.com\u2028victim@example.com"),
        ("to_address", "-oQ/tmp@-example.com"),
        ("to_address", ""),
    ],
)
def test_what_could_be_smuggled_is_refused_with_the_field_and_nothing_is_written(
    now: datetime, field: str, value: str
) -> None:
    with pytest.raises(DraftRefused) as refused:
        outbox.put([draft(cause="fine"), draft(**{field: value})], now=now)
    assert refused.value.field == field
    assert Message.objects.count() == 0


def test_a_subject_made_of_somebodys_words_fits_on_one_line(now: datetime) -> None:
    subject = outbox.one_line("Ada\r\nBcc: x@example.com\u2028\tLovelace \x00" + "y" * 400)
    assert subject.startswith("Ada Bcc: x@example.com Lovelace y")
    assert outbox.put([draft(subject=subject)], now=now) == 1


def test_a_suppressed_address_is_shown_and_never_sent(now: datetime) -> None:
    Suppression.objects.create(
        identifier_kind="email", identifier="ben@example.com", reason="complaint", at=now
    )
    outbox.put([draft(to_address="BEN@example.com"), draft(kind="account", cause="reset")], now=now)
    states = dict(Message.objects.values_list("cause", "state"))
    # A person may still reset the own password.
    assert states == {"assigned:1": "suppressed", "reset": "pending"}
    assert [message.kind for message in sending.claim("w1", limit=8)] == ["account"]


def test_putting_takes_a_fixed_number_of_statements(now: datetime) -> None:
    asked = []
    for count in (60, 200):
        drafts = [draft(cause=f"{count} {n}", to_address=f"u{n}@example.com") for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            assert outbox.put(drafts, now=now) == count
        asked.append(len(captured))
    # On PostgreSQL a batch goes through a stage: create, empty, copy, insert.
    assert asked[0] == asked[1] <= 5
    assert outbox.put([], now=now) == 0


def test_what_waits_for_a_lead_can_be_held_back(now: datetime) -> None:
    lead = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    outbox.put(
        [Draft("acknowledgement", "c", "a@example.com", "s", "t", lead_id=lead.id), draft()],
        now=now,
    )
    assert outbox.cancel([lead.id], because="Erased.") == 1
    assert [row.reason for row in queries.messages_of([lead.id])] == ["Erased."]
    assert Message.objects.filter(state="pending").count() == 1


def test_the_screen_pages_through_the_newest_first_and_counts_what_needs_a_person(
    put: Put,
) -> None:
    rows = [put(f"c{n}") for n in range(5)]
    Message.objects.filter(id=rows[0].id).update(state="failed")
    Message.objects.filter(id=rows[1].id).update(state="unknown")
    first = queries.newest(limit=3)
    second = queries.newest(limit=3, before=first[-1].id)
    assert [row.cause for row in first + second] == ["c4", "c3", "c2", "c1", "c0"]
    assert [row.cause for row in queries.newest(state="failed")] == ["c0"]
    assert queries.needing_attention() == {"failed": 1, "unknown": 1}
