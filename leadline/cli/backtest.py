"""`leadline backtest MODEL.yaml`: what a score model would have been worth in one's own history."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from leadline.cli import runtime

Document = dict[str, Any]  # JSON, as `analytics.backtest` describes
MINUTES = 30


@click.command("backtest")
@click.argument(
    "model", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--horizon", type=int, help="Won within so many days counts as won (90).")
@click.option("--against", type=click.Choice(["published"]), help="Also what would change.")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), help="Default: duckdb.")
@click.option("--reps", type=int, help="How many people call.")
@click.option("--calls", "calls_a_day", type=int, help="Calls of each on a working day.")
@click.option("--value", type=float, help="What a win is worth: the line earns most.")
@click.option("--cost", type=float, help="What a call costs, in the same currency.")
@runtime.data_option
@runtime.json_option
def command(
    model: Path | None, horizon: int | None, against: str | None, engine: str | None,
    data: Path | None, as_json: bool, **aim: float | None,
) -> None:  # fmt: skip
    """Score every lead by MODEL at the end of each month, against who was won.

    Without MODEL: the version in force. Says how often leads of each band were won, whether the
    score says anything at all, and from which score on a lead is worth a call.
    """
    runtime.start_migrated(data)
    from leadline.analytics import client, orders
    from leadline.criteria.errors import CriterionError
    from leadline.lib import clock

    asked: Document = {"horizon": horizon, "against": against, "engine": engine}
    document = _read(model)
    asked |= {"model": document, "objective": _objective(aim)}
    with runtime.refusing(CriterionError, client.AnalystError):
        orders.read(asked, now=clock.now())
        # The lake learns the words of a model that is stored nowhere.
        asked["documents"] = [] if document is None else [document]
        found = client.ask("backtest", asked, timeout_s=MINUTES * 60.0)
    lines = _told(found) if against is None else _compared(found)
    runtime.show(found, as_json=as_json, lines=lines)


def _read(model: Path | None) -> object:
    """The document in the file; None without one, for the version in force."""
    from leadline.lib import yaml_text

    if model is None:
        return None
    with runtime.refusing(yaml_text.NotYaml, OSError):
        document = yaml_text.read_file(model)
    if document is None:
        raise runtime.Refusal(f"{model.name} is empty.")
    return document


def _objective(aim: Document) -> Document:
    given = {name: value for name, value in aim.items() if value is not None}
    return given | {"kind": "value"} if "value" in given else given


def _compared(found: Document) -> Iterator[str]:
    if found["published"] is not None:
        yield "Published:"
        yield from _told(found["published"])
        yield ""
    yield "With the file:"
    yield from _told(found["draft"])
    crossing = found["crossing"]
    if crossing is not None:
        yield f"Over the line of {crossing['line']:g}: {_way(crossing, 'up', 'extra')}"
        yield f"Below it: {_way(crossing, 'down', 'lost')}"


def _way(crossing: Document, way: str, conversions: str) -> str:
    count, expected = crossing[way]["count"], crossing[conversions]
    if not count or expected["value"] is None:
        return f"{count} leads"
    return (
        f"{count} leads, of whom {expected['value']:.1f} would be won"
        f" ({expected['low']:.1f} to {expected['high']:.1f})"
    )


def _told(found: Document) -> Iterator[str]:
    yield (
        f"{found['model']}: {found['leads']} leads, {found['outcomes']} of them won,"
        f" looked at {len(found['instants'])} month ends; won within {found['horizon_days']} days."
    )
    if found["left_out"]:
        yield f"{len(found['left_out'])} month ends are too young to say."
    for band in found["bands"]:
        yield _band(band)
    if found["roc_auc"] is not None:
        yield f"ROC-AUC {found['roc_auc']:.3f} · PR-AUC {found['pr_auc']:.3f}"
    yield _sentence(found["sentence"])
    yield f"Line: {found['advice']['sentence']}"


def _band(band: Document) -> str:
    end = "up" if band["to"] is None else f"{band['to']:g}"
    if band["rate"] is None:
        return f"  {band['from']:>8g} to {end:<8} nobody"
    return (
        f"  {band['from']:>8g} to {end:<8} {band['won']:>6} of {band['leads']:<8}"
        f" {band['rate']:>6.1%} ({band['low']:.1%} to {band['high']:.1%})"
    )


def _sentence(said: str) -> str:
    return said[:1].upper() + said[1:].removesuffix(".") + "."
