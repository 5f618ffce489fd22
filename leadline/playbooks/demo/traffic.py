"""While the demo runs: somebody new comes in every few minutes, and colleagues keep up.

Without the second half Today would fill up over an afternoon; without the first it would hold
nothing but late leads when the demo is opened again after a week.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import msgspec
from django.db import transaction

from leadline.cards import queries
from leadline.cards.queries import TodayRow
from leadline.flow import intake, reactions
from leadline.lib import clock
from leadline.playbooks.demo import live, pipeline
from leadline.playbooks.demo.live import Newcomer
from leadline.workspace.models import Role, User, Workspace

EVERY = timedelta(minutes=4)
SOONEST = timedelta(minutes=1)
"""Also when the only hot lead with time left has just been answered."""
LEAST, MOST = 13, 18
"""So many rows stand in the owner's Today."""

_FIRST_NAMES = (
    "Nora Elias Maren Tomas Alba Henrik Zara Julien Petra Owen Lina Marco Ines Felix Yuki Daria"
    " Samuel Ebba Karim Rosa Piotr Hana Victor Amina Lukas Freya Diego Mina Anton Clara"
).split()
_LAST_NAMES = (
    "Berg Castellano Novak Okonkwo Lindgren Duarte Fischer Moreau Tanaka Haas Sorensen Petrov"
    " Whitlock Amato Kowalska Brandt Idris Vargas Holm Nakamura Ferreira Quist Jansen Rahimi"
).split()
# What people who do not have to be hot ask for: (form, purpose).
_CALM = (("ebook", "download"), ("ebook", "download"), ("contact", "contact"))


class State(msgspec.Struct, frozen=True):
    """Whether it is paused, who came last and how many have come."""

    is_paused: bool = False
    last_us: int = 0
    count: int = 0


def state() -> State | None:
    """What the traffic remembers; None where the workspace is no demo, or is still being built."""
    workspace = Workspace.objects.filter(is_demo=True).only("notes").first()
    if workspace is None or "demo" not in workspace.notes:
        return None
    return msgspec.convert(workspace.notes.get("demo_traffic", {}), State)


def pause(is_paused: bool) -> None:
    """Stop the traffic, or let it go on. Safe to run twice."""
    _note(is_paused=is_paused)


def run(*, now: datetime) -> int:
    """Let come who is due, then answer what is too much; returns how many people that were.

    Nothing happens while it is paused, where there is no demo, and between two arrivals. When the
    demo was away for long, the first run brings Today up to date at once.
    """
    found = state()
    if found is None or found.is_paused:
        return 0
    owner = User.objects.get(role=Role.OWNER)
    rows = queries.today(owner, now=now)
    count = _coming(rows, found, now=now)
    for number in range(found.count, found.count + count):
        is_hot = number == found.count and not _is_hot_left(rows, now=now)
        intake.run(live.arriving(_newcomer(number, is_hot=is_hot, at=now)).submissions, now=now)
    if count:
        _note(last_us=clock.micros(now), count=found.count + count)
    return count + _keep_up(owner, now=now)


def _coming(rows: Sequence[TodayRow], found: State, *, now: datetime) -> int:
    since = now - clock.from_micros(found.last_us)
    if since < SOONEST:
        return 0
    missing = LEAST - len(rows)
    if missing > 0:
        return missing
    return int(since >= EVERY or not _is_hot_left(rows, now=now))


def _is_hot_left(rows: Sequence[TodayRow], *, now: datetime) -> bool:
    return any(
        row.card.temperature == "hot"
        and row.card.response_due_at
        and row.card.response_due_at > now
        for row in rows
    )


def _newcomer(number: int, *, is_hot: bool, at: datetime) -> Newcomer:
    """Somebody who does not exist; the same whenever it is their turn."""
    chance = Random(f"{pipeline.SEED} newcomer {number}")  # noqa: S311 (a demo)
    company = chance.choice(live.large(list(pipeline.companies().values())))
    first, last = chance.choice(_FIRST_NAMES), chance.choice(_LAST_NAMES)
    form, purpose = ("demo", "demo") if is_hot else chance.choice(_CALM)
    email = f"{first}.{last}.{number}@{company.domain}".lower()
    return Newcomer(f"demo-came-{number}", number, first, last, email, company, form, purpose, at)


def _keep_up(owner: User, *, now: datetime) -> int:
    """Colleagues take over and answer what waits longest, until Today holds `MOST` rows."""
    waiting = queries.today(owner, now=now)
    surplus = [row for row in waiting if row.group == "clock"][: max(0, len(waiting) - MOST)]
    if not surplus:
        return 0
    colleagues = list(User.objects.filter(role=Role.REP, is_active=True).order_by("email"))
    for row in surplus:
        colleague = Random(row.card.lead_id.hex).choice(colleagues)  # noqa: S311 (a demo)
        with transaction.atomic():
            reactions.assign(
                row.card.lead_id, colleague.pk, by=owner.pk, because="Had time", now=now
            )
            reactions.log_activity(
                row.card.lead_id, kind="call", outcome="connected",
                text="Talked briefly, sends the figures by Friday.",
                by=colleague.pk, began_at=now, now=now,
            )  # fmt: skip
    return len(surplus)


def _note(**changes: object) -> None:
    with transaction.atomic():
        workspace = Workspace.objects.select_for_update().get()
        notes: dict[str, Any] = workspace.notes  # JSON
        notes["demo_traffic"] = {**notes.get("demo_traffic", {}), **changes}
        workspace.notes = notes
        workspace.save(update_fields=["notes"])
