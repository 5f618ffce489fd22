"""Numbers about many leads at once: the lake, what is read out of it, backtests and advice.

It owns the lake (Parquet files in a folder or at an fsspec address), a row that says how fresh it
is, and the tombstones of what must not be read any more. DuckDB, Ibis, Arrow and Spark are loaded
in the analyst's process alone; `client`, `models`, `freshness` and `tombstones` need none of them.
It never writes a row of another package, and never opens the live SQLite file with DuckDB.
"""
