"""What a draft would change: who crosses the line, and what that was worth in the past.

`published` and `draft` are documents of `backtest` over the same instants and in the same bands
(None while nothing is published). `crossing`: `up` are leads below the line of what is published
and over the draft's now, `down` the other way round, each with its count and the ids of up to a
hundred. `extra` is how many of those who come up may be expected to be won within the horizon, by
how often leads in the same position were won in the past; `lost` the same of those who go down.
Their `value` is None where nobody ever was in that position.

An edit changes a rule or two, so only those are scored again: the rest of the total, and what
became of the leads, stays with the engine (`Kept`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis
from ibis.expr.types import IntegerValue, Table

from leadline.analytics import backtest, bands, counting, looks, shares
from leadline.analytics.backtest import Document, Past, Title
from leadline.analytics.instants import Chosen
from leadline.analytics.objective import Objective
from leadline.analytics.orders import Ruled
from leadline.analytics.shares import Share
from leadline.lib.clock import DAY, MINUTE
from leadline.scoring.rules import Model, Rule

INSTANTS = 12
"""A year of month ends: what can be counted anew while somebody edits."""

HOLDS_US = 10 * MINUTE
"""So long the past is taken to be as it was; today's scores are always today's."""

MOST_SHOWN = 100

UP, DOWN, SAME = 1, -1, 0


@dataclass(frozen=True, slots=True)
class Kept:
    """What does not change between two edits of a draft, held by the engine.

    `then` and `now`: the total of the published model before floor and cap, per lead and instant;
    `then` has `won` as well, `now` everybody, with `lead_id`. `made_us`: of when `then` is.
    """

    past: Past
    published: Ruled
    horizon_days: int
    chosen: Chosen
    then: Sequence[Table]
    now: Table
    made_us: int

    def serves(self, past: Past, published: Ruled, *, horizon_days: int) -> bool:
        """Whether it is of the same model and horizon, on the same engine, and young enough."""
        mine = (self.published.document, self.published.version, self.horizon_days)
        return (
            mine == (published.document, published.version, horizon_days)
            and self.past.engine is past.engine
            and 0 <= past.now_us - self.made_us <= HOLDS_US
        )

    def at(self, past: Past) -> "Kept":
        """The same over a newer generation of the lake, in which leads have other numbers and
        some are gone; only today's scores are computed again."""
        if past.manifest.generation == self.past.manifest.generation:
            return self
        before = self.now.select("lead_id", before="lead")
        numbers = past.tables["leads"].select("lead_id", now="lead_no")
        numbers = before.inner_join(numbers, "lead_id").select("before", "now").cache()
        then = []
        for each in self.then:
            found = each.inner_join(numbers, each.lead == numbers.before)
            then.append(found.select("at_us", "won", "total", lead="now").cache())
        return replace(self, past=past, then=then, now=_today(self.published.model, past))


def keep(past: Past, published: Ruled, *, horizon_days: int) -> Kept:
    """Score everybody by the published model, now and at the end of each month of the last year
    whose outcome is known."""
    model = published.model
    chosen = past.chosen(model, horizon_days=horizon_days, most=INSTANTS)
    then = []
    for worlds, scored in past.scores(_open_ended(model), chosen.over):
        asked = looks.outcomes(past.tables, worlds, horizon_us=horizon_days * DAY)
        totals = scored.select("at_us", "lead", "total")
        then.append(asked.inner_join(totals, ["at_us", "lead"]).cache())
    now = _today(model, past)
    return Kept(past, published, horizon_days, chosen, then, now, past.now_us)


def _today(model: Model, past: Past) -> Table:
    leads = past.tables["leads"].select("lead_id", lead="lead_no")
    scored = past.today(_open_ended(model)).select("lead", "total")
    return leads.inner_join(scored, "lead").cache()


def _open_ended(model: Model) -> Model:
    """The model before floor and cap."""
    return replace(model, floor_micro=None, cap_micro=None)


def of(draft: Model, kept: Kept, *, objective: Objective, line: str | None = None) -> Document:
    """The documents of both models and who crosses. `line`: the name of a threshold, else the
    first that the draft has."""
    before = kept.published.model
    then, now = compared(draft, kept)
    found = {}
    for name in ("published", "draft"):
        mine = [looks_of(each, name) for each in then]
        found[name] = backtest.evidence(mine, now.select("lead", total=now[name]))
    marks = [*before.thresholds_micro.values(), *draft.thresholds_micro.values()]
    begins = bands.edges(
        bands.pooled([found["published"].scores, found["draft"].scores]), marks=marks
    )
    titles = {
        "published": Title(before, kept.published.version, kept.horizon_days, kept.chosen),
        "draft": Title(draft, None, kept.horizon_days, kept.chosen),
    }
    documents: Document = {
        name: backtest.document(title, found[name], begins=begins, objective=objective)
        for name, title in titles.items()
    }
    lines = _lines(before, draft, line)
    return documents | {"crossing": lines and _crossing(now, then, lines)}


def compared(draft: Model, kept: Kept) -> tuple[list[Table], Table]:
    """Everybody looked at, and everybody now, with the totals of both models, `published` and
    `draft`."""
    edit = _Edit.between(kept.published.model, draft)
    now = _both(kept.now, kept.past.today(edit.model) if edit else None, edit, kept)
    return _both_then(edit, kept), now


@dataclass(frozen=True, slots=True)
class _Edit:
    """The rules that only one of two models has. The others give the same to both."""

    added: tuple[Rule, ...]
    removed: tuple[Rule, ...]
    draft: Model

    @classmethod
    def between(cls, published: Model, draft: Model) -> "_Edit":
        before = [rule for _, rule in published.grouped]
        after = [rule for _, rule in draft.grouped]
        if published.day_offset_minutes != draft.day_offset_minutes:
            return cls(tuple(after), tuple(before), draft)
        added = tuple(rule for rule in after if rule not in before)
        return cls(added, tuple(rule for rule in before if rule not in after), draft)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)

    @property
    def model(self) -> Model:
        """A model of the difference alone: what the edit adds as fit, what it takes as
        engagement."""
        return replace(
            self.draft, fit=self.added, engagement=self.removed, floor_micro=None, cap_micro=None
        )


def _both_then(edit: _Edit, kept: Kept) -> list[Table]:
    """Everybody looked at, with the totals of both models, `published` and `draft`."""
    if not edit:
        return [_both(rows, None, edit, kept) for rows in kept.then]
    moved = kept.past.scores(edit.model, kept.chosen.over)
    return [
        _both(rows, scored, edit, kept) for rows, (_, scored) in zip(kept.then, moved, strict=True)
    ]


def _both(rows: Table, moved: Table | None, edit: _Edit, kept: Kept) -> Table:
    """The rows with the totals of both models in place of `total`. `moved`: what the edit does."""
    columns = [name for name in rows.columns if name != "total"]
    changed = rows.total
    if moved is not None:
        on = [name for name in ("at_us", "lead") if name in rows.columns]
        rows = rows.inner_join(moved.select(*on, "fit", "engagement"), on)
        changed = rows.total + rows.fit - rows.engagement
    found = rows.mutate(
        published=_clipped(rows.total, kept.published.model), draft=_clipped(changed, edit.draft)
    )
    return found.select(*columns, "published", "draft").cache()


def _clipped(total: IntegerValue, model: Model) -> IntegerValue:
    if model.cap_micro is not None:
        total = ibis.least(total, ibis.literal(model.cap_micro, type="int64"))
    if model.floor_micro is not None:
        total = ibis.greatest(total, ibis.literal(model.floor_micro, type="int64"))
    return total


def looks_of(rows: Table, model: str) -> Table:
    """`at_us`, `lead`, `won`, `total` (tenths) by one of the two models."""
    return rows.select("at_us", "lead", "won", total=looks.tenths(rows[model]))


def _lines(published: Model, draft: Model, name: str | None) -> tuple[int, int] | None:
    """The line before and after; a model without one goes by the other's. None: neither has."""
    names = [name] if name else [*draft.thresholds_micro, *published.thresholds_micro]
    for each in names:
        before, after = (model.thresholds_micro.get(each) for model in (published, draft))
        if before is not None or after is not None:
            return (
                (after or 0) if before is None else before,
                (before or 0) if after is None else after,
            )
    return None


def _crossing(now: Table, then: Sequence[Table], lines: tuple[int, int]) -> Document:
    before, after = lines
    past = _moved(then, lines)
    found: Document = {"line": bands.points(after), "line_before": bands.points(before)}
    for word, way, conversions in (("up", UP, "extra"), ("down", DOWN, "lost")):
        crossed = now.filter(_way(now, lines) == way)
        shown = crossed.order_by(ibis.desc("draft"), "lead").limit(MOST_SHOWN)
        count = counting.count(crossed)
        ids = shown.select("lead_id").to_pyarrow()["lead_id"].to_pylist()
        found[word] = {"count": count, "lead_ids": ids}
        found[conversions] = _expected(count, past.get(way, Share(0, 0)))
    return found


def crossed(now: Table, published: Model, draft: Model, way: int, *, line: str | None) -> Table:
    """Of everybody now those who cross the line this way; nobody where neither has a line."""
    lines = _lines(published, draft, line)
    return now.filter(_way(now, lines) == way if lines else ibis.literal(False))


def _way(rows: Table, lines: tuple[int, int]) -> IntegerValue:
    """UP, DOWN or SAME: from below the line before to over the one after, or back."""
    is_over_before, is_over_after = rows.published >= lines[0], rows.draft >= lines[1]
    return is_over_after.cast("int64") - is_over_before.cast("int64")


def _moved(then: Sequence[Table], lines: tuple[int, int]) -> dict[int, Share]:
    """By way: how often leads that would have moved so were won, each lead counting as one."""
    if not then:
        return {}
    found = ibis.union(
        *[rows.select("lead", "won", band=_way(rows, lines)) for rows in then], distinct=False
    )
    sums = counting.clustered(found.filter(found.band != SAME))
    return {way: each.share() for way, each in sums.items()}


def _expected(count: int, past: Share) -> Document:
    """Conversions of so many leads, with the 95 % interval of their rate."""
    low, high = shares.wilson(past).times(count)
    value = None if past.rate is None else count * past.rate
    return {
        "value": bands.rounded(value),
        "low": bands.rounded(low),
        "high": bands.rounded(high),
        "seen": {"leads": past.count, "won": past.won},
    }
