"""What fifty segments cost the intake: its rate with them, as a share of the rate without.

The same worker's batches as in `processing`, with a score model of twenty rules, before and after
fifty segments are saved and filled: by events, absence, traits, score, stage and other segments.
Rounds with and without take turns, and the best of each counts: what else the machine does meets
both. Filling and computing everything again are reported too.

    .venv/bin/python -m benchmarks.segments [--postgres] [--leads 5000]
"""

import argparse
import random
import time
from dataclasses import replace
from datetime import datetime, timedelta

from benchmarks import place, processing, report
from benchmarks.report import Figure, Limit

SMALL = {"leads": 300, "history": 2, "events": 300}
SEGMENTS, RULES, ROUNDS = 50, 20, 3
FLOOR = 0.6


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=5_000)
    arguments.add_argument("--history", type=int, default=50)
    arguments.add_argument("--events", type=int, default=10_000)
    options = arguments.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with place.workspace(postgres=options.postgres) as now:
        random.seed(1)
        score_with(RULES)
        processing.take(processing.new_leads(options.leads), route="identify", now=now)
        processing.add_history(options.leads, options.history, now)
        processing.settle(now)
        figures, details = [], {"leads filled per second": save_and_fill(now)}
        for each in (1, 5):
            before, with_them = rates(options, each=each, now=now)
            name = f"events, {'one' if each == 1 else 'five'} a lead: share of the rate without"
            limit = Limit(before, "per second without segments")
            figures.append(Figure(name, round(with_them / before, 2), "", limit, at_least=FLOOR))
            details[f"per second with segments, {each} a lead"] = with_them
        details["leads compared per second, none of them differing"] = compare(now)
        report.show(figures, options=options, details=details)


def rates(options: argparse.Namespace, *, each: int, now: datetime) -> tuple[int, int]:
    """Events a second without segments and with them, the best of three rounds each."""
    from leadline.flow import rulebook

    def rate() -> int:
        bodies = processing.events(options.events, options.leads, each=each, now=now)
        return processing.take(bodies, route="track", now=now).per_second

    without, with_them = [], []
    for _round in range(ROUNDS):
        rulebook.forget()
        leave_out_segments(now)
        without.append(rate())
        rulebook.forget()
        with_them.append(rate())
    return max(without), max(with_them)


def leave_out_segments(now: datetime) -> None:
    """Go by the rules in force but those of segments, until they are forgotten."""
    from leadline.criteria.mentions import union
    from leadline.flow import rulebook
    from leadline.scoring import rules as scoring
    from leadline.segments.rules import Rules

    found = rulebook.current(now)
    others = [each.condition.reads for each in (*found.routing, *found.policies)]
    reads = union([scoring.reads(found.score_model), found.lifecycle.mentions, *others])
    rulebook._kept["rulebook"] = replace(found, segments=Rules(), reads=reads)


def score_with(number: int) -> None:
    """The default model with as many rules more as are missing."""
    from leadline.flow import rulebook
    from leadline.scoring.models import ScoreModelVersion
    from leadline.workspace import settings
    from tests.versions import write_over

    version = ScoreModelVersion.objects.get(model__is_default=True)
    document = version.document
    for n in range(number - len(document["fit"]) - len(document["engagement"])):
        act = {"did": random.choice(processing.NAMES), "at_least": n + 1, "within": f"{n + 2}d"}
        document["engagement"].append({"name": f"More {n}", "when": act, "points": 1})
    write_over(version, document)
    settings.rules_changed()
    rulebook.forget()


def rules() -> list[dict[str, object]]:
    """Fifty, of which an event of one name touches about a third."""
    seen = processing.NAMES
    found: list[dict[str, object]] = []
    for n in range(15):
        found.append({"did": seen[n % 5], "at_least": n + 1, "within": f"{n + 1}d"})
        found.append({"did_not": seen[n % 5], "within": f"{n + 1}d"})
    found += [{"trait": "company.employee_count", "gte": 50 * n} for n in range(10)]
    found += [{"score": "total", "gte": 20 * n} for n in range(5)]
    found += [{"stage": "mql"}, {"temperature": "hot"}]
    found += [{"all": [{"in_segment": f"S{n}"}, {"in_segment": "S30"}]} for n in range(3)]
    return found


def save_and_fill(now: datetime) -> int:
    """Save them all and fill them in one go; leads a second."""
    from leadline.flow import recomputation, segments
    from leadline.workspace import audit

    written = rules()
    assert len(written) == SEGMENTS
    for n, rule in enumerate(written):
        segments.create(f"S{n}", rule, by=audit.COMMAND_LINE, now=now)
    start, count = time.perf_counter(), 0
    for lead_ids in recomputation.portions():
        count += recomputation.recompute(lead_ids, now=now)
    return round(count / (time.perf_counter() - start))


def compare(now: datetime) -> int:
    """Compute who is in every segment again; raises when one differs. Leads a second.

    What came while segments were left out is looked at before.
    """
    from leadline.flow import recomputation, segments

    later = now + timedelta(minutes=1)
    for lead_ids in recomputation.portions():
        recomputation.recompute(lead_ids, now=later)
    start, count = time.perf_counter(), 0
    for lead_ids in recomputation.portions():
        assert segments.check(lead_ids, now=later) == []
        count += len(lead_ids)
    return round(count / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
