"""Fields declared over the API are fields like any other."""

from typing import Any

import pytest

from leadline.cards.models import SavedView
from leadline.lib import clock
from leadline.workspace.models import AuditEntry, Field, Job
from tests.api.conftest import Place, speaker

NEW: dict[str, Any] = {  # JSON
    "label": "Fleet size", "type": "option", "group": "Fleet",
    "options": [{"label": "Small"}, {"value": "l", "label": "Large"}],
}  # fmt: skip


def test_a_declared_field_is_listed_taken_and_filtered_at_once(place: Place) -> None:
    made = place.ada.ask("POST", "/fields", NEW)
    assert made.status_code == 201, made.document
    assert made.document["options"] == [
        {"value": "small", "label": "Small"}, {"value": "l", "label": "Large"},
    ]  # fmt: skip
    assert made.document in place.ben.get("/fields").document["items"]
    path = f"/leads/{place.lead_id}"
    said = place.ben.ask("PATCH", path, {"traits": {"fleet_size": "large"}})
    assert said.document["traits"]["fleet_size"] == "l"
    found = place.ben.get('/leads?filter={"trait":"fleet_size","is":"l"}').document
    assert [each["id"] for each in found["items"]] == [str(place.lead_id)]


def test_what_is_not_named_stays_and_options_go_with_an_answer(place: Place) -> None:
    place.ada.ask("POST", "/fields", NEW)
    place.ben.ask("PATCH", f"/leads/{place.lead_id}", {"traits": {"fleet_size": "l"}})
    renamed = place.ada.ask("PATCH", "/fields/fleet_size", {"label": "Lorries"}).document
    assert (renamed["label"], renamed["group"], len(renamed["options"])) == ("Lorries", "Fleet", 2)
    fewer = {"options": [{"value": "small", "label": "Small"}]}
    refused = place.ada.ask("PATCH", "/fields/fleet_size", fewer)
    assert (refused.status_code, refused.document["errors"][0]["pointer"]) == (422, "/options")
    body = {**fewer, "becomes": {"l": "small"}}
    assert place.ada.ask("PATCH", "/fields/fleet_size", body).status_code == 200
    assert Job.objects.filter(kind="fields.replace_option").exists()


def test_a_field_is_archived_unless_named_and_comes_back(place: Place) -> None:
    place.ada.ask("POST", "/fields", NEW)
    needed = place.ada.ask("POST", "/fields/title/archive")
    assert needed.status_code == 409
    SavedView.objects.create(name="Small", filter={"trait": "fleet_size", "is": "small"})
    used = place.ada.ask("POST", "/fields/fleet_size/archive")
    assert (used.status_code, used.document["errors"][0]["detail"]) == (409, "view: Small")
    SavedView.objects.filter(name="Small").delete()
    gone = place.ada.ask("POST", "/fields/fleet_size/archive").document
    assert clock.parse_iso(gone["archived_at"]) <= clock.now()
    assert "fleet_size" not in [each["name"] for each in place.ada.get("/fields").document["items"]]
    assert gone in place.ada.get("/fields?archived=true").document["items"]
    assert place.ada.ask("POST", "/fields/fleet_size/archive").status_code == 404
    assert place.ada.ask("POST", "/fields/fleet_size/restore").document["archived_at"] is None
    acts = AuditEntry.objects.order_by("number").values_list("act", flat=True)
    assert list(acts)[-3:] == ["field.added", "field.archived", "field.restored"]


def test_only_who_may_edit_settings_with_a_key_for_it_declares_fields(place: Place) -> None:
    narrow = speaker(place.world.ada, ["leads:read", "leads:write"])
    wide = speaker(place.world.ada, ["fields:write"])
    for who, status in ((place.ben, 403), (narrow, 403), (wide, 201)):
        assert who.ask("POST", "/fields", NEW).status_code == status
    assert narrow.ask("PATCH", "/fields/fleet_size", {"label": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"label": ""}, "/label"), ({"label": " "}, "/label"), ({"type": "colour"}, "/type"),
        ({"options": []}, "/options"), ({"is_fact": True, "is_sensitive": True}, "/is_sensitive"),
        ({"is_unique": True}, "/is_unique"), ({"name": "mine"}, "/name"),
        ({"about": "visitor"}, "/about"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(
    place: Place, wrong: dict[str, object], pointer: str
) -> None:
    refused = place.ada.ask("POST", "/fields", NEW | wrong)
    assert refused.status_code == 422, refused.document
    assert refused.document["errors"][0]["pointer"] == pointer
    assert not Field.objects.filter(group="Fleet").exists()
