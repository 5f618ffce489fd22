"""The engines that read the lake: DuckDB on this machine, Spark when one machine is outgrown.

Both are reached through Ibis and run the same expressions. Nothing is downloaded: an engine that
would have to install something first refuses instead.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
from django.conf import settings

from leadline.criteria import batch_rows

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as DuckDB
    from ibis.backends.pyspark import Backend as Spark

MEMORY_MB = 1_200
"""What DuckDB may use before it writes to the disk; the process around it takes some 200 MB."""
HOME = "127.0.0.1"


class EngineMissing(Exception):
    """An engine that was asked for is not here; the text says what to install."""

    permanent = True


def here(name: str = "") -> "DuckDB | Spark":
    """The engine of this installation, or the one that is named: "duckdb" or "spark"."""
    environment = settings.ENVIRONMENT
    if (name or environment.engine) == "spark":
        return spark(environment.spark_master)
    return duckdb(environment.data)


def duckdb(folder: Path, *, threads: int | None = None, memory_mb: int = MEMORY_MB) -> "DuckDB":
    """A DuckDB in memory that spills into `folder`/tmp. `threads`: None is one per core.

    It opens no file but Parquet that it is pointed at, loads no extension and changes no setting
    afterwards. A folder that is there already is used.
    """
    spills = folder / "tmp"
    spills.mkdir(parents=True, exist_ok=True)
    connection = ibis.duckdb.connect(
        threads=threads or len(os.sched_getaffinity(0)),
        memory_limit=f"{memory_mb}MB",
        temp_directory=str(spills),
        # The order of rows says nothing here, and to keep it costs memory.
        preserve_insertion_order=False,
        autoinstall_known_extensions=False,
        autoload_known_extensions=False,
    )
    connection.raw_sql("SET lock_configuration = true")
    return connection


def spark(
    master: str, *, name: str = "leadline", settings: Mapping[str, str] | None = None
) -> "Spark":
    """A session of Spark on `master` (`local[2]`, `spark://…`); the one of this process if any.

    `settings` go before ours: a cluster's own addresses, more memory. Raises EngineMissing without
    the extra `spark` or without Java.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineMissing("Spark is not installed: pip install 'leadline[spark]'.") from None
    # It tells of every connection to the JVM that closes.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    builder = SparkSession.builder.master(master).appName(name)
    for key, value in {**_SPARK, **_places(master), **(settings or {})}.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as problem:
        raise EngineMissing(f"Spark does not start; it needs Java 17. {problem}") from None
    connection = ibis.pyspark.connect(session)
    # NaN says that a value is known and of no type; unknown is something else.
    ibis.options.pyspark.treat_nan_as_null = False
    return connection


_SPARK: Mapping[str, str] = {
    # Instants are integers, but whatever asks for a clock gets the house's.
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A sum that does not fit is an error, never another number.
    "spark.sql.ansi.enabled": "true",
}


def _places(master: str) -> Mapping[str, str]:
    """A Spark of this machine alone listens to this machine alone, and shuffles by its cores."""
    if not master.startswith("local"):
        return {}
    return {
        "spark.driver.bindAddress": HOME,
        "spark.driver.host": HOME,
        "spark.sql.shuffle.partitions": str(2 * len(os.sched_getaffinity(0))),
    }


def beside(table: ibis.Table, rows: pa.Table) -> ibis.Table:
    """These rows as a table of the engine that `table` is of, to be joined with it.

    Ibis hands a table in memory to Spark through pandas, and forgets to where one is kept.
    """
    connection = table.get_backend()
    if connection.name != "pyspark":
        return ibis.memtable(rows)
    name = ibis.util.gen_name("beside")
    connection._session.createDataFrame(rows).createOrReplaceTempView(name)
    return connection.table(name)


def kept(table: ibis.Table) -> ibis.Table:
    """The table as it is now, computed once, where the engine is.

    What Ibis keeps on Spark still carries how it came about: of tables that rest on each other six
    were planned for more than nine minutes. A checkpoint forgets it.
    """
    connection = table.get_backend()
    if connection.name != "pyspark":
        return table.cache()
    name = ibis.util.gen_name("kept")
    asked = connection._session.sql(connection.compile(table))
    asked.localCheckpoint().createOrReplaceTempView(name)
    return connection.table(name)


def rows(table: ibis.Table) -> list[dict[str, Any]]:  # Any: whatever the columns hold
    """The rows of a small table, each a mapping of its columns."""
    return list(batch_rows.fetched(table).to_pylist())
