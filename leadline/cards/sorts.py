"""Orders of a list, and the cursors that go on where a page ended.

Every order ends in the lead's id, has an index in just that order, and is read in both directions
by comparing rows: `(total, lead_id) < (…)`. The same as `a < x OR (a = x AND …)` took ten to
sixty times as long on a million rows, and OFFSET seventy.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce

from leadline.lib import clock, signed_token
from leadline.lib.refusal import Phrase, Refused

_PURPOSE = "cards page"


class UnknownSort(ValueError):
    """A sort that does not exist."""

    permanent = True


class InvalidCursor(Refused):
    """A cursor that is not ours, or of another list."""

    def __init__(self) -> None:
        super().__init__(Phrase("The cursor does not belong to this list; start again without it."))


@dataclass(frozen=True, slots=True)
class Sort:
    """A column of cards, `lead_id` as the tie-break, and the direction of both.

    `only` limits the list: by response time it holds the leads that wait for one.
    """

    name: str
    column: str
    is_descending: bool
    only: Q

    @property
    def order(self) -> tuple[str, str]:
        """For `order_by`."""
        sign = "-" if self.is_descending else ""
        return f"{sign}{self.column}", f"{sign}lead_id"

    @property
    def hidden_order(self) -> tuple[OrderBy, ...]:
        """The same order, written so that no database uses an index for it."""
        return tuple(
            OrderBy(Coalesce(F(name), F(name)), descending=self.is_descending)
            for name in (self.column, "lead_id")
        )

    @property
    def beyond(self) -> str:
        """SQL that holds for the rows after the place (value, lead id)."""
        sign = "<" if self.is_descending else ">"
        return f"(cards_card.{self.column}, cards_card.lead_id) {sign} (%s, %s)"


_COLUMNS = {
    "score": "total",
    "created": "created_at",
    "stage_since": "stage_since",
    "name": "name",
    "response_due": "response_due_at",
}
NAMES = tuple(sign + name for name in _COLUMNS for sign in ("", "-"))


def read(name: str) -> Sort:
    """The sort of this name; `-` before it means highest, newest or last first."""
    if name not in NAMES:
        raise UnknownSort(f"There is no sort {name[:40]!r}; choose one of {', '.join(NAMES)}.")
    bare = name.removeprefix("-")
    only = Q(response_due_at__isnull=False) if bare == "response_due" else Q()
    return Sort(name, _COLUMNS[bare], name != bare, only)


@dataclass(frozen=True, slots=True)
class Place:
    """The last row of a page: the value of the sort's column as the database holds it, the id."""

    value: int | str
    lead_id: UUID


def write_cursor(place: Place, *, listed: str, key: str) -> str:
    """A signed text for `place` in the list that `listed` names (sort, filter, search)."""
    payload = {"v": place.value, "i": place.lead_id.hex, "l": listed}
    return signed_token.sign(payload, purpose=_PURPOSE, key=key, expires_at=None)


def read_cursor(token: str, *, listed: str, key: str) -> Place:
    """The place in a cursor of the same list; raises InvalidCursor."""
    try:
        # Cursors do not expire, so any instant serves.
        found = signed_token.read(token, purpose=_PURPOSE, keys=[key], now=clock.EPOCH)
    except signed_token.InvalidToken:
        raise InvalidCursor from None
    value = found["v"]
    if found["l"] != listed or not isinstance(value, int | str):
        raise InvalidCursor
    return Place(value, UUID(str(found["i"])))
