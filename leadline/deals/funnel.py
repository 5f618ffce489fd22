"""The funnel by source: leads, customers and money by where leads first came from."""

import msgspec
from django.db import connection

from leadline.leads import trash


class SourceRow(msgspec.Struct, frozen=True):
    """One source. `amount_minor` adds the won deals in the currency asked for, and only those;
    `other_currency_count` is how many won deals are in another one."""

    channel: str
    source: str
    lead_count: int
    won_lead_count: int
    won_deal_count: int
    amount_minor: int
    other_currency_count: int

    @property
    def won_rate(self) -> float:
        """Customers per lead, 0 to 1."""
        return self.won_lead_count / self.lead_count


# Worked out once each: PostgreSQL, where it takes the tables for empty (they are new, and nothing
# has counted them yet), would otherwise work them out again for every lead.
_SQL = """
WITH first_touch AS MATERIALIZED (
    SELECT lead_id, channel, source
    FROM (
        SELECT b.lead_id, t.channel, t.source,
               row_number() OVER (PARTITION BY b.lead_id ORDER BY t.occurred_at, t.id) AS place
        FROM timeline_touch t JOIN leads_binding b ON b.id = t.binding_id
        WHERE b.lead_id IS NOT NULL
    ) touches
    WHERE place = 1
),
won AS MATERIALIZED (
    SELECT lead_id, count(*) AS deals,
           sum(CASE WHEN currency = %s THEN coalesce(amount_minor, 0) ELSE 0 END) AS amount,
           sum(CASE WHEN currency = %s THEN 0 ELSE 1 END) AS others
    FROM deals_deal
    WHERE state = 'won' AND lead_id IS NOT NULL
    GROUP BY lead_id
)
SELECT coalesce(f.channel, ''), coalesce(f.source, ''), count(*), count(w.lead_id),
       coalesce(sum(w.deals), 0), coalesce(sum(w.amount), 0), coalesce(sum(w.others), 0)
FROM leads_lead l
LEFT JOIN first_touch f ON f.lead_id = l.id
LEFT JOIN won w ON w.lead_id = l.id
WHERE l.merged_into_id IS NULL AND NOT l.is_test AND NOT {absent}
GROUP BY 1, 2
ORDER BY 4 DESC, 3 DESC, 1, 2
"""


def by_source(*, currency: str) -> list[SourceRow]:
    """One row per first-touch channel and source, most customers first. One query.

    A lead counts once, under its earliest touch, or under ("", "") without any; test leads, leads
    in the trash and those that were merged into others do not count. Won deals count for the lead
    that they belong to today. Touches and deals that arrive late move the numbers: it is the state
    of now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _SQL.replace("{absent}", trash.ABSENT.format(lead="l.id")), [currency, currency]
        )
        return [
            SourceRow(channel, source, *(int(number) for number in numbers))
            for channel, source, *numbers in cursor.fetchall()
        ]
