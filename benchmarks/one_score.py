"""The score of one lead in process: with lines and `until`, and the total alone.

Made-up leads with fifty events each, as rows hold them, are scored by a model of twenty rules, each
once a round, so that properties are decoded as in life. The median of all of them counts. Beside it
stands a bare loop over the same events with a look into a dict for each rule. No database is asked.

    .venv/bin/python -m benchmarks.one_score [--leads 2000] [--profile]
"""

import cProfile
import json
import pstats
import random
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

from benchmarks import batch_lake, report
from benchmarks.batch_lake import AT_US, EVENTS, PATHS, VOCABULARY
from benchmarks.report import Figure, Limit
from leadline.criteria.snapshot import Event, Snapshot, by_name
from leadline.lib import memory
from leadline.lib.clock import DAY
from leadline.scoring import rules, tally
from leadline.scoring.rules import Model

RULES, HISTORY, ROUNDS = 20, 50, 5
REACH_DAYS = 60
"""How far back events go: most rules reach all of them, some windows end among them."""
WITH_LINES_US, TOTAL_ONLY_US = 300, 60


def main() -> None:
    arguments = report.arguments()
    arguments.add_argument("--leads", type=int, default=2_000)
    arguments.add_argument("--profile", action="store_true", help="of the total alone")
    options = arguments.parse_args()
    number = 100 if options.small else options.leads
    memory.settle(young=memory.BATCHES)  # as in a worker
    model = twenty_rules()
    if options.profile:
        profile(model, number)
        return
    limit = Limit(microseconds(bare, number), "a loop over the events, a look into a dict a rule")
    figures = [
        Figure(name, microseconds(scorer(model, score), number), "µs", limit, at_most=floor)
        for name, score, floor in (
            ("score of one lead with lines", tally.score, WITH_LINES_US),
            ("score of one lead, total only", tally.total_only, TOTAL_ONLY_US),
        )
    ]
    report.show(figures, options=options, details={"leads": number, "rounds": ROUNDS})


def twenty_rules() -> Model:
    """The model of the batch benchmarks, and a share, which it does not ask for."""
    share = {"ratio_of": "Email Link Clicked", "to": "Email Opened", "at_least": 0.5}
    clicks = {"name": "Clicks", "when": {**share, "within": "60d"}, "points": 5}
    written = json.loads(json.dumps(batch_lake.MODEL))
    written["engagement"].append(clicks)
    model = rules.parse_model(written, vocabulary=VOCABULARY)
    assert len(model.grouped) == RULES
    return model


def microseconds(work: Callable[[Snapshot], object], number: int) -> float:
    """What one lead takes, the median over all leads and rounds."""
    took = []
    for turn in range(ROUNDS):
        for lead in leads(number, seed=turn):
            start = time.perf_counter_ns()
            work(lead)
            took.append(time.perf_counter_ns() - start)
    return round(median(took) / 1_000, 1)


def scorer(
    model: Model, score: Callable[[Model, Snapshot, int], object]
) -> Callable[[Snapshot], object]:
    return lambda lead: score(model, lead, AT_US)


def bare(lead: Snapshot) -> int:
    """Nobody can look at fifty events and ask twenty questions in less."""
    reached, traits = 0, lead.traits
    for events in lead.events.values():
        for event in events:
            if event.occurred_us <= AT_US:
                reached += 1
    for _rule in range(RULES):
        if traits.get("country") is None:
            reached += 1
    return reached


def leads(number: int, *, seed: int) -> Sequence[Snapshot]:
    """Leads that differ in who they are and in what they did; the same ones for each seed."""
    dice = random.Random(seed)
    return [_lead(dice) for _ in range(number)]


def _lead(dice: random.Random) -> Snapshot:
    traits = {
        "title_seniority": dice.choice(["c_level", "vp", "director", "manager", "individual"]),
        "country": dice.choice(["US", "GB", "DE", "FR", "IN", "BR", "JP"]),
        "industry": dice.choice(["software", "finance", "retail", "health"]),
        "email_kind": dice.choice(["work", "work", "free"]),
        "company.employee_count": dice.randrange(500),
    }
    return Snapshot(traits, by_name(_event(dice, identity) for identity in range(HISTORY)))


def _event(dice: random.Random, identity: int) -> Event:
    said = json.dumps({"path": dice.choice(PATHS), "title": "A page of ours"})
    at_us = AT_US - dice.randrange(REACH_DAYS * DAY)
    return Event(identity, dice.choice(EVENTS), at_us, said)


def profile(model: Model, number: int) -> None:
    """Where the time of the total alone goes."""
    known, profiler = leads(number, seed=0), cProfile.Profile()
    profiler.enable()
    for lead in known:
        tally.total_only(model, lead, AT_US)
    profiler.disable()
    pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
