"""What becomes of the process in a migration: the environment of the test says it."""

import os
import signal

VARIABLE = "LEADLINE_TEST_FATE"


def meet(migration: str) -> None:
    """`0002:kill` and `0003:fail`, for instance; anything else goes on."""
    fate = os.environ.get(VARIABLE, "")
    if fate == f"{migration}:kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fate == f"{migration}:fail":
        raise ValueError("this migration was meant to fail")
