"""The first thing that runs on a restored copy: bring it up to date, and let it send nothing.

`python -m leadline.keeping.arrival`, started through `elsewhere`; prints {"unknown": migrations of
a newer version, "waiting_count": messages held back, "findings": [sentence]}.
"""

import json
import os
from collections.abc import Mapping


def settle() -> Mapping[str, object]:
    """Migrate, hold what waits to be sent, examine. A copy of a newer version is left alone."""
    from leadline.delivery import holding
    from leadline.keeping import examination, schema
    from leadline.lib import clock
    from leadline.workspace import audit
    from leadline.workspace.audit import Change

    now = clock.now()
    if newer := schema.unknown():
        return {"unknown": newer, "waiting_count": 0, "findings": []}
    if not schema.is_migrated():
        schema.migrate()
    holding.hold(now)
    audit.record(Change("workspace.restored", "backup", "", ""), by=audit.COMMAND_LINE, now=now)
    return {
        "unknown": [],
        "waiting_count": holding.waiting_count(),
        "findings": examination.findings(now=now),
    }


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadline.config.settings")
    import django

    django.setup()
    from django.db import connections

    answer = settle()
    connections.close_all()
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
