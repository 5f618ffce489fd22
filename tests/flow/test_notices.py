"""What goes out at once, what waits, and that nothing goes out twice."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session

from leadline.delivery import personal
from leadline.delivery.models import Device, Message
from leadline.flow import intake, notices, reactions, timers
from leadline.routing import notice_choices
from leadline.routing.models import Notification
from leadline.routing.notifications import Notice
from leadline.workspace.models import User
from tests.world import World, form, said

pytestmark = pytest.mark.django_db


def asked(world: World, purpose: str = "demo") -> UUID:
    post = form(purpose, email="grace@navy.example", at=world.now)
    found = intake.run([post], now=world.now).lead_ids[0]
    assert found is not None
    return found


def mails(person: User) -> list[str]:
    found = Message.objects.filter(to_address=person.email, kind="notification").order_by("id")
    return list(found.values_list("subject", flat=True))


def test_a_hot_lead_goes_out_by_mail_with_its_time_its_reason_and_a_way_to_less(
    world: World,
) -> None:
    lead_id = asked(world)
    assert Notification.objects.get(user=world.ben).kind == "hot_lead"
    text = Message.objects.get(to_address=world.ben.email).text
    assert f"/leads/{lead_id}" in text
    assert "Please answer by Tuesday" in text
    assert "You are told because this hot lead was assigned to you." in text
    assert "/settings/notifications" in text


def test_a_reply_is_told_to_whoever_has_the_lead_and_named_by_what_came_last(
    world: World, phone: Device
) -> None:
    asked(world)
    later = world.now + timedelta(minutes=30)
    said_again = said("track", "Email Replied", email="grace@navy.example", at=later)
    intake.run([said_again], now=later)
    told = Notification.objects.filter(user=world.ben).latest("pk")
    assert (told.kind, told.text) == ("reply", "grace@navy.example replied to a mail")
    assert mails(world.ben)[1:] == ["A lead of yours replies"]
    push = Message.objects.filter(kind="push").latest("pk")
    assert push.text == "grace@navy.example replied to a mail"
    assert (
        "a lead that is yours has replied"
        in Message.objects.filter(to_address=world.ben.email).latest("pk").text
    )


def test_whoever_replies_and_had_no_owner_is_a_hot_lead(world: World) -> None:
    intake.run(
        [said("track", "Email Replied", email="grace@navy.example", at=world.now)], now=world.now
    )
    assert Notification.objects.get(user=world.ben).kind == "hot_lead"


def test_a_lead_that_is_not_hot_waits(world: World) -> None:
    asked(world, "download")
    row = Notification.objects.get(user=world.ben)
    assert (row.kind, row.in_bell, row.waits_for_digest) == ("new_lead", True, True)
    assert mails(world.ben) == []


def test_a_mention_and_a_hand_over_are_mailed(world: World) -> None:
    lead_id = asked(world, "download")
    reactions.log_activity(
        lead_id, kind="note", outcome="", text="@Ada look", by=world.ben.pk,
        began_at=world.now, now=world.now,
    )  # fmt: skip
    assert mails(world.ada) == ["A colleague mentions you"]
    later = world.now + timedelta(hours=1)
    reactions.assign(lead_id, world.ada.pk, by=world.ben.pk, because="For you", now=later)
    assert mails(world.ada) == ["A colleague mentions you", "A colleague hands over to you"]


def test_more_about_the_same_lead_within_ten_minutes_is_not_mailed_again(world: World) -> None:
    lead_id = asked(world, "download")
    for minutes, count in ((0, 1), (9, 1), (10, 2)):
        reactions.log_activity(
            lead_id, kind="note", outcome="", text=f"@Ada {minutes}", by=world.ben.pk,
            began_at=world.now, now=world.now + timedelta(minutes=minutes),
        )  # fmt: skip
        assert len(mails(world.ada)) == count


def test_what_waited_in_the_bell_is_mailed_when_it_becomes_pressing(world: World) -> None:
    lead_id = asked(world, "download")
    notices.tell([Notice(world.ben.pk, lead_id, "mention", "@Ben now")], now=world.now)
    assert Notification.objects.get(user=world.ben).count == 2
    assert mails(world.ben) == ["A colleague mentions you"]


def test_a_mail_names_the_lead_unless_its_sentence_does(world: World) -> None:
    lead_id = asked(world)
    later = world.now + timedelta(minutes=20)
    notices.tell([Notice(world.ben.pk, lead_id, "mention", "@Ben look")], now=later)
    first, second = Message.objects.filter(to_address=world.ben.email).order_by("id")
    assert first.text.startswith("grace@navy.example asked for a demo\n")
    assert second.text.startswith("grace@navy.example: @Ben look\n")


def test_whoever_wants_no_mail_gets_none(world: World) -> None:
    notice_choices.choose(world.ben.pk, kind="hot_lead", channel="mail", is_on=False)
    asked(world)
    assert mails(world.ben) == []
    assert Notification.objects.filter(user=world.ben).exists()


def test_whoever_has_left_gets_no_mail(world: World) -> None:
    User.objects.filter(pk=world.ada.pk).update(is_active=False)
    notices.tell([Notice(world.ada.pk, None, "mention", "@Ada")], now=world.now)
    assert mails(world.ada) == []


def test_a_clock_warns_once_before_it_runs_out_and_the_breach_can_wait(world: World) -> None:
    asked(world)
    soon = world.now + timedelta(minutes=3)
    assert [timers.warnings(now=soon), timers.warnings(now=soon)] == [1, 0]
    row = Notification.objects.get(user=world.ben)
    assert (row.kind, row.count) == ("due_soon", 2)
    assert timers.breaches(now=world.now + timedelta(minutes=6)) == 1
    # One lead within ten minutes is one mail, but for this one: he has no device that rings.
    assert mails(world.ben) == ["A hot lead is yours", "A response time is about to run out"]
    assert "The response time is nearly over." in Message.objects.latest("id").text


def test_a_warning_that_comes_by_itself_is_one_mail_with_what_joins_it(world: World) -> None:
    lead_id = asked(world, "download")
    for later, kind in ((20, "due_soon"), (21, "due_soon"), (21, "due_soon"), (22, "mention")):
        at = world.now + timedelta(minutes=later)
        notices.tell([Notice(world.ben.pk, lead_id, kind, "Now")], now=at)
    about_to_run_out = "A response time is about to run out"
    assert mails(world.ben) == [about_to_run_out, about_to_run_out]


def test_a_warning_that_comes_by_itself_is_one_push_with_what_joins_it(
    world: World, phone: Device
) -> None:
    lead_id = asked(world, "download")
    for later, kind, count in ((20, "due_soon", 1), (22, "mention", 1), (23, "due_soon", 2)):
        at = world.now + timedelta(minutes=later)
        notices.tell([Notice(world.ben.pk, lead_id, kind, "Now")], now=at)
        assert Message.objects.filter(kind="push").count() == count, (later, kind)


@pytest.mark.parametrize(
    ("choice", "count"),
    [(None, 1), (("due_soon", "push"), 2), (("due_soon", "mail"), 1)],
    ids=["pushed", "no-push-of-warnings", "no-mail-of-warnings"],
)
def test_whom_a_device_warns_gets_no_second_mail(
    world: World, phone: Device, choice: tuple[str, str] | None, count: int
) -> None:
    if choice:
        notice_choices.choose(world.ben.pk, kind=choice[0], channel=choice[1], is_on=False)
    asked(world)
    assert timers.warnings(now=world.now + timedelta(minutes=3)) == 1
    assert len(mails(world.ben)) == count


def test_a_device_in_which_nobody_is_signed_in_any_more_warns_nobody(
    world: World, phone: Device
) -> None:
    asked(world)
    Session.objects.all().delete()
    assert timers.warnings(now=world.now + timedelta(minutes=3)) == 1
    assert mails(world.ben) == ["A hot lead is yours", "A response time is about to run out"]


def test_an_answered_lead_warns_nobody(world: World) -> None:
    lead_id = asked(world)
    reactions.log_activity(
        lead_id, kind="call", outcome="connected", text="", by=world.ben.pk,
        began_at=world.now, now=world.now + timedelta(minutes=1),
    )  # fmt: skip
    assert timers.warnings(now=world.now + timedelta(minutes=4)) == 0


def test_a_visit_tells_nobody(world: World) -> None:
    intake.run([said("page", email="a@gmail.com", at=world.now)], now=world.now)
    assert not Notification.objects.filter(kind="hot_lead").exists()


@pytest.fixture
def phone(world: World) -> Device:
    """Ben's browser, in which he is signed in."""
    end = world.now + timedelta(days=1)
    Session.objects.create(session_key="s1", session_data="", expire_date=end)
    return Device.objects.create(
        user=world.ben, session_key="s1", endpoint="https://push.example/1", p256dh="", auth="",
        name="Chrome", created_at=world.now,
    )  # fmt: skip


def test_a_hot_lead_is_pushed_to_each_device_once(world: World, phone: Device) -> None:
    lead_id = asked(world)
    push = Message.objects.get(kind="push")
    assert (push.device_id, push.lead_id, push.state) == (phone.pk, lead_id, "pending")
    assert (push.subject, push.text) == (
        "grace@navy.example", "grace@navy.example asked for a demo",
    )  # fmt: skip
    notices.tell([Notice(world.ben.pk, lead_id, "mention", "@Ben")], now=world.now)
    assert Message.objects.filter(kind="push").count() == 1


def test_the_warning_that_time_runs_out_is_pushed_beside_the_hot_lead(
    world: World, phone: Device
) -> None:
    asked(world)
    soon = world.now + timedelta(minutes=3)
    assert timers.warnings(now=soon) == 1
    first, second = Message.objects.filter(kind="push").order_by("id")
    assert first.text == "grace@navy.example asked for a demo"
    assert second.text == "The response time is nearly over."
    assert Notification.objects.filter(user=world.ben).count() == 1


def test_a_push_is_in_the_language_of_whoever_reads_it(world: World, phone: Device) -> None:
    User.objects.filter(pk=world.ben.pk).update(language="de")
    asked(world)
    push = Message.objects.get(kind="push")
    assert push.text == "grace@navy.example hat eine Demo angefragt"
    Device.objects.update(shows_names=False)
    notices.tell([Notice(world.ben.pk, None, "mention", "@Ben")], now=world.now)
    assert Message.objects.filter(kind="push").latest("pk").text == "Jemand erwähnt Sie"


def test_what_can_wait_is_not_pushed(world: World, phone: Device) -> None:
    asked(world, "download")
    assert not Message.objects.filter(kind="push").exists()


def test_a_device_that_shows_no_names_learns_none(world: World, phone: Device) -> None:
    Device.objects.update(shows_names=False)
    asked(world)
    push = Message.objects.get(kind="push")
    assert (push.subject, push.text) == ("Leadline", "A hot lead is yours")


def test_a_push_that_waits_goes_with_an_erased_lead(world: World, phone: Device) -> None:
    lead_id = asked(world)
    personal.erase([lead_id], now=world.now)
    push = Message.objects.get(kind="push")
    assert (push.state, push.subject, push.text) == ("suppressed", "", "")


def test_a_hot_lead_that_waited_for_somebody_free_goes_out_at_once(world: World) -> None:
    User.objects.filter(pk=world.ben.pk).update(takes_leads=False)
    lead_id = asked(world)
    assert not Notification.objects.filter(kind="hot_lead").exists()
    User.objects.filter(pk=world.ben.pk).update(takes_leads=True)
    assert timers.waiting(now=world.now + timedelta(minutes=1)) == 1
    told = Notification.objects.get(user=world.ben)
    assert (told.kind, told.lead_id) == ("hot_lead", lead_id)
    assert mails(world.ben) == ["A hot lead is yours"]
