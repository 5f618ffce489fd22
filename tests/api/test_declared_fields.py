"""Declared fields over the API: a new one is at once a trait, a bad value is refused by name."""

from leadline.flow import fields
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.workspace.audit import COMMAND_LINE
from leadline.workspace.fields import Wanted
from tests.api.conftest import Place


def _declare(**wanted: object) -> None:
    fields.add(Wanted(**{"label": "Fleet size", **wanted}), by=COMMAND_LINE, now=clock.now())  # type: ignore[arg-type]  # as given by the test


def test_a_new_field_is_taken_shown_and_filtered_at_once(place: Place) -> None:
    _declare(type="option", options=(("s", "Small"), ("l", "Large")))
    body = {"email": "linus@kernel.example", "traits": {"fleetSize": "Large"}}
    made = place.ada.ask("POST", "/leads", body)
    assert made.status_code == 201, made.document
    assert made.document["traits"]["fleet_size"] == "l"
    found = place.ada.get('/leads?filter={"trait":"fleet_size","is":"l"}').document
    assert [each["id"] for each in found["items"]] == [made.document["id"]]


def test_a_value_that_does_not_fit_is_refused_with_the_field_named(place: Place) -> None:
    _declare(type="date")
    before = Lead.objects.count()
    for traits, pointer in [
        ({"fleet_size": "soon"}, "/traits/fleet_size"), ({"fleetSize": 5}, "/traits/fleetSize"),
        ({"budget": "a lot"}, "/traits/budget"),
        ({"title_seniority": "king"}, "/traits/title_seniority"),
    ]:  # fmt: skip
        refused = place.ada.ask("POST", "/leads", {"email": "x@y.example", "traits": traits})
        assert refused.status_code == 422, traits
        assert refused.document["errors"][0]["pointer"] == pointer
        changed = place.ada.ask("PATCH", f"/leads/{place.lead_id}", {"traits": traits})
        assert changed.status_code == 422, traits
    assert Lead.objects.count() == before
