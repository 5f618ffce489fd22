"""Every address that changes something leaves a line in the audit, or says here why not."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from leadline.capture.models import Parked
from leadline.cards.models import SavedView
from leadline.delivery import holding
from leadline.lib import clock
from leadline.workspace.models import AuditEntry, Role, Team, User, Workspace
from tests.web import matrix, test_roles_matrix
from tests.web.test_roles_matrix import Ids
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.sqlite_only]

Body = Mapping[str, object]
ids = test_roles_matrix.ids  # the fixture: what exists, by the parts of paths
HOT = {"rule.mode": "text", "rule.text": "temperature: hot"}
WEEK = {"time_zone": "Europe/Paris", "mon-0-from": "09:00", "mon-0-to": "17:00"}


@dataclass(frozen=True)
class Case:
    """A request that is right, and the acts that it leaves. `before` makes room for it."""

    acts: list[str]
    body: Body = field(default_factory=dict)
    before: Callable[[World, dict[str, object]], None] = lambda world, named: None


def _is_adas(world: World, named: dict[str, object]) -> None:
    SavedView.objects.filter(pk=str(named["view_id"])).update(user=world.ada)


def _is_shared(world: World, named: dict[str, object]) -> None:
    SavedView.objects.filter(pk=str(named["view_id"])).update(user=world.ada, reach="everybody")


def _is_removed(world: World, named: dict[str, object]) -> None:
    _is_shared(world, named)
    SavedView.objects.filter(pk=str(named["view_id"])).update(removed_at=clock.now())


def _is_demo(world: World, named: dict[str, object]) -> None:
    Workspace.objects.update(is_demo=True)


def _is_held(world: World, named: dict[str, object]) -> None:
    holding.hold(clock.now())


def _has_parked(world: World, named: dict[str, object]) -> None:
    at = clock.now()
    meta = json.dumps({"route": "track", "is_trusted": True, "is_history": False, "meta": "{}"})
    body = json.dumps({"event": "Page Viewed", "anonymousId": "a", "messageId": "m"}).encode()
    row = Parked.objects.create(
        source="key:1", received_at=at, body=body, meta=meta, error="", tries=5, parked_at=at
    )
    named["number"] = row.pk


def _is_admin(world: World, named: dict[str, object]) -> None:
    User.objects.filter(pk=world.cleo.pk).update(role=Role.ADMIN)


def _is_archived(world: World, named: dict[str, object]) -> None:
    Team.objects.filter(pk=world.other.pk).update(archived_at=clock.now())


def _free_field(world: World, named: dict[str, object]) -> None:
    named["name"] = "city"


def _archived_field(world: World, named: dict[str, object]) -> None:
    _free_field(world, named)
    client = Client()
    client.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    client.post("/settings/fields/city/archive")


def _deleted(world: World, named: dict[str, object]) -> None:
    client = Client()
    client.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    client.post(f"/leads/{named['lead_id']}/trash")


WRITES: Mapping[str, Case] = {
    "/leads/<uuid:lead_id>/adjust": Case(
        ["score.adjusted"], {"points": "10", "reason": "met at the fair"}
    ),
    "/leads/<uuid:lead_id>/adjust/<int:adjustment_id>/undo": Case(["score.adjustment_undone"]),
    "/demo/traffic": Case(["demo.traffic_changed"], {"act": "pause"}, _is_demo),
    "/demo/view-as": Case(["demo.viewed_as"], {"role": "rep"}, _is_demo),
    "/leads/<uuid:lead_id>/trash": Case(["lead.deleted"]),
    "/leads/<uuid:lead_id>/restore": Case(["lead.restored"], {}, _deleted),
    "/leads/views/<int:view_id>": Case(["view.shared"], {"reach": "everybody"}, _is_adas),
    "/leads/views/<int:view_id>/remove": Case(["view.removed"], {}, _is_shared),
    "/leads/views/<int:view_id>/restore": Case(["view.restored"], {}, _is_removed),
    "/leads/lists/<int:list_id>": Case(["list.renamed"], {"name": "Expo"}),
    "/leads/lists/<int:list_id>/delete": Case(["list.deleted"]),
    "/leads/segments/new": Case(["segment.created"], {"name": "Hot ones", **HOT}),
    "/leads/segments/<int:segment_id>/edit": Case(["segment.changed"], {"name": "Hot ones", **HOT}),
    "/settings/parked/<int:number>/retry": Case(["parked.retried"], {}, _has_parked),
    "/settings/sending": Case(
        ["sending.changed"], {"act": "address", "from_address": "sales@acme.example"}
    ),
    "/settings/system/backup": Case(["backup.asked"]),
    "/settings/system/resume": Case(["sending.resumed"], {"old": "skip"}, _is_held),
    "/settings/people/invite": Case(["person.invited"], {"role": "rep"}),
    "/settings/people/<uuid:person_id>": Case(["person.changed"], {"role": "manager", "team": ""}),
    "/settings/people/<uuid:person_id>/deactivate": Case(
        ["person.deactivated"], dict.fromkeys(("leads_to", "deals_to", "tasks_to"), "nobody")
    ),
    "/settings/people/<uuid:person_id>/let-in": Case(["person.let_in"]),
    "/settings/people/<uuid:person_id>/owner": Case(
        ["ownership.handed_over"], {"password": "correct horse battery"}, _is_admin
    ),
    "/settings/people/<uuid:person_id>/address": Case(
        ["address.changed"], {"email": "new@acme.example", "password": "correct horse battery"}
    ),
    "/settings/people/<uuid:person_id>/link": Case(
        ["person.link_made"], {"password": "correct horse battery"}
    ),
    "/settings/people/invitations/<int:number>/withdraw": Case(["invitation.withdrawn"]),
    "/settings/people/departures/<int:departure_id>/undo": Case(["person.taken_back"]),
    "/settings/teams/new": Case(["team.made"], {"name": "North"}),
    "/settings/teams/<int:team_id>": Case(["team.changed"], {"name": "West", "people": []}),
    "/settings/teams/<int:team_id>/archive": Case(["team.archived"], {"to": "nobody"}),
    "/settings/teams/<int:team_id>/restore": Case(["team.restored"], {}, _is_archived),
    "/settings/fields/new": Case(["field.added"], {"label": "Fleet", "type": "number"}),
    "/settings/fields/<str:name>": Case(["field.changed"], {"label": "Position"}),
    "/settings/fields/<str:name>/archive": Case(["field.archived"], {}, _free_field),
    "/settings/fields/<str:name>/restore": Case(["field.restored"], {}, _archived_field),
    "/settings/fields/<str:name>/move": Case(["field.moved"], {"way": "down"}),
    "/settings/fields/<str:name>/forms": Case(["field.asked"], {"form": ["demo"]}, _free_field),
    "/settings/hours": Case(["hours.changed"], WEEK),
    "/settings/general": Case(
        ["workspace.changed"],
        {"name": "Acme", "time_zone": "UTC", "language": "de", "fiscal_year_month": "4"},
    ),
    "/settings/profile": Case(["profile.changed"], {"name": "Ada L", "time_zone": "Asia/Tokyo"}),
    "/settings/profile/address": Case(
        ["address.changed"], {"email": "new@acme.example", "password": "correct horse battery"}
    ),
}

LEAD = "what happens to a lead stands in its timeline, with who and why"
DEAL = "what happens to a deal stands in its changes, with who and why"
OWN = "only what its reader sees of it changes"
ELSEWHERE = "audited; proven where it is tested in full"
BULK = "who, what and every value stand in History; deleting and exporting in the audit as well"
NOTHING = "changes nothing"
DRAFT = "a draft counts for nobody until it is published, which is audited"
SILENT: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "/leads/new", "/leads/<uuid:lead_id>/log", "/leads/<uuid:lead_id>/snooze",
            "/leads/<uuid:lead_id>/owner", "/leads/<uuid:lead_id>/stage", "/undo",
            "/leads/<uuid:lead_id>/edit/<str:name>", "/leads/<uuid:lead_id>/tasks",
            "/tasks/<uuid:task_id>", "/tasks/<uuid:task_id>/done",
            "/deals/<uuid:deal_id>/edit/<str:name>",
            "/companies/<uuid:company_id>/edit/<str:name>", "/leads/<uuid:lead_id>/follow",
            "/leads/<uuid:lead_id>/files", "/leads/<uuid:lead_id>/return",
            "/leads/<uuid:lead_id>/files/<uuid:file_id>/remove",
            "/api/v1/leads", "/api/v1/leads/<uuidstr:lead_id>", "/api/v1/tasks",
            "/api/v1/tasks/<uuidstr:task_id>", "/api/v1/companies/<uuidstr:company_id>",
        ),
        LEAD,
    ),
    **dict.fromkeys(("/api/v1/deals", "/api/v1/deals/<uuidstr:deal_id>"), DEAL),
    **dict.fromkeys(
        (
            "/notices/read", "/visited", "/leads/views", "/leads/views/<int:view_id>/move",
            "/settings/notifications", "/settings/notifications/devices",
            "/settings/notifications/devices/<int:device_id>/names",
            "/settings/notifications/devices/<int:device_id>/remove", "/settings/appearance",
            "/checklist/act", "/sign-out", "/demo/view-back",
        ),
        OWN,
    ),
    **dict.fromkeys(
        (
            "/leads/bulk", "/api/v1/bulk", "/api/v1/bulk/<uuidstr:action_id>/undo",
            "/history/<uuid:action_id>/undo",
            "/history/<uuid:action_id>/cancel", "/history/<uuid:action_id>/go-on",
            "/history/<uuid:action_id>/file",
        ),
        BULK,
    ),
    **dict.fromkeys(("/", "/leads/new/look", "/leads/new/twins", "/api/v1/backtests",
                     "/api/v1/backtests/leads"), NOTHING),
    **dict.fromkeys(
        (
            "/scoring/drafts/<int:version_id>",
            "/scoring/drafts/<int:version_id>/rules/<slug:group>/<slug:place>",
        ),
        DRAFT,
    ),
    **dict.fromkeys(
        (
            "/scoring/models/new", "/scoring/models/<int:model_id>/choose",
            "/scoring/models/<int:model_id>/draft",
            "/scoring/versions/<int:version_id>/<slug:verb>",
            "/scoring/drafts/<int:version_id>/publish", "/scoring/drafts/<int:version_id>/discard",
            "/leads/views/<int:view_id>/save", "/set-up", "/join/<str:token>",
            "/address/<str:token>", "/welcome",
            "/demo/own", "/demo/go-back",
            "/settings/currencies", "/settings/currencies/<int:number>/remove",
            "/api/v1/segments", "/api/v1/segments/<int:segment_id>",
            "/api/v1/leads/<uuidstr:lead_id>/restore", "/api/v1/fields",
            "/api/v1/leads/<uuidstr:lead_id>/adjustments",
            "/api/v1/leads/<uuidstr:lead_id>/adjustments/<int:adjustment_id>",
            "/api/v1/score-models", "/api/v1/score-models/<int:model_id>/make-default",
            *(f"/api/v1/score-models/<int:model_id>/{act}"
              for act in ("draft", "publish", "cancel-schedule", "roll-back", "retire")),
            "/api/v1/fields/<str:name>", "/api/v1/fields/<str:name>/archive",
            "/api/v1/fields/<str:name>/restore",
        ),
        ELSEWHERE,
    ),
}  # fmt: skip
"""Why nothing is written. Signing in and out by password is in `test_signing_in`."""


def test_every_address_that_changes_something_is_in_one_of_the_tables() -> None:
    undecided = changing() - set(WRITES) - set(SILENT)
    assert undecided == set(), "an audit entry (WRITES), or a reason why there is none (SILENT)"
    assert not set(WRITES) & set(SILENT)
    assert set(WRITES) <= changing()


@pytest.mark.parametrize("path", WRITES)
def test_who_changes_something_leaves_a_line(world: World, ids: Ids, path: str) -> None:
    case, route = WRITES[path], next(r for r in matrix.routes() if f"/{r.path}" == path)
    world.ada.set_password("correct horse battery")
    world.ada.save()
    named = {**ids[""], **ids.get(route.name, {})}
    case.before(world, named)
    known = AuditEntry.objects.count()
    answer = _post(world.ada, route.address(named), case.body)
    assert answer.status_code in (200, 204, 302), answer.content.decode()[-2000:]
    entries = AuditEntry.objects.order_by("number")[known:]
    assert [each.act for each in entries][-len(case.acts) :] == case.acts
    last = entries[len(entries) - 1]
    assert last.actor_id == world.ada.pk
    said = json.loads(last.details)
    assert (said["from"], said["through"]) == ("203.0.113.9", "Firefox, Linux")


# Everybody has a profile.
@pytest.mark.parametrize("path", sorted(set(WRITES) - {"/settings/profile"}))
def test_who_may_not_change_it_leaves_none(world: World, ids: Ids, path: str) -> None:
    case, route = WRITES[path], next(r for r in matrix.routes() if f"/{r.path}" == path)
    named = {**ids[""], **ids.get(route.name, {})}
    case.before(world, named)
    known = AuditEntry.objects.count()
    reader = User.objects.create_user("reader@acme.example", role=Role.READ_ONLY)
    assert _post(reader, route.address(named), case.body).status_code in (403, 404)
    assert AuditEntry.objects.count() == known


def _post(user: User, address: str, body: Body) -> HttpResponse:
    agent = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    client = Client(REMOTE_ADDR="203.0.113.9", headers={"User-Agent": agent})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    with transaction.atomic():
        answer = client.post(address, body)
    assert isinstance(answer, HttpResponse)
    return answer


def changing() -> set[str]:
    """The paths of ours that answer to anything but reading, from the checked-in table."""
    rows = [line.split() for line in matrix.FILE.read_text().splitlines()[1:]]
    library = ("/sign-in/", "/api/docs", "/api/v1/openapi", "/api/^")
    return {
        path
        for path, method, *_letters in rows
        if method in ("POST", "PATCH", "PUT", "DELETE")
        and not path.startswith(library)
        and path != "/api/v1/"
    }
