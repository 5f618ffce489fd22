"""The ledger of form posts: each one whole, with what it was taken for."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

from leadline.capture import models
from leadline.capture.submission import Submission
from leadline.capture.unpack import SUSPECTED_SPAM
from leadline.lib import clock, rows

_COLUMNS = ["form_slug", "message_id", "raw", "state", "reason", "received_at", "known_at"]
_State = models.Submission.State


class _Post(msgspec.Struct):
    form: str = ""
    reason: str = ""


_read = msgspec.json.Decoder(_Post).decode


def record(submissions: Sequence[Submission], *, now: datetime) -> int:
    """Keep every form post among `submissions`; returns how many. One statement.

    Call it with what `seen.fresh` lets through: it does not look for repetitions itself.
    """
    posts = [
        _row(said, _read(said.raw), now_us=clock.micros(now))
        for said in submissions
        if said.kind == "form"
    ]
    if posts:
        with connection.cursor() as cursor:
            rows.insert(cursor, "capture_submission", _COLUMNS, posts, vendor=connection.vendor)
    return len(posts)


def _row(said: Submission, post: _Post, *, now_us: int) -> tuple[object, ...]:
    state = _State.SUSPECTED_SPAM if said.flag == SUSPECTED_SPAM else _State.ACCEPTED
    return (
        post.form,
        said.message_id,
        said.raw,
        state.value,
        post.reason,
        said.received_us,
        now_us,
    )
