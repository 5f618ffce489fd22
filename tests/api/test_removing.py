"""Deleted over the API: into the trash, absent everywhere, back as it was."""

from datetime import timedelta

from leadline.lib import clock
from leadline.workspace.models import AuditEntry, Role, User
from tests.api.conftest import Place, speaker


def test_a_deleted_lead_is_absent_and_comes_back_as_it_was(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    before = place.ada.get(path).document
    deleted = place.ada.ask("DELETE", path)
    assert deleted.status_code == 200, deleted.document
    until = clock.parse_iso(deleted.document["restorable_until"])
    assert timedelta(days=29) < until - clock.now() < timedelta(days=31)
    assert place.ada.get(path).status_code == 404
    assert place.ada.get("/leads").document["items"] == []
    restored = place.ada.ask("POST", f"{path}/restore")
    assert restored.status_code == 200, restored.document
    same = ("id", "emails", "traits", "stage", "owner", "source")
    assert {k: restored.document[k] for k in same} == {k: before[k] for k in same}
    assert restored.headers["ETag"] == place.ada.get(path).headers["ETag"]
    acts = AuditEntry.objects.order_by("number").values_list("act", "object_id")
    assert list(acts) == [
        ("lead.deleted", str(place.lead_id)), ("lead.restored", str(place.lead_id)),
    ]  # fmt: skip


def test_deleting_or_restoring_twice_finds_nothing(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    assert place.ada.ask("POST", f"{path}/restore").status_code == 404
    answers = [place.ada.ask("DELETE", path).status_code for _ in range(2)]
    assert answers == [200, 404]
    answers = [place.ada.ask("POST", f"{path}/restore").status_code for _ in range(2)]
    assert answers == [200, 404]


def test_who_may_not_delete_deletes_nothing(place: Place) -> None:
    path = f"/leads/{place.lead_id}"
    manager = User.objects.create_user(
        "max@acme.example", role=Role.MANAGER, team=place.world.sales
    )
    tries = [place.ben, place.cleo, speaker(manager), speaker(place.world.ada, ["leads:read"])]
    assert [who.ask("DELETE", path).status_code for who in tries] == [403] * 4
    assert place.ada.get(path).status_code == 200
