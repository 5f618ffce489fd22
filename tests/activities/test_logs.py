"""What people do is written down once, and it is clear what counts as an answer."""

import uuid
from datetime import datetime, timedelta

import pytest

from leadline.activities import logs, queries, snoozes
from leadline.activities.logs import CannotUndo, NotAnActivity
from leadline.activities.models import Activity
from leadline.activities.snoozes import NotASnooze
from leadline.leads.models import Lead
from leadline.workspace.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben() -> User:
    return User.objects.create(email="ben@example.com", name="Ben")


@pytest.fixture
def lead(now: datetime) -> Lead:
    return Lead.objects.create(created_at=now, known_at=now, updated_at=now)


def log(lead: Lead, ben: User, now: datetime, **changes: object) -> Activity:
    words = {"kind": "call", "outcome": "connected", "by": ben.id, "began_at": now, "now": now}
    return logs.log(lead.id, **{**words, **changes})  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("kind", "outcome", "is_response", "is_attempt"),
    [
        ("call", "connected", True, True),
        ("call", "voicemail", True, True),
        ("call", "meeting", True, True),
        ("call", "no_answer", False, True),
        ("call", "wrong_number", False, True),
        ("call", "", False, True),
        ("mail", "", True, True),
        ("mail", "sent", True, True),
        ("meeting", "", True, True),
        ("meeting", "no_answer", False, True),
        ("note", "", False, False),
    ],
)
def test_what_reached_the_person_is_a_response(
    lead: Lead, ben: User, now: datetime,
    kind: str, outcome: str, is_response: bool, is_attempt: bool,
) -> None:  # fmt: skip
    activity = log(lead, ben, now, kind=kind, outcome=outcome, text="said something")
    assert (logs.is_response(activity), logs.is_attempt(activity)) == (is_response, is_attempt)


def test_what_is_written_down_is_kept_with_both_times(lead: Lead, ben: User, now: datetime) -> None:
    began = now - timedelta(minutes=7)
    activity = log(lead, ben, now, began_at=began, text="  asked for\x00 a price  ")
    activity.refresh_from_db()
    assert (activity.began_at, activity.logged_at) == (began, now)
    assert (activity.by_id, activity.text) == (ben.id, "asked for a price")


def test_sending_the_same_log_twice_writes_it_once(lead: Lead, ben: User, now: datetime) -> None:
    key = uuid.uuid4()
    first = log(lead, ben, now, key=key)
    assert log(lead, ben, now + timedelta(seconds=9), key=key).id == first.id
    assert Activity.objects.count() == 1
    other = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    with pytest.raises(NotAnActivity):
        log(other, ben, now, key=key)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("kind", {"kind": "fax"}),
        ("outcome", {"outcome": "sent"}),
        ("outcome", {"kind": "note", "outcome": "connected", "text": "x"}),
        ("text", {"kind": "note", "outcome": "", "text": " \u200b\x00 "}),
        ("text", {"text": "x" * 20_001}),
        ("began_at", {"began_at": datetime.fromisoformat("2026-03-10T09:33:00+00:00")}),
    ],
)
def test_what_cannot_be_is_refused_with_the_field(
    lead: Lead, ben: User, now: datetime, field: str, changes: dict[str, object]
) -> None:
    with pytest.raises(NotAnActivity) as refused:
        log(lead, ben, now, **changes)
    assert refused.value.field == field
    assert Activity.objects.count() == 0


def test_a_clock_that_is_a_minute_fast_is_forgiven(lead: Lead, ben: User, now: datetime) -> None:
    assert log(lead, ben, now, began_at=now + timedelta(minutes=1)).began_at == now


def test_a_person_takes_back_only_the_own_log_and_only_once(
    lead: Lead, ben: User, now: datetime
) -> None:
    cleo = User.objects.create(email="cleo@example.com", name="Cleo")
    activity = log(lead, ben, now)
    with pytest.raises(CannotUndo):
        logs.undo(activity.id, by=cleo.id)
    assert logs.undo(activity.id, by=ben.id).lead_id == lead.id
    with pytest.raises(CannotUndo):
        logs.undo(activity.id, by=ben.id)
    assert Activity.objects.count() == 0


def test_touches_are_counted_per_lead_and_notes_are_none(
    lead: Lead, ben: User, now: datetime
) -> None:
    quiet = Lead.objects.create(created_at=now, known_at=now, updated_at=now)
    log(lead, ben, now, outcome="no_answer", began_at=now - timedelta(days=2))
    log(lead, ben, now, kind="mail", outcome="sent", began_at=now - timedelta(days=1))
    log(lead, ben, now, kind="note", outcome="", text="likes tea")
    found = queries.touches_of([lead.id, quiet.id])
    assert found == {lead.id: queries.Touches(2, now - timedelta(days=1))}
    latest = queries.activities_of([lead.id], limit=2)
    assert [each.kind for each in latest] == ["note", "mail"]
    assert [each.kind for each in queries.activities_of([lead.id], before=latest[-1].began_at)] == [
        "call"
    ]


def test_a_snooze_is_one_persons_own_and_the_last_one_counts(
    lead: Lead, ben: User, now: datetime
) -> None:
    cleo = User.objects.create(email="cleo@example.com", name="Cleo")
    snoozes.snooze(lead.id, user_id=ben.id, until=now + timedelta(days=1), now=now)
    snoozes.snooze(lead.id, user_id=ben.id, until=now + timedelta(days=3), now=now)
    assert queries.snoozed_by(ben.id, now=now) == {lead.id: now + timedelta(days=3)}
    assert queries.snoozed_by(cleo.id, now=now) == {}
    assert queries.snoozed_by(ben.id, now=now + timedelta(days=3)) == {}
    assert snoozes.wake([lead.id], user_id=cleo.id) == 0
    assert snoozes.wake([lead.id]) == 1
    assert queries.snoozed_by(ben.id, now=now) == {}


@pytest.mark.parametrize("until", [timedelta(0), timedelta(days=-1), timedelta(days=367)])
def test_a_snooze_lies_in_the_near_future(
    lead: Lead, ben: User, now: datetime, until: timedelta
) -> None:
    with pytest.raises(NotASnooze):
        snoozes.snooze(lead.id, user_id=ben.id, until=now + until, now=now)
