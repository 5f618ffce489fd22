"""Reading what raw SQL gives: ids and JSON differ between the engines."""

from typing import Any
from uuid import UUID

import msgspec


def as_uuid(value: object) -> UUID:
    """SQLite keeps 32 hex digits, PostgreSQL gives a UUID."""
    return value if isinstance(value, UUID) else UUID(hex=str(value))


def as_json(value: Any) -> dict[str, Any]:  # JSON text or, on some paths, decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_list(value: Any) -> list[Any]:  # JSON text or decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_text(value: object) -> str:
    return msgspec.json.encode(value).decode()
