"""Tasks on the screens: planned and done at once, taken back, seen only by who may see the lead."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.activities.due import Due
from leadline.activities.models import Task
from leadline.activities.tasks import Plan
from leadline.cards.models import Card
from leadline.flow import reactions, tasks, trash
from leadline.lib import clock
from leadline.workspace.models import Role, User
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
HTMX = {"HX-Request": "true"}


def planned(
    world: World, lead_id: UUID, *, after: timedelta = timedelta(), owner: User | None = None,
    text: str = "Send the quote",
) -> Task:  # fmt: skip
    now = clock.now()
    plan = Plan(text, Due(now + after), (owner or world.ben).pk)
    return tasks.add(lead_id, plan, by=world.ben, now=now)


def answered(world: World, lead_id: UUID) -> None:
    """The clock no longer runs and somebody has just been in touch: not due by itself."""
    now = clock.now()
    reactions.log_activity(
        lead_id, kind="call", outcome="connected", text="", by=world.ada.pk, began_at=now, now=now
    )


def undone(client: Client, answer: bytes) -> str:
    token = answer.decode().split('name="token" value="')[1].split('"')[0]
    return client.post("/undo", {"token": token}, headers=HTMX).content.decode()


def test_a_task_is_planned_with_a_date_as_people_say_it_and_undone(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben = enter(world.ben)
    sent = {"text": "Call about the quote", "due": "tomorrow 3pm", "key": str(uuid4())}
    said = ben.post(f"/leads/{lead_id}/tasks", sent, headers=HTMX)
    assert "Tomorrow, 15:00" in said.content.decode()
    ben.post(f"/leads/{lead_id}/tasks", sent, headers=HTMX)
    task = Task.objects.get()
    assert (task.text, task.owner, task.created_by) == (sent["text"], world.ben, world.ben)
    page = ben.get(f"/leads/{lead_id}").content.decode()
    assert (
        page.index("Next steps") < page.index("Call about the quote") < page.index("<h2>Timeline")
    )
    assert "Undone" in undone(ben, said.content)
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"text": "", "due": "tomorrow"}, "what is to be done"),
        ({"text": "Call", "due": "soon"}, "tue 3pm"),
        ({"text": "Call", "due": "2020-01-01"}, "has passed"),
        ({"text": "Call", "due": "3/4"}, "month as a word"),
        ({"text": "Call", "due": "tomorrow", "owner": "nobody"}, "from the list"),
        ({"text": "x" * 501, "due": "tomorrow"}, "501 characters; 500 are allowed"),
    ],
)
def test_what_cannot_be_planned_is_said_and_what_was_typed_is_kept(
    world: World, enter: Enter, lead_id: UUID, fields: dict[str, str], why: str
) -> None:
    answer = enter(world.ben).post(f"/leads/{lead_id}/tasks", fields, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert why in text
    assert f'value="{fields["due"]}"' in text
    assert not Task.objects.exists()


def test_the_preview_says_what_was_understood_or_what_is_wrong(world: World, enter: Enter) -> None:
    ben = enter(world.ben)
    assert b"15:00" in ben.get("/tasks/due?due=tomorrow+3pm", headers=HTMX).content
    assert b"Write a day" in ben.get("/tasks/due?due=sometime", headers=HTMX).content
    assert ben.get("/tasks/due?due=tomorrow")["Location"] == "/today"


def test_a_due_task_stands_in_today_and_is_ticked_off_with_one_click(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    answered(world, lead_id)
    ben = enter(world.ben)
    assert "Send the quote" not in ben.get("/today").content.decode()
    task = planned(world, lead_id)
    page = ben.get("/today").content.decode()
    assert "Send the quote" in page
    assert "1 task is due" in page
    said = ben.post(f"/tasks/{task.pk}/done", headers=HTMX)
    assert said["HX-Trigger"] == "leadline:changed"
    task.refresh_from_db()
    assert task.done_by == world.ben
    page = ben.get("/today").content.decode()
    assert "1 task is due" not in page
    assert page.index("Done today") < page.index("Send the quote")
    assert "Undone" in undone(ben, said.content)
    task.refresh_from_db()
    assert task.done_at is None


def test_today_has_only_what_is_due_by_tonight_and_of_the_reader(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    planned(world, lead_id, after=timedelta(days=2), text="In two days")
    planned(world, lead_id, owner=world.ada, text="For Ada")
    page = enter(world.ben).get("/today").content.decode()
    assert "In two days" not in page
    assert "For Ada" not in page
    assert "For Ada" in enter(world.ada).get("/today").content.decode()


def test_an_empty_today_names_the_next_task(world: World, enter: Enter, lead_id: UUID) -> None:
    answered(world, lead_id)
    planned(world, lead_id, after=timedelta(days=2, minutes=5))
    Card.objects.update(total=0)
    page = enter(world.ben).get("/today").content.decode()
    assert "Nobody waits for you." in page
    assert "in 2 d" in page


def test_what_was_put_off_takes_its_tasks_along(world: World, enter: Enter, lead_id: UUID) -> None:
    planned(world, lead_id)
    now = clock.now()
    reactions.snooze(lead_id, user=world.ben.pk, until=now + timedelta(hours=3), now=now)
    assert "Send the quote" not in enter(world.ben).get("/today").content.decode()


def test_after_a_log_the_next_step_is_asked_for_unless_one_lies_ahead(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben, note = enter(world.ben), {"kind": "note", "text": "Met"}
    asked = ben.post(f"/leads/{lead_id}/log", note, headers=HTMX).content.decode()
    assert all(
        word in asked for word in ("Next step?", "Tomorrow", "In 3 days", "Next week", "None")
    )
    ben.post(f"/leads/{lead_id}/tasks", {"text": "Follow up", "due": "+3d"}, headers=HTMX)
    assert Task.objects.get().due_on is not None
    assert b"Next step?" not in ben.post(f"/leads/{lead_id}/log", note, headers=HTMX).content


def test_a_task_is_put_off_reworded_and_handed_over_and_all_is_undone(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    dora = User.objects.create_user(
        "dora@acme.example", name="Dora", role=Role.REP, team=world.sales
    )
    task, ben = planned(world, lead_id), enter(world.ben)
    before = (task.text, task.due_at, task.owner_id)
    form = ben.get(f"/tasks/{task.pk}", headers=HTMX).content.decode()
    assert "Send the quote" in form
    sent = {"text": "Send two quotes", "due": "tomorrow", "owner": str(dora.pk)}
    said = ben.post(f"/tasks/{task.pk}", sent, headers=HTMX)
    task.refresh_from_db()
    assert (task.text, task.owner) == ("Send two quotes", dora)
    assert task.due_on is not None
    assert "Undone" in undone(ben, said.content)
    task.refresh_from_db()
    assert (task.text, task.due_at, task.owner_id) == before


def test_undo_leaves_alone_what_a_colleague_has_changed_since(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task, ben = planned(world, lead_id), enter(world.ben)
    said = ben.post(f"/tasks/{task.pk}", {"text": "Bens words", "due": "+1d"}, headers=HTMX)
    enter(world.ada).post(f"/tasks/{task.pk}", {"text": "Adas words", "due": "+1d"}, headers=HTMX)
    assert "It was changed since" in undone(ben, said.content)
    task.refresh_from_db()
    assert task.text == "Adas words"


def test_undo_gives_back_what_stood_there_when_the_change_had_its_turn(
    world: World, enter: Enter, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    task, ben, hold = planned(world, lead_id), enter(world.ben), tasks.hold

    def waits(task_id: UUID) -> UUID | None:
        """Ada has the lead meanwhile."""
        Task.objects.filter(pk=task_id).update(text="Adas words")
        return hold(task_id)

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "hold", waits)
        said = ben.post(f"/tasks/{task.pk}", {"text": "Bens words", "due": "+1d"}, headers=HTMX)
    undone(ben, said.content)
    task.refresh_from_db()
    assert task.text == "Adas words"


def test_a_tick_that_came_second_takes_nothing_back(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task = planned(world, lead_id)
    first, second = (
        enter(each).post(f"/tasks/{task.pk}/done", headers=HTMX) for each in (world.ada, world.ben)
    )
    assert b'name="token"' in first.content
    assert second.status_code == 200
    assert b'name="token"' not in second.content


def test_one_button_puts_a_task_off_whatever_stands_in_the_field(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task = planned(world, lead_id)
    sent = {"text": task.text, "due": "long ago", "later": "+1w"}
    assert enter(world.ben).post(f"/tasks/{task.pk}", sent, headers=HTMX).status_code == 200
    task.refresh_from_db()
    assert task.due_at > clock.now() + timedelta(days=6)


def test_a_task_goes_only_to_who_may_see_the_lead(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task = planned(world, lead_id)
    sent = {"text": task.text, "due": "tomorrow", "owner": str(world.cleo.pk)}
    refused = enter(world.ada).post(f"/tasks/{task.pk}", sent, headers=HTMX)
    assert refused.status_code == 422
    assert "Cleo may not see this lead." in refused.content.decode()
    task.refresh_from_db()
    assert task.owner == world.ben


def test_all_of_ones_tasks_stand_on_a_page_by_when_they_are_due(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    planned(world, lead_id, after=timedelta(days=40), text="In a while")
    planned(world, lead_id, after=timedelta(days=-1), text="Long since")
    planned(world, lead_id, owner=world.ada, text="For Ada")
    page = enter(world.ben).get("/tasks").content.decode()
    shown = [page.index(word) for word in ("Overdue", "Long since", "Later", "In a while")]
    assert shown == sorted(shown)
    assert "Grace Lindqvist" in page
    assert "For Ada" not in page
    assert b"Nothing planned" in enter(world.cleo).get("/tasks").content
    assert enter(world.ben).get("/tasks?after=nonsense").status_code == 404


def test_cleo_meets_a_foreign_task_like_one_that_does_not_exist(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task, cleo = planned(world, lead_id), enter(world.cleo)
    for task_id in (task.pk, uuid4()):
        assert cleo.get(f"/tasks/{task_id}").status_code == 404
        assert cleo.post(f"/tasks/{task_id}", {"text": "x", "due": "+1d"}).status_code == 404
        assert cleo.post(f"/tasks/{task_id}/done").status_code == 404
    assert cleo.post(f"/leads/{lead_id}/tasks", {"text": "x", "due": "+1d"}).status_code == 404
    task.refresh_from_db()
    assert (Task.objects.count(), task.text, task.done_at) == (1, "Send the quote", None)


def test_whoever_a_task_was_given_to_may_do_it_on_a_lead_they_only_see(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    dora = User.objects.create_user(
        "dora@acme.example", name="Dora", role=Role.REP, team=world.sales
    )
    hers, bens = planned(world, lead_id, owner=dora), planned(world, lead_id, text="Bens")
    client = enter(dora)
    assert client.post(f"/tasks/{bens.pk}/done").status_code == 403
    assert client.post(f"/tasks/{hers.pk}/done").status_code == 302
    hers.refresh_from_db()
    assert hers.done_by == dora


def test_a_lead_in_the_trash_shows_no_task_anywhere(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task, now = planned(world, lead_id), clock.now()
    trash.move([lead_id], by=world.ada, now=now)
    ben = enter(world.ben)
    assert "Send the quote" not in ben.get("/today").content.decode()
    assert ben.post(f"/tasks/{task.pk}/done").status_code == 404
    trash.restore([lead_id], by=world.ada, now=now)
    assert "Send the quote" in ben.get("/today").content.decode()


def test_the_timeline_tells_what_was_planned_and_done(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    task = planned(world, lead_id)
    tasks.complete(task.pk, by=world.ben, now=clock.now())
    page = enter(world.ben).get(f"/leads/{lead_id}?show=people").content.decode()
    assert "Task, planned: Send the quote" in page
    assert "Task, done: Send the quote" in page


def test_forms_of_tasks_work_without_javascript(world: World, enter: Enter, lead_id: UUID) -> None:
    ben = enter(world.ben)
    assert b"<html" in ben.get(f"/leads/{lead_id}/act/task").content
    sent = {"text": "Call", "due": "+1d", "next": f"/leads/{lead_id}"}
    assert ben.post(f"/leads/{lead_id}/tasks", sent)["Location"] == f"/leads/{lead_id}"
    assert b"<html" in ben.get(f"/tasks/{Task.objects.get().pk}").content


def test_today_asks_as_often_for_many_tasks_as_for_one(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben, counts = enter(world.ben), []
    planned(world, lead_id)
    ben.get("/today")
    for _ in range(2):
        with CaptureQueriesContext(connection) as caught:
            ben.get("/today", headers=HTMX)
        counts.append(len(caught))
        for _n in range(9):
            planned(world, lead_id)
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as caught:
        ben.get(f"/leads/{lead_id}")
    assert sum("activities_task" in q["sql"] for q in caught) <= 3


def test_the_palette_offers_a_task_where_there_is_a_lead(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    ben = enter(world.ben)

    def offered(path: str) -> bool:
        headers = {**HTMX, "HX-Current-URL": f"http://testserver{path}"}
        return b"Plan a task" in ben.get("/palette?q=task", headers=headers).content

    assert [offered(f"/leads/{lead_id}"), offered("/today"), offered("/leads")] == [
        True,
        True,
        False,
    ]
