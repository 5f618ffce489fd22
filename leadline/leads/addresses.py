"""Which e-mail addresses belong to a lead already."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from leadline.lib import rows
from leadline.lib.ids import as_uuid


def known(addresses: Sequence[str]) -> set[str]:
    """Those of the canonical addresses that an open binding gives to a lead. One query."""
    return set(leads_of(addresses))


def leads_of(addresses: Sequence[str]) -> dict[str, UUID]:
    """The lead of each canonical address that belongs to one. One query."""
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT value, lead_id FROM leads_binding WHERE closed_at IS NULL"
            " AND lead_id IS NOT NULL AND kind = 'email' AND value {in}",
            addresses,
            vendor=connection.vendor,
        )
    return {value: as_uuid(lead_id) for value, lead_id in found}
