"""Segments for tests: one of each sort of rule, and how to make them."""

from uuid import UUID

import pytest

from leadline.flow import segments
from leadline.segments.models import Membership, Segment, SegmentVersion
from leadline.workspace import audit, settings
from leadline.workspace.audit import Doer
from leadline.workspace.models import User
from tests.world import World

PRICING = {"did": "Page Viewed", "where": {"path": {"starts": "/pricing"}}}
RULES: dict[str, dict[str, object]] = {
    "Deciders": {"trait": "title", "is": "CEO"},
    "Active": {"did": "Page Viewed", "at_least": 2, "within": "7d"},
    "Just now": {**PRICING, "within": "12h"},
    "Quiet": {"did_not": ["Page Viewed", "Email Opened"], "within": "14d"},
    "Warm": {"not": {"temperature": "cold"}},
    "Scored": {"score": "total", "gte": 10},
    "Qualified": {"stage": {"in": ["mql", "sql"]}},
    "Openers": {"ratio_of": "Email Opened", "to": "Page Viewed", "at_least": 0.5, "within": "30d"},
    "Known for a week": {"since": "created", "at_least": "7d"},
    "Long assigned": {"since": "assigned", "at_least": "2d"},
    "Silent": {"since": "last_event", "at_least": "90m"},
    "Wanted": {"all": [{"in_segment": "Active"}, {"in_segment": "Deciders"}]},
    "Wanted or hot": {"any": [{"in_segment": "Wanted"}, {"temperature": "hot"}]},
    "Not wanted": {"not": {"in_segment": "Wanted"}},
}


@pytest.fixture
def none_shipped(world: World) -> None:
    """Without those that the playbook brings."""
    Segment.objects.all().delete()
    settings.rules_changed()


def by(user: User) -> Doer:
    return audit.by(user, origin="203.0.113.9")


def make(world: World, name: str, rule: dict[str, object] | None = None) -> Segment:
    """A segment with this rule, or the one of its name above, not filled yet."""
    return segments.create(name, rule or RULES[name], by=by(world.ada), now=world.now)


def make_all(world: World) -> None:
    """Every rule above as a segment, each after those that it names."""
    for name in RULES:
        make(world, name)


def fill_all(world: World) -> None:
    """Work off what waits to be filled."""
    for version in SegmentVersion.objects.filter(filled_at=None):
        segments.fill({"version": version.pk}, world.now)


def members(key: str) -> set[UUID]:
    return set(Membership.objects.filter(segment__key=key).values_list("lead", flat=True))
