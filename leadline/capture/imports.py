"""Files brought in: read once into rows, worked off a hundred at a time, never twice.

`start` streams a file into rows in chunks, so it needs no memory for them and goes on where it
was interrupted. `run_waiting` turns rows into submissions and gives them to the step that the
caller passes in (this package knows no leads). The effects of a portion and its bookkeeping are
one transaction, so created + updated + unchanged + rejected is always what has been worked off.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TextIO
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models import F, Max

from leadline.capture import import_columns as columns
from leadline.capture import import_rows
from leadline.capture.import_preview import Preview, blocking_problems, preview
from leadline.capture.models import Import, ImportRow
from leadline.capture.submission import Submission
from leadline.lib import clock, csv_file, rows
from leadline.workspace import fields, settings

__all__ = ["Options", "Preview", "preview", "run_waiting", "start"]

CHUNK = 1_000
State = Import.State

Effect = Literal["created", "updated", "unchanged"]
Take = Callable[[Sequence[Submission]], Sequence[Effect]]
"""The step that recognises and records: one effect for each submission, in order."""

_COLUMNS = ["batch_id", "number", "raw", "state", "error"]


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """How an import is meant.

    `is_history`: recorded and scored, but nobody is assigned, told or written to.
    `lead_source`: where the rows without a source column come from ("trade fair"; `purchased` for
    a bought list). `shows_interest`: False for people who have not acted yet (targets); None
    decides by origin: outbound lists are targets.
    """

    is_history: bool = True
    lead_source: str = ""
    origin: Literal["inbound", "outbound", "referral"] = "inbound"
    shows_interest: bool | None = None
    is_test: bool = False
    encoding: str | None = None
    delimiter: str | None = None


class CannotImport(ValueError):
    """The file must be changed, or columns mapped, before anything is imported."""

    permanent = True


def start(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    options: Options | None = None,
    by: UUID | None = None,
    now: datetime,
) -> Import:
    """Read the file into rows that wait for the bulk lane.

    The same file with the same mapping and options again is the same import and changes nothing;
    an interrupted one goes on after the last row it stored. Raises csv_file.NotCsv, UnknownColumn
    or CannotImport, and then nothing was stored.
    """
    options = options or Options()
    with path.open("rb") as stream:
        file_hash = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        sheet = csv_file.read(stream, encoding=options.encoding, delimiter=options.delimiter)
        targets = columns.settle(sheet.header, mapping, fields.by_label())
        problems = blocking_problems(sheet.header)
        if problems:
            raise CannotImport(" ".join(problems) + " Rename the columns and import again.")
        batch = _batch(path, file_hash, sheet.header, targets, options, by=by, now=now)
        if batch.state == State.READING:
            _store(batch, sheet.rows)
            _finish_reading(batch, now=now)
    return batch


def _batch(
    path: Path,
    file_hash: str,
    header: Sequence[str],
    targets: Mapping[str, str],
    options: Options,
    *,
    by: UUID | None,
    now: datetime,
) -> Import:
    mapping = {"header": list(header), "targets": [targets.get(h, columns.SKIP) for h in header]}
    chosen = msgspec.to_builtins(options)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _wait_for_others(file_hash)
        for batch in Import.objects.filter(file_hash=file_hash).order_by("created_at"):
            if (batch.mapping, batch.options) == (mapping, chosen):
                return batch
        return Import.objects.create(
            file_name=path.name[:255],
            file_hash=file_hash,
            mapping=mapping,
            options=chosen,
            created_by_id=by,
            created_at=now,
        )


def _wait_for_others(file_hash: str) -> None:
    # Two people who import one file at once get one import. SQLite has one writer anyway.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [file_hash])


def _store(batch: Import, found: Iterator[csv_file.Row]) -> None:
    """Append the rows in chunks of their own transactions, after those that are stored."""
    last = ImportRow.objects.filter(batch=batch).aggregate(last=Max("number"))["last"] or 0
    chunk: list[tuple[object, ...]] = []
    for row in found:
        if row.number <= last:
            continue
        chunk.append(_stored(batch.id, row))
        if len(chunk) == CHUNK:
            _append(chunk)
            chunk = []
    _append(chunk)


def _stored(batch_id: UUID, row: csv_file.Row) -> tuple[object, ...]:
    if row.values is None:
        raw = msgspec.json.encode(row.raw.replace("\x00", "")).decode()
        return batch_id, row.number, raw, ImportRow.State.REJECTED, row.error or ""
    raw = msgspec.json.encode(row.values).decode()
    return batch_id, row.number, raw, ImportRow.State.WAITING, ""


def _append(chunk: Sequence[tuple[object, ...]]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        rows.insert_ignore(cursor, "capture_importrow", _COLUMNS, chunk, vendor=connection.vendor)


def _finish_reading(batch: Import, *, now: datetime) -> None:
    with transaction.atomic():
        stored = ImportRow.objects.filter(batch=batch)
        batch.row_count = stored.count()
        batch.rejected_count = stored.filter(state=ImportRow.State.REJECTED).count()
        batch.state = State.RUNNING
        batch.save(update_fields=["row_count", "rejected_count", "state"])
        _close_if_done(batch.id, now=now)
    batch.refresh_from_db()


def run_waiting(*, limit: int = 100, now: datetime, take: Take) -> int:
    """Work off up to `limit` waiting rows of one import; returns how many.

    One transaction with all their effects. Two processes never take the same rows. A row that
    names nobody is rejected with its reason and the rest goes on; an exception of `take` leaves
    everything as it was.
    """
    with transaction.atomic():
        waiting = _claim(limit, now=now)
        if not waiting:
            return 0
        batch = Import.objects.get(id=waiting[0][1])
        good, rejected = _read(batch, waiting, now_us=clock.micros(now))
        effects = take([submission for _, submission in good])
        _record(batch, [row_id for row_id, _ in good], effects, rejected)
        if len(waiting) < limit:
            _close_if_done(batch.id, now=now)
    _renew_statistics(_done(batch), len(waiting))
    return len(waiting)


def _done(batch: Import) -> int:
    counts = (batch.created_count, batch.updated_count, batch.unchanged_count)
    return sum(counts) + batch.rejected_count


def _renew_statistics(done: int, more: int) -> None:
    """Let PostgreSQL count anew whenever the rows worked off have doubled, from 1,000 to 16,000.

    Its own vacuum comes after a minute; until then a table that was empty is read whole. Beyond
    that it plans rightly out of what it knows, and counting took a tenth of an import.
    """
    is_doubled = (done // 1_000).bit_length() != ((done + more) // 1_000).bit_length()
    if is_doubled and done < 16_000 and connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _claim(limit: int, *, now: datetime) -> list[tuple[int, UUID, int, str]]:
    """(id, import, line, raw) of the oldest waiting rows, all of one import, locked.

    An import without waiting rows is closed in passing: two processes that finish the last two
    portions at once each still see the other's rows waiting.
    """
    running = Import.objects.filter(state=State.RUNNING).order_by("created_at", "id")
    for batch_id in running.values_list("id", flat=True):
        found = _waiting_rows(batch_id, limit, lock=True)
        if found:
            return [(row_id, batch_id, number, raw) for row_id, number, raw in found]
        _close_if_done(batch_id, now=now)
    return []


def _waiting_rows(batch_id: UUID, limit: int, *, lock: bool) -> list[tuple[int, int, str]]:
    # SQLite uses the partial index of waiting rows only when the state is written out and the
    # plus keeps it from the index of the import, through which it would pass all rows done.
    is_postgres = connection.vendor == "postgresql"
    mine, locked = ("batch_id", " FOR UPDATE SKIP LOCKED") if is_postgres else ("+batch_id", "")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, number, raw FROM capture_importrow WHERE state = 'waiting'"
            f" AND {mine} = %s ORDER BY id LIMIT %s" + (locked if lock else ""),
            [batch_id, limit],
        )
        found: list[tuple[int, int, str]] = cursor.fetchall()
    return found


def _read(
    batch: Import, waiting: Sequence[tuple[int, UUID, int, str]], *, now_us: int
) -> tuple[list[tuple[int, Submission]], list[tuple[int, str]]]:
    """(row id, submission) of the good rows and (row id, reason) of the others."""
    plan = _plan(batch)
    good: list[tuple[int, Submission]] = []
    rejected: list[tuple[int, str]] = []
    for row_id, _, number, raw in waiting:
        cells = msgspec.json.decode(raw, type=tuple[str, ...])
        try:
            good.append(
                (row_id, import_rows.submission(cells, number=number, plan=plan, now_us=now_us))
            )
        except import_rows.NotARow as error:
            rejected.append((row_id, str(error)))
    return good, rejected


def _plan(batch: Import) -> import_rows.Plan:
    options = msgspec.convert(batch.options, Options)
    interest = options.shows_interest
    return import_rows.Plan(
        import_id=str(batch.id),
        file_name=batch.file_name,
        header=tuple(name or f"column {n}" for n, name in enumerate(batch.mapping["header"], 1)),
        targets=tuple(batch.mapping["targets"]),
        is_history=options.is_history,
        lead_source=options.lead_source,
        origin=options.origin,
        shows_interest=options.origin != "outbound" if interest is None else interest,
        is_test=options.is_test,
        at_us=clock.micros(batch.created_at),
        country=settings.current().country,
    )


def _record(
    batch: Import,
    row_ids: Sequence[int],
    effects: Sequence[Effect],
    rejected: Sequence[tuple[int, str]],
) -> None:
    counts = Counter(effects)
    if len(effects) != len(row_ids):
        raise RuntimeError(f"{len(row_ids)} rows were given and {len(effects)} effects came back")
    # What was taken over lives on in its event; the copy here is personal data without a use.
    ImportRow.objects.filter(id__in=row_ids).update(state=ImportRow.State.DONE, raw="")
    with connection.cursor() as cursor:
        rows.update(
            cursor,
            "capture_importrow",
            ["id", "state", "error"],
            [(row_id, ImportRow.State.REJECTED, reason) for row_id, reason in rejected],
            key=["id"],
            vendor=connection.vendor,
        )
    Import.objects.filter(id=batch.id).update(
        created_count=F("created_count") + counts["created"],
        updated_count=F("updated_count") + counts["updated"],
        unchanged_count=F("unchanged_count") + counts["unchanged"],
        rejected_count=F("rejected_count") + len(rejected),
    )


def _close_if_done(batch_id: UUID, *, now: datetime) -> None:
    if not _waiting_rows(batch_id, 1, lock=False):
        Import.objects.filter(id=batch_id, state=State.RUNNING).update(
            state=State.DONE, finished_at=now
        )


def reject_next(*, error: str, now: datetime) -> bool:
    """Reject the first waiting row, which `take` fails on again and again; False without one."""
    with transaction.atomic():
        waiting = _claim(1, now=now)
        if waiting:
            batch = Import.objects.get(id=waiting[0][1])
            _record(batch, [], [], [(waiting[0][0], error[:2_000])])
    return bool(waiting)


def write_rejected(batch: Import, *, stream: TextIO) -> int:
    """Write the rejected rows as CSV: line, reason, then the cells as they stood; returns how many.

    A row that could not be split into cells comes whole in the first of them. Cells are guarded
    against spreadsheets, and importing the file again takes the guard off.
    """
    header = list(batch.mapping["header"])
    found = ImportRow.objects.filter(batch=batch, state=ImportRow.State.REJECTED).order_by("number")
    return csv_file.write(
        stream,
        ["Line", "Reason", *header],
        (
            [str(number), error, *_cells(raw, len(header))]
            for number, error, raw in found.values_list("number", "error", "raw").iterator()
        ),
    )


def _cells(raw: str, width: int) -> list[str]:
    decoded: Any = msgspec.json.decode(raw)  # a list of cells, or the text of an unreadable row
    cells = decoded if isinstance(decoded, list) else [decoded]
    return [*cells, *[""] * (width - len(cells))]
