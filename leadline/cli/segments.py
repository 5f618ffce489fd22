"""`leadline segments list|recompute`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from leadline.cli import runtime

if TYPE_CHECKING:
    from leadline.flow.segments import Difference

MOST_NAMED = 20


@click.group("segments")
def command() -> None:
    """List the segments, or compute who is in them again."""


@command.command("list")
@runtime.data_option
@runtime.json_option
def list_all(data: Path | None, as_json: bool) -> None:
    """List segments and static lists with how many leads are in each."""
    runtime.start_migrated(data)
    from leadline.cards import list_sizes
    from leadline.segments import dynamic, lists

    sizes, versions = list_sizes.of_all(), dynamic.newest()
    found = [
        {
            "key": each.key,
            "name": each.name,
            "kind": each.kind,
            "leads": sizes.get(each.pk, 0),
            "rule": None if version is None else version.document,
            "is_filled": version is None or version.filled_at is not None,
        }
        for each in lists.everything()
        for version in (versions.get(each.pk),)
    ]
    lines = [
        f"{each['leads']:>9}  {each['name']} ({each['kind']}, {each['key']})"
        + ("" if each["is_filled"] else ", being filled")
        for each in found
    ]
    runtime.show({"segments": found}, as_json=as_json, lines=lines or ["There is no segment."])


@command.command("recompute")
@click.option("--check", "only_check", is_flag=True, help="Compare only, write nothing.")
@runtime.data_option
@runtime.json_option
def recompute(only_check: bool, data: Path | None, as_json: bool) -> None:
    """Compute who is in every segment again. Exit code 1 when --check finds a difference.

    Without --check, members that are found wrong are put right, with scores and stages.
    """
    runtime.start_migrated(data)
    from leadline.flow import recomputation, rulebook, segments
    from leadline.leads import trash
    from leadline.lib import clock
    from leadline.workspace import settings

    count, differences = 0, []
    with (
        runtime.refusing(settings.NotSetUp, rulebook.NoRules),
        runtime.refusing_database_trouble(),
        runtime.progress(trash.present().count(), label="Segments", as_json=as_json) as advance,
    ):
        for lead_ids in recomputation.portions():
            differences += segments.check(lead_ids, now=clock.now())
            if not only_check:
                recomputation.recompute(lead_ids, now=clock.now())
            count += len(lead_ids)
            advance(len(lead_ids))
    lines = [f"{count} leads computed, {len(differences)} memberships differ."]
    lines += [f"  {told(each)}" for each in differences[:MOST_NAMED]]
    runtime.show({"computed": count, "differing": len(differences)}, as_json=as_json, lines=lines)
    if differences and only_check:
        click.get_current_context().exit(1)


def told(difference: "Difference") -> str:
    """A membership that is wrong, in a line."""
    said = "is in and should not be" if difference.is_in else "should be in and is not"
    return f"{difference.lead_id}: {difference.segment}: {said}"
