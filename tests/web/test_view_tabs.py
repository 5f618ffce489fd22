"""Views as tabs: kept, changed, shared, arranged, removed and brought back, with their columns."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from leadline.cards import views
from leadline.cards.models import SavedView
from leadline.flow import intake
from leadline.lib import clock
from leadline.web import columns
from leadline.workspace.models import AuditEntry, Field, Role, User
from tests import world as worlds
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


def _view(user: User, name: str = "Ready", **fields: object) -> SavedView:
    view = views.add(user, name, filter={"stage": "sql"}, sort="name", columns=[])
    for key, value in fields.items():
        setattr(view, key, value)
    view.save()
    return view


def _text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().partition("<main")[2]


def _tabs(user: User) -> list[str]:
    return [view.name for view in views.visible_to(user)]


def test_a_changed_view_is_saved_over_itself_or_as_another(world: World, enter: Enter) -> None:
    view, client = _view(world.ben), enter(world.ben)
    shown = _text(client, f"/leads?view={view.pk}&temperature=hot&cols=score,email")
    for word in ("Save</button>", "Save as", "Reset"):
        assert word in shown, word
    assert "Save as" not in _text(client, f"/leads?view={view.pk}")
    query = f"?view={view.pk}&temperature=hot&cols=score,email"
    client.post(f"/leads/views/{view.pk}/save{query}")
    view.refresh_from_db()
    assert view.filter == {"all": [{"stage": "sql"}, {"temperature": "hot"}]}
    assert (view.sort, view.columns) == ("name", ["score", "email"])
    client.post(f"/leads/views{query}&sort=-created", {"name": "Another"})
    other = SavedView.objects.get(name="Another")
    assert (other.user_id, other.sort, other.columns) == (
        world.ben.pk, "-created", ["score", "email"],
    )  # fmt: skip


def test_saving_a_view_that_others_have_is_audited_without_what_it_looks_for(
    world: World, enter: Enter
) -> None:
    shared, own = _view(world.ben, reach="team", team=world.sales), _view(world.ben)
    known = AuditEntry.objects.count()
    for view in (shared, own):
        for more in ("&temperature=hot&cols=score", ""):
            query = f"?view={view.pk}{more}"
            assert enter(world.ben).post(f"/leads/views/{view.pk}/save{query}").status_code == 302
    [entry] = AuditEntry.objects.filter(object_kind="view").order_by("number")[known:]
    assert (entry.act, entry.actor_id, entry.object_id) == (
        "view.shared", world.ben.pk, str(shared.pk),
    )  # fmt: skip
    assert json.loads(entry.details)["after"] == {"parts": "filter, columns"}
    assert "hot" not in entry.details
    assert "Changed in it: <bdi>filter, columns</bdi>" in _text(enter(world.ada), "/settings/audit")


def test_a_view_is_shared_with_the_team_or_everybody(world: World, enter: Enter) -> None:
    mate = User.objects.create_user("mate@acme.example", role=Role.REP, team=world.sales)
    view, client = _view(world.ben), enter(world.ben)
    assert "Ready" not in _tabs(mate)
    client.post(f"/leads/views/{view.pk}", {"name": "Ready now", "reach": "team"})
    assert "Ready now" in _tabs(mate)
    assert "Ready now" not in _tabs(world.cleo)
    client.post(f"/leads/views/{view.pk}", {"name": "Ready now", "reach": "everybody"})
    assert "Ready now" in _tabs(world.cleo)
    client.post(f"/leads/views/{view.pk}", {"name": "Ready now", "reach": "private"})
    assert "Ready now" not in _tabs(mate)


def test_a_shared_view_shows_everybody_their_own_leads(world: World, enter: Enter) -> None:
    at = clock.now()
    post = worlds.form("demo", email="g@shared.example.com", at=at, traits={"name": "Grace S"})
    intake.run([post], now=at)
    view = _view(world.ben, filter={}, reach="everybody")
    assert "Grace S" in _text(enter(world.ben), f"/leads?view={view.pk}")
    assert "Grace S" not in _text(enter(world.cleo), f"/leads?view={view.pk}")


def test_who_may_not_change_a_view_meets_nothing(world: World, enter: Enter) -> None:
    private, shared = _view(world.ben), _view(world.ben, name="All", reach="everybody")
    of_all = SavedView.objects.filter(user=None).first()
    assert of_all is not None
    cleo = enter(world.cleo)
    for view in (private, shared, of_all):
        for act in ("", "/save", "/remove", "/restore"):
            answer = cleo.post(f"/leads/views/{view.pk}{act}", {"name": "Mine"})
            assert answer.status_code == 404, (view.name, act)
    assert cleo.post(f"/leads/views/{private.pk}/move", {"to": "left"}).status_code == 404
    assert SavedView.objects.filter(name="Mine").count() == 0
    assert enter(world.ada).post(f"/leads/views/{shared.pk}", {"name": "Tidy"}).status_code == 302
    assert SavedView.objects.get(pk=shared.pk).name == "Tidy"
    assert enter(world.ada).post(f"/leads/views/{private.pk}", {"name": "X"}).status_code == 404


def test_who_only_looks_keeps_views_for_themselves(world: World, enter: Enter) -> None:
    reader = User.objects.create_user("read@acme.example", role=Role.READ_ONLY)
    client, view = enter(reader), _view(reader)
    answer = client.post(f"/leads/views/{view.pk}", {"name": "R", "reach": "everybody"})
    assert answer.status_code == 403
    assert "Who has it" not in _text(client, f"/leads?view={view.pk}")


def test_a_removed_view_can_come_back(world: World, enter: Enter) -> None:
    view, client = _view(world.ben), enter(world.ben)
    answer = client.post(f"/leads/views/{view.pk}/remove")
    assert answer["Location"] == f"/leads?removed={view.pk}"
    assert "Ready" not in _tabs(world.ben)
    assert "was removed" in _text(client, answer["Location"])
    assert "was removed" not in _text(enter(world.cleo), answer["Location"])
    client.post(f"/leads/views/{view.pk}/restore")
    assert "Ready" in _tabs(world.ben)
    views.remove(view, now=clock.now() - 2 * views.KEPT)
    views.remove(_view(world.ben, name="Other"), now=clock.now())
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_everybody_arranges_their_own_tabs(world: World, enter: Enter) -> None:
    view = _view(world.ben, reach="everybody")
    before = _tabs(world.cleo)
    assert before[-1] == "Ready"
    enter(world.ben).post(f"/leads/views/{view.pk}/move", {"to": "left"})
    assert _tabs(world.ben)[-2] == "Ready"
    assert _tabs(world.cleo) == before
    for _ in range(20):
        enter(world.ben).post(f"/leads/views/{view.pk}/move", {"to": "left"})
    assert _tabs(world.ben)[0] == "Ready"


def test_columns_are_chosen_ordered_and_hold_fields(world: World, enter: Enter) -> None:
    at = clock.now()
    Field.objects.create(name="fleet_size", type="number", label="Fleet size", position=90)
    Field.objects.create(name="secret", type="text", label="Secret", position=91, is_sensitive=True)
    traits = {"name": "Grace", "fleet_size": 42, "secret": "sotto voce", "title": "CTO"}
    intake.run(
        [worlds.said(email="g@firm.example.com", at=at, kind="identify", traits=traits)], now=at
    )
    shown = _text(enter(world.ada), "/leads?cols=t.fleet_size,title,t.secret,nonsense")
    head = shown.partition("<thead>")[2].partition("</thead>")[0]
    assert head.index("Fleet size") < head.index("Job title") < head.index("Secret")
    assert "Temperature" not in head
    for said in (">42<", ">CTO<", "sotto voce"):
        assert said in shown, said
    hidden = _text(enter(world.ben), "/leads?cols=t.fleet_size,t.secret")
    assert ">42<" in hidden
    assert "sotto voce" not in hidden
    assert "Secret" not in hidden


def test_the_menu_moves_hides_and_adds_columns(world: World, enter: Enter) -> None:
    shown = _text(enter(world.ada), "/leads?cols=score,email")
    assert "cols=email%2Cscore" in shown
    assert 'href="?cols=email"' in shown
    assert "cols=score%2Cemail%2Cphone" in shown


@pytest.mark.parametrize("asked", ["", ",,,", "name", "nonsense", "t.nobody"])
def test_columns_that_are_none_give_the_usual_ones(asked: str) -> None:
    assert columns.of(asked.split(","), []).keys == columns.USUAL


def test_a_search_that_finds_nobody_offers_names_spelt_nearly_so(
    world: World, enter: Enter
) -> None:
    at = clock.now()
    post = worlds.said(email="x@y.example.com", at=at, traits={"name": "Ingrid Lindqvist"})
    intake.run([post], now=at)
    shown = _text(enter(world.ada), "/leads?q=Lindkvist")
    assert "No lead matches" in shown
    assert "Ingrid Lindqvist" in shown


def test_widths_are_kept_with_the_columns_and_stay_within_bounds(
    world: World, enter: Enter
) -> None:
    at = clock.now()
    intake.run([worlds.form("demo", email="g@wide.example.com", at=at)], now=at)
    client = enter(world.ben)
    client.post(
        "/leads/views?cols=name:99,score:9,company:9999,owner:-4,when:80x", {"name": "Wide"}
    )
    view = SavedView.objects.get(name="Wide")
    assert view.columns == ["score:56", "company:640", "owner", "when"]
    text = _text(client, f"/leads?view={view.pk}")
    assert '<col class="c-score" width="56">' in text
    assert '<col class="c-owner">' in text
    assert "Save as" in _text(client, f"/leads?view={view.pk}&cols=score:57,company:640,owner,when")
    moved = "company%3A640%2Cscore%3A56%2Cowner%2Cwhen"
    assert f"cols={moved}" in text, "the menu moves a column with its width"
