"""The transaction that writes a row, as the database knows it."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BigIntegerField, Expression
from django.db.models.sql.compiler import SQLCompiler


class CurrentTransaction(Expression):
    """As a default of a column: the number of the transaction, 0 on SQLite.

    A reader who takes rows of transactions below the oldest that still runs, in this order, never
    meets one later that it has passed.
    """

    allowed_default = True
    output_field = BigIntegerField()

    def as_sql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        **_others: Any,  # Django's own signature
    ) -> tuple[str, tuple[()]]:
        return "0", ()

    def as_postgresql(
        self,
        compiler: SQLCompiler,
        connection: BaseDatabaseWrapper,
        **_others: Any,  # Django's own signature
    ) -> tuple[str, tuple[()]]:
        return "pg_current_xact_id()::text::bigint", ()
