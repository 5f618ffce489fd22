"""A sensitive field is absent, at every door, for whoever may not see it."""

import json
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards import filters, queries
from leadline.cards.models import Card, SavedView
from leadline.cards.queries import Listing
from leadline.criteria.lists import NotForLists
from leadline.flow import bulk_actions, bulk_choice, edits, hushing, intake
from leadline.flow import fields as field_flow
from leadline.leads.models import Company, Lead
from leadline.lib import clock
from leadline.routing.models import Notification
from leadline.scoring import queries as scoring
from leadline.scoring.models import ScoreModelVersion
from leadline.timeline import hushing as timeline_hushing
from leadline.timeline.models import Event
from leadline.workspace import audit, fields, permissions
from leadline.workspace.fields import Wanted
from leadline.workspace.models import AuditEntry, Field, Job, Role, User
from tests.versions import write_over
from tests.world import World, said

Enter = Callable[[User], Client]
SECRET = 73_219


@pytest.fixture
def salary(world: World, lead_id: UUID) -> UUID:
    """Grace's salary is known; only some may see it."""
    wanted = Wanted(label="Salary", type="number", is_sensitive=True)
    fields.add(wanted, currency="EUR", reserved=())
    for version in ScoreModelVersion.objects.filter(model__is_default=True):
        rule = {"name": "Pay", "when": {"trait": "salary", "gte": 70_000}, "points": 9}
        version.document["fit"].append(rule)
        write_over(version, version.document)
    place = edits.places()["salary"]
    edits.edit(lead_id, place, SECRET, seen=None, by=world.ada, now=clock.now())
    return lead_id


def _text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode().replace(",", "")


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        (Role.OWNER, True), (Role.ADMIN, True), (Role.MANAGER, True), (Role.REP, False),
        (Role.MARKETER, False), (Role.READ_ONLY, False),
    ],
)  # fmt: skip
def test_who_may_see_what_is_sensitive(role: Role, sees: bool) -> None:
    assert permissions.may(User(role=role), "see_sensitive") is sees


@pytest.mark.django_db
def test_on_the_lead_page_it_is_absent_not_empty(world: World, enter: Enter, salary: UUID) -> None:
    shown, hidden = (_text(enter(who), f"/leads/{salary}") for who in (world.ada, world.ben))
    assert (str(SECRET) in shown, "edit/salary" in shown) == (True, True)
    assert (str(SECRET) in hidden, "edit/salary" in hidden) == (False, False)
    assert str(SECRET) not in _text(enter(world.ben), f"/leads/{salary}/peek")


@pytest.mark.django_db
def test_what_did_not_fit_is_absent_as_well(world: World, enter: Enter, salary: UUID) -> None:
    Lead.objects.filter(pk=salary).update(undeclared={"salary": "about 99111", "hobby": "chess"})
    shown, hidden = (_text(enter(who), f"/leads/{salary}") for who in (world.ada, world.ben))
    assert ("99111" in shown, "chess" in shown) == (True, True)
    assert ("99111" in hidden, "chess" in hidden) == (False, True)


@pytest.mark.django_db
def test_it_cannot_be_asked_for_or_changed_by_its_address(
    world: World, enter: Enter, salary: UUID
) -> None:
    address = f"/leads/{salary}/edit/salary"
    ben, ada = enter(world.ben), enter(world.ada)
    posted = {"value": "1", "seen": "null"}
    assert [ben.get(address).status_code, ben.post(address, posted).status_code] == [404, 404]
    assert ben.get(f"/leads/{salary}/value/salary").status_code == 404
    assert ada.get(address).status_code == 200
    assert Lead.objects.get(pk=salary).traits["salary"] == SECRET


@pytest.mark.django_db
def test_nobody_finds_a_lead_by_what_they_may_not_see(
    world: World, enter: Enter, salary: UUID
) -> None:
    rule = filters.read({"trait": "salary", "gte": 70_000})
    now = clock.now()
    assert len(queries.page(Listing(world.ada, now, rule)).rows) == 1
    for ask in (queries.page, queries.count):
        with pytest.raises(NotForLists, match="may not see"):
            ask(Listing(world.ben, now, rule))
    refused = enter(world.ben).get(f"/leads?view={_shared_view().pk}")
    assert refused.status_code == 422
    assert _listed(refused.content) is False
    address = "/leads?t.salary.min=99999"
    assert [_listed(enter(who).get(address).content) for who in (world.ben, world.ada)] == [
        True,
        False,
    ]
    assert "Salary" not in enter(world.ben).get("/leads").content.decode()


@pytest.mark.django_db
def test_the_timeline_says_that_it_changed_and_not_what(
    world: World, enter: Enter, salary: UUID
) -> None:
    for who in (world.ada, world.ben):
        page = _text(enter(who), f"/leads/{salary}/timeline")
        assert "Ada changed Salary" in page
        assert str(SECRET) not in page


@pytest.mark.django_db
def test_the_score_says_that_a_rule_holds_and_not_for_what_value(salary: UUID) -> None:
    found = scoring.explained(salary)
    assert found is not None
    assert [line.sentence for line in found.lines if line.rule == "Pay"] == [
        "Pay · salary is as the rule asks"
    ]


@pytest.mark.django_db
def test_search_cards_notifications_and_the_audit_hold_no_value(
    world: World, enter: Enter, salary: UUID
) -> None:
    assert queries.page(Listing(world.ada, clock.now(), search=str(SECRET))).rows == []
    rows = [*Card.objects.values_list(), *Notification.objects.values_list()]
    assert str(SECRET) not in str([*rows, *AuditEntry.objects.values_list("details")])


@pytest.mark.django_db
def test_a_field_that_becomes_sensitive_is_hushed_in_what_was_written_before(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    now, path = clock.now(), f"/leads/{lead_id}"
    ada = enter(world.ada)
    place, other = edits.places()["title"], edits.places()["city"]
    edits.edit(lead_id, place, "CEO", seen="VP Operations", by=world.ada, now=now)
    edits.edit(lead_id, other, "Oslo", seen=None, by=world.ada, now=now)
    before = _text(ada, path)
    assert "from “VP Operations” to “CEO”" in before
    ada.post("/settings/fields/title", {"label": "Role", "is_sensitive": "on"})
    assert Field.objects.get(name="title").is_sensitive is False
    wanted = {"label": "Town", "is_sensitive": "on"}
    assert ada.post("/settings/fields/city", wanted).status_code == 302
    job = Job.objects.get(kind=hushing.HUSH)
    for _ in range(2):
        hushing.hush(job.arguments, now)
    after = _text(ada, f"{path}/timeline")
    assert ("Oslo" in after, "Ada changed City" in after) == (False, True)
    assert "from “VP Operations” to “CEO”" in after


@pytest.mark.django_db
def test_a_field_is_hushed_under_every_name_that_it_had(
    world: World, enter: Enter, lead_id: UUID
) -> None:
    now, ada = clock.now(), enter(world.ada)
    for name, value in (("city", "Oslo"), ("postal_code", "0150")):
        edits.edit(lead_id, edits.places()[name], value, seen=None, by=world.ada, now=now)
        now += timedelta(seconds=1)
    # As they were written before they named their field.
    _forget_names()
    for wanted in ({"label": "Town"}, {"label": "Place"}, {"label": "Spot", "is_sensitive": "on"}):
        assert ada.post("/settings/fields/city", wanted).status_code == 302
    _run_hushing()
    after = _text(ada, f"/leads/{lead_id}/timeline")
    assert ("Oslo" in after, "0150" in after) == (False, True)


@pytest.mark.django_db
def test_an_edit_that_names_its_field_is_hushed_whatever_the_field_was_called(
    world: World, lead_id: UUID
) -> None:
    now = clock.now()
    edits.edit(lead_id, edits.places()["city"], "Oslo", seen=None, by=world.ada, now=now)
    # As a playbook renames it: no entry of the audit tells the former label.
    Field.objects.filter(name="city").update(label="Town")
    hushing.hush({"name": "city", "labels": ["Town"]}, now)
    assert "Oslo" not in str(list(Event.objects.values_list("properties", "raw")))


@pytest.mark.django_db
@pytest.mark.parametrize("names_are_known", [True, False])
def test_a_field_of_the_same_label_keeps_its_values(
    world: World, lead_id: UUID, names_are_known: bool
) -> None:
    Lead.objects.filter(pk=lead_id).update(company=Company.objects.create(created_at=clock.now()))
    Field.objects.filter(name="company.city").update(label=Field.objects.get(name="city").label)
    now = clock.now()
    for name, value in (("city", "Oslo"), ("company.city", "Bergen")):
        edits.edit(lead_id, edits.places()[name], value, seen=None, by=world.ada, now=now)
        now += timedelta(seconds=1)
    if not names_are_known:
        _forget_names()
    hushing.hush({"name": "city", "labels": ["City"]}, now)
    said = str(list(Event.objects.values_list("properties", flat=True)))
    assert ("Oslo" in said, "Bergen" in said) == (False, True)


@pytest.mark.django_db
@pytest.mark.parametrize("is_emptied", [True, False])
def test_a_field_that_becomes_sensitive_while_an_edit_waits_is_told_without_values(
    world: World, lead_id: UUID, monkeypatch: pytest.MonkeyPatch, is_emptied: bool
) -> None:
    now = clock.now()
    edits.edit(lead_id, edits.places()["city"], "Oslo", seen=None, by=world.ada, now=now)
    place, city = edits.places()["city"], Field.objects.get(name="city")
    asker = audit.by(world.ada, origin="")

    def wait() -> None:
        """Until whoever has the lock is done: the field is sensitive, its job has run."""
        monkeypatch.undo()
        field_flow.change(city, Wanted(label="City", is_sensitive=True), by=asker, now=now)
        _run_hushing()

    monkeypatch.setattr(edits.locks, "passing", wait)
    if is_emptied:
        edits.clear(lead_id, ["city"], by=world.ada, now=now)
    else:
        edits.edit(lead_id, place, "Bergen", seen="Oslo", by=world.ada, now=now)
    said = list(Event.objects.filter(name=edits.EDITED).values_list("properties", flat=True))
    assert len(said) == 2
    assert not any(value in str(said) for value in ("Oslo", "Bergen"))


@pytest.mark.django_db
@pytest.mark.parametrize("field", [[], {}, "Title", None])
def test_what_a_visitor_calls_an_edit_keeps_no_value_from_being_hushed(
    world: World, lead_id: UUID, field: object
) -> None:
    fake = said(
        name=edits.EDITED, email="eve@navy.example", at=world.now, is_trusted=False,
        properties={"field": field, "by": "Ada", "after": "Fool"},
    )  # fmt: skip
    intake.run([fake], now=world.now)
    place, now = edits.places()["title"], clock.now()
    edits.edit(lead_id, place, "CEO", seen="VP Operations", by=world.ada, now=now)
    hushing.hush({"name": "title", "labels": ["Title"]}, now)
    told = str(list(Event.objects.filter(name=edits.EDITED).values_list("properties", flat=True)))
    assert ("CEO" in told, "Fool" in told) == (False, True)


@pytest.mark.django_db
def test_looking_for_edits_locks_nothing(
    world: World, lead_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_hushing, "SPAN", 1)
    place, now = edits.places()["title"], clock.now()
    edits.edit(lead_id, place, "CEO", seen="VP Operations", by=world.ada, now=now)
    with CaptureQueriesContext(connection) as asked:
        hushing.hush({"name": "title", "labels": ["Title"]}, now)
    begins = [each for each in asked.captured_queries if each["sql"].startswith("SAVEPOINT")]
    assert (Event.objects.count() > 1, len(begins)) == (True, 1)
    with CaptureQueriesContext(connection) as asked:
        hushing.hush({"name": "title", "labels": ["Title"]}, now)
    assert not any("SAVEPOINT" in each["sql"] for each in asked.captured_queries)


@pytest.mark.django_db
def test_many_edits_at_once_and_their_undoing_tell_no_value(
    world: World, enter: Enter, salary: UUID
) -> None:
    now = clock.now()
    wanted = {"field": "salary", "value": "88412"}
    action = bulk_actions.begin(
        "field", bulk_choice.of_leads([salary]), wanted, by=audit.by(world.ada, origin=""), now=now
    )
    assert Lead.objects.get(pk=salary).traits["salary"] == 88_412
    undone = bulk_actions.undo(
        action.pk, by=audit.by(world.ada, origin=""), now=now + timedelta(seconds=1)
    )
    assert undone is not None
    assert Lead.objects.get(pk=salary).traits["salary"] == SECRET
    said = list(Event.objects.filter(name=edits.EDITED).values_list("properties", flat=True))
    assert len(said) == 3
    assert not any(each in str(said) for each in (str(SECRET), "88412"))
    assert all('"field":"Salary"' in each and '"is_sensitive":true' in each for each in said)
    assert "88412" not in _text(enter(world.ben), f"/leads/{salary}/timeline")


@pytest.mark.django_db
def test_lines_of_scores_are_hushed_where_a_rule_asks_for_the_field(lead_id: UUID) -> None:
    before = scoring.explained(lead_id)
    assert before is not None
    [said] = [line for line in before.lines if line.sentence.startswith("Seniority ·")]
    for _ in range(2):
        hushing.hush({"name": "title_seniority", "labels": ["Seniority"]}, clock.now())
    after = scoring.explained(lead_id)
    then = scoring.explained(lead_id, as_of=clock.now())
    assert after is not None
    assert then is not None
    for each in (after, then):
        assert [line.sentence for line in each.lines if line.rule == said.rule] == [said.rule]
    assert [line.points_micro for line in after.lines] == [
        line.points_micro for line in before.lines
    ]


def _forget_names() -> None:
    for row in Event.objects.filter(name=edits.EDITED):
        said = json.loads(row.properties)
        del said["name"]
        Event.objects.filter(pk=row.pk).update(properties=json.dumps(said))


def _run_hushing() -> None:
    hushing.hush(Job.objects.get(kind=hushing.HUSH).arguments, clock.now())


def _shared_view() -> SavedView:
    return SavedView.objects.create(name="Rich", filter={"trait": "salary", "gte": 70_000})


def _listed(page: bytes) -> bool:
    """Whether the list holds anybody."""
    return 'class="name clip"' in page.decode()
