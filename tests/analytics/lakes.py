"""A lake in a folder of the test, and what is in it as plain rows."""

from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
from django.db import connection

from leadline.analytics import refreshing
from leadline.analytics.lake import Lake
from leadline.analytics.refreshing import Refreshed

Row = dict[str, Any]  # as the engine gives it


def refreshed(lake: Lake, now: datetime) -> Refreshed:
    """Refresh from within the test's own transaction, if it is in one."""
    return refreshing.refresh(lake, now=now, is_alone=connection.in_atomic_block)


def rows(lake: Lake, table: str) -> list[Row]:
    """The rows of a table in the order of their first column."""
    engine = ibis.duckdb.connect()
    found: list[Row] = lake.tables(engine)[table].to_pyarrow().to_pylist()
    engine.disconnect()
    return sorted(found, key=_first)


def files(lake: Lake) -> list[Path]:
    """Every Parquet file under the folder, named by the manifest or not."""
    return sorted(Path(lake.address).rglob("*.parquet"))


def _first(row: Row) -> tuple[bool, Any]:
    """A number or a text, nobody's last."""
    value = next(iter(row.values()))
    return (value is None, 0 if value is None else value)
