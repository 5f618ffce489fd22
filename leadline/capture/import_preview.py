"""What an import would do, before it does it: columns, first rows, problems, counts."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from leadline.capture import import_columns as columns
from leadline.lib import csv_file, email_address

SHOWN_ROWS = 5
SHOWN_PROBLEMS = 20
CHUNK = 1_000

Known = Callable[[Sequence[str]], set[str]]
"""Which of these canonical addresses belong to a lead already; asked a thousand at a time."""


class Preview(msgspec.Struct, frozen=True):
    """A file as it would be imported.

    `columns` are (heading, target, example). `row_count` = new + known + duplicate + without an
    address + unreadable. `is_importable` is False while the header has problems.
    """

    file_name: str
    encoding: str
    delimiter: str
    columns: tuple[tuple[str, str, str], ...]
    first_rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    row_count: int
    new_count: int
    known_count: int
    duplicate_count: int
    without_email_count: int
    unreadable_count: int
    is_importable: bool


def preview(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    known: Known | None = None,
    labels: Mapping[str, str] | None = None,
) -> Preview:
    """Read the whole file once, in constant memory, and change nothing.

    Raises csv_file.NotCsv for a file that is none and UnknownColumn for a mapping that does not
    fit. Without `known` every address counts as new. `labels` are `fields.by_label()`'s.
    """
    with path.open("rb") as stream:
        sheet = csv_file.read(stream, encoding=encoding, delimiter=delimiter)
        targets = columns.settle(sheet.header, mapping, labels or {})
        tally = _Tally(_place_of("email", sheet.header, targets), known)
        with closing(tally):
            tally.count(sheet.rows)
        notes = [f"{sheet.nul_count} NUL characters are left out."] if sheet.nul_count else []
        if not _identifies(targets):
            notes.append("No column names a person: map one to email, phone or external_id.")
        blocking = blocking_problems(sheet.header)
        return Preview(
            file_name=path.name[:255],
            encoding=sheet.dialect.encoding,
            delimiter=sheet.dialect.delimiter,
            columns=_examples(sheet.header, targets, tally.first),
            first_rows=tuple(tally.first),
            problems=(*blocking, *notes, *tally.problems),
            warnings=tuple(_warnings(sheet.header, targets)),
            row_count=tally.rows,
            new_count=tally.distinct - tally.known_count,
            known_count=tally.known_count,
            duplicate_count=tally.with_email - tally.distinct,
            without_email_count=tally.rows - tally.with_email - tally.unreadable,
            unreadable_count=tally.unreadable,
            is_importable=not blocking and _identifies(targets),
        )


def blocking_problems(header: Sequence[str]) -> list[str]:
    """What must be settled in the file first: headings that occur twice. A column without a name
    is left out, which `preview` shows."""
    return [each for each in csv_file.header_problems(header) if "no name" not in each]


def _warnings(header: Sequence[str], targets: Mapping[str, str]) -> Iterator[str]:
    if "" in header:
        yield f"{header.count('')} columns have no name and are left out."
    kept = [heading for heading, target in targets.items() if target == columns.SKIP]
    if kept:
        yield f"Left out: {', '.join(kept)}."
    if any("opt_in" in columns.plain(heading) for heading in header):
        yield (
            "A yes to receiving mail is kept as a note only: a consent needs its date and the"
            " exact words."
        )
    yield (
        "A bought list is no consent: nobody on it may get marketing mail, and the leads are"
        " reported under their own source."
    )


def _examples(
    header: Sequence[str], targets: Mapping[str, str], first: Sequence[Sequence[str]]
) -> tuple[tuple[str, str, str], ...]:
    examples = [next((row[n] for row in first if row[n].strip()), "") for n in range(len(header))]
    return tuple(
        (heading, targets.get(heading, columns.SKIP), example[:80])
        for heading, example in zip(header, examples, strict=True)
    )


def _place_of(target: str, header: Sequence[str], targets: Mapping[str, str]) -> int | None:
    return next((n for n, heading in enumerate(header) if targets.get(heading) == target), None)


def _identifies(targets: Mapping[str, str]) -> bool:
    return any(
        target in columns.IDENTIFIERS or target.startswith(columns.EXTERNAL)
        for target in targets.values()
    )


class _Tally:
    """Counts over a file of any length: the addresses seen lie in a temporary file, not in
    memory (a set of ten million would take 800 MB)."""

    def __init__(self, place: int | None, known: Known | None) -> None:
        self.place = place
        self.known = known
        self.rows = self.with_email = self.distinct = self.known_count = self.unreadable = 0
        self.first: list[tuple[str, ...]] = []
        self.problems: list[str] = []
        self._seen = sqlite3.connect("")
        self._seen.execute("CREATE TABLE seen (address TEXT PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        self._seen.close()

    def count(self, rows: Iterable[csv_file.Row]) -> None:
        """Read all rows."""
        waiting: list[str] = []
        for row in rows:
            self.rows += 1
            if row.values is None:
                self.unreadable += 1
                self._problem(row.error or "")
                continue
            if len(self.first) < SHOWN_ROWS:
                self.first.append(row.values)
            if self.place is not None and (address := self._address(row)):
                self.with_email += 1
                waiting.append(address)
            if len(waiting) == CHUNK:
                self._settle(waiting)
                waiting = []
        self._settle(waiting)

    def _address(self, row: csv_file.Row) -> str | None:
        cell = (row.values or ())[self.place or 0].strip()
        if not cell:
            return None
        try:
            return email_address.canonical(cell)
        except email_address.NotAnAddress as error:
            self._problem(f"Line {row.number}: {cell[:60]!r} is no e-mail address: {error.reason}")
            return None

    def _problem(self, sentence: str) -> None:
        if len(self.problems) < SHOWN_PROBLEMS:
            self.problems.append(sentence)

    def _settle(self, addresses: Sequence[str]) -> None:
        fresh = []
        for address in dict.fromkeys(addresses):
            made = self._seen.execute("INSERT OR IGNORE INTO seen VALUES (?)", (address,))
            if made.rowcount:
                fresh.append(address)
        self.distinct += len(fresh)
        if self.known is not None and fresh:
            self.known_count += len(self.known(fresh))
