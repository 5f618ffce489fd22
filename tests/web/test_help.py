"""Every screen says what it is for; empty screens offer one way on; words explain themselves."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from leadline.flow import score_models
from leadline.leads.models import Lead
from leadline.scoring.models import ScoreModelVersion
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.web import help_texts, labels, pages, preferences
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from tests.world import World

Enter = Callable[[User], Client]


def test_no_text_is_longer_than_eighty_words() -> None:
    for route, text in help_texts.TEXTS.items():
        words = str(text).split()
        assert 5 <= len(words) <= help_texts.MOST_WORDS, (route, len(words))


def test_every_entry_of_rail_and_settings_says_what_it_is_for() -> None:
    routes = {entry.route for entry in pages.ENTRIES} - {
        "settings"
    }  # leads on to its first section
    routes |= {section.route for section in preferences.SECTIONS}
    assert routes <= set(help_texts.TEXTS), sorted(routes - set(help_texts.TEXTS))


@pytest.mark.django_db
def test_the_panel_stands_on_the_screens(
    world: World, enter: Enter, lead_id: UUID, analyst: None
) -> None:
    client = enter(world.ada)
    company_id = Lead.objects.get(pk=lead_id).company_id
    groups = Segment.objects.order_by("pk").values_list("pk", flat=True)
    listed = [lists.named("Fair", by=world.ada.pk, now=world.now).pk]
    version = ScoreModelVersion.objects.get(state="published", model__is_default=True)
    doer = Doer(world.ada.pk, "Ada", "127.0.0.1")
    draft = score_models.begin(
        version.model, version.document, made_from=version, by=doer, now=world.now
    )
    arguments: dict[str, list[object]] = {
        **{route: [draft.pk] for route in ("score_draft", "score_effect", "score_leads")},
        "score_rule": [draft.pk, "fit", "0"],
        **{route: [version.model_id] for route in ("score_versions", "score_choose")},
        **{route: [lead_id] for route in ("lead", "adjust_score", "score_then")},
        "company": [company_id],
        **{route: [world.ben.pk] for route in ("person", "person_link", "deactivate")},
        **{route: [groups[0]] for route in ("segment", "edit_segment")},
        "static_list": [*listed],
        "delete_static_list": [*listed],
    }
    for route, text in help_texts.TEXTS.items():
        if route.startswith("demo"):
            continue
        page = client.get(reverse(route, args=arguments.get(route, []))).content.decode()
        assert page.count("What is this?</b>") == 1, route
        assert str(text).split(".")[0][:40].replace("'", "&#39;") in page, route


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/settings/outbox", "/settings/parked", "/search?q=nobody"])
def test_an_empty_screen_offers_one_way_on(world: World, enter: Enter, address: str) -> None:
    page = enter(world.ada).get(address).content.decode()
    (empty,) = page.split('<div class="empty">')[1:]
    assert empty.split("</div>")[0].count('class="button') == 1


def test_temperatures_and_stages_explain_themselves() -> None:
    assert set(labels.TEMPERATURE_MEANINGS) == set(labels.TEMPERATURES)
    assert set(labels.STAGES) == set(labels.STAGE_MEANINGS)
