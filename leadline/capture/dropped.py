"""Counting what is dropped on purpose."""

from django.db import connection


def count(reason: str, *, day: int, number: int) -> None:
    """Add to the day's count of a reason."""
    if number <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO capture_dropped (day, reason, count) VALUES (%s, %s, %s)"
            " ON CONFLICT (day, reason) DO UPDATE SET count = capture_dropped.count"
            " + excluded.count",
            [day, reason, number],
        )
