"""What the analyst can be asked: the name of each question and the verb that answers it.

A verb takes the arguments (JSON), the instant, and the lake, and returns JSON. Its module is
imported when somebody asks. Rule documents in the argument `documents`, which may be stored
nowhere, are known to the lake when the verb is called.
"""

import errno
import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
from django.db import DatabaseError, connection
from django.utils import translation
from django.utils.translation import gettext

from leadline.analytics import lake, upkeep
from leadline.analytics.client import AnalystError, Asked, Said
from leadline.analytics.engines import EngineMissing
from leadline.analytics.lake import LakeError
from leadline.criteria.errors import CriterionError
from leadline.lib import clock

Answer = dict[str, Any]  # JSON, as each question describes


@dataclass(frozen=True)
class Question:
    """`verb` of `module`, a module beside this one."""

    module: str
    verb: str
    # Wants a lake that is at most a minute old.
    wants_fresh: bool = True


QUESTIONS: dict[str, Question] = {
    "backtest": Question("backtests", "backtest"),
    "draft_effect": Question("backtests", "draft_effect"),
    "lake_check": Question("upkeep", "check", wants_fresh=False),
    "lake_forget": Question("upkeep", "forget", wants_fresh=False),
    "lake_rebuild": Question("upkeep", "rebuild", wants_fresh=False),
    "lake_refresh": Question("upkeep", "refresh", wants_fresh=False),
    "lake_status": Question("upkeep", "status", wants_fresh=False),
    "leads_behind": Question("behind", "leads"),
    "scores_check": Question("scores_check", "check"),
    "segment_preview": Question("segment_preview", "preview"),
}


def said(asked: Asked, begin: Callable[[], None] = lambda: None) -> Said:
    """The answer, or the sentence that says why there is none, in the language of who asks.

    `begin` is called when the lake is fresh: what a question takes begins there.
    """
    with translation.override(asked.language):
        try:
            found = answer(asked.question, asked.arguments, now=clock.now(), begin=begin)
            return Said(answer=found)
        except AnalystError as problem:
            return Said(problem=str(problem), permanent=problem.permanent)
        finally:
            connection.close()


def answer(
    name: str,
    arguments: Mapping[str, Any],  # JSON
    *,
    now: datetime,
    begin: Callable[[], None] = lambda: None,
) -> Answer:
    """Ask one question here and now. Raises AnalystError.

    What is expected to go wrong becomes a sentence; anything else ends the process, and the
    supervisor starts another.
    """
    question = QUESTIONS.get(name)
    if question is None:
        raise AnalystError(f"Nobody knows the question {name!r}.", permanent=True)
    with _in_a_sentence():
        here = lake.here()
        if question.wants_fresh:
            upkeep.freshen(here, documents=arguments.get("documents", ()), now=now)
        begin()
        module = importlib.import_module(f"{__package__}.{question.module}")
        found: Answer = getattr(module, question.verb)(arguments, now, here)
        return {"lake_us": upkeep.known_us(here), **found}


@contextmanager
def _in_a_sentence() -> Iterator[None]:
    """What may go wrong with a lake, a disk, a database, a rule, as AnalystError."""
    try:
        yield
    except (LakeError, EngineMissing) as problem:
        raise AnalystError(str(problem), permanent=problem.permanent) from problem
    except CriterionError as problem:
        raise AnalystError(str(problem), permanent=True) from problem
    except duckdb.OutOfMemoryException as problem:
        raise AnalystError(
            gettext("This needs more memory than the analyst may use."), permanent=True
        ) from problem
    except OSError as problem:
        raise AnalystError(_of_disk(problem), permanent=False) from problem
    except DatabaseError as problem:
        raise AnalystError(gettext("The database does not answer."), permanent=False) from problem


def _of_disk(problem: OSError) -> str:
    if problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return gettext("The disk is full; the lake is as it was. Make room and ask again.")
    return gettext("A file of the lake cannot be used: %(why)s.") % {"why": problem.strerror}
