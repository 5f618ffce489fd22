"""The loop of the main thread: inbox and timers, and imports when neither has anything to do."""

from leadline.flow import intake, timers
from leadline.lib import clock
from leadline.worker import portions
from leadline.worker.arrivals import Arrivals
from leadline.worker.intake import Intake
from leadline.worker.step import Step
from leadline.worker.stop import Stop
from leadline.worker.tally import Tally
from leadline.worker.traffic import Traffic
from leadline.worker.turn import Turn
from leadline.workspace import settings

# When even waiting fails, because the database is out of reach.
PAUSE_SECONDS = 0.2
# Before set-up there are no rules, and no keys or forms through which anything could arrive.
LOOK_FOR_OWNER_SECONDS = 1.0


def first_and_last(
    turn: Turn, *, stop: Stop, arrivals: Arrivals, tally: Tally, is_wary: bool
) -> None:
    """Work until `stop`. What arrives waits for at most one portion of timers or imports.

    Imports share the thread on purpose: a thread of their own would fight the first lane for the
    interpreter and, on SQLite, for the one write lock.
    """
    while not _is_set_up() and not stop.wait(LOOK_FOR_OWNER_SECONDS):
        pass
    inbox = Intake(intake.consume, turn=turn, is_wary=is_wary).step()
    due = (
        portions.checkups(turn.is_mine),
        Step("clocks", lambda: timers.breaches(now=clock.now()) if turn.is_mine() else 0),
        Step("warnings", lambda: timers.warnings(now=clock.now()) if turn.is_mine() else 0),
        Step("owners", lambda: timers.waiting(now=clock.now()) if turn.is_mine() else 0),
        Traffic(turn).step(),
    )
    rows = portions.import_rows()
    waiting = Step("waiting", lambda: _wait(arrivals, stop))
    telling = Step("figures", tally.renew)
    Step("figures", tally.begin).attempt()
    try:
        while not stop.is_set:
            is_busy = sum(tally.attempt(step) for step in (inbox, *due)) > 0
            is_busy = is_busy or tally.attempt(rows) > 0
            telling.attempt()
            if not is_busy and waiting.attempt() == 0:
                stop.wait(PAUSE_SECONDS)
    finally:
        Step("turn", lambda: _end(turn)).attempt()
        Step("figures", tally.end).attempt()


def _is_set_up() -> bool:
    try:
        settings.current()
    except settings.NotSetUp:
        return False
    return True


def _wait(arrivals: Arrivals, stop: Stop) -> int:
    arrivals.wait(stop)
    return 1


def _end(turn: Turn) -> int:
    turn.end()
    return 1
