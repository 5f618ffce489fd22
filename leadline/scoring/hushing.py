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


def next_rows(table: str, rules: Rules, *, after: object, limit: int) -> list[object]:
    """The keys of the next `limit` rows of a table that were made by versions with these rules."""
    rows: QuerySet[Model] = TABLES[table]._default_manager.filter(version__in=list(rules))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def lines(table: str, rules: Rules, keys: Sequence[object]) -> int:
    """Let the lines of these rules name the rule alone, in these rows; how many changed.

    Two statements; a second run changes nothing. Joins the caller's transaction.
    """
    model: type[Model] = TABLES[table]
    mine = model._default_manager.select_for_update().filter(pk__in=keys, version__in=list(rules))
    found: list[Score | ScoreChange] = list(mine.order_by("pk"))  # type: ignore[arg-type]  # of either table
    changed = [row for row in found if _hush(row, rules)]
    model._default_manager.bulk_update(changed, ["lines"])
    return len(changed)


def of_leads(table: str, lead_ids: Sequence[UUID]) -> int:
    """Let every line of these leads' scores name its rule alone; how many rows. Two statements and
    one per hundred rows; a second run changes nothing."""
    rows = TABLES[table].objects.filter(lead__in=lead_ids).exclude(lines="[]")
    found: list[Score | ScoreChange] = list(rows)
    changed = [row for row in found if _hush(row)]
    model: type[Model] = TABLES[table]
    model._default_manager.bulk_update(changed, ["lines"], batch_size=100)
    return len(changed)


def _hush(row: Score | ScoreChange, rules: Rules | None = None) -> bool:
    """Whether something changed; of the lines of these rules, or of all."""
    said = msgspec.json.decode(row.lines, type=list[Line])
    hushed = [
        _hushed(line) if rules is None or line.rule in rules[row.version_id] else line
        for line in said
    ]
    row.lines = msgspec.json.encode(hushed).decode()
    return hushed != said


def _hushed(line: Line) -> Line:
    return msgspec.structs.replace(line, sentence=line.rule)
