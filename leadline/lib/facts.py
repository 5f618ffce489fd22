"""What may be counted: the tables of the lake, as each package declares them.

Every package declares its own when the application starts (`apps.py`, from its `facts.py`);
nothing is declared at import. `analytics` writes what is declared here to Parquet and reads it
back. No column is a direct identifier or free text: a test compares the columns with the registry
of personal data.

Two kinds of tables. Rows of `append` tables are written once and never change in what is declared
here; the lake takes those that it has not seen and keeps them by the month of their instant.
Tables of the kind `snapshot` are taken whole, all of them in one snapshot of the database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Type = Literal["int64", "float64", "bool", "string", "uuid", "value", "properties"]
"""`uuid` is text of 36 characters. `value` is one JSON value and becomes the four columns `text`,
`number`, `flag` and `members`; `properties` is a JSON object and becomes four such columns for
each property that the lake keeps."""

STAMP = "written_in"
"""The column in which PostgreSQL notes the transaction that wrote a row of an `append` table: the
ids there do not follow the order of commits. SQLite has one writer and no such column."""


NEVER = frozenset(
    "address after anonymous_id before body by comment email email_address first_name full_name ip"
    " last_name message mobile name note notes phone phone_number raw referrer search street"
    " subject text title url user_id userid username".split()
)
"""Names of persons, what people wrote, and what an edit says there was before and after: never
kept, whoever asks. A rule over one of them can be answered in process alone, and who reads the lake
says so."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the lake, and the SQL that gives it, alike on both databases. Instants are
    microseconds since 1970 UTC, points micro-points, money minor units."""

    name: str
    type: Type
    sql: str
    says: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the lake. `grain` says what one row is.

    `source` is what stands behind FROM. Of an `append` table `key` is its integer key and `month`
    the column whose instant says in which month a row lies; a snapshot is ordered by `key`.
    """

    name: str
    grain: str
    kind: Literal["append", "snapshot"]
    source: str
    key: str
    columns: tuple[Column, ...]
    month: str = ""

    @property
    def rows(self) -> str:
        """The database's table that an `append` table is read from."""
        return self.source.split()[0]


Documents = Callable[[], Iterable[object]]
"""Every rule document that a package stores, as plain JSON values, drafts too."""


class AlreadyDeclared(ValueError):
    """Two different tables or sources of rules under one name: a bug in an `apps.py`."""


_tables: dict[str, Table] = {}
_documents: dict[str, Documents] = {}


def register(*tables: Table) -> None:
    """Declare tables. The same declaration twice changes nothing."""
    for table in tables:
        if _tables.setdefault(table.name, table) != table:
            raise AlreadyDeclared(f"the lake's table {table.name} is declared twice")


def register_documents(name: str, documents: Documents) -> None:
    """Declare where rules stand: what they mention is what the lake has to know."""
    if _documents.setdefault(name, documents) != documents:
        raise AlreadyDeclared(f"the rules of {name} are declared twice")


def registered() -> tuple[Table, ...]:
    """All tables in the order of their names."""
    return tuple(_tables[name] for name in sorted(_tables))


def documents() -> Iterable[object]:
    """All stored rule documents. One query or so per package."""
    for name in sorted(_documents):
        yield from _documents[name]()
