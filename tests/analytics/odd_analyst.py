"""An analyst who answers odd questions, in a process of its own: `python -m … <parent> <place>`."""

import os
import sys
import time

from leadline.analytics import analyst
from leadline.analytics.analyst import Begin
from leadline.analytics.client import Asked, Said
from leadline.lib import parent


def said(asked: Asked, begin: Begin) -> Said:
    """`who`: our process. `slow`: takes so many seconds, `before` that is counted and then."""
    if asked.question == "who":
        begin()
        return Said(answer={"process": os.getpid(), "language": asked.language})
    if asked.question == "slow":
        time.sleep(asked.arguments.get("before", 0))
        begin()
        time.sleep(asked.arguments.get("seconds", 0))
        return Said(answer={"process": os.getpid()})
    if asked.question == "odd":
        raise ZeroDivisionError
    return Said(problem=f"Nobody knows {asked.question}.", permanent=True)


if __name__ == "__main__":
    parent.end_with(int(sys.argv[1]))
    waits_s = float(sys.argv[3]) if len(sys.argv) > 3 else 60.0
    analyst.main(sys.argv[2], answer=said, waits_s=waits_s)
