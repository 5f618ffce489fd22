"""`/api/v1/segments`: made, changed, ended, who is in them, and the feed of who came and went."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from leadline.flow import intake, reactions, segments, trash
from leadline.segments import changes, lists
from leadline.segments.changes import Place
from leadline.segments.models import MembershipChange, Segment, SegmentVersion
from leadline.workspace import audit
from leadline.workspace.models import Field, Role, User
from tests.api.conftest import Speaker, speaker
from tests.segments import sample
from tests.world import World, said

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture
CEO = {"trait": "title", "is": "CEO"}


@pytest.fixture
def ada(world: World) -> Speaker:
    return speaker(world.ada)


@pytest.fixture
def arrive(world: World) -> Callable[..., UUID]:
    def one(who: str, title: str = "CEO") -> UUID:
        submission = said(user_id=who, at=world.now, traits={"title": title})
        [lead_id] = intake.run([submission], now=world.now).lead_ids
        assert lead_id is not None
        return lead_id

    return one


def make(ada: Speaker, name: str = "Bosses", rule: object = CEO) -> dict[str, Any]:
    answer = ada.ask("POST", "/segments", {"name": name, "rule": rule})
    assert answer.status_code == 201, answer.document
    document: dict[str, Any] = answer.document
    return document


def test_a_segment_is_made_read_changed_and_ended(
    world: World, ada: Speaker, arrive: Callable[..., UUID]
) -> None:
    boss, clerk = arrive("a"), arrive("b", "Clerk")
    made = make(ada)
    assert made["key"] == made["name"] == "Bosses"
    assert (made["kind"], made["rule"], made["version"], made["filled"]) == ("dynamic", CEO, 1, 0.0)
    segments.fill({"version": SegmentVersion.objects.get().pk}, world.now)
    here = f"/segments/{made['id']}"
    assert [each["lead"] for each in ada.get(f"{here}/members").document["items"]] == [str(boss)]
    clerks = {"name": "Clerks", "rule": {"trait": "title", "is": "Clerk"}}
    for _twice in range(2):
        changed = ada.ask("PUT", here, clerks).document
        assert (changed["name"], changed["key"], changed["version"]) == ("Clerks", "Bosses", 2)
    reactions.look_again([boss, clerk], now=world.now)
    assert ada.get(here).document["leads"] == 1
    assert ada.ask("DELETE", here).status_code == 204
    assert ada.get(here).status_code == 404
    assert ada.ask("DELETE", here).status_code == 404
    acts = [entry.act for entry in audit.newest(limit=3)]
    assert acts == ["segment.deleted", "segment.changed", "segment.created"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "X", "rule": {"trait": "shoe_size", "gte": 4}}, "/rule/trait"),
        ({"name": "X", "rule": {"all": []}}, "/rule/all"),
        ({"name": "X", "rule": {"all": [CEO, {"in_segment": "Y"}]}}, "/rule/all/1/in_segment"),
        ({"name": "X", "rule": {"did": "A", "within": "-1d"}}, "/rule/within"),
        ({"name": "bosses", "rule": CEO}, "/name"),
        ({"name": "", "rule": CEO}, "/name"),
        ({"name": "X"}, "/rule"),
        ({"name": "X", "rule": CEO, "more": 1}, "/more"),
    ],
)
def test_what_cannot_be_is_named_by_its_place_and_nothing_is_saved(
    ada: Speaker, body: dict[str, object], pointer: str
) -> None:
    make(ada)
    answer = ada.ask("POST", "/segments", body)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.document["errors"]] == [pointer]
    assert Segment.objects.count() == 1


def test_a_circle_is_refused_with_the_place_that_closes_it(ada: Speaker) -> None:
    inner = make(ada, "Inner")
    make(ada, "Outer", {"not": {"in_segment": "Inner"}})
    body = {"name": "Inner", "rule": {"any": [CEO, {"in_segment": "Outer"}]}}
    answer = ada.ask("PUT", f"/segments/{inner['id']}", body)
    assert answer.document["errors"][0]["pointer"] == "/rule/any/1/in_segment"
    used = ada.ask("DELETE", f"/segments/{inner['id']}")
    assert used.status_code == 409
    assert used.document["errors"][0]["detail"] == "segment: Outer"


def test_lists_stand_beside_segments_and_have_no_rule(world: World, ada: Speaker) -> None:
    fair = lists.named("Fair", by=world.ben.pk, now=world.now)
    make(ada)
    found = ada.get("/segments").document["items"]
    assert [(each["name"], each["kind"]) for each in found] == [
        ("Bosses", "dynamic"), ("Fair", "static")
    ]  # fmt: skip
    answer = ada.ask("PUT", f"/segments/{fair.pk}", {"name": "Fair", "rule": CEO})
    assert answer.status_code == 409


@pytest.mark.django_db(transaction=True)  # only what is committed is in the feed
def test_members_come_in_pages_and_only_those_one_may_see(
    world: World, ada: Speaker, arrive: Callable[..., UUID]
) -> None:
    here = f"/segments/{make(ada)['id']}"
    everyone = sorted(arrive(f"u{n}") for n in range(5))
    found, after = [], ""
    while after is not None:
        page = ada.get(f"{here}/members?limit=2{after and f'&after={after}'}").document
        found += [UUID(each["lead"]) for each in page["items"]]
        after = page["next"]
    assert found == everyone
    reactions.assign(everyone[0], world.ben.pk, by=world.ada.pk, because="-", now=world.now)
    cleo = speaker(world.cleo)
    assert str(everyone[0]) not in str(cleo.get(f"{here}/members").document)
    assert cleo.get(here).document["leads"] == cleo.get("/segments").document["items"][0]["leads"]
    seen = {each["lead"] for each in cleo.get("/segments/changes").document["items"]}
    assert seen == {str(each) for each in everyone[1:]}


@pytest.mark.django_db(transaction=True)  # only what is committed is in the feed
def test_the_feed_is_read_on_from_where_one_was(
    world: World, ada: Speaker, arrive: Callable[..., UUID]
) -> None:
    make(ada)
    assert ada.get("/segments/changes").document == {"items": [], "next": "0.0"}
    boss = arrive("a")
    first = ada.get("/segments/changes").document
    [entered] = first["items"]
    assert (entered["segment"], entered["lead"], entered["entered"]) == ("Bosses", str(boss), True)
    assert entered["because"] == "job title is CEO"
    again = ada.get(f"/segments/changes?after={first['next']}").document
    assert again == {"items": [], "next": first["next"]}
    trash.move([boss], by=world.ada, now=world.now)
    [left] = ada.get(f"/segments/changes?after={first['next']}").document["items"]
    assert (left["entered"], left["because"]) == (False, "It was moved to the trash")


@pytest.mark.parametrize("after", ["x", "1", "1.2.3", "-1.2", "1.٣", "9" * 30 + ".1"])
def test_a_cursor_that_is_none_is_refused(ada: Speaker, after: str) -> None:
    assert ada.get(f"/segments/changes?after={after}").status_code == 422


def test_reps_read_and_do_not_write_rules(world: World, ada: Speaker) -> None:
    here = f"/segments/{make(ada)['id']}"
    ben = speaker(world.ben)
    assert ben.get(here).status_code == 200
    body = {"name": "Mine", "rule": CEO}
    for method, path in (("POST", "/segments"), ("PUT", here), ("DELETE", here)):
        assert ben.ask(method, path, body if method != "DELETE" else None).status_code == 403
    reading = speaker(world.ada, ["leads:read"])
    assert reading.ask("POST", "/segments", body).status_code == 403
    assert Segment.objects.get().name == "Bosses"


def test_a_key_without_sensitive_fields_hears_nothing_of_segments_by_them(
    world: World, ada: Speaker, arrive: Callable[..., UUID]
) -> None:
    here = f"/segments/{make(ada)['id']}"
    arrive("a")
    Field.objects.filter(name="title").update(is_sensitive=True)
    mara = User.objects.create_user("m@acme.example", name="Mara", role=Role.MARKETER)
    for blind in (speaker(world.ada, ["leads:read", "leads:write"]), speaker(mara)):
        assert blind.get("/segments").document["items"] == []
        assert blind.get(here).status_code == 404
        assert blind.get("/segments/changes").document["items"] == []
        refused = blind.ask("POST", "/segments", {"name": "Mine", "rule": CEO})
        assert refused.document["errors"][0]["pointer"] == "/rule/trait"
    assert ada.get(here).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_commits_late_is_not_passed(world: World) -> None:
    """Begun first, committed last: a reader by number alone would lose it on PostgreSQL."""
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer")
    segment = Segment.objects.create(
        key="A", name="A", kind="dynamic", created_at=world.now, changed_at=world.now
    )
    lead_id = intake.run([said(user_id="a", at=world.now)], now=world.now).lead_ids[0]
    insert = (
        "INSERT INTO segments_membershipchange (segment_id, lead_id, entered, at, because,"
        " event_ids) VALUES (%s, %s, %s, %s, '', '[]') RETURNING id"
    )

    def write(cursor: Any, entered: bool) -> int:
        cursor.execute(insert, [segment.pk, lead_id, entered, 1])
        return int(cursor.fetchone()[0])

    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as late:
            first = write(late, True)
            with connection.cursor() as now:
                second = write(now, False)
            assert first < second
            seen, place = changes.after(Place(), segment_ids=[segment.pk], limit=9)
            # The twin: who read by number would go on behind the second and miss the first.
            by_number = MembershipChange.objects.filter(id__gt=0).values_list("id", flat=True)
            assert list(by_number) == [second]
            assert (seen, place) == ([], Place())
            other.commit()
    finally:
        other.close()
    seen, place = changes.after(place, segment_ids=[segment.pk], limit=9)
    assert [each.pk for each in seen] == [first, second]
    assert changes.after(place, segment_ids=[segment.pk], limit=9) == ([], place)
