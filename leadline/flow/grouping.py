"""The step of a pass that decides which segments a lead enters and leaves."""

import msgspec
from django.utils.translation import gettext_noop as _noop

from leadline.criteria.span import NEVER
from leadline.flow import checkups
from leadline.flow.checkups import Plan
from leadline.flow.rulebook import Rulebook
from leadline.flow.snapshots import Loaded
from leadline.lib import clock
from leadline.lifecycle.standings import Decided
from leadline.scoring.scores import Weighed
from leadline.segments import rules
from leadline.segments.memberships import Moved
from leadline.segments.rules import Decision
from leadline.segments.touched import Touched, by_facts

MERGED = _noop("It was merged into another lead")
TRASHED = _noop("It was moved to the trash")


class Grouped(msgspec.Struct):
    """The segments of a lead as decided, and when they may change by themselves."""

    moved: Moved
    due_us: int
    day: int

    @property
    def decision(self) -> Decision:
        return self.moved.decision


def group(
    loaded: Loaded,
    weighed: Weighed,
    decided: Decided,
    *,
    rulebook: Rulebook,
    plan: Plan | None = None,
    touched: Touched | None = None,
) -> Grouped:
    """Decide the segments after score, temperature and stage, which the snapshot holds afterwards.

    What a lead is in whose segments are not all looked at keeps its earlier moments: they may come
    early, never late.
    """
    at_us, after = decided.at_us, decided.after
    loaded.snapshot = loaded.snapshot.with_facts(
        {"temperature": after[3], "stage": after[0], "stage_since": after[1]}
    )
    if loaded.is_absent:
        because = MERGED if loaded.is_merged else TRASHED
        gone = rules.leave_all(rulebook.segments, loaded.snapshot, because=because)
        return Grouped(Moved(loaded.id, gone, at_us), NEVER, NEVER)
    changed = _changed(loaded, weighed, decided, rulebook=rulebook, plan=plan, touched=touched)
    found = rules.decide(rulebook.segments, loaded.snapshot, at_us=at_us, changed=changed)
    loaded.snapshot = loaded.snapshot.with_facts({rules.MEMBERS: found.members})
    due_us, day = found.due_us, found.revalue_day
    if changed is not None and plan is not None:
        due_us, day = min(due_us, plan[3] or NEVER), min(day, plan[4] or NEVER)
    return Grouped(Moved(loaded.id, found, at_us), due_us, day)


def _changed(
    loaded: Loaded,
    weighed: Weighed,
    decided: Decided,
    *,
    rulebook: Rulebook,
    plan: Plan | None,
    touched: Touched | None,
) -> Touched | None:
    """What the rules of segments may see otherwise than when they were last asked; None: anything.

    A lead that is due has everything looked at, because nothing says what it is due for.
    """
    day = clock.local_day(decided.at_us, rulebook.day_offset_minutes)
    if touched is None or loaded.score is None or loaded.standing is None:
        return None
    if checkups.is_due(plan, at_us=decided.at_us, day=day):
        return None
    score = weighed.score
    before = {"total": loaded.score[1], "fit": loaded.score[2], "engagement": loaded.score[3]}
    after = {"total": score.total, "fit": score.fit, "engagement": score.engagement}
    return (
        touched
        | by_facts(_of_score(before), _of_score(after))
        | by_facts(_of_standing(loaded.standing), _of_standing(decided.after))
    )


def _of_score(parts: dict[str, int]) -> dict[str, object]:
    return {f"score.{part}": points for part, points in parts.items()}


def _of_standing(standing: tuple[str, int, str, str, str, int, int | None]) -> dict[str, object]:
    return {"stage": standing[0], "stage_since": standing[1], "temperature": standing[3]}
