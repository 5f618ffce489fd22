"""Reading the JSON that raw SQL gives, and writing it."""

from typing import Any

import msgspec


def as_json(value: Any) -> dict[str, Any]:  # JSON text or, on some paths, decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_list(value: Any) -> list[Any]:  # JSON text or decoded already
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value  # type: ignore[no-any-return]


def as_text(value: object) -> str:
    return msgspec.json.encode(value).decode()
