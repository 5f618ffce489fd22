"""Ids that travel in bodies and queries: of others they are like ids of nobody.

Ids in paths are tried in `test_roles_matrix`. Here each request is sent twice by Cleo, or by a
manager of her team, who may see nothing of Ben's: with an id of his and with one that never was.
The answers have one status, one text, the same headers and took the same number of queries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import MULTIPART_CONTENT
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from leadline.activities.models import Activity, Task
from leadline.cards.models import Card, SavedView
from leadline.flow import intake, reactions
from leadline.flow.models import BulkAction
from leadline.leads.models import Binding, Lead, Removal
from leadline.lib import clock
from leadline.routing.models import Notification
from leadline.segments.models import Membership
from leadline.worker import kinds
from leadline.workspace.models import Job, Role, User
from tests import world as worlds
from tests.web import matrix, test_roles_matrix
from tests.web.matrix import comparable
from tests.web.test_audited import changing
from tests.web.test_roles_matrix import Ids
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]
ids = test_roles_matrix.ids  # the fixture: what exists, by the parts of paths

_FRESH = re.compile(
    r'done=[0-9a-f-]{36}|name="key" value="[0-9a-f-]{36}"|/history/[0-9a-f-]{36}'
    r'|"id": ?"[0-9a-f-]{36}"|"(?:at|ended_at)": ?"[^"]*"'
)
NOBODYS = {"uuid": str(UUID(int=7)), "int": "987654321"}


@dataclass(frozen=True)
class Case:
    """A request of Cleo's or her manager's with one id: `{}` in `query` or a value of `body`."""

    path: str
    foreign: str
    body: Mapping[str, object] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    kind: str = "uuid"
    by: str = "cleo"


# What is asked for besides the leads, by act: on a screen, and through the API.
_BULK: Mapping[str, Mapping[str, str]] = {
    "assign": {"owner": "{cleo}"},
    "stage": {"stage": "mql"},
    "field": {"field": "title", "value": "Captain"},
    "list": {"new_list": "Mine"},
    "task": {"text": "Call", "due": "tomorrow", "owner": "{cleo}"},
    "log": {"kind": "note", "text": "Met at the fair"},
    "export": {},
    "trash": {},
}
_BULK_API: Mapping[str, Mapping[str, str]] = {
    "assign": {"owner": "cleo@acme.example"},
    "stage": {"stage": "mql"},
    "field": {"field": "title", "value": "Captain"},
    "list": {"list": "Mine"},
    "task": {"text": "Call", "due_at": "{soon}", "owner": "cleo@acme.example"},
    "log": {"kind": "note", "text": "Met at the fair"},
    "trash": {},
}

CASES = [
    Case("/visited", "lead", {"lead": "{}"}),
    Case("/visited", "company", {"company": "{}"}),
    Case("/notices/read", "lead", {"lead": "{}"}),
    Case("/leads/bulk", "lead", {"act": "stage", "stage": "mql", "lead": ["{}"]}),
    Case("/leads/bulk", "lead", {"act": "assign", "owner": "me", "lead": ["{}", "{mine}"]}),
    *(Case("/leads/bulk", "lead", {"act": act, "lead": ["{}", "{mine}"], **said}, by=who)
      for act, said in _BULK.items() for who in ("cleo", "manager")),
    *(Case("/api/v1/bulk", "lead", {"act": act, "leads": ["{}", "{mine}"], "wanted": said}, by=who)
      for act, said in _BULK_API.items() for who in ("cleo", "manager")),
    Case("/leads/bulk", "ben", {"act": "assign", "owner": "{}", "lead": ["{mine}"]}),
    Case("/leads/<uuid:lead_id>/owner", "ben", {"owner": "{}"}),
    Case("/leads/<uuid:lead_id>/tasks", "ben", {"text": "x", "due": "tomorrow", "owner": "{}"}),
    Case("/leads/<uuid:lead_id>/edit/<str:name>", "binding", {"value": "a@b.example", "seen": '""'},
         {"of": "{}"}, "int"),
    Case("/leads/<uuid:lead_id>/edit/<str:name>", "binding", None, {"of": "{}"}, "int"),
    Case("/leads/<uuid:lead_id>/value/<str:name>", "binding", None, {"of": "{}"}, "int"),
    Case("/leads", "view", None, {"view": "{}"}, "int"),
    Case("/leads/count", "view", None, {"view": "{}"}, "int"),
    Case("/leads/arrived", "view", None, {"view": "{}"}, "int"),
    Case("/leads/views", "view", {"name": "Mine"}, {"view": "{}"}, "int"),
    Case("/leads/bulk/all", "view", None, {"view": "{}"}, "int"),
    Case("/leads", "ben", None, {"owner": "{}"}),
    Case("/api/v1/leads", "email", None, {"email": "{}"}, "email"),
    Case("/api/v1/bulk", "lead", {"act": "list", "wanted": {"list": "Mine"}, "leads": ["{}"],
         "preview": "true"}),
    Case("/api/v1/tasks", "lead", None, {"lead": "{}"}),
    Case("/api/v1/tasks", "lead", {"lead": "{}", "text": "x", "due_on": "2030-01-01"}),
    Case("/api/v1/deals", "lead", None, {"lead": "{}"}),
    Case("/api/v1/deals", "lead", {"lead": "{}", "name": "x"}),
]  # fmt: skip

# Why no id travels in the body of these: nothing but words and numbers, or what is for admins, who
# may see all of it anyway. A new address is decided about here.
WITHOUT = frozenset({
    "/", "/set-up", "/sign-out", "/checklist/act", "/undo", "/demo/traffic", "/demo/view-as",
    "/demo/view-back", "/demo/own", "/demo/go-back", "/welcome", "/join/<str:token>",
    "/leads/lists/<int:list_id>", "/leads/lists/<int:list_id>/delete",
    "/leads/segments/new", "/leads/segments/<int:segment_id>/edit",
    "/api/v1/segments", "/api/v1/segments/<int:segment_id>", "/api/v1/backtests",
    "/api/v1/backtests/leads",
    "/leads/views/<int:view_id>/remove", "/leads/new", "/leads/new/look", "/leads/new/twins",
    "/leads/<uuid:lead_id>/log", "/leads/<uuid:lead_id>/snooze", "/leads/<uuid:lead_id>/stage",
    "/leads/<uuid:lead_id>/return", "/leads/<uuid:lead_id>/trash", "/leads/<uuid:lead_id>/restore",
    "/scoring/models/new", "/scoring/models/<int:model_id>/choose",
    "/scoring/models/<int:model_id>/draft", "/scoring/versions/<int:version_id>/<slug:verb>",
    "/scoring/drafts/<int:version_id>", "/scoring/drafts/<int:version_id>/publish",
    "/scoring/drafts/<int:version_id>/discard",
    "/scoring/drafts/<int:version_id>/rules/<slug:group>/<slug:place>",
    "/tasks/<uuid:task_id>", "/tasks/<uuid:task_id>/done",
    "/leads/<uuid:lead_id>/files", "/leads/<uuid:lead_id>/files/<uuid:file_id>/remove",
    "/leads/<uuid:lead_id>/follow", "/history/<uuid:action_id>/undo",
    "/history/<uuid:action_id>/cancel", "/history/<uuid:action_id>/go-on",
    "/history/<uuid:action_id>/file", "/deals/<uuid:deal_id>/edit/<str:name>",
    "/companies/<uuid:company_id>/edit/<str:name>",
    "/settings/appearance", "/settings/profile", "/settings/profile/address",
    "/address/<str:token>", "/settings/notifications",
    "/settings/notifications/devices", "/settings/notifications/devices/<int:device_id>/names",
    "/settings/notifications/devices/<int:device_id>/remove",
    "/api/v1/leads", "/api/v1/leads/<uuidstr:lead_id>", "/api/v1/bulk/<uuidstr:action_id>/undo",
    "/api/v1/leads/<uuidstr:lead_id>/restore", "/api/v1/tasks/<uuidstr:task_id>",
    "/api/v1/deals/<uuidstr:deal_id>", "/api/v1/companies/<uuidstr:company_id>",
    "/api/v1/fields", "/api/v1/fields/<str:name>", "/api/v1/fields/<str:name>/archive",
    "/api/v1/fields/<str:name>/restore",
    "/leads/<uuid:lead_id>/adjust", "/leads/<uuid:lead_id>/adjust/<int:adjustment_id>/undo",
    "/api/v1/leads/<uuidstr:lead_id>/adjustments",
    "/api/v1/leads/<uuidstr:lead_id>/adjustments/<int:adjustment_id>",
    "/api/v1/score-models", "/api/v1/score-models/<int:model_id>/make-default",
    *(f"/api/v1/score-models/<int:model_id>/{act}"
      for act in ("draft", "publish", "cancel-schedule", "roll-back", "retire")),
})  # fmt: skip


def test_every_address_that_takes_a_body_is_decided_about() -> None:
    ours = {path for path in changing() if not path.startswith("/settings/") or path in WITHOUT}
    undecided = ours - {case.path for case in CASES} - WITHOUT
    undecided -= {path for path in undecided if path.startswith("/leads/views/")}
    assert undecided == set(), "add a Case with the id that travels in it, or a line in WITHOUT"


@pytest.fixture
def mine(world: World) -> UUID:
    """A lead of Cleo's."""
    at = clock.now() - timedelta(minutes=1)
    found = intake.run([worlds.form("demo", email="own@cleo.example", at=at)], now=at).lead_ids[0]
    assert found is not None
    reactions.assign(found, world.cleo.pk, by=world.ada.pk, because="", now=at)
    return found


@pytest.fixture
def foreign(world: World, lead_id: UUID, ids: Ids) -> dict[str, str]:
    """Things of Ben's."""
    return {
        "lead": str(lead_id),
        "ben": str(world.ben.pk),
        "company": str(Lead.objects.get(pk=lead_id).company_id),
        "binding": str(Binding.objects.filter(lead=lead_id, kind="email").get().pk),
        "view": str(SavedView.objects.get(user=world.ben).pk),
        "email": "grace@halvorsen.example.com",
    }


@pytest.fixture
def askers(world: World) -> dict[str, User]:
    """Cleo, and who leads her team: more rights, the same reach."""
    manager = User.objects.create_user(
        "manager@acme.example", name="Manager", role=Role.MANAGER, team=world.other
    )
    return {"cleo": world.cleo, "manager": manager}


def _named(case: Case) -> str:
    act = (case.body or {}).get("act", "")
    return " ".join(str(each) for each in (case.path, act, case.foreign, case.by) if each)


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_an_id_of_others_is_like_one_of_nobody(
    world: World, mine: UUID, foreign: dict[str, str], askers: dict[str, User], case: Case
) -> None:
    random = {**NOBODYS, "email": "nobody@halvorsen.example.com"}[case.kind]
    before, asker = _traces(foreign), askers[case.by]
    with_theirs = _ask(asker, case, foreign[case.foreign], mine, foreign)
    with_nobodys = _ask(asker, case, random, mine, foreign)
    for theirs, nobodys in zip(with_theirs, with_nobodys, strict=True):
        assert theirs == nobodys
    assert with_theirs[-1] == before


@pytest.mark.parametrize("act", [act for act in _BULK if act != "trash"])
def test_of_mixed_ids_the_own_ones_are_done(
    world: World, mine: UUID, foreign: dict[str, str], askers: dict[str, User], act: str
) -> None:
    """Else the cases above would hold for an act that does nothing at all."""
    said = {"act": act, "lead": ["{}", "{mine}"], **_BULK[act]}
    body = _filled(said, foreign["lead"], mine, world.cleo)
    client = _client(askers["manager"])
    client.post("/leads/bulk", body)
    action = BulkAction.objects.get()
    if act == "export":
        work = Job.objects.get(kind__startswith="bulk.")
        kinds.verb(work.kind)(work.arguments, clock.now())
        file = client.post(f"/history/{action.pk}/file")
        written = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
        file.close()
        assert "own@cleo.example" in written
        assert "grace@" not in written
        return
    assert (action.state, action.lead_count) == ("done", 1)
    assert action.done_count + action.same_count == 1


def test_a_task_of_others_is_not_shown_by_its_id_as_a_key(
    world: World, mine: UUID, lead_id: UUID, ids: Ids
) -> None:
    theirs = Task.objects.get(lead=lead_id)
    client = _client(world.cleo)
    body = {"text": "Mine", "due": "tomorrow", "key": str(theirs.pk)}
    answer = client.post(f"/leads/{mine}/tasks", body, headers={"HX-Request": "true"})
    assert theirs.text not in answer.content.decode()
    theirs.refresh_from_db()
    assert (theirs.lead_id, theirs.text) == (lead_id, "Call back")


def test_a_lead_of_others_is_not_changed_by_its_id_as_a_key(world: World, lead_id: UUID) -> None:
    known = Lead.objects.values().get(pk=lead_id)
    body = {"key": str(lead_id), "is_confirmed": "1", "name": "Mallory", "email": "m@evil.example"}
    answer = _client(world.cleo).post(reverse("new_lead"), body)
    assert str(lead_id) not in answer.get("Location", "")
    assert Lead.objects.values().get(pk=lead_id) == known


def _filled(value: object, given: str, mine: UUID, cleo: User) -> Any:  # Any: the same shape
    if isinstance(value, list):
        return [_filled(each, given, mine, cleo) for each in value]
    if isinstance(value, Mapping):
        return {name: _filled(each, given, mine, cleo) for name, each in value.items()}
    soon = (clock.now() + timedelta(days=2)).replace(microsecond=0)
    parts = {"{mine}": str(mine), "{cleo}": str(cleo.pk), "{soon}": soon.isoformat(), "{}": given}
    text = str(value)
    for part, known in parts.items():
        text = text.replace(part, known)
    return text


def _ask(
    user: User, case: Case, given: str, mine: UUID, foreign: dict[str, str]
) -> tuple[object, ...]:
    """Status, text, headers, the number of queries, and what Ben's things were then; whatever
    changed is taken back."""
    cleo = User.objects.get(email="cleo@acme.example")

    def fill(value: object) -> Any:  # Any: the same shape
        return _filled(value, given, mine, cleo)

    route = next(each for each in matrix.routes() if f"/{each.path}" == case.path)
    address = route.address({"lead_id": mine, "name": "email"})
    query = {name: str(fill(value)) for name, value in case.query.items()}
    client, is_api = _client(user), case.path.startswith("/api/")
    with transaction.atomic():
        with CaptureQueriesContext(connection) as asked:
            if case.body is None:
                answer = client.get(address, query)
            else:
                body = {name: fill(value) for name, value in case.body.items()}
                kind = "application/json" if is_api else MULTIPART_CONTENT
                answer = client.post(address, body, content_type=kind, query_params=query)
        traces = _traces(foreign)
        transaction.set_rollback(True)
    assert isinstance(answer, HttpResponse)
    status, text = comparable(answer, address)
    changing_headers = {"X-Request-Id", "Content-Security-Policy", "Content-Length",
                        "RateLimit-Remaining", "X-RateLimit-Remaining"}  # fmt: skip
    kept = {n: _alike(v, given) for n, v in answer.items() if n not in changing_headers}
    return status, _alike(text, given), kept, len(asked), traces


def _alike(text: str, given: str) -> str:
    """Without the id itself, and without the keys that every answer makes anew."""
    number = r"(?<=of=)|(?<=view=)" if given.isdecimal() else ""
    return re.sub(rf"(?:{number}){re.escape(given)}\b", "ID", _FRESH.sub("", text))


def _traces(foreign: dict[str, str]) -> tuple[object, ...]:
    """What Ben's things are now."""
    lead = UUID(foreign["lead"])
    return (
        list(Lead.objects.filter(pk=lead).values()),
        list(Card.objects.filter(pk=lead).values()),
        list(Activity.objects.filter(lead=lead).values()),
        list(Removal.objects.filter(lead=lead).values()),
        list(Membership.objects.filter(lead=lead).values()),
        list(Binding.objects.filter(lead=lead).values()),
        list(Notification.objects.filter(lead=lead).values()),
        list(Task.objects.filter(lead=lead).values()),
    )


def _client(user: User) -> Client:
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
