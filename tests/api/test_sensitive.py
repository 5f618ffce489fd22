"""Sensitive fields over the API: role and key must both allow it."""

import pytest

from leadline.flow import edits
from leadline.leads.models import Lead
from leadline.lib import clock
from leadline.workspace import fields
from leadline.workspace.fields import Wanted
from tests.api.conftest import Place, Speaker, speaker

SECRET = 73_219
FILTER = '/leads?filter={"trait":"salary","gte":1}'


@pytest.fixture
def salary(place: Place) -> Place:
    wanted = Wanted(label="Salary", type="number", is_sensitive=True)
    fields.add(wanted, currency="EUR", reserved=())
    known = edits.places()["salary"]
    edits.edit(place.lead_id, known, SECRET, seen=None, by=place.world.ada, now=clock.now())
    return place


def _key(place: Place, *more: str) -> Speaker:
    return speaker(place.world.ada, ["leads:read", "leads:write", *more])


def test_a_key_without_the_scope_sees_nothing_of_it(salary: Place) -> None:
    path = f"/leads/{salary.lead_id}"
    tries = {"narrow": _key(salary), "wide": _key(salary, "sensitive:read"), "rep": salary.ben}
    for address in (path, "/leads", "/leads?email=grace@navy.example", f"{path}/timeline"):
        said = {name: str(SECRET) in who.get(address).content.decode() for name, who in
                tries.items()}  # fmt: skip
        is_open = "timeline" not in address
        assert said == {"narrow": False, "wide": is_open, "rep": False}, address


def test_a_filter_on_it_is_refused_like_one_on_a_field_that_is_not_there(salary: Place) -> None:
    assert len(_key(salary, "sensitive:read").get(FILTER).document["items"]) == 1
    for who in (_key(salary), salary.ben):
        refused = who.get(FILTER)
        assert refused.status_code == 422
        other = who.get(FILTER.replace("salary", "nothing"))
        told = refused.content.decode().replace("salary", "nothing")
        assert told == other.content.decode()


def test_whoever_may_not_see_it_may_not_set_it_or_learn_it_from_a_conflict(salary: Place) -> None:
    path = f"/leads/{salary.lead_id}"
    stale = {"If-Match": '"v0"'}
    for body in ({"traits": {"salary": 5}}, {"traits": {"Salary": None}}):
        refused = salary.ben.ask("PATCH", path, body, **stale)
        assert (refused.status_code, str(SECRET) in refused.content.decode()) == (422, False)
    made = salary.ben.ask("POST", "/leads", {"email": "x@y.example", "traits": {"salary": 5}})
    assert made.status_code == 422
    assert Lead.objects.get(pk=salary.lead_id).traits["salary"] == SECRET
    assert Lead.objects.count() == 1
