"""What arrived before: the memory that makes sending twice harmless."""

import hashlib
from collections.abc import Sequence

from django.db import connection

from leadline.capture.submission import Submission
from leadline.lib import rows

_COLUMNS = ["day", "digest"]


def fresh(submissions: Sequence[Submission]) -> list[Submission]:
    """Those that were not seen before, in order, and remember them. Two statements.

    A message is known by its source and message id on the day of its own timestamp; the day
    before is asked too, for senders that stamp a retry anew just after midnight.
    """
    digests = [_digest(s) for s in submissions]
    wanted = [
        (day, digest)
        for s, digest in zip(submissions, digests, strict=True)
        for day in (s.seen_day, s.seen_day - 1)
    ]
    vendor = connection.vendor
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT day, digest FROM capture_seen WHERE (day, digest) {in}",
            wanted,
            vendor=vendor,
        )
        known = {(day, bytes(digest)) for day, digest in found}
        new: list[Submission] = []
        remembered: list[tuple[int, bytes]] = []
        for submission, digest in zip(submissions, digests, strict=True):
            day = submission.seen_day
            if known.isdisjoint(((day, digest), (day - 1, digest))):
                known.add((day, digest))
                new.append(submission)
                remembered.append((day, digest))
        rows.insert_ignore(cursor, "capture_seen", _COLUMNS, remembered, vendor=vendor)
    return new


def _digest(submission: Submission) -> bytes:
    text = f"{submission.source}\x1f{submission.message_id}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
