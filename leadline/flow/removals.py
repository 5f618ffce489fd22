"""Who was removed for good stays so: noted outside of the database, removed again after a restore.

A backup brings back whoever was removed after it was made. So each removal is also a line of a
file in the data folder and beside the backups (`lib.ledger`), ids and nothing else.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _noop

from leadline.delivery import outbox
from leadline.flow import reactions
from leadline.leads import locks, trash
from leadline.lib import clock, ledger
from leadline.routing import clocks

_PORTION = 200
_GONE = _noop("The lead was removed for good.")


def remove(lead_ids: Collection[UUID], *, now: datetime) -> int:
    """Remove leads of the trash for good, noted first; how many. The caller holds their locks.

    Raises OSError when it cannot be noted; then nothing is removed.
    """
    clocks.cancel(list(lead_ids), because=_GONE, now=now)
    _note(trash.with_absorbed(list(lead_ids)), now=now)
    return trash.remove(lead_ids, now=now)


def again(gone_us: Mapping[UUID, int], *, now: datetime) -> int:
    """Remove once more those of these that came back with a backup; how many. Safe to run twice.

    `gone_us`: when each was removed. Whoever was taken out of the trash later than that stays.
    """
    found = trash.returned(gone_us)
    for start in range(0, len(found), _PORTION):
        with transaction.atomic():
            _portion(found[start : start + _PORTION], now=now)
    return len(found)


def _portion(lead_ids: Sequence[UUID], *, now: datetime) -> None:
    locks.passing()
    locks.hold(lead_ids)
    trash.put(lead_ids, by=None, now=now)
    outbox.drop(lead_ids, because=_GONE)
    reactions.look_again(list(lead_ids), now=now)
    remove(lead_ids, now=now)


def _note(lead_ids: Collection[UUID], *, now: datetime) -> None:
    at_us, environment = clock.micros(now), settings.ENVIRONMENT
    ledger.append(environment.data / ledger.REMOVED_LEADS, lead_ids, at_us=at_us)
    # Every backup carries the whole file there; this is for what happens until the next one.
    with suppress(OSError):
        ledger.append(environment.backups / ledger.REMOVED_LEADS, lead_ids, at_us=at_us)
