"""Taking values out of scores that were explained before a field became sensitive."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

import msgspec
from django.db.models import Model, QuerySet

from leadline.scoring.lines import Line
from leadline.scoring.models import Score, ScoreChange

Rules = Mapping[int, Collection[str]]
"""Names of rules, by the id of the model version that they stand in."""
TABLES: Mapping[str, type[Score] | type[ScoreChange]] = {"now": Score, "before": ScoreChange}


def lines(table: str, rules: Rules, *, after: object, limit: int) -> object:
    """Let the lines of these rules name the rule alone, in the next `limit` rows of a table.

    Returns the key of the last row, None at the end. A second run changes nothing.
    """
    found = _next(TABLES[table], rules, after=after, limit=limit)
    for row in found:
        said = msgspec.json.decode(row.lines, type=list[Line])
        hushed = [_hushed(line) if line.rule in rules[row.version_id] else line for line in said]
        row.lines = msgspec.json.encode(hushed).decode()
    TABLES[table].objects.bulk_update(found, ["lines"])  # type: ignore[arg-type]  # of one table
    return found[-1].pk if found else None


def of_leads(table: str, lead_ids: Sequence[UUID]) -> int:
    """Let every line of these leads' scores name its rule alone; how many rows. Two statements and
    one per hundred rows; a second run changes nothing."""
    rows = TABLES[table].objects.filter(lead__in=lead_ids).exclude(lines="[]")
    found: list[Score | ScoreChange] = list(rows)
    changed = [row for row in found if _hush(row)]
    model: type[Model] = TABLES[table]
    model._default_manager.bulk_update(changed, ["lines"], batch_size=100)
    return len(changed)


def _hush(row: Score | ScoreChange) -> bool:
    said = msgspec.json.decode(row.lines, type=list[Line])
    hushed = [_hushed(line) for line in said]
    row.lines = msgspec.json.encode(hushed).decode()
    return hushed != said


def _next(
    model: type[Score] | type[ScoreChange], rules: Rules, *, after: object, limit: int
) -> list[Score | ScoreChange]:
    rows: QuerySet[Model] = model.objects.filter(version__in=list(rules)).order_by("pk")
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows[:limit])  # type: ignore[arg-type]  # rows of either table


def _hushed(line: Line) -> Line:
    return msgspec.structs.replace(line, sentence=line.rule)
