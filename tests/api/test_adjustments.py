"""Points by hand over the API, and what the score was at an instant."""

from datetime import timedelta
from uuid import uuid4

import pytest

from leadline.flow import adjustments
from leadline.lib import clock
from leadline.scoring.adjustments import Given
from leadline.scoring.models import ScoreAdjustment, ScoreChange
from leadline.workspace import audit
from tests.api.conftest import Place

WHY = {"points": 10, "reason": "met at the fair"}


def test_points_are_given_listed_and_taken_back(place: Place) -> None:
    address = f"/leads/{place.lead_id}"
    before = place.ben.get(f"{address}/score").document["total"]
    made = place.ben.ask("POST", f"{address}/adjustments", WHY | {"half_life_days": 30})
    assert made.status_code == 201, made.document
    assert place.cleo.get(f"{address}/adjustments").status_code == 404
    [listed] = place.ben.get(f"{address}/adjustments").document["items"]
    assert listed == made.document
    score = place.ben.get(f"{address}/score").document
    assert score["total"] == before + 10
    line = score["lines"][-1]
    assert (line["group"], line["points"]) == ("manual", 10)
    assert line["sentence"] == "Ben: +10, met at the fair · today · half as much after 30 days"
    assert sum(each["points"] for each in score["lines"]) == score["total"]
    gone = f"{address}/adjustments/{listed['id']}"
    assert place.ben.ask("DELETE", gone).status_code == 200
    assert place.ben.ask("DELETE", gone).status_code == 404
    assert place.ben.get(f"{address}/score").document["total"] == before
    assert place.ben.get(f"{address}/adjustments").document["items"] == []


def test_what_cannot_be_given_names_its_place(place: Place) -> None:
    address = f"/leads/{place.lead_id}/adjustments"
    for change, pointer in (
        ({"points": 0}, "/points"),
        ({"points": 1_000.5}, "/points"),
        ({"points": 1e-7}, "/points"),
        ({"points": "many"}, "/points"),
        ({"reason": "  "}, "/reason"),
        ({"reason": "x" * 201}, "/reason"),
        ({"half_life_days": 0}, "/half_life_days"),
        ({"half_life_days": 10**9}, "/half_life_days"),
        ({"because": "x"}, "/because"),
    ):
        answer = place.ben.ask("POST", address, {**WHY, **change})
        assert answer.status_code == 422, change
        assert answer.document["errors"][0]["pointer"].startswith(pointer)
    assert not ScoreAdjustment.objects.exists()


def test_the_same_key_adjusts_once(place: Place) -> None:
    address = f"/leads/{place.lead_id}/adjustments"
    made = [place.ben.ask("POST", address, WHY, idempotency_key="k").document for _ in range(2)]
    assert made[0] == made[1]
    other = place.ben.ask("POST", address, WHY | {"points": 9}, idempotency_key="k")
    assert other.status_code == 409


def test_who_may_not_change_the_lead_may_not_adjust_it(place: Place) -> None:
    body, theirs = WHY, f"/leads/{place.lead_id}/adjustments"
    assert place.cleo.ask("POST", theirs, body).status_code == 404
    assert place.ben.ask("POST", f"/leads/{uuid4()}/adjustments", body).status_code == 404
    world = place.world
    made = adjustments.add(
        place.lead_id, Given(1_000_000, "x"), by=world.ben, now=clock.now(),
        doer=audit.by(world.ben, origin=""),
    )  # fmt: skip
    assert place.cleo.ask("DELETE", f"{theirs}/{made.pk}").status_code == 404
    assert place.ben.ask("DELETE", f"{theirs}/{made.pk + 1}").status_code == 404
    assert ScoreAdjustment.objects.filter(undone_at=None).count() == 1


@pytest.mark.parametrize("zone", ["+01:00", "%2B01:00", "Z", ""])
def test_the_score_of_an_instant_is_told_with_its_lines_and_version(
    place: Place, zone: str
) -> None:
    first = ScoreChange.objects.get(lead=place.lead_id)
    then = place.now - timedelta(days=30)
    ScoreChange.objects.filter(pk=first.pk).update(at=then)
    hours = 1 if "01" in zone else 0
    written = f"{then + timedelta(hours=hours, minutes=1):%Y-%m-%dT%H:%M:%S}{zone}"
    address = f"/leads/{place.lead_id}/score?as_of="
    score = place.ben.get(address + written).document
    assert (score["total"], score["version"]) == (first.total / 1_000_000, 1)
    assert sum(line["points"] for line in score["lines"]) == score["total"]
    earlier = f"{then + timedelta(hours=hours, minutes=-1):%Y-%m-%dT%H:%M:%S}{zone}"
    answer = place.ben.get(address + earlier)
    assert answer.status_code == 404
    assert answer.document["detail"] == "The lead had no score yet."


def test_an_instant_that_is_none_is_refused(place: Place) -> None:
    for written in ("yesterday", "2026-02-30", "2026-03-03T14:00%2001", "1772000000"):
        answer = place.ben.get(f"/leads/{place.lead_id}/score?as_of={written}")
        assert answer.status_code == 422, written
        assert answer.document["errors"][0]["pointer"] == "?as_of"
