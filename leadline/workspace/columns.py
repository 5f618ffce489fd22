"""Column types shared by all rows: instants as integers.

Instants are stored as signed 64-bit microseconds since 1970 UTC. SQLite has no time type and
compares text, PostgreSQL rounds and converts; an integer is the same on every engine, which is
what lets scoring be equal to the bit everywhere, and it is what set-based SQL reads and writes.
The ORM sees aware datetimes in UTC.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable

from leadline.lib import clock


class MicrosField(models.BigIntegerField):  # type: ignore[type-arg]  # value is a datetime
    """An instant: aware UTC datetime in Python, integer microseconds in the database."""

    description = "Instant in microseconds since 1970 UTC"

    # How django-stubs learns what the attribute takes and gives; it is an integer to the base.
    _pyi_private_set_type: datetime | int | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: datetime  # type: ignore[assignment]
    _pyi_lookup_exact_type: datetime | int  # type: ignore[assignment]

    def from_db_value(self, value: int | None, *_: object) -> datetime | None:
        return None if value is None else clock.from_micros(value)

    def to_python(self, value: Any) -> datetime | None:  # Any: whatever a form or fixture holds
        if value is None or isinstance(value, datetime):
            return value
        if isinstance(value, int):
            return clock.from_micros(value)
        try:
            return clock.parse_iso(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def get_prep_value(self, value: Any) -> int | None:  # Any: datetime or integer microseconds
        if value is None or isinstance(value, int):
            return value
        if isinstance(value, datetime):
            return clock.micros(value)
        # Expressions (F, Case) resolve themselves.
        return value  # type: ignore[no-any-return]

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else value.isoformat()
