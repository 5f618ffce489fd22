"""What a segment's rule said stays said, whoever writes."""

import pytest
from django.db import IntegrityError, transaction

from leadline.segments.models import SegmentVersion
from tests.segments import sample
from tests.segments.sample import make
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [{"document": {}}, {"digest": "0" * 64}, {"number": 7}],
    ids=lambda each: next(iter(each)),
)
def test_the_database_itself_keeps_what_a_rule_said(
    world: World, none_shipped: None, change: dict[str, object]
) -> None:
    segment = make(world, "Deciders")
    versions = SegmentVersion.objects.filter(segment=segment)
    before = versions.values("document", "digest", "number").get()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        versions.update(**change)
    versions.update(done_count=3, filled_at=world.now)
    assert versions.values("document", "digest", "number").get() == before


none_shipped = sample.none_shipped  # the fixture
