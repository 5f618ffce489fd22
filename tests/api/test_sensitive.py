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


def _found(who: Speaker, field: str, at_least: int) -> tuple[int, str]:
    """What a preview by the field's value says, with the field's name blanked."""
    body = {"act": "log", "wanted": {"kind": "call"}, "count": 1, "preview": True,
            "filter": {"trait": field, "gte": at_least}}  # fmt: skip
    answer = who.ask("POST", "/bulk", body)
    return answer.status_code, answer.content.decode().replace(field, "…")


def test_nobody_finds_it_by_halves_through_a_bulk_preview(salary: Place) -> None:
    for who in (_key(salary), salary.ben):
        tries = [_found(who, "salary", at_least) for at_least in (70_000, 80_000)]
        assert tries == [_found(who, "nothing", 1)] * 2
        assert tries[0][0] == 422
    wide = _key(salary, "sensitive:read")
    counts = [_found(wide, "salary", at_least)[1] for at_least in (70_000, 80_000)]
    assert ['"count":1' in each for each in counts] == [True, False]


def test_whoever_may_not_see_it_may_not_set_it_for_many(salary: Place) -> None:
    body = {"act": "field", "wanted": {"field": "salary", "value": 5},
            "leads": [str(salary.lead_id)]}  # fmt: skip
    for who in (_key(salary), salary.ben):
        for is_preview in (True, False):
            refused = who.ask("POST", "/bulk", {**body, "preview": is_preview})
            place = refused.document["errors"][0]["pointer"]
            assert (refused.status_code, place) == (422, "/wanted/field")
    assert Lead.objects.get(pk=salary.lead_id).traits["salary"] == SECRET
    done = _key(salary, "sensitive:read").ask("POST", "/bulk", body)
    assert (done.status_code, done.document["done_count"]) == (201, 1)
