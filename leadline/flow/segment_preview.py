"""How many leads a rule would hold for now, before it is saved, with some of them."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadline.analytics import client
from leadline.cards import queries, visibility
from leadline.cards.models import Card
from leadline.cards.queries import CardRow
from leadline.criteria import canonical
from leadline.criteria.evaluate import compile_node
from leadline.criteria.mentions import mentions
from leadline.criteria.nodes import Node
from leadline.criteria.snapshot import Snapshot
from leadline.flow import rulebook, snapshots
from leadline.flow.snapshots import Loaded
from leadline.lib import clock
from leadline.workspace.models import Role, User
from leadline.workspace.permissions import SEES

SECONDS = 1.5
ANALYST_SECONDS = 8.0
SAMPLE = 10
_PORTION = 200


@dataclass(frozen=True)
class Preview:
    """`count` of the leads that the reader may see; when time was up, so many of the newest
    `looked`. The sample holds the first ten, newest first."""

    count: int
    looked: int
    is_whole: bool
    sample: list[CardRow]


def preview(node: Node, *, user: User, now: datetime, seconds: float = SECONDS) -> Preview:
    """Ask the rule about every lead that the user may see, for at most so many seconds.

    Score, stage and temperature are those that stand there. Nothing is written, nobody is locked.
    When time is up and the reader sees every lead, the analyst is asked instead.
    """
    offset, at_us = rulebook.current(now).day_offset_minutes, clock.micros(now)
    check, reads = compile_node(node, day_offset_minutes=offset), mentions(node)
    ends = time.monotonic() + seconds
    found: list[UUID] = []
    looked, is_whole = 0, True
    for lead_ids in _portions(user):
        if looked and time.monotonic() > ends:
            if (whole := _by_the_analyst(node, user)) is not None:
                return whole
            is_whole = False
            break
        loaded = snapshots.load(lead_ids, reads=reads, at_us=at_us)
        found += [each for each in lead_ids if check(_as_it_stands(loaded[each]), at_us)[0]]
        looked += len(lead_ids)
    return Preview(len(found), looked, is_whole, queries.many(user, found[:SAMPLE]))


def _by_the_analyst(node: Node, user: User) -> Preview | None:
    """Out of the lake, which is a minute old at most; None without an answer in time, and for who
    sees only some leads."""
    if SEES[Role(user.role)] != "all":
        return None
    asked = {"documents": [canonical.canonical(node)]}
    try:
        found = client.ask("segment_preview", asked, timeout_s=ANALYST_SECONDS)
    except client.AnalystError:
        return None
    sample = queries.many(user, [UUID(each) for each in found["lead_ids"]])
    return Preview(found["count"], found["looked"], True, sample)


def _portions(user: User) -> Iterator[list[UUID]]:
    seen = Card.objects.filter(visibility.leads_visible_to(user)).order_by("-pk")
    portion = list(seen.values_list("pk", flat=True)[:_PORTION])
    while portion:
        yield portion
        portion = list(seen.filter(pk__lt=portion[-1]).values_list("pk", flat=True)[:_PORTION])


def _as_it_stands(loaded: Loaded) -> Snapshot:
    facts: dict[str, object] = {}
    if loaded.score is not None:
        _version, total, fit, engagement, *_ = loaded.score
        facts |= {"score.total": total, "score.fit": fit, "score.engagement": engagement}
    if loaded.standing is not None:
        facts["temperature"] = loaded.standing[3]
    return loaded.snapshot.with_facts(facts)
