"""`leadline scores show|recompute|new|choose`."""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from leadline.cli import runtime, scores_models

# A million leads take seconds; a lake that has to be built first, minutes.
PATIENCE_SECONDS = 3_600.0


@click.group("scores")
def command() -> None:
    """Show a score with its lines, compute all again, begin a model or choose one."""


command.add_command(scores_models.new)
command.add_command(scores_models.choose)


@command.command("show")
@click.argument("lead")
@click.option("--as-of", help="An instant, such as 2026-03-14T09:30:00Z.")
@runtime.data_option
@runtime.json_option
def show(lead: str, as_of: str | None, data: Path | None, as_json: bool) -> None:
    """Show the score of LEAD (an id or an e-mail address), line by line."""
    runtime.start_migrated(data)
    import msgspec

    from leadline.scoring import queries

    lead_id = find(lead)
    found = queries.explained(lead_id, as_of=_instant(as_of))
    if found is None:
        raise runtime.Refusal(f"{lead} has no score (yet).")
    result = {"lead": str(lead_id), **msgspec.to_builtins(found)}
    points = queries.points
    lines = [f"{points(found.total)} points ({found.model}, version {found.version})"]
    lines += [f"  {points(line.points_micro):>7}  {line.rule}" for line in found.lines]
    runtime.show(result, as_json=as_json, lines=lines)


@command.command("recompute")
@click.option("--check", "only_check", is_flag=True, help="Compare only, write nothing.")
@click.option("--as-of", help='With --check: an instant, such as 2026-03-14T09:30:00Z, or "now".')
@click.option(
    "--engine", type=click.Choice(["python", "duckdb", "spark"]),
    help="With --check: what computes; python looks at each lead as it is now.",
)  # fmt: skip
@runtime.data_option
@runtime.json_option
def recompute(
    only_check: bool, as_of: str | None, engine: str | None, data: Path | None, as_json: bool
) -> None:
    """Compute every score again. Exit code 1 when --check finds a difference.

    With --as-of or another engine than python all scores are computed in one go out of the lake, as
    of that instant, and compared with what was stored then.
    """
    runtime.start_migrated(data)
    in_batch = as_of is not None or engine in ("duckdb", "spark")
    if in_batch and (not only_check or engine == "python"):
        raise runtime.Refusal(
            "--as-of and the engines duckdb and spark compare only: say --check, and not python."
        )
    if in_batch:
        _check_in_batch(_instant(None if as_of == "now" else as_of), engine or "", as_json=as_json)
    else:
        _recompute_here(only_check=only_check, as_json=as_json)


def _check_in_batch(as_of: datetime | None, engine: str, *, as_json: bool) -> None:
    from leadline.analytics import client
    from leadline.cli import scores_told
    from leadline.lib import clock

    if as_of is not None and as_of > clock.now():
        raise runtime.Refusal(f"{as_of.isoformat()} lies ahead: nobody has a score then.")
    asked = {"as_of_us": None if as_of is None else clock.micros(as_of), "engine": engine}
    with runtime.refusing(client.AnalystError):
        found = client.ask("scores_check", asked, timeout_s=PATIENCE_SECONDS)
    runtime.show(scores_told.result(found), as_json=as_json, lines=scores_told.lines(found))
    if found["differing"]:
        click.get_current_context().exit(1)


def _recompute_here(*, only_check: bool, as_json: bool) -> None:
    from leadline.flow import recomputation, rulebook
    from leadline.leads import trash
    from leadline.lib import clock
    from leadline.workspace import settings

    count, differences = 0, []
    everyone = trash.present().count()
    with (
        runtime.refusing(settings.NotSetUp, rulebook.NoRules),
        runtime.refusing_database_trouble(),
        runtime.progress(everyone, label="Scores", as_json=as_json) as advance,
    ):
        for lead_ids in recomputation.portions():
            if only_check:
                differences += recomputation.check(lead_ids, now=clock.now())
                count += len(lead_ids)
            else:
                count += recomputation.recompute(lead_ids, now=clock.now())
            advance(len(lead_ids))
    lines = [f"{count} scores computed, {len(differences)} differ."]
    lines += [f"  {each.lead_id}: {each.stored} → {each.expected}" for each in differences[:20]]
    runtime.show({"computed": count, "differing": len(differences)}, as_json=as_json, lines=lines)
    if differences:
        click.get_current_context().exit(1)


def find(lead: str) -> UUID:
    """The lead with this id or open e-mail address; refuses when there is none."""
    from leadline.leads.models import Binding
    from leadline.lib import email_address

    try:
        return UUID(lead)
    except ValueError:
        pass
    with runtime.refusing(email_address.NotAnAddress):
        address = email_address.canonical(lead)
    open_ = Binding.objects.filter(kind="email", value=address, closed_at=None)
    found = open_.values_list("lead", flat=True).first()
    if found is None:
        raise runtime.Refusal(f"Nobody is known under {lead}.")
    return found


def _instant(text: str | None) -> datetime | None:
    from leadline.lib import clock

    if text is None:
        return None
    with runtime.refusing(clock.NotATime):
        return clock.parse_iso(text)
