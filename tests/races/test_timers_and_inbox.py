"""The timer and the inbox look at the same lead at the same moment; the newest facts win."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from leadline.capture.submission import Submission
from leadline.cards.models import Card
from leadline.flow import checkups, evaluation, intake, rulebook, snapshots, timers
from leadline.leads.models import Binding
from leadline.lib import clock
from leadline.scoring.models import Score
from tests.races.side_by_side import overtaken, unguarded
from tests.world import World, form, said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def later(world: World) -> datetime:
    """A moment at which the one lead, Ada of Acme, is due for a look: her interest has faded."""
    visit = said("page", email="ada@acme-tools.com", properties={"path": "/pricing"}, at=world.now)
    intake.run([visit], now=world.now)
    return world.now + timedelta(days=20)


def lead_of(email: str) -> UUID:
    return Binding.objects.get(kind="email", value=email).lead_id  # type: ignore[return-value]


def recomputed(lead_id: UUID, now: datetime) -> int:
    """The score from the stored facts alone."""
    rules = rulebook.current(now)
    at_us = clock.micros(now)
    with transaction.atomic():
        (loaded,) = snapshots.load([lead_id], reads=rules.reads, at_us=at_us).values()
        return evaluation.look(loaded, rulebook=rules, at_us=at_us).weighed.score.total


def ask_for_a_demo(at: datetime) -> None:
    intake.run([form("demo", email="ada@acme-tools.com", at=at)], now=at)


def grown(at: datetime) -> Submission:
    """A colleague says how large the company is; that counts for everybody there."""
    size = {"company.employee_count": 300}
    return said("identify", "Identified", email="bob@acme-tools.com", at=at, traits=size)


def test_the_score_after_timer_and_inbox_is_the_one_a_recomputation_gives(
    later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = overtaken(
        monkeypatch,
        snapshots,
        "load",
        slow=lambda: timers.check_up(limit=10, now=later),
        fast=lambda: ask_for_a_demo(later),
    )
    assert failed == []
    lead_id = lead_of("ada@acme-tools.com")
    assert Score.objects.get().total == recomputed(lead_id, later)
    assert Card.objects.get().total == recomputed(lead_id, later)
    assert Card.objects.get().temperature == "hot"


def test_the_twin_without_the_lock_keeps_an_old_score_or_fails(
    later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with unguarded(monkeypatch):
        failed = overtaken(
            monkeypatch,
            snapshots,
            "load",
            slow=lambda: timers.check_up(limit=10, now=later),
            fast=lambda: ask_for_a_demo(later),
        )
    if connection.vendor == "postgresql":
        assert Score.objects.get().total < recomputed(lead_of("ada@acme-tools.com"), later)
    else:
        assert [type(error) for error in failed] == [OperationalError]


def test_a_company_that_changes_while_the_timer_looks_is_looked_at_again(
    later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The inbox holds no lock on colleagues; what it asks for must not be overwritten."""
    failed = overtaken(
        monkeypatch,
        snapshots,
        "load",
        slow=lambda: timers.check_up(limit=10, now=later),
        fast=lambda: intake.run([grown(later)], now=later),
    )
    assert failed == []
    timers.check_up(limit=10, now=later)
    lead_id = lead_of("ada@acme-tools.com")
    assert Score.objects.get(lead=lead_id).total == recomputed(lead_id, later)


def test_the_twin_that_plans_without_holding_the_plan_forgets_the_company(
    later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL only: on SQLite there is one writer, whom nobody overtakes."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(checkups, "_held", lambda: "")
    overtaken(
        monkeypatch,
        snapshots,
        "load",
        slow=lambda: timers.check_up(limit=10, now=later),
        fast=lambda: intake.run([grown(later)], now=later),
    )
    timers.check_up(limit=10, now=later)
    lead_id = lead_of("ada@acme-tools.com")
    assert Score.objects.get(lead=lead_id).total < recomputed(lead_id, later)
