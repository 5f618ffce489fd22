"""How many leads a rule holds for, of all that the lake knows, and the newest of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadline.analytics import as_of, engines
from leadline.analytics.lake import Lake
from leadline.criteria import batch, parse, uses
from leadline.criteria.mentions import mentions
from leadline.scoring import vocabulary
from leadline.workspace.models import Workspace

SAMPLE = 10


def preview(arguments: Mapping[str, Any], _now: datetime, lake: Lake) -> dict[str, Any]:
    """Ask the segment rule in `documents` (one) about every lead, as of when the lake was fresh.

    Returns {"count", "looked", "lead_ids": at most ten, newest first}; leads that are merged away
    or in the trash are neither. Raises CriterionError for a document that is no rule, LakeError.
    """
    [document] = arguments["documents"]
    node = parse.parse(document, vocabulary=vocabulary.current(), allowed=uses.SEGMENT)
    manifest = lake.manifest()
    tables = lake.tables(engines.here("duckdb"), manifest)
    frame = as_of.frame(tables, manifest, manifest.lake_us, mentions(node))
    offset = Workspace.objects.values_list("day_offset_minutes", flat=True).first() or 0
    held = batch.holds({"holds": node}, frame, day_offset_minutes=offset)
    asked = frame.leads.select("lead", "lead_id").inner_join(held, "lead").cache()
    inside = asked.filter(asked.holds)
    newest = inside.order_by(inside.lead_id.desc()).limit(SAMPLE).lead_id
    return {
        "count": int(inside.count().to_pyarrow().as_py()),
        "looked": int(asked.count().to_pyarrow().as_py()),
        "lead_ids": newest.to_pyarrow().to_pylist(),
    }
