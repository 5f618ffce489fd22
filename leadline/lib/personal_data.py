"""Who holds personal data, who erases it and who exports it.

Every package registers its rows when the application starts (`apps.py`); nothing is registered
at import. Erasure and export walk `registered()`, and a test fails for a model that holds a
person's data and is not here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


class Eraser(Protocol):
    """Removes what a holder knows about leads; returns how many rows it changed."""

    def __call__(self, lead_ids: Sequence[UUID], *, now: datetime) -> int: ...


Exporter = Callable[[UUID], Iterable[dict[str, object]]]
"""Rows about one lead (by id), as plain JSON values under names that people can read."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One kind of rows: its model label (`leads.Lead`), what personal data it holds, and the
    two functions. An eraser or exporter of None says that another holder's does it."""

    model_label: str
    holds: tuple[str, ...]
    eraser: Eraser | None
    exporter: Exporter | None


class AlreadyRegistered(ValueError):
    """Two different holders for one model: a bug in an `apps.py`."""


_holders: dict[str, Holder] = {}


def register(
    model_label: str,
    *,
    holds: tuple[str, ...],
    eraser: Eraser | None,
    exporter: Exporter | None,
) -> None:
    """Declare the personal data of a model. The same declaration twice changes nothing."""
    holder = Holder(model_label, holds, eraser, exporter)
    if _holders.setdefault(model_label, holder) != holder:
        raise AlreadyRegistered(f"{model_label} is registered twice with different contents")


def registered() -> tuple[Holder, ...]:
    """All holders in the order of their labels."""
    return tuple(_holders[label] for label in sorted(_holders))
