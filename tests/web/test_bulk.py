"""The bar under a list and the History page: through the doors that people use."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.activities.models import Activity
from leadline.cards.models import Card
from leadline.flow import bulk_actions, bulk_choice, intake
from leadline.flow.models import BulkAction
from leadline.lib import clock
from leadline.segments import lists
from leadline.web import bulk
from leadline.worker import kinds
from leadline.workspace.models import Job, Role, User
from tests.world import World, form

Enter = Callable[[User], Client]
LEADS = 4


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Four leads of Ben's."""
    at = clock.now() - timedelta(minutes=2)
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=at, traits={"name": f"Person {n}"})
        for n in range(LEADS)
    ]
    return [each for each in intake.run(posts, now=at).lead_ids if each is not None]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three leads are many."""
    monkeypatch.setattr(bulk_actions, "AT_ONCE", 2)


def work() -> None:
    for job in Job.objects.filter(state="ready", kind__startswith="bulk."):
        kinds.verb(job.kind)(job.arguments, clock.now())
        job.delete()


def whole(**changes: str) -> dict[str, str]:
    """What the button for the whole list sends."""
    which = {"list_of": "leads", "filter": '{"temperature": "hot"}', "q": "", "sort": "-score"}
    said = {"seen": str(LEADS), "act": "stage", "stage": "opportunity"}
    return {**which, **said, **changes}


def stages() -> set[str]:
    return set(Card.objects.values_list("stage", flat=True))


@pytest.mark.django_db
def test_a_few_are_done_at_once_and_the_toast_offers_the_way_back(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada = enter(world.ada)
    said = {"lead": [str(each) for each in lead_ids], "act": "assign", "owner": str(world.cleo.pk),
            "next": "/leads?temperature=hot"}  # fmt: skip
    answer = ada.post("/leads/bulk", said)
    action = BulkAction.objects.get()
    assert answer["Location"] == f"/leads?temperature=hot&done={action.pk}"
    page = ada.get(answer["Location"]).content.decode()
    assert "Assign to Cleo: 4 done" in page
    assert f"/history/{action.pk}/undo" in page
    ada.post(f"/history/{action.pk}/undo", headers={"HX-Request": "true"})
    assert set(Card.objects.values_list("owner", flat=True)) == {world.ben.pk}
    assert "Undone" in ada.get("/history").content.decode()


@pytest.mark.django_db
def test_undo_in_the_list_stays_in_the_list(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada = enter(world.ada)
    ada.post("/leads/bulk", whole(act="assign", owner=str(world.cleo.pk)))
    action = BulkAction.objects.get()
    there = f"http://testserver/leads?q=Person&temperature=hot&done={action.pk}"
    htmx = {"HX-Request": "true", "HX-Current-URL": there}
    answer = ada.post(f"/history/{action.pk}/undo", headers=htmx)
    assert answer["HX-Redirect"] == f"/leads?q=Person&temperature=hot&done={action.pk}"
    page = ada.get(answer["HX-Redirect"]).content.decode()
    assert "Undone: Assign to Cleo · 4 returned" in page
    assert f"/history/{action.pk}/undo" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("there", "at_once"), [("/history", 100), ("http://[", 100), ("/leads", 2)]
)
def test_undo_elsewhere_or_in_a_job_leads_to_how_far_it_is(
    world: World, lead_ids: list[UUID], enter: Enter, monkeypatch: pytest.MonkeyPatch,
    there: str, at_once: int,
) -> None:  # fmt: skip
    ada = enter(world.ada)
    ada.post("/leads/bulk", whole())
    action = BulkAction.objects.get()
    monkeypatch.setattr(bulk_actions, "AT_ONCE", at_once)
    htmx = {"HX-Request": "true", "HX-Current-URL": there}
    answer = ada.post(f"/history/{action.pk}/undo", headers=htmx)
    assert answer["HX-Redirect"] == f"/history/{action.pk}"


@pytest.mark.django_db
def test_many_are_shown_first_and_run_in_the_background(
    world: World, lead_ids: list[UUID], enter: Enter, small: None
) -> None:
    ada = enter(world.ada)
    preview = ada.post("/leads/bulk", whole())
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "Set the stage to Opportunity" in page
    assert "4 leads: temperature is hot" in page
    assert "Do it for 4 leads" in page
    assert not BulkAction.objects.exists()
    answer = ada.post("/leads/bulk", whole(confirmed="1"))
    action = BulkAction.objects.get()
    assert answer["Location"] == f"/history/{action.pk}"
    waiting = ada.get(answer["Location"]).content.decode()
    assert "0 of 4" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    work()
    fragment = ada.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "4 done" in fragment
    assert "every 1s" not in fragment
    assert stages() == {"opportunity"}


@pytest.mark.django_db
def test_the_whole_list_comes_with_its_filter_and_exact_count(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    page = enter(world.ben).get("/leads/bulk/all?temperature=hot").content.decode()
    assert "Select all 4 matching" in page
    assert 'name="seen" value="4"' in page
    assert "{&#34;temperature&#34;:&#34;hot&#34;}" in page
    everything = enter(world.ada).get("/leads/bulk/all").content.decode()
    assert "Select every lead (4)" in everything
    assert 'name="everything" value="1"' in everything


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"filter": ""},
        {"filter": "{}"},
        {"filter": "null"},
        {"filter": "[]"},
        {"filter": "{"},
        {"filter": '{"trait": "nothing", "is": "x"}'},
        {"filter": '{"did": "Page Viewed"}'},
        {"seen": ""},
        {"seen": "-1"},
        {"seen": "999"},
        {"everything": "1", "filter": ""},
    ],
)
def test_whatever_is_missing_or_broken_never_means_everything(
    world: World, lead_ids: list[UUID], enter: Enter, changes: dict[str, str]
) -> None:
    answer = enter(world.ada).post("/leads/bulk", whole(confirmed="1", **changes))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not BulkAction.objects.exists()
    assert "opportunity" not in stages()


@pytest.mark.django_db
def test_everything_is_done_to_everything_only_when_it_is_said(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    said = whole(confirmed="1", filter="{}", everything="1")
    assert enter(world.ada).post("/leads/bulk", said).status_code == 302
    assert stages() == {"opportunity"}


@pytest.mark.django_db
def test_ids_of_hidden_leads_answer_like_ids_of_nobody(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    cleo, pages = enter(world.cleo), []
    for each in (lead_ids[0], uuid4()):
        said = {"lead": str(each), "act": "list", "new_list": "Mine"}
        answer = cleo.post("/leads/bulk", said)
        assert answer.status_code == 302
        page = cleo.get("/leads?done=" + answer["Location"].split("done=")[1]).content.decode()
        pages.append("0 done" in page)
    assert pages == [True, True]
    assert lists.sizes() == {}


@pytest.mark.django_db
def test_what_a_role_may_not_do_is_not_there(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ben = enter(world.ben)
    page = ben.get("/leads").content.decode()
    assert "/leads/bulk/form/stage" in page
    for kind in ("trash", "export"):
        assert f"/leads/bulk/form/{kind}" not in page
        assert ben.get(f"/leads/bulk/form/{kind}").status_code == 403
        answer = ben.post("/leads/bulk", {"lead": str(lead_ids[0]), "act": kind})
        assert answer.status_code == 403
    reader = User.objects.create_user("r@acme.example", role=Role.READ_ONLY)
    page = enter(reader).get("/leads").content.decode()
    assert "Person 0" in page
    assert 'type="checkbox" name="lead"' not in page
    assert "/history" not in page


@pytest.mark.django_db
def test_what_is_missing_is_asked_for_again_and_nothing_is_lost(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    said = {"lead": str(lead_ids[0]), "act": "stage", "stage": "disqualified"}
    answer = enter(world.ada).post("/leads/bulk", said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Say why, in a few words." in page
    assert f'name="lead" value="{lead_ids[0]}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", ["assign", "stage", "field", "list", "task", "log", "trash", "export"]
)
def test_every_act_has_its_form(
    world: World, lead_ids: list[UUID], enter: Enter, kind: str
) -> None:
    page = enter(world.ada).get(f"/leads/bulk/form/{kind}", headers={"HX-Request": "true"})
    assert f'name="act" value="{kind}"' in page.content.decode()


@pytest.mark.django_db
def test_an_unknown_act_is_not_found(world: World, enter: Enter) -> None:
    assert enter(world.ada).get("/leads/bulk/form/erase").status_code == 404
    assert enter(world.ada).post("/leads/bulk", {"act": "erase"}).status_code == 404


@pytest.mark.django_db
def test_a_list_is_found_by_filter_and_shown_on_the_lead(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada = enter(world.ada)
    ada.post("/leads/bulk", {"lead": str(lead_ids[1]), "act": "list", "new_list": "Fair & more"})
    page = ada.get("/leads?list=Fair+%26+more").content.decode()
    assert "On the list “Fair &amp; more”" in page
    assert "Person 1" in page
    assert "Person 2" not in page
    assert ada.get("/leads?list=Nowhere").status_code == 422
    offered = ada.get("/leads/filter-field?by=@list", headers={"HX-Request": "true"})
    assert "Fair &amp; more" in offered.content.decode()
    assert "?list=Fair%20%26%20more" in ada.get(f"/leads/{lead_ids[1]}").content.decode()


@pytest.mark.django_db
def test_history_shows_ones_own_and_to_managers_everybodys(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    enter(world.ben).post(
        "/leads/bulk", {"lead": str(lead_ids[0]), "act": "stage", "stage": "opportunity"}
    )
    action = BulkAction.objects.get()
    lea = User.objects.create_user("l@acme.example", role=Role.MANAGER, team=world.other)
    for user, is_shown in ((world.ben, True), (world.ada, True), (lea, True), (world.cleo, False)):
        page = enter(user).get("/history").content.decode()
        assert ("Set the stage to Opportunity" in page) is is_shown, user
        status = enter(user).get(f"/history/{action.pk}").status_code
        assert status == (200 if is_shown else 404), user
    assert enter(world.cleo).post(f"/history/{action.pk}/undo").status_code == 404
    assert enter(lea).post(f"/history/{action.pk}/cancel").status_code == 404


@pytest.mark.django_db
def test_what_was_changed_since_is_listed_to_who_may_see_it(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada = enter(world.ada)
    for owner in (world.cleo, world.ada):
        chosen = lead_ids if owner == world.cleo else lead_ids[:1]
        said = {"lead": [str(e) for e in chosen], "act": "assign", "owner": str(owner.pk)}
        ada.post("/leads/bulk", said)
    action = BulkAction.objects.order_by("id")[0]
    ada.post(f"/history/{action.pk}/undo")
    page = ada.get(f"/history/{action.pk}").content.decode()
    assert "Changed since, so left as they are" in page
    assert f"/leads/{lead_ids[0]}" in page
    assert f"/leads/{lead_ids[1]}" not in page


@pytest.mark.django_db
def test_an_export_is_fetched_once_by_its_asker(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada = enter(world.ada)
    answer = ada.post("/leads/bulk", whole(act="export"))
    work()
    page = ada.get(answer["Location"]).content.decode()
    assert "Fetch the file (once)" in page
    other = User.objects.create_user("al@acme.example", role=Role.ADMIN)
    assert enter(other).post(f"{answer['Location']}/file").status_code == 404
    file = ada.post(f"{answer['Location']}/file")
    assert file["Content-Disposition"] == 'attachment; filename="leads.csv"'
    assert b"".join(file.streaming_content).count(b"\r\n") == LEADS + 1  # type: ignore[attr-defined]
    assert ada.post(f"{answer['Location']}/file").status_code == 404
    file.close()


@pytest.mark.django_db
def test_a_job_that_was_given_up_can_go_on(
    world: World, lead_ids: list[UUID], enter: Enter, small: None
) -> None:
    ada = enter(world.ada)
    answer = ada.post("/leads/bulk", whole(confirmed="1"))
    Job.objects.filter(kind="bulk.run").update(state="failed")
    assert "It stopped because of a fault" in ada.get(answer["Location"]).content.decode()
    ada.post(f"{answer['Location']}/go-on")
    work()
    assert stages() == {"opportunity"}


@pytest.mark.django_db
def test_a_list_with_boxes_costs_no_query_more(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    reader = User.objects.create_user("r@acme.example", role=Role.READ_ONLY)
    costs = []
    for user in (reader, world.ada):
        client = enter(user)
        client.get("/leads")
        with CaptureQueriesContext(connection) as seen:
            client.get("/leads")
        costs.append(len([each for each in seen if "notices" not in each["sql"]]))
    assert costs[1] <= costs[0]


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.django_db
def test_a_form_that_is_sent_twice_does_it_once(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    ada, address = enter(world.ada), "/leads/bulk/form/log"
    page = ada.get(address, headers={"HX-Request": "true"}).content.decode()
    said = {"lead": [str(e) for e in lead_ids], "act": "log", "kind": "note", "text": "Met them.",
            "key": key_of(page)}  # fmt: skip
    places = [ada.post("/leads/bulk", said)["Location"] for _ in range(2)]
    assert places[0] == places[1]
    assert (BulkAction.objects.count(), Activity.objects.count()) == (1, LEADS)
    other = ada.post("/leads/bulk", {**said, "text": "Met them twice."})
    assert (other.status_code, Activity.objects.count()) == (409, LEADS)
    assert "This form was sent already" in other.content.decode()
    stolen = enter(world.cleo).post("/leads/bulk", said)
    assert (stolen.status_code, Activity.objects.count()) == (409, LEADS)
    opened = ada.get(address, headers={"HX-Request": "true"}).content.decode()
    assert key_of(opened) != key_of(page)


@pytest.mark.django_db
def test_a_preview_that_is_confirmed_twice_does_it_once(
    world: World, lead_ids: list[UUID], enter: Enter, small: None
) -> None:
    ada, key = enter(world.ada), str(uuid4())
    page = ada.post("/leads/bulk", whole(key=key)).content.decode()
    assert key_of(page) == key
    places = []
    for _ in range(2):
        places.append(ada.post("/leads/bulk", whole(key=key, confirmed="1"))["Location"])
        work()
    assert places == [f"/history/{key}", f"/leads?done={key}"]
    assert BulkAction.objects.count() == 1


@pytest.mark.django_db
def test_a_thousand_leads_can_be_chosen_one_by_one(
    world: World, lead_ids: list[UUID], enter: Enter
) -> None:
    """With everything that the longest form sends beside them; Django counts each field."""
    chosen = [*lead_ids, *(uuid4() for _ in range(bulk_choice.MOST_CHOSEN - LEADS))]
    said = dict.fromkeys((*bulk.NAMES, "csrfmiddlewaretoken", "next", "confirmed", "key"), "")
    said |= {"act": "stage", "stage": "opportunity"}
    answer = enter(world.ada).post("/leads/bulk", {**said, "lead": [str(e) for e in chosen]})
    assert answer.status_code == 302
    assert stages() == {"opportunity"}
