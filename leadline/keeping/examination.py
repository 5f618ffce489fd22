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


def findings(*, now: datetime) -> list[str]:
    """What does not hold, in sentences; [] when all is well. Needs Django on a current schema."""
    from django.db import connection

    from leadline.flow import doctor, rulebook
    from leadline.workspace import settings

    found = []
    if connection.vendor == "sqlite":
        found += file_findings(Path(connection.settings_dict["NAME"]))
    try:
        report = doctor.examine(now=now)
    except (settings.NotSetUp, rulebook.NoRules):
        return found  # nobody has set it up: there is nothing yet that could disagree
    return found + sentences(report)


def sentences(report: "object") -> list[str]:
    """What `flow.doctor` found, as sentences with counts."""
    from leadline.flow.doctor import Report

    assert isinstance(report, Report)
    counted = (
        (len(report.missing), "leads have no card"),
        (len(report.differing), "cards differ from what they show"),
        (report.orphaned_count, "cards belong to merged leads"),
        (report.unbalanced_count, "scores do not add up"),
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

    is_current = schema.is_migrated()
    found = findings(now=clock.now()) if is_current else []
    connections.close_all()
    print(json.dumps({"is_current": is_current, "findings": found}), flush=True)


if __name__ == "__main__":
    main()
