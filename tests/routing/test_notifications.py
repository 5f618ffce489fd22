"""One notification per person and lead within ten minutes; each person reads what is theirs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.routing import notice_choices, notifications
from leadline.routing.models import NoticeChoice, Notification, Ring
from leadline.routing.notice_choices import UnknownSwitch
from leadline.routing.notice_kinds import KINDS, Channel
from leadline.routing.notifications import Notice, Told
from leadline.workspace.models import User
from tests.routing.people import NOW, leads, rep

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def notice(user: User, text: str = "Ada asked for a demo") -> Notice:
    return Notice(user.id, None, "assigned", text)


def test_a_batch_costs_the_same_however_large_it_is() -> None:
    ben = rep("Ben", team=None)
    asked = []
    for count in (2, 300):
        told = [Notice(ben.id, each.id, "assigned", "x" * 999) for each in leads(count)]
        with CaptureQueriesContext(connection) as caught:
            assert len(notifications.tell(told, now=NOW)) == count
        asked.append(len(caught))
    assert asked[0] == asked[1]
    row = Notification.objects.order_by("id").first()
    assert row is not None
    assert (row.at, row.read_at, len(row.text), row.count) == (NOW, None, 300, 1)
    assert Ring.objects.filter(user=ben).count() == 2
    assert notifications.tell([], now=NOW) == []


def test_a_person_reads_only_what_is_theirs_and_their_pages_hear_of_it() -> None:
    ben, cleo = rep("Ben", team=None), rep("Cleo", team=None)
    notifications.tell([notice(ben, "one"), notice(cleo, "two"), notice(ben, "three")], now=NOW)
    assert {each.text for each in notifications.unread(ben.id)} == {"one", "three"}
    every = list(Notification.objects.values_list("id", flat=True))
    rung = Ring.objects.filter(user=cleo).count()
    assert notifications.read(cleo.id, ids=every, now=NOW) == 1
    assert Ring.objects.filter(user=cleo).count() == rung + 1
    assert len(notifications.unread(ben.id)) == 2
    assert notifications.read(ben.id, now=NOW) == 2
    assert notifications.read(ben.id, now=NOW) == 0
    assert Ring.objects.filter(user=ben).count() == 2, "reading nothing rings nowhere"
    assert notifications.unread(ben.id) == []


def test_within_ten_minutes_a_lead_is_one_notification() -> None:
    ben = rep("Ben", team=None)
    (lead,) = leads(1)
    (first,) = notifications.tell([Notice(ben.id, lead.id, "hot_lead", "Grace asks")], now=NOW)
    late = NOW + timedelta(minutes=9, seconds=59)
    (second,) = notifications.tell([Notice(ben.id, lead.id, "mention", "@Ben")], now=late)
    assert first.id == second.id
    row = Notification.objects.get()
    assert (row.count, row.text, row.kind, row.at) == (2, "@Ben", "mention", late)
    (third,) = notifications.tell(
        [Notice(ben.id, lead.id, "mention", "again")], now=NOW + 10 * MINUTE
    )
    assert third.id != first.id, "the ten minutes run from the first, not from the last"


def test_what_has_been_read_is_unread_again_when_more_happens() -> None:
    ben = rep("Ben", team=None)
    (lead,) = leads(1)
    notifications.tell([Notice(ben.id, lead.id, "followed", "a call")], now=NOW)
    assert notifications.read_about(ben.id, lead.id, now=NOW) == 1
    notifications.tell([Notice(ben.id, lead.id, "followed", "a mail")], now=NOW + MINUTE)
    assert [each.text for each in notifications.unread(ben.id)] == ["a mail"]


def test_what_can_wait_does_not_cover_what_is_pressing() -> None:
    ben = rep("Ben", team=None)
    (lead,) = leads(1)
    notifications.tell([Notice(ben.id, lead.id, "mention", "@Ben call her")], now=NOW)
    notifications.tell([Notice(ben.id, lead.id, "followed", "Stage: MQL")], now=NOW + MINUTE)
    row = Notification.objects.get()
    assert (row.kind, row.text, row.count) == ("mention", "@Ben call her", 2)


def test_one_batch_about_one_lead_is_one_notification_per_person() -> None:
    ben, cleo = rep("Ben", team=None), rep("Cleo", team=None)
    (lead,) = leads(1)
    told = notifications.tell(
        [
            Notice(ben.id, lead.id, "hot_lead", "Grace asks"),
            Notice(ben.id, lead.id, "followed", "Stage: SQL"),
            Notice(cleo.id, lead.id, "followed", "Stage: SQL"),
        ],
        now=NOW,
    )
    assert len(told) == Notification.objects.count() == 2
    mine = Notification.objects.get(user=ben)
    assert (mine.count, mine.text) == (2, "Grace asks")


def test_nobody_is_told_what_they_did_themselves() -> None:
    ben, cleo = rep("Ben", team=None), rep("Cleo", team=None)
    both = [Notice(each.id, None, "mention", "hello", by=ben.id) for each in (ben, cleo)]
    notifications.tell(both, now=NOW)
    assert [each.user_id for each in Notification.objects.all()] == [cleo.id]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_out_of_the_box_only_four_things_go_out_at_once(kind: object) -> None:
    ben = rep("Ben", team=None)
    (told,) = notifications.tell([Notice(ben.id, None, kind.key, "x")], now=NOW)  # type: ignore[attr-defined]  # a Kind
    at_once = {"hot_lead", "due_soon", "reply", "mention", "assigned"}
    wanted = {"bell", "push", "mail"} if told.notice.kind in at_once else {"bell", "digest"}
    assert set(told.channels) == wanted


def test_what_is_switched_off_everywhere_is_not_written() -> None:
    ben = rep("Ben", team=None)
    notice_choices.choose_all(ben.id, on={("mention", "mail")})
    told = [Notice(ben.id, None, kind.key, kind.key) for kind in KINDS]
    assert [(each.notice.kind, each.channels) for each in notifications.tell(told, now=NOW)] == [
        ("mention", {Channel.MAIL})
    ]
    assert notifications.unread(ben.id) == [], "by mail only: not in the bell"


def test_a_choice_back_to_the_policy_leaves_no_row() -> None:
    ben = rep("Ben", team=None)
    notice_choices.choose(ben.id, kind="followed", channel="mail", is_on=True)
    assert notice_choices.of([ben.id])[ben.id, "followed"] == {"bell", "digest", "mail"}
    for _ in range(2):
        notice_choices.choose(ben.id, kind="followed", channel="mail", is_on=False)
    assert not NoticeChoice.objects.exists()
    with pytest.raises(UnknownSwitch):
        notice_choices.choose(ben.id, kind="followed", channel="pigeon", is_on=True)


def test_a_kind_that_nobody_declared_counts_as_everything_else() -> None:
    ben = rep("Ben", team=None)
    notice_choices.choose(ben.id, kind="other", channel="bell", is_on=False)
    (told,) = notifications.tell([Notice(ben.id, None, "of_tomorrow", "x")], now=NOW)
    assert isinstance(told, Told)
    assert told.channels == {Channel.DIGEST}
