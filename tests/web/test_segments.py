"""Leads → Lists → segments: looked at, made, changed, previewed, ended; who may see what."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from leadline.cards import filters
from leadline.criteria.lists import NotForLists
from leadline.flow import intake, reactions, segment_preview, segments
from leadline.lib import clock
from leadline.segments.models import Segment, SegmentVersion
from leadline.workspace import audit
from leadline.workspace.models import Field, Role, User
from tests.segments import sample
from tests.world import World, form

Enter = Callable[[User], Client]
CEO: dict[str, object] = {"trait": "title", "is": "CEO"}
# What the builder sends for a rule that is written as text.
TEXT = {"rule.mode": "text"}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("none_shipped")]
none_shipped = sample.none_shipped  # the fixture


@pytest.fixture
def lead_ids(world: World) -> list[UUID]:
    """Three leads of Ben's, two of them CEOs."""
    at = clock.now() - timedelta(minutes=2)
    posts = [
        form("demo", email=f"p{n}@firm{n}.example", at=at, is_trusted=True,
             traits={"name": f"Person {n}", "title": "CEO" if n < 2 else "Clerk"})
        for n in range(3)
    ]  # fmt: skip
    return [each for each in intake.run(posts, now=at).lead_ids if each is not None]


@pytest.fixture
def bosses(world: World, lead_ids: list[UUID]) -> Segment:
    """A segment, filled."""
    by = audit.by(world.ada, origin="")
    made = segments.create("Bosses & more", CEO, by=by, now=clock.now())
    segments.fill({"version": SegmentVersion.objects.get().pk}, clock.now())
    return made


def test_the_lists_lead_to_the_segment_and_each_number_to_its_leads(
    world: World, enter: Enter, bosses: Segment, lead_ids: list[UUID]
) -> None:
    ada = enter(world.ada)
    page = ada.get("/leads/lists").content.decode()
    assert "Job title is CEO" in page
    assert '<a href="/leads?list=Bosses%20%26%20more">2</a>' in page
    assert f'<a href="/leads/segments/{bosses.pk}?way=entered">2</a>' in page
    shown = ada.get("/leads?list=Bosses%20%26%20more").content.decode()
    assert "Person 0" in shown
    assert "Person 2" not in shown
    mine = ada.get(f"/leads/segments/{bosses.pk}?way=entered").content.decode()
    assert mine.count('class="badge good"') == 2
    assert "job title is CEO" in mine
    assert (
        "Nobody came or went" in ada.get(f"/leads/segments/{bosses.pk}?way=left").content.decode()
    )
    assert "Bosses &amp; more" in ada.get(f"/leads/{lead_ids[0]}").content.decode()


def test_each_sees_how_many_of_its_leads_they_may_see(
    world: World, enter: Enter, bosses: Segment, lead_ids: list[UUID]
) -> None:
    reactions.assign(lead_ids[0], world.cleo.pk, by=world.ada.pk, because="-", now=clock.now())
    for user, count in ((world.ada, 2), (world.cleo, 1)):
        page = enter(user).get(f"/leads/segments/{bosses.pk}").content.decode()
        assert page.count('class="badge good"') == count
        assert f'Entered <span class="quiet">{count}</span>' in page


def test_many_segments_cost_no_query_more(world: World, enter: Enter, bosses: Segment) -> None:
    ada, costs = enter(world.ada), []
    ada.get("/leads/lists")
    for count in (0, 10):
        for number in range(count):
            rule = {"trait": "title", "is": f"T{number}"}
            by = audit.by(world.ada, origin="")
            segments.create(f"More {number}", rule, by=by, now=clock.now())
        with CaptureQueriesContext(connection) as seen:
            ada.get("/leads/lists")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_who_would_be_in_it_is_shown_before_anything_is_saved(
    world: World, enter: Enter, lead_ids: list[UUID]
) -> None:
    said = {**TEXT, "rule.text": "trait: title\nis: CEO", "name": "Bosses", "do": "preview"}
    page = enter(world.ada).post("/leads/segments/new", said).content.decode()
    assert "2 leads now" in page
    assert "of 3 that you may see" in page
    assert "Person 1" in page
    assert "Person 2" not in page
    assert not Segment.objects.exists()


def test_a_preview_that_takes_too_long_says_how_far_it_came(
    world: World, lead_ids: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_preview, "_PORTION", 1)
    node = segments.read(CEO)
    found = segment_preview.preview(node, user=world.ben, now=clock.now(), seconds=-1)
    assert (found.looked, found.is_whole) == (1, False)
    whole = segment_preview.preview(node, user=world.ada, now=clock.now())
    assert (whole.looked, whole.count, whole.is_whole) == (3, 2, True)
    assert len(whole.sample) == 2


def test_a_segment_is_made_changed_and_shown_as_being_filled(
    world: World, enter: Enter, lead_ids: list[UUID]
) -> None:
    ada = enter(world.ada)
    said = {**TEXT, "rule.text": "trait: title\nis: CEO", "name": " Bosses "}
    answer = ada.post("/leads/segments/new", said)
    segment = Segment.objects.get()
    assert answer["Location"] == f"/leads/segments/{segment.pk}?done=saved"
    assert "Being filled: 0 %" in ada.get(answer["Location"]).content.decode()
    segments.fill({"version": SegmentVersion.objects.get().pk}, clock.now())
    assert "Being filled" not in ada.get(f"/leads/segments/{segment.pk}").content.decode()
    said |= {"rule.text": "trait: title\nis: Clerk", "name": "Clerks"}
    assert ada.post(f"/leads/segments/{segment.pk}/edit", said).status_code == 302
    segment.refresh_from_db()
    assert (segment.name, segment.key, segment.versions.count()) == ("Clerks", "Bosses", 2)


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("trait: shoe_size\ngte: 4", "Feet", "At /trait stands"),
        ("in_segment: Bosses &amp; more", "Bosses & more", "At /in_segment stands"),
        ("trait: title\nis: CEO", "", "A list has a name"),
        ("trait: [", "Broken", "line"),
    ],
)
def test_what_cannot_be_is_refused_by_a_sentence_with_the_place(
    world: World, enter: Enter, bosses: Segment, text: str, name: str, told: str
) -> None:
    said = {**TEXT, "rule.text": text.replace("&amp;", "&"), "name": name}
    address = f"/leads/segments/{bosses.pk}/edit"
    answer = enter(world.ada).post(address, said)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert SegmentVersion.objects.count() == 1


def test_the_filter_of_a_list_becomes_a_segment(
    world: World, enter: Enter, lead_ids: list[UUID]
) -> None:
    ada = enter(world.ada)
    page = ada.get("/leads?temperature=hot&view=").content.decode()
    [rest] = page.split('href="/leads/segments/new?filter=')[1:]
    address = "/leads/segments/new?filter=" + rest.split('"')[0].replace("&amp;", "&")
    built = ada.get(address).content.decode()
    assert "emperature is hot" in built
    assert (
        "/leads/segments/new" not in enter(world.ben).get("/leads?temperature=hot").content.decode()
    )


@pytest.mark.parametrize("written", ["", "[]", "{", "{}", '{"did": 5}', "9" * 9000])
def test_a_filter_that_is_none_opens_an_empty_form(
    world: World, enter: Enter, written: str
) -> None:
    assert enter(world.ada).get("/leads/segments/new", {"filter": written}).status_code == 200


def test_it_ends_where_lists_end_unless_something_uses_it(
    world: World, enter: Enter, bosses: Segment
) -> None:
    ada, address = enter(world.ada), f"/leads/lists/{bosses.pk}/delete"
    assert address in ada.get(f"/leads/segments/{bosses.pk}/edit").content.decode()
    by = audit.by(world.ada, origin="")
    outer = segments.create("Outer", {"in_segment": bosses.key}, by=by, now=clock.now())
    assert "Segment: Outer" in ada.get(address).content.decode()
    assert ada.post(address).status_code == 409
    for each in (outer, bosses):
        gone = ada.post(f"/leads/lists/{each.pk}/delete")
        assert gone["Location"] == "/leads/lists?done=segment"
    assert not Segment.objects.exists()


def test_reps_look_and_do_not_change_rules(world: World, enter: Enter, bosses: Segment) -> None:
    ben, here = enter(world.ben), f"/leads/segments/{bosses.pk}"
    assert f"{here}/edit" not in ben.get(here).content.decode()
    for path in (f"{here}/edit", "/leads/segments/new"):
        assert ben.get(path).status_code == 403
        assert ben.post(path, {"name": "x"}).status_code == 403
    assert ben.post(f"/leads/lists/{bosses.pk}/delete").status_code == 404
    assert Segment.objects.exists()


def test_a_segment_by_a_hidden_field_is_hidden_from_who_may_not_see_it(
    world: World, enter: Enter, bosses: Segment, lead_ids: list[UUID]
) -> None:
    """Also one that names it, and nobody makes one by it who may not see the field."""
    by = audit.by(world.ada, origin="")
    outer = segments.create("Outer", {"in_segment": bosses.key}, by=by, now=clock.now())
    Field.objects.filter(name="title").update(is_sensitive=True)
    mara = User.objects.create_user("m@acme.example", name="Mara", role=Role.MARKETER)
    client = enter(mara)
    for each in (bosses, outer):
        assert client.get(f"/leads/segments/{each.pk}").status_code == 404
        assert client.get(f"/leads/segments/{each.pk}/edit").status_code == 404
        rule = filters.read({"in_segment": each.key})
        assert rule is not None
        with pytest.raises(NotForLists):
            filters.condition(rule, user=mara, at_us=0)
    assert "Bosses" not in client.get("/leads/lists").content.decode()
    assert "Bosses" not in client.get(f"/leads/{lead_ids[0]}").content.decode()
    said = {**TEXT, "rule.text": "trait: title\nis: CEO", "name": "Mine"}
    assert client.post("/leads/segments/new", said).status_code == 422
    assert enter(world.ada).get(f"/leads/segments/{bosses.pk}").status_code == 200
