"""Route × role × key scope, as checked in; and ids of others, which are like ids of nobody.

After a change that is meant: LEADLINE_WRITE_MATRIX=1 pytest tests/web/test_roles_matrix.py,
and read the difference before committing it.
"""

import io
import os
from collections.abc import Mapping
from uuid import UUID

import pytest

from leadline.activities import files, tasks
from leadline.activities.due import Due
from leadline.activities.tasks import Plan
from leadline.analytics import client
from leadline.api.limits import LIMITS
from leadline.cards.models import SavedView
from leadline.deals import deals
from leadline.deals.deals import Entry
from leadline.delivery import outbox
from leadline.delivery.models import Message
from leadline.flow import adjustments, colleagues, departures, score_models, segments
from leadline.flow.departures import Takers
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.scoring.adjustments import Given
from leadline.scoring.models import ScoreModelVersion
from leadline.segments import lists
from leadline.workspace import audit, keys
from leadline.workspace.invitations import Seat
from leadline.workspace.models import Field, Role, User
from tests.web import matrix
from tests.web.matrix import Route
from tests.world import World

# Who may open what does not depend on the database, and hundreds of requests take a while.
pytestmark = pytest.mark.sqlite_only

Ids = Mapping[str, Mapping[str, object]]
EVERYBODYS = frozenset({
    "static_list", "score_versions", "score_today", "score_draft", "score_effect", "score_leads",
    "list_versions", "get_version", "segment", "get_segment", "list_members",
})  # fmt: skip
"""Things that everybody sees; only which of their leads is different."""


@pytest.fixture
def ids(world: World, lead_id: UUID, monkeypatch: pytest.MonkeyPatch) -> Ids:
    """Things that exist, by the name of the part of the path (and of the route)."""
    monkeypatch.setattr(client, "ask", _no_answer)
    now, ada = clock.now(), audit.by(world.ada, origin="")
    draft = outbox.Draft(kind="test", cause="t", to_address="a@acme.example", subject="s", text="t")
    outbox.put([draft], now=now)
    invited, _link = colleagues.invite(Seat("rep"), email="", base_url="", by=ada, now=now)
    gone = User.objects.create_user("left@acme.example", role=Role.REP, name="Left")
    departure = departures.deactivate(gone.pk, Takers(None, None, None), by=ada, now=now)
    assert departure is not None
    stated = Entry(currency="EUR", opened_at=now, lead_id=lead_id, owner_id=world.ben.pk)
    deal = deals.open(stated, because="met", now=now)
    Field.objects.create(name="deal.product", type="text", label="Product", position=99)
    assert deal is not None
    plan = Plan("Call back", Due(now), world.ben.pk)
    planned = tasks.add(lead_id, plan, by=world.ben.pk, now=now)
    kept = files.keep(lead_id, io.BytesIO(b"note"), name="", by=world.ben.pk, now=now)
    view = SavedView.objects.create(name="Mine", user=world.ben)
    fair = lists.named("Fair", by=world.ben.pk, now=now)
    lists.add(fair.pk, [lead_id], by=world.ben.pk, now=now)
    group = segments.create("Warm ones", {"temperature": "warm"}, by=ada, now=now)
    version = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    open_ = score_models.begin(version.model, version.document, made_from=version, by=ada, now=now)
    given = Given(1_000_000, "met at the fair")
    adjusted = adjustments.add(lead_id, given, by=world.ben, doer=ada, now=now)
    return {
        "": {
            "adjustment_id": adjusted.pk,
            "model_id": version.model_id, "version_id": open_.pk, "group": "fit", "place": "0",
            "deal_id": deal.pk, "file_id": kept.pk,
            "lead_id": lead_id, "person_id": world.cleo.pk, "view_id": view.pk, "verb": "call",
            "list_id": fair.pk, "segment_id": group.pk,
            "message_id": Message.objects.get(cause="t").pk, "departure_id": departure.pk,
            "team_id": world.other.pk, "name": "title", "task_id": planned.pk,
            "company_id": Lead.objects.get(pk=lead_id).company_id,
        },
        "get_version": {"number": version.number},
        "edit_company_value": {"name": "company.name"},
        "show_company_value": {"name": "company.name"},
        "edit_deal_value": {"name": "deal.product"},
        "show_deal_value": {"name": "deal.product"},
        "score_act": {"verb": "cancel"},
        "let_in": {"person_id": gone.pk},
        "withdraw_invitation": {"number": invited.pk},
    }  # fmt: skip


@pytest.mark.django_db
def test_every_route_lets_in_exactly_whom_the_table_says(world: World, ids: Ids) -> None:
    table = matrix.lines(world, ids)
    if os.environ.get("LEADLINE_WRITE_MATRIX"):
        matrix.FILE.write_text("\n".join(table) + "\n")
    assert table == matrix.FILE.read_text().splitlines(), __doc__


def test_every_route_has_an_entry() -> None:
    """Fast, and says which: a new route is decided about before it is merged."""
    written = {line.split()[0] for line in matrix.FILE.read_text().splitlines()[1:]}
    assert {f"/{route.path}" for route in matrix.routes()} - written == set()


@pytest.mark.parametrize("caller", ["deactivated", "expired", "ended", "key:revoked"])
def test_whoever_is_let_in_no_more_is_like_nobody(caller: str) -> None:
    """In every line of the table, which the test above holds to what really happens."""
    lines = {line: letters for line, letters in matrix.written().items() if caller in letters}
    differing = {line for line, each in lines.items() if each[caller] != each["anonymous"]}
    assert differing == set()
    assert {line for line, each in lines.items() if each["anonymous"] == ">"}, "none is closed"


@pytest.mark.django_db
def test_ids_of_others_are_like_ids_of_nobody(world: World, ids: Ids) -> None:
    """Cleo of another team tries every address with an id, once with a real one."""
    cleo, tried = matrix.callers(world)[7], 0
    for route in matrix.routes():
        asked = {"uuid", "uuidstr", "int"} & set(route.parts.values())
        if not asked or route.path.startswith("sign-in/") or route.name in EVERYBODYS:
            continue
        real = {**ids[""], **ids.get(route.name, {})}
        foreign, nobodys = route.address(real), route.address(_strange(route, real))
        for method in ("GET", "POST", "PATCH"):
            answers = [
                matrix.comparable(cleo.ask(method, address), address)
                for address in (foreign, nobodys)
            ]
            assert answers[0] == answers[1], (method, route.path)
            assert answers[0][0] in (403, 404, 405, 415, 422), (method, route.path)
            tried += answers[0][0] == 404
    assert tried > 10


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_a_key_may_what_its_user_and_its_scope_both_may(world: World, ids: Ids, role: Role) -> None:
    """What the user's session and what the scope may stands in the table, as tested above."""
    user = User.objects.create_user("k@acme.example", role=role, team=world.sales)
    held = {scope: matrix.key(scope, user, scope) for scope in keys.SCOPES}
    known, tried = {route.path: route for route in matrix.routes()}, 0
    for (path, method), letters in matrix.written().items():
        if not path.startswith("api/v1/"):
            continue
        address = known[path].address({**ids[""], **ids.get(known[path].name, {})})
        LIMITS.forget()
        for scope, key in held.items():
            let_in = letters[role] == letters[f"key:{scope}"] == "y"
            letter = matrix.letter(key.ask(method, address))
            assert (letter == "y") == let_in, (method, path, role, scope, letter, letters)
            tried += 1
    assert tried > 100


def _no_answer(*_asked: object, **_how: object) -> Mapping[str, object]:
    """Nobody starts a process of DuckDB for each of a hundred callers."""
    raise client.AnalystError("⟦Nobody is there.⟧", permanent=False)


def _strange(route: Route, real: Mapping[str, object]) -> dict[str, object]:
    """The same parts, with ids of nobody's."""
    kinds = {"uuid": matrix.RANDOM, "uuidstr": matrix.RANDOM, "int": 999}
    changed = {name: kinds[kind] for name, kind in route.parts.items() if kind in kinds}
    return {**real, **changed}
