"""Does a database agree with itself? The same questions for the live one and for a copy.

`python -m leadline.keeping.examination`, started through `elsewhere`, looks at a copy and prints
{"is_current", "findings": [sentence]}.
"""

import json
import os
import sqlite3
from datetime import datetime
from pathlib import Path

from leadline.keeping import sqlite_copy

WAY_OUT = "The database is damaged: stop Leadline and bring back a backup (docs/deploy.md)."


def findings(*, now: datetime) -> list[str]:
    """What does not hold, in sentences; [] when all is well. Needs Django on a current schema.

    A damaged file is all there is to say of it: what it would answer means nothing.
    """
    return damage() or _disagreements(now=now)


def damage() -> list[str]:
    """What is wrong with the files of this process's database; [] on PostgreSQL, which notices a
    broken page when it is read (and a dump reads all of them)."""
    from django.db import connection

    if connection.vendor != "sqlite":
        return []
    return file_findings(Path(connection.settings_dict["NAME"]))


def is_damage(problem: Exception) -> bool:
    """Did the database itself turn out to be broken in the middle of something else?"""
    from django.db import DatabaseError

    # SQLite has no subclass for a broken page and for a file that is no database.
    return type(problem) is DatabaseError


def _disagreements(*, now: datetime) -> list[str]:
    from leadline.flow import doctor, rulebook
    from leadline.workspace import settings

    try:
        return sentences(doctor.examine(now=now))
    except (settings.NotSetUp, rulebook.NoRules):
        return []  # nobody has set it up: there is nothing yet that could disagree


def sentences(report: "object") -> list[str]:
    """What `flow.doctor` found, as sentences with counts."""
    from leadline.flow.doctor import Report

    assert isinstance(report, Report)
    counted = (
        (len(report.missing), "leads have no card"),
        (len(report.differing), "cards differ from what they show"),
        (report.orphaned_count, "cards belong to merged leads"),
        (report.unbalanced_count, "scores do not add up"),
        (report.membership_count, "members of segments are wrong or missing"),
    )
    return [f"{count} {words}" for count, words in counted if count]


def file_findings(database: Path) -> list[str]:
    """What SQLite finds wrong in the database and in the inbox beside it."""
    found = []
    for path in (database, database.with_name(sqlite_copy.INBOX)):
        if not path.exists():
            continue
        try:
            problem = sqlite_copy.damage(path)
        except sqlite3.DatabaseError as error:
            problem = str(error)
        if problem is not None:
            found.append(f"{path.name} is damaged: {problem}")
    return found


def main() -> None:
    """Look at the database of the environment."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    import django

    django.setup()
    from django.db import connections

    from leadline.keeping import schema
    from leadline.lib import clock

    found = damage()
    is_current = not found and schema.is_migrated()
    if is_current:
        found = _disagreements(now=clock.now())
    connections.close_all()
    print(json.dumps({"is_current": is_current, "findings": found}), flush=True)


if __name__ == "__main__":
    main()
