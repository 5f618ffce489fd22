"""Which verb does which kind of job, and which jobs come round by themselves.

Every verb takes the job's arguments and `now`, and is safe to run twice.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from leadline.workspace import jobs

Verb = Callable[[Mapping[str, object], datetime], object]

KEEP_DONE_JOBS = timedelta(days=7)


class UnknownKind(Exception):
    """A job of a kind that this version does not know; trying again cannot help."""

    permanent = True


def forget_done_jobs(_arguments: Mapping[str, object], now: datetime) -> int:
    """Delete the jobs that were done more than a week ago; returns how many."""
    return jobs.forget(before=now - KEEP_DONE_JOBS)


VERBS: Mapping[str, Verb] = {
    "jobs.forget": forget_done_jobs,
}
PERIODS = (jobs.Period("jobs.forget", timedelta(days=1)),)


def verb(kind: str) -> Verb:
    """The verb of a kind; raises UnknownKind."""
    try:
        return VERBS[kind]
    except KeyError:
        raise UnknownKind(f"No job of the kind {kind!r} is known here.") from None
