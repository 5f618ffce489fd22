"""`leadline doctor`: does what is stored agree with itself, does anything wait for a person, and
is what surrounds it in order?"""

from dataclasses import asdict
from pathlib import Path

import click

from leadline.cli import runtime


@click.command("doctor")
@click.option("--repair", is_flag=True, help="Draw again the cards that differ.")
@runtime.data_option
@runtime.json_option
def command(repair: bool, data: Path | None, as_json: bool) -> None:
    """Rebuild every card and compare, add up every score, ask again who is in every segment, check
    the file and the audit's chain, count what waits; then look at what surrounds it: address,
    HTTPS, proxy, clock, disk, database, mail, last backup.

    Exit code 1 when the data is wrong; what surrounds it only says how to fix it.
    """
    runtime.start_migrated(data)
    from leadline.cli import segments
    from leadline.flow import doctor, rulebook
    from leadline.keeping import checks, examination
    from leadline.lib import clock
    from leadline.workspace import audit, settings

    with (
        runtime.refusing(settings.NotSetUp, rulebook.NoRules),
        runtime.refusing_database_trouble(),
    ):
        if damaged := examination.damage():
            # Nothing else can be asked of it, and `--repair` would write into what is broken.
            _tell_damage(damaged, as_json=as_json)
            return
        report = doctor.examine(now=clock.now(), repair=repair)
        waiting, chain = attention(), audit.verify()
        around = checks.all_of_them(clock.now())
    result: dict[str, object] = {
        "is_well": report.is_well and chain.is_whole,
        "cards": report.compared_count,
        "missing": len(report.missing),
        "differing": len(report.differing),
        "orphaned": report.orphaned_count,
        "unbalanced": report.unbalanced_count,
        "memberships": report.membership_count,
        "repaired": report.repaired_count,
        "database": "ok",
        "audit": str(chain.because or f"{chain.count} entries, none changed or missing"),
        "fingerprint": chain.fingerprint,
        **waiting,
    }
    lines = [f"{name:<12} {value}" for name, value in result.items()]
    lines += [f"  missing card of {lead_id}" for lead_id in report.missing]
    lines += [f"  card differs of {lead_id}" for lead_id in report.differing]
    lines += [f"  {segments.told(each)}" for each in report.memberships]
    lines += [
        f"{'ok ' if each.is_well else 'fix'} {each.name:<8} {each.sentence}" for each in around
    ]
    result["checks"] = [asdict(each) for each in around]
    runtime.show(result, as_json=as_json, lines=lines)
    if not result["is_well"]:
        click.get_current_context().exit(1)


def _tell_damage(found: list[str], *, as_json: bool) -> None:
    from leadline.keeping import examination

    lines = [*found, examination.WAY_OUT]
    runtime.show({"is_well": False, "database": "; ".join(lines)}, as_json=as_json, lines=lines)
    click.get_current_context().exit(1)


def attention() -> dict[str, int]:
    """What a person should look at: parked rows, failed jobs, messages nobody knows about."""
    from leadline.capture.models import Parked
    from leadline.delivery.models import Message
    from leadline.workspace.models import Job

    return {
        "parked_rows": Parked.objects.filter(state=Parked.State.PARKED).count(),
        "failed_jobs": Job.objects.filter(state=Job.State.FAILED).count(),
        "unknown_messages": Message.objects.filter(state=Message.State.UNKNOWN).count(),
    }
