"""Anonymous counts become a number and nothing else."""

import pytest

from leadline.capture import counts, models
from tests.capture.test_unpack import AT, DAY, row

PAGE = {"name": "Page Viewed", "host": "example.com", "path": "/", "referrer": ""}


@pytest.mark.django_db
def test_counts_are_added_up_by_day() -> None:
    later = AT + 24 * 3_600_000_000
    rows = [
        row("count", PAGE),
        row("count", PAGE),
        row("track", {"event": "A", "userId": "u"}),
        row("count", PAGE, received_us=later),
    ]
    assert counts.record(rows) == 3
    assert counts.record(rows[:1]) == 1
    found = models.Dropped.objects.order_by("day").values_list("day", "reason", "count")
    assert list(found) == [(DAY, "aggregate_only", 3), (DAY + 1, "aggregate_only", 1)]
