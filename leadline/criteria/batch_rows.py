"""Answers of an engine as rows, without a detour that could change a number."""

from typing import TYPE_CHECKING

import ibis

if TYPE_CHECKING:
    import pyarrow as pa


def engine(table: ibis.Table) -> str:
    """The name of the engine that the table is of: `duckdb` or `pyspark`."""
    return str(table.get_backend().name)


def fetched(table: ibis.Table) -> "pa.Table":
    """All rows of the table. Runs it.

    Ibis takes what Spark answers through pandas, where an integer that may be null becomes a
    float; Arrow keeps what Spark said.
    """
    backend = table.get_backend()
    if backend.name != "pyspark":
        return table.to_pyarrow()
    return backend.raw_sql(backend.compile(table)).toArrow()
