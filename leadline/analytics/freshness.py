"""How fresh the lake is, as screens, `doctor` and /readyz say it: one row, no file."""

from dataclasses import dataclass
from datetime import datetime

from leadline.analytics.models import LakeState
from leadline.lib import clock


@dataclass(frozen=True)
class Freshness:
    """As of when the lake knows everything, and how large it is."""

    refreshed_at: datetime
    size_bytes: int
    row_count: int
    generation: int


def current() -> Freshness | None:
    """None before the first refresh. One query."""
    state = LakeState.objects.filter(pk=1).exclude(refreshed_at=None).first()
    if state is None:
        return None
    return Freshness(state.refreshed_at, state.size_bytes, state.row_count, state.generation)


def known_us() -> int | None:
    """As of when the lake knows everything, in microseconds; None before the first refresh. One
    query."""
    found = current()
    return None if found is None else clock.micros(found.refreshed_at)


def disown() -> None:
    """Whatever lake there is was written from another state of this database: the next refresh
    begins a new one. After a restore."""
    LakeState.objects.update_or_create(
        pk=1,
        defaults={
            "key": "", "generation": 0, "refreshed_at": None, "size_bytes": 0, "row_count": 0,
        },
    )  # fmt: skip
