"""The ledger of form posts."""

import json
from datetime import datetime

import pytest

from leadline.capture import models, submissions, unpack
from leadline.lib import clock
from tests.capture.test_unpack import FORM, one

pytestmark = pytest.mark.django_db


def test_form_posts_are_kept_whole_with_what_they_were_taken_for(now: datetime) -> None:
    spam = {**FORM, "message_id": "form-2", "state": "suspected_spam", "reason": "honeypot"}
    posts = [one("form", FORM), one("track", {"event": "A", "userId": "u"}), one("form", spam)]
    assert submissions.record(posts, now=now) == 2
    first, second = models.Submission.objects.order_by("id")
    assert (first.form_slug, first.message_id, first.state) == ("demo", "form-1", "accepted")
    assert json.loads(first.raw)["posted"]["email"] == ["ada@example.com", "b@example.com"]
    assert (second.state, second.reason) == ("suspected_spam", "honeypot")
    assert second.known_at == now
    assert clock.micros(second.received_at) == posts[2].received_us


def test_a_post_that_did_not_come_through_a_form_page_is_kept_too(now: datetime) -> None:
    bare = unpack.Submission(
        source="api:1", message_id="m", kind="form", name="Form Submitted", occurred_us=0,
        received_us=0, is_trusted=True, is_history=False, seen_day=0,
    )  # fmt: skip
    assert submissions.record([bare], now=now) == 1
    assert models.Submission.objects.get().form_slug == ""


def test_nothing_to_keep_asks_nothing(now: datetime, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]  # a pytest-django fixture
        assert submissions.record([one("track", {"event": "A", "userId": "u"})], now=now) == 0
