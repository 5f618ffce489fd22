"""What a score model would have been worth: its scores at the end of each month, against what
became of the leads.

The document (points are points, rates from 0 to 1, instants microseconds):

    model, version        name, and number of the version (None: not stored)
    horizon_days          won within so many days counts as won
    instants, left_out    decision instants, and those whose horizon is not over yet
    leads, outcomes       leads looked at, and how many of them were won; each counted once
    looks, wins           the same, each lead counted at every instant: what bands add up to
    bands                 from, to, leads, won, rate, low, high (95 %), lift, of looks
    roc_auc, roc_auc_low, roc_auc_high (99 %), pr_auc, brier, brier_base
    has_signal, sentence  whether all this means anything
    distribution          how many leads have which score at the newest instant of the lake
    advice                the line for the objective, or why there is none
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
from ibis.expr.types import Table

from leadline.analytics import (
    advice,
    as_of,
    bands,
    counting,
    frames,
    instants,
    looks,
    ranking,
    signal,
)
from leadline.analytics.counting import History
from leadline.analytics.instants import Chosen
from leadline.analytics.manifest import Manifest
from leadline.analytics.objective import Objective
from leadline.analytics.ranking import Steps
from leadline.analytics.signal import Signal
from leadline.analytics.worlds import Tables, Worlds, numbered, portions
from leadline.lib.clock import DAY
from leadline.scoring import batch, rules
from leadline.scoring.rules import Model
from leadline.workspace import reasons

Document = dict[str, Any]  # JSON


@dataclass(frozen=True, slots=True)
class Past:
    """A lake to look back into. `tables` as it happened; `now_us`: as of when it knows all."""

    tables: Tables
    manifest: Manifest
    now_us: int
    # How many leads there are, and when the first was created.
    begin: tuple[int, int | None]

    @classmethod
    def of(cls, tables: Tables, manifest: Manifest) -> "Past":
        """The past that the tables of this generation tell."""
        found = looks.as_it_happened(tables)
        return cls(found, manifest, manifest.lake_us, looks.begin(found))

    def scores(self, model: Model, instants: Sequence[int]) -> Iterator[tuple[Worlds, Table]]:
        """`lead`, `at_us`, `total`, `fit`, `engagement` of everybody at each instant, in portions;
        nothing is run."""
        tables = numbered(self.tables)
        for worlds in portions(instants, leads=self.begin[0]):
            frame = frames.frame(tables, self.manifest, worlds, rules.reads(model))
            yield worlds, worlds.parted(batch.scores(model, frame))

    def today(self, model: Model) -> Table:
        """`lead`, `total`, `fit`, `engagement` of everybody now; nothing is run."""
        frame = as_of.frame(self.tables, self.manifest, self.now_us, rules.reads(model))
        return batch.scores(model, frame)

    @property
    def engine(self) -> object:
        """What reads it: tables of one engine cannot be joined with those of another."""
        return self.tables["leads"].get_backend()

    def chosen(self, model: Model, *, horizon_days: int, most: int = instants.MOST) -> Chosen:
        """The decision instants for a model, and those that are too young."""
        _, first_us = self.begin
        if first_us is None:
            return Chosen([], [])
        return instants.chosen(
            first_us, self.now_us, horizon_days=horizon_days, most=most,
            day_offset_minutes=model.day_offset_minutes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Title:
    """What a document is about."""

    model: Model
    version: int | None
    horizon_days: int
    chosen: Chosen


@dataclass(frozen=True, slots=True)
class Evidence:
    """What it rests on: the looks (None without an instant), counted, and everybody's score now."""

    seen: Table | None
    history: History
    now: Steps

    @property
    def scores(self) -> Steps:
        """Every score that was or is there."""
        return bands.pooled([*self.history.values(), self.now])


def run(
    model: Model,
    past: Past,
    *,
    horizon_days: int = instants.DEFAULT_HORIZON_DAYS,
    objective: Objective | None = None,
    version: int | None = None,
    most: int = instants.MOST,
) -> Document:
    """The document of one model. The same lake gives the same document, on every engine."""
    chosen = past.chosen(model, horizon_days=horizon_days, most=most)
    seen = looked(model, past, chosen.over, horizon_days=horizon_days)
    found = evidence(seen, past.today(model))
    begins = bands.edges(found.scores, marks=model.thresholds_micro.values())
    title = Title(model, version, horizon_days, chosen)
    return document(title, found, begins=begins, objective=objective or Objective())


def looked(model: Model, past: Past, at_us: Sequence[int], *, horizon_days: int) -> list[Table]:
    """The looks at these instants, computed in portions and kept by the engine while somebody
    holds them."""
    found = []
    for worlds, scored in past.scores(model, at_us):
        asked = looks.outcomes(past.tables, worlds, horizon_us=horizon_days * DAY)
        joined = asked.inner_join(scored.select("at_us", "lead", "total"), ["at_us", "lead"])
        found.append(joined.mutate(total=looks.tenths(joined.total)).cache())
    return found


def evidence(seen: Sequence[Table], everybody: Table) -> Evidence:
    """Looks, in any number of tables, and `total` (micro-points) of everybody now, counted."""
    found = ibis.union(*seen, distinct=False) if seen else None
    history = {} if found is None else counting.history(found)
    now = counting.totals(everybody.select(total=looks.tenths(everybody.total)))
    return Evidence(found, history, now)


def document(
    title: Title, found: Evidence, *, begins: Sequence[int], objective: Objective
) -> Document:
    """The document of this evidence, in these bands."""
    told = _begun(title) | {"distribution": bands.bars(found.now, begins)}
    if found.seen is None or not found.history:
        return told
    leads, won = counting.people(found.seen)
    told |= {"leads": leads, "outcomes": won} | _counts(found.history)
    if not won:
        return told
    pairs = ranking.ranked(found.history.values())
    verdict = signal.judged(pairs, counting.spread(found.seen, found.history), leads=leads, won=won)
    in_bands = counting.in_bands(found.seen, begins)
    climb = counting.climb(found.seen, working_days=instants.working_days(title.chosen.over))
    return told | {
        "bands": bands.table(begins, [each.share() for each in in_bands]),
        **_area(verdict),
        **_figures(found.history, begins, horizon_days=title.horizon_days),
        "has_signal": verdict.is_there,
        "sentence": reasons.of(verdict.phrase),
        "advice": advice.advise(climb, objective, marks=title.model.thresholds_micro.values()),
    }


def _begun(title: Title) -> Document:
    """Whatever can be said without a single outcome."""
    return {
        "model": title.model.name,
        "version": title.version,
        "horizon_days": title.horizon_days,
        "instants": title.chosen.over,
        "left_out": title.chosen.open,
        "leads": 0,
        "outcomes": 0,
        "looks": 0,
        "wins": 0,
        "bands": [],
        **dict.fromkeys(_FIGURES),
        "has_signal": False,
        "sentence": reasons.of(signal.NO_OUTCOMES),
        "advice": advice.none(signal.NO_OUTCOMES),
    }


_FIGURES = ("roc_auc", "roc_auc_low", "roc_auc_high", "pr_auc", "brier", "brier_base")


def _counts(history: History) -> Document:
    every = [each for instant in history.values() for each in instant]
    return {"looks": sum(each.count for each in every), "wins": sum(each.won for each in every)}


def _area(verdict: Signal) -> Document:
    around = verdict.area_range
    return {
        "roc_auc": bands.rounded(verdict.area),
        "roc_auc_low": bands.rounded(around.low) if around else None,
        "roc_auc_high": bands.rounded(around.high) if around else None,
    }


def _figures(history: History, begins: Sequence[int], *, horizon_days: int) -> Document:
    """`brier_base` is what promising everybody's earlier rate to everybody would have scored."""
    by_band = {at_us: _counted(instant, begins) for at_us, instant in history.items()}
    together = {at_us: _counted(instant, begins[:1]) for at_us, instant in history.items()}
    precision = ranking.average_precision(history.values())
    found: Document = {"pr_auc": bands.rounded(precision)}
    for name, counted in (("brier", by_band), ("brier_base", together)):
        guesses = ranking.earlier_rates(counted, horizon_us=horizon_days * DAY)
        found[name] = bands.rounded(ranking.brier(guesses))
    return found


def _counted(instant: Steps, begins: Sequence[int]) -> list[tuple[int, int]]:
    """Count and won per band."""
    found = [[0, 0] for _ in begins]
    for total, count, won in instant:
        mine = found[bands.of(total, begins)]
        mine[0] += count
        mine[1] += won
    return [(count, won) for count, won in found]
