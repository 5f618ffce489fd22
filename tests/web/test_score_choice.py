"""Scoring: a new model is begun on screen, published, chosen; the one before stays beside it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leadline.analytics import client as analyst
from leadline.playbooks import templates
from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace.models import AuditEntry, User
from tests.web.scoring import ANSWER
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]


def _begun(client: Client, name: str = "Partners") -> ScoreModelVersion:
    key = templates.score_models()[-1].key
    answer = client.post("/scoring/models/new", {"name": name, "template": key})
    draft = ScoreModelVersion.objects.get(state="draft", model__name=name)
    assert answer["Location"] == f"/scoring/drafts/{draft.pk}"
    return draft


def _published(client: Client) -> ScoreModel:
    draft = _begun(client)
    done = client.post(f"/scoring/drafts/{draft.pk}/publish", {"seen": 1, "over": ""})
    assert done["Location"] == "/scoring?done=published"
    return draft.model


def test_a_model_begins_with_a_name_and_a_template(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    form = client.get("/scoring/models/new").content.decode()
    for each in templates.score_models():
        assert f'<option value="{each.key}">{each.name}</option>' in form
    draft = _begun(client)
    page = client.get("/scoring").content.decode()
    idle = page.partition('aria-label="Not in use"')[2]
    assert "Partners" in idle
    assert "not published yet" in idle
    assert f'href="/scoring/drafts/{draft.pk}"' in idle
    assert client.get(f"/scoring/drafts/{draft.pk}").status_code == 200
    client.post(f"/scoring/drafts/{draft.pk}/discard", {"seen": 1})
    assert "Partners" not in client.get("/scoring").content.decode()


def test_a_name_or_template_that_cannot_be_is_said_beside_it(world: World, enter: Enter) -> None:
    client, count = enter(world.ada), ScoreModel.objects.count()
    key = templates.score_models()[0].key
    for form, said in (
        ({"name": "Fit and engagement", "template": key}, "Another model has this name"),
        ({"name": "  ", "template": key}, "A model has a name of at most 120 characters."),
        ({"name": "<b>x</b>", "template": "no/such"}, "Choose the rules to begin from."),
    ):
        answer = client.post("/scoring/models/new", form)
        text = answer.content.decode()
        assert (answer.status_code, said in text) == (422, True), form
        assert "<b>x" not in text
    assert ScoreModel.objects.count() == count


def test_an_alternative_is_looked_at_and_chosen(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, before = enter(world.ada), ScoreModel.objects.get(is_default=True)
    model = _published(client)
    address = f"/scoring/models/{model.pk}/choose"
    assert f'href="{address}"' in client.get("/scoring").content.decode()
    page = client.get(address).content.decode()
    version = model.versions.get()
    assert f"/scoring/drafts/{version.pk}/effect" in page
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(analyst, "ask", lambda _q, about, **_how: asked.append(about) or ANSWER)
    effect = client.get(f"/scoring/drafts/{version.pk}/effect")
    assert effect.status_code == 200
    assert asked[0]["version_id"] == version.pk
    done = client.post(address, {"over": before.pk})
    assert done["Location"] == "/scoring?done=chosen"
    assert ScoreModel.objects.get(is_default=True) == model
    shown = client.get("/scoring?done=chosen").content.decode()
    assert "Everybody is scored anew by this model" in shown
    assert f'href="/scoring/models/{before.pk}/choose"' in shown
    assert AuditEntry.objects.latest("number").act == "model.chosen"


def test_whoever_chooses_over_another_model_than_they_saw_is_told(
    world: World, enter: Enter
) -> None:
    client, before = enter(world.ada), ScoreModel.objects.get(is_default=True)
    model = _published(client)
    address = f"/scoring/models/{model.pk}/choose"
    late = client.post(address, {"over": model.pk})
    assert (late.status_code, "was chosen meanwhile" in late.content.decode()) == (422, True)
    assert ScoreModel.objects.get(is_default=True) == before
    client.post(address, {"over": before.pk})
    twice = client.post(address, {"over": model.pk})
    assert (twice.status_code, "cannot be done any more" in twice.content.decode()) == (422, True)


def test_reps_begin_and_choose_nothing(world: World, enter: Enter) -> None:
    model = _published(enter(world.ada))
    client = enter(world.ben)
    page = client.get("/scoring").content.decode()
    assert "New model" not in page
    assert "Let it make the scores" not in page
    for path in ("new", f"{model.pk}/choose"):
        assert client.get(f"/scoring/models/{path}").status_code == 403
        assert client.post(f"/scoring/models/{path}", {"name": "x"}).status_code == 403


def test_a_model_that_is_not_published_is_not_to_be_chosen(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    draft = _begun(client)
    for model_id in (draft.model_id, 99_999):
        assert client.get(f"/scoring/models/{model_id}/choose").status_code == 404
