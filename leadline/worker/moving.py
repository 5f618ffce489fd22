"""Fulfils the wish for another data folder while the old one is still served. No Django.

Nothing is ended before the new folder is ready: whatever goes wrong, people stay where they are.
"""

import json
import logging
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

from leadline.config import environment
from leadline.lib import folder_move
from leadline.lib.folder_move import Answer, Own, Wish
from leadline.worker import children

LOOK_EVERY_SECONDS = 0.1

logger = logging.getLogger("leadline.supervisor")


class CannotMove(Exception):
    """Why the other folder cannot be served, in one sentence."""


Wait = Callable[[float], bool]
"""Waits so many seconds at most; True when it is time to end."""


def prepared(wish: Wish, *, served: Path, wait: Wait) -> Answer:
    """The folder that the wish asks for, with a workspace in it; the environment names it now.

    Raises CannotMove, and then the environment names the old folder again and no new one is left.
    """
    folder = _target(wish, served=served)
    environment.set_data_folder(folder)
    try:
        entrance = _open(wish.own, folder, wait) if wish.own else ""
    except (CannotMove, OSError) as problem:
        environment.set_data_folder(served)
        if wish.own:
            shutil.rmtree(folder, ignore_errors=True)
        raise CannotMove(str(problem)) from problem
    return Answer(wish.id, folder=str(folder), entrance=entrance)


def refuse(wish: Wish, *, served: Path, problem: Exception) -> None:
    """Stay here and say why."""
    environment.set_data_folder(served)
    logger.error("the other data folder cannot be served: %s", problem)
    folder_move.answer(served, Answer(wish.id, problem=str(problem)))


def _target(wish: Wish, *, served: Path) -> Path:
    if wish.own is not None:
        return folder_move.free_folder(served)
    found = folder_move.moved_to(served)
    if found is None:
        raise CannotMove("There is no other workspace yet.")
    return found


def _open(own: Own, folder: Path, wait: Wait) -> str:
    environment.prepare_data_folder()
    file = folder / "opening.json"
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(own))
    process = children.start("leadline.worker.begin", str(file), stdout=subprocess.PIPE)
    while process.poll() is None:
        if wait(LOOK_EVERY_SECONDS):
            process.kill()
            break
    output, _ = process.communicate()
    if process.returncode != 0:
        raise CannotMove("The new workspace could not be made; the console says why.")
    return str(json.loads(output.decode().splitlines()[-1])["entrance"])
