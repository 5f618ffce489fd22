"""Which e-mail addresses belong to a lead already."""

from collections.abc import Sequence

from django.db import connection

from leadline.lib import rows


def known(addresses: Sequence[str]) -> set[str]:
    """Those of the canonical addresses that an open binding gives to a lead. One query."""
    with connection.cursor() as cursor:
        found = rows.select_in(
            cursor,
            "SELECT value FROM leads_binding WHERE closed_at IS NULL AND lead_id IS NOT NULL"
            " AND kind = 'email' AND value {in}",
            addresses,
            vendor=connection.vendor,
        )
    return {value for (value,) in found}
