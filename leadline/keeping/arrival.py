"""The first thing that runs on a restored copy: bring it up to date, and let it send nothing.

`python -m leadline.keeping.arrival`, started through `elsewhere`; prints {"unknown": migrations of
a newer version, "waiting_count": messages held back, "removed_count": leads that were removed for
good since and are so again, "findings": [sentence]}.
"""

import json
import os
from collections.abc import Mapping
from datetime import datetime


def settle() -> Mapping[str, object]:
    """Migrate, hold what waits to be sent, remove whom the folder's ledger names, examine.

    Who served the original holds nothing here: otherwise the copy's worker would begin only when
    the lease of the original's has run out.
    The lake is not in a backup: whatever lake there is was written from another state, and the
    first refresh begins a new one. A copy of a newer version is left alone.
    """
    from leadline.analytics import freshness, stamps
    from leadline.delivery import holding
    from leadline.keeping import examination, schema
    from leadline.lib import clock
    from leadline.workspace import audit, leases
    from leadline.workspace.audit import Change

    now = clock.now()
    if newer := schema.unknown():
        return {"unknown": newer, "waiting_count": 0, "removed_count": 0, "findings": []}
    if not schema.is_migrated():
        schema.migrate()
    stamps.renew()
    freshness.disown()
    leases.release_all()
    holding.hold(now)
    audit.record(Change("workspace.restored", "backup", "", ""), by=audit.COMMAND_LINE, now=now)
    removed_count, unreadable = _remove_again(now)
    return {
        "unknown": [],
        "waiting_count": holding.waiting_count(),
        "removed_count": removed_count,
        "findings": [*unreadable, *examination.findings(now=now)],
    }


def _remove_again(now: datetime) -> tuple[int, list[str]]:
    """How many leads were removed once more, and what could not be read of who was."""
    from django.conf import settings

    from leadline.flow import removals
    from leadline.lib import ledger

    known = ledger.read([settings.ENVIRONMENT.data / ledger.REMOVED_LEADS])
    if known is None:
        return 0, []
    lost = f"{known.unreadable_count} lines of {ledger.REMOVED_LEADS} cannot be read"
    count = removals.again(known.gone_us, now=now) if known.gone_us else 0
    return count, [lost] if known.unreadable_count else []


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
