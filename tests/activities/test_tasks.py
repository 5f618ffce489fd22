"""What people plan for a lead is written down once, ticked off once, and follows merges."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leadline.activities import due, homes, personal, tasks
from leadline.activities.due import Due
from leadline.activities.models import Task, TaskChange
from leadline.activities.tasks import NotATask, Plan
from leadline.leads.models import Lead
from leadline.workspace.models import User

pytestmark = pytest.mark.django_db
Act = TaskChange.Act


@pytest.fixture
def ben() -> User:
    return User.objects.create(email="ben@example.com", name="Ben")


def lead_of(now: datetime, into: Lead | None = None) -> Lead:
    return Lead.objects.create(created_at=now, known_at=now, updated_at=now, merged_into=into)


@pytest.fixture
def lead(now: datetime) -> Lead:
    return lead_of(now)


def plan(now: datetime, ben: User | None = None, **changes: object) -> Plan:
    words = {"text": "Call back", "due": Due(now + timedelta(hours=3))}
    return Plan(**{**words, "owner_id": ben and ben.pk, **changes})  # type: ignore[arg-type]  # by name


def acts(task: Task) -> list[str]:
    return list(task.changes.order_by("pk").values_list("act", flat=True))


def test_a_task_says_what_until_when_and_by_whom(lead: Lead, ben: User, now: datetime) -> None:
    day = due.on_day(date(2026, 3, 12), zone=UTC)
    made = tasks.add(
        lead.pk, plan(now, ben, text="  send\nthe quote ", due=day), by=ben.pk, now=now
    )
    made.refresh_from_db()
    assert (made.text, made.owner_id, made.created_by_id) == ("send the quote", ben.pk, ben.pk)
    assert (made.due_at, made.due_on) == (datetime(2026, 3, 13, tzinfo=UTC), date(2026, 3, 12))
    assert (made.created_at, made.done_at, acts(made)) == (now, None, [Act.ADDED])


@pytest.mark.parametrize("text", ["", " \u200b\x00 ", "x" * 501])
def test_a_task_without_words_or_with_too_many_is_refused(
    lead: Lead, ben: User, now: datetime, text: str
) -> None:
    with pytest.raises(NotATask) as refused:
        tasks.add(lead.pk, plan(now, text=text), by=ben.pk, now=now)
    assert refused.value.field == "text"
    assert not Task.objects.exists()


def test_sending_the_same_task_twice_adds_it_once(lead: Lead, ben: User, now: datetime) -> None:
    key = uuid.uuid4()
    first = tasks.add(lead.pk, plan(now), by=ben.pk, now=now, key=key)
    assert tasks.add(lead.pk, plan(now, text="other"), by=ben.pk, now=now, key=key) == first
    assert Task.objects.count() == 1
    with pytest.raises(NotATask):
        tasks.add(lead_of(now).pk, plan(now), by=ben.pk, now=now, key=key)


def test_adding_to_many_leads_asks_as_often_as_adding_to_one(ben: User, now: datetime) -> None:
    counts = []
    for many in (1, 60):
        ids = [lead_of(now).pk for _ in range(many)]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            made = tasks.add_many(ids, plan(now, ben), by=ben.pk, now=now)
        # COPY of larger sets fills a stage first; SQLite steps through one statement.
        counts.append(len([q for q in asked if "STAGE" not in q["sql"].upper()]))
        assert set(made) == set(ids)
        assert Task.objects.filter(pk__in=made.values(), owner=ben).count() == many
    assert counts[1] <= counts[0] == 2
    assert TaskChange.objects.count() == 61


def test_a_task_is_ticked_off_once_and_can_be_opened_again(
    lead: Lead, ben: User, now: datetime
) -> None:
    made = tasks.add(lead.pk, plan(now), by=ben.pk, now=now)
    done = tasks.complete(made.pk, by=ben.pk, now=now + timedelta(hours=1))
    assert done is not None
    assert done.at == now + timedelta(hours=1)
    assert tasks.complete(made.pk, by=ben.pk, now=now) is None
    made.refresh_from_db()
    assert (made.done_at, made.done_by_id) == (now + timedelta(hours=1), ben.pk)
    assert tasks.reopen(made.pk, by=ben.pk, now=now) is not None
    assert tasks.reopen(made.pk, by=ben.pk, now=now) is None
    made.refresh_from_db()
    assert (made.done_at, made.done_by_id) == (None, None)
    assert acts(made) == [Act.ADDED, Act.DONE, Act.REOPENED]


def test_what_is_changed_is_a_row_and_the_same_again_is_none(
    lead: Lead, ben: User, now: datetime
) -> None:
    made = tasks.add(lead.pk, plan(now), by=ben.pk, now=now)
    later = Due(now + timedelta(days=2))
    assert tasks.change(made.pk, text="Call back", due=later, by=ben.pk, now=now) is not None
    assert tasks.change(made.pk, text=" Call  back", due=later, by=ben.pk, now=now) is None
    assert tasks.hand_over(made.pk, to=ben.pk, by=ben.pk, now=now) is not None
    assert tasks.hand_over(made.pk, to=ben.pk, by=ben.pk, now=now) is None
    assert tasks.hand_over(uuid.uuid4(), to=ben.pk, by=ben.pk, now=now) is None
    assert [(c.act, c.due_at, c.owner_id) for c in made.changes.order_by("pk")] == [
        (Act.ADDED, now + timedelta(hours=3), None),
        (Act.CHANGED, later.at, None),
        (Act.HANDED_OVER, later.at, ben.pk),
    ]


def test_only_untouched_tasks_are_taken_back(lead: Lead, ben: User, now: datetime) -> None:
    [fresh, moved, done] = [tasks.add(lead.pk, plan(now), by=ben.pk, now=now) for _ in range(3)]
    tasks.change(moved.pk, text="Other", due=Due(now), by=ben.pk, now=now)
    tasks.complete(done.pk, by=ben.pk, now=now)
    every = [fresh.pk, moved.pk, done.pk]
    assert tasks.take_back(every) == {fresh.pk}
    assert tasks.take_back(every) == set()
    assert Task.objects.count() == 2


def test_tasks_follow_a_merge_and_return_when_it_is_undone(ben: User, now: datetime) -> None:
    kept, absorbed = lead_of(now), lead_of(now)
    inner = lead_of(now, into=absorbed)
    by_lead = {
        each.pk: tasks.add(each.pk, plan(now), by=ben.pk, now=now)
        for each in (kept, absorbed, inner)
    }
    assert homes.absorb(Task, [(kept.pk, absorbed.pk), (absorbed.pk, inner.pk)]) == 2
    assert Task.objects.filter(lead=kept).count() == 3
    since = tasks.add(kept.pk, plan(now), by=ben.pk, now=now)
    assert homes.part(Task, kept.pk, absorbed.pk) == 2
    there = dict(Task.objects.values_list("pk", "lead"))
    assert there[by_lead[kept.pk].pk] == there[since.pk] == kept.pk
    assert there[by_lead[absorbed.pk].pk] == there[by_lead[inner.pk].pk] == absorbed.pk


def test_erasing_a_lead_empties_its_tasks_and_an_export_names_them(
    lead: Lead, ben: User, now: datetime
) -> None:
    tasks.add(lead.pk, plan(now, text="Ask Grace"), by=ben.pk, now=now)
    assert [row["text"] for row in personal.export_tasks(lead.pk)] == ["Ask Grace"]
    assert personal.erase_tasks([lead.pk], now=now) == 1
    assert personal.erase_tasks([lead.pk], now=now) == 0
    assert Task.objects.get().text == ""
