"""Scoring: a draft is edited, compared, published, rolled back; who may not edit only reads."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from leadline.scoring.models import ScoreModel, ScoreModelVersion
from leadline.workspace.models import AuditEntry, User
from tests.web.html_forms import posted
from tests.web.scoring import draft_of, form
from tests.world import World

pytestmark = pytest.mark.django_db
Enter = Callable[[User], Client]
PRICING = "Pricing page visit"


def _field(draft: ScoreModelVersion, name: str, key: str) -> str:
    for group in ("fit", "engagement"):
        for place, rule in enumerate(draft.document[group]):
            if rule["name"] == name:
                return f"{group}.{place}.{key}"
    raise AssertionError(name)


def _rule(draft: ScoreModelVersion, name: str) -> dict[str, Any]:
    draft.refresh_from_db()
    rules = [*draft.document["fit"], *draft.document["engagement"]]
    return next(each for each in rules if each["name"] == name)


def test_a_draft_is_edited_published_and_rolled_back(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    before = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    draft = draft_of(client)
    saved = client.post(
        f"/scoring/drafts/{draft.pk}",
        form(draft, **{_field(draft, PRICING, "points"): "25"}),
        headers={"HX-Request": "true"},
    )
    text = saved.content.decode()
    assert saved.status_code == 200
    assert saved["HX-Trigger"] == "leadline:draft-saved"
    assert f"{PRICING}: 15 → 25 points" in text
    assert "<html" not in text, "only the part that says how the draft stands"
    assert _rule(draft, PRICING)["points"] == 25
    page = client.get(f"/scoring/drafts/{draft.pk}").content.decode()
    fields = posted(page)
    done = client.post(
        f"/scoring/drafts/{draft.pk}/publish",
        {"seen": fields.getlist("seen")[0], "over": fields["over"]},
    )
    assert done["Location"] == "/scoring?done=published"
    now = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    assert (now.pk, now.made_from) == (draft.pk, before)
    versions = client.get(f"/scoring/models/{now.model_id}/versions").content.decode()
    assert f"{PRICING}: 15 → 25 points" in versions
    back = client.post(f"/scoring/versions/{before.pk}/roll-back", {"over": now.pk})
    assert back["Location"] == "/scoring?done=rolled_back"
    again = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    assert again.document == before.document
    assert again.pk not in (before.pk, now.pk), "history stays as it was"
    acts = AuditEntry.objects.order_by("number").values_list("act", flat=True)
    assert list(acts)[-3:] == ["model.drafted", "model.published", "model.rolled_back"]


def test_what_cannot_be_read_is_said_and_nothing_is_saved(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    points, half = _field(draft, PRICING, "points"), _field(draft, PRICING, "half_life")
    for typed, said in (
        ({points: "many"}, "This is no number."),
        ({points: ""}, "Write a number of points."),
        ({points: "0"}, "points above or below zero"),
        ({half: "1.5"}, "Write a whole number of days."),
        ({points: "-5"}, "the same sign as the points"),
    ):
        answer = client.post(f"/scoring/drafts/{draft.pk}", form(draft, **typed))
        text = answer.content.decode()
        assert (answer.status_code, said in text) == (422, True), (typed, text[:2000])
        assert f'value="{next(iter(typed.values()))}"' in text, "what was typed stays"
    draft.refresh_from_db()
    assert draft.revision == 1


def test_two_who_edit_one_draft_are_shown_so_and_the_second_may_go_over_it(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    points, cap = _field(draft, PRICING, "points"), _field(draft, PRICING, "cap")
    client.post(f"/scoring/drafts/{draft.pk}", form(draft, **{points: "20"}))
    late = client.post(f"/scoring/drafts/{draft.pk}", form(draft, **{cap: "60"}))
    assert late.status_code == 409
    assert "Ada saved this draft meanwhile." in late.content.decode()
    assert _rule(draft, PRICING)["cap"] == 45
    over = form(draft, **{cap: "60"})
    client.post(f"/scoring/drafts/{draft.pk}", over)
    assert _rule(draft, PRICING) | {"points": 20, "cap": 60} == _rule(draft, PRICING)


def test_numbers_typed_for_rules_that_moved_are_never_put_on_others(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    stale = form(draft, **{_field(draft, PRICING, "points"): "99"})
    client.post(f"/scoring/drafts/{draft.pk}", form(draft, do="down engagement 0"))
    draft.refresh_from_db()
    answer = client.post(f"/scoring/drafts/{draft.pk}", stale | {"seen": str(draft.revision)})
    assert answer.status_code == 409
    assert "Save mine over it" not in answer.content.decode()
    assert 99 not in [rule.get("points") for rule in draft.document["engagement"]]


@pytest.mark.parametrize("asked", ["down engagement 0", "up engagement 1", "remove engagement 0"])
def test_rules_change_places_and_go_by_button(world: World, enter: Enter, asked: str) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    names = [rule["name"] for rule in draft.document["engagement"]]
    client.post(f"/scoring/drafts/{draft.pk}", form(draft, do=asked))
    draft.refresh_from_db()
    now = [rule["name"] for rule in draft.document["engagement"]]
    wanted = names[1:] if asked.startswith("remove") else [names[1], names[0], *names[2:]]
    assert now == wanted


def test_bands_change_places_and_points(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    place, rule = next(
        (n, each) for n, each in enumerate(draft.document["fit"]) if "first_of" in each
    )
    first, second = rule["first_of"][:2]
    typed = form(draft, do=f"band_down fit {place} 0", **{f"fit.{place}.b0.points": "77"})
    client.post(f"/scoring/drafts/{draft.pk}", typed)
    draft.refresh_from_db()
    assert draft.document["fit"][place]["first_of"][:2] == [second, first | {"points": 77}]


def test_a_rule_is_built_from_sentences_and_changed_again(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    new = f"/scoring/drafts/{draft.pk}/rules/engagement/new?kind=when"
    page = client.get(new).content.decode()
    look = client.post(new, posted(page, pressed=("rule.do", "show"), rule_what="did").dict())
    assert look.status_code == 200
    filled = posted(look.content.decode(), rule_a0_event="Page Viewed", rule_times="3",
                    rule_span="24", rule_unit="h", rule_points="7", rule_name="Keen")  # fmt: skip
    done = client.post(new, filled.dict())
    assert done.status_code == 302, done.content.decode()[-3000:]
    assert _rule(draft, "Keen") == {
        "name": "Keen",
        "points": 7,
        "when": {"did": "Page Viewed", "at_least": 3, "within": "24h"},
    }
    place = len(draft.document["engagement"]) - 1
    again = f"/scoring/drafts/{draft.pk}/rules/engagement/{place}"
    changed = posted(client.get(again).content.decode(), rule_times="5")
    client.post(again, changed.dict())
    assert _rule(draft, "Keen")["when"]["at_least"] == 5


def test_a_rule_that_is_none_stays_on_its_page_with_what_is_wrong(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    new = f"/scoring/drafts/{draft.pk}/rules/fit/new?kind=first_of"
    empty = posted(client.get(new).content.decode(), rule_name="Size", rule_points="5")
    answer = client.post(new, empty.dict())
    assert answer.status_code == 422
    assert "Choose what this is about." in answer.content.decode()
    taken = posted(client.get(new).content.decode(), rule_name=PRICING, rule_points="5",
                   rule_what="consent", rule_was="consent", rule_value="marketing",
                   rule_channel="email")  # fmt: skip
    refused = client.post(new, taken.dict())
    assert (refused.status_code, "a name that no other rule has" in refused.content.decode()) == (
        422,
        True,
    )
    draft.refresh_from_db()
    assert draft.revision == 1


def test_a_version_is_scheduled_for_a_typed_instant_and_the_schedule_cancelled(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    over = ScoreModelVersion.objects.get(state="published", model__is_default=True).pk
    publish = f"/scoring/drafts/{draft.pk}/publish"
    wrong = client.post(publish, {"seen": 1, "over": over, "due": "some day"})
    assert (wrong.status_code, "Write a day" in wrong.content.decode()) == (422, True)
    done = client.post(publish, {"seen": 1, "over": over, "due": "+2w"})
    assert done["Location"] == "/scoring?done=scheduled"
    draft.refresh_from_db()
    assert draft.state == "scheduled"
    assert "readonly" in client.get(f"/scoring/drafts/{draft.pk}").content.decode()
    client.post(f"/scoring/versions/{draft.pk}/cancel")
    draft.refresh_from_db()
    assert (draft.state, draft.effective_at) == ("draft", None)


def test_whoever_publishes_over_another_version_than_they_saw_is_told(
    world: World, enter: Enter
) -> None:
    client = enter(world.ada)
    draft = draft_of(client)
    answer = client.post(f"/scoring/drafts/{draft.pk}/publish", {"seen": 1, "over": 999_999})
    assert answer.status_code == 422
    assert "Another version came into force meanwhile." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_draft_begins_from_a_template_and_is_discarded(world: World, enter: Enter) -> None:
    client = enter(world.ada)
    model = ScoreModel.objects.get(is_default=True)
    key = "b2b-saas/simple-behaviour"
    assert key in client.get("/scoring").content.decode()
    client.post(f"/scoring/models/{model.pk}/draft", {"template": key})
    draft = ScoreModelVersion.objects.get(state="draft")
    assert (draft.document["name"], draft.made_from) == (model.name, None)
    assert draft.document["engagement"] != ScoreModelVersion.objects.get(
        state="published", model=model
    ).document["engagement"]  # fmt: skip
    client.post(f"/scoring/drafts/{draft.pk}/discard", {"seen": 1})
    assert not ScoreModelVersion.objects.filter(pk=draft.pk).exists()


def test_who_may_not_edit_reads_and_changes_nothing(world: World, enter: Enter) -> None:
    draft = draft_of(enter(world.ada))
    client = enter(world.ben)
    scoring = client.get("/scoring").content.decode()
    assert "See the draft" in scoring
    assert "Edit a draft" not in scoring
    page = client.get(f"/scoring/drafts/{draft.pk}").content.decode()
    assert "readonly" in page
    assert 'id="publish"' not in page
    model = draft.model_id
    for path in (f"models/{model}/draft", f"drafts/{draft.pk}", f"drafts/{draft.pk}/publish",
                 f"drafts/{draft.pk}/discard", f"versions/{draft.pk}/roll-back",
                 f"drafts/{draft.pk}/rules/fit/0"):  # fmt: skip
        assert client.post(f"/scoring/{path}", form(draft)).status_code == 403, path
    draft.refresh_from_db()
    assert draft.revision == 1
