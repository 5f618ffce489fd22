"""The worker's figures as Prometheus reads them."""

from prometheus_client import CollectorRegistry, generate_latest

from leadline.analytics.models import ShadowRun
from leadline.config import metrics
from leadline.flow.backlog import Backlog
from leadline.lib import clock
from leadline.lib.worker_figures import Figures

AT_US = 50_000_000
SQLITE = Figures(
    "host:1", renewed_us=AT_US - 3_000_000, portions={"inbox": 4}, items={"inbox": 700},
    failures={"imports": 1}, lock_count=9, lock_seconds=0.36, lock_last_seconds=0.031,
    lock_longest_seconds=0.044,
)  # fmt: skip


SHADOW = ShadowRun(
    as_of=clock.from_micros(AT_US - 60_000_000), lead_count=900, differing_count=2, seconds=1.5
)


class Said:
    """A collector of given figures."""

    def __init__(self, *workers: Figures) -> None:
        self.workers = workers

    def collect(self):  # type: ignore[no-untyped-def]  # Prometheus' own protocol
        yield from metrics.of_backlog(
            Backlog({"jobs": 2, "outbox": 5}, {"inbox": 1}, {"checkup": 1.5}, SHADOW), at_us=AT_US
        )
        yield from metrics.of_workers(self.workers, at_us=AT_US)


def text(*workers: Figures) -> str:
    registry = CollectorRegistry()
    registry.register(Said(*workers))
    return generate_latest(registry).decode()


def test_lanes_and_timers_are_labelled() -> None:
    lines = text().splitlines()
    assert 'leadline_waiting{lane="jobs"} 2.0' in lines
    assert 'leadline_waiting{lane="outbox"} 5.0' in lines
    assert 'leadline_failed{lane="inbox"} 1.0' in lines
    assert 'leadline_timer_late_seconds{timer="checkup"} 1.5' in lines


def test_the_newest_shadow_run_tells_how_many_scores_differed_and_how_old_it_is() -> None:
    lines = text().splitlines()
    assert "leadline_shadow_differences 2.0" in lines
    assert "leadline_shadow_leads 900.0" in lines
    assert "leadline_shadow_seconds 1.5" in lines
    assert "leadline_shadow_age_seconds 60.0" in lines


def test_each_worker_says_what_it_did_and_how_long_it_held_the_lock() -> None:
    lines = text(SQLITE).splitlines()
    assert 'leadline_worker_age_seconds{worker="host:1"} 3.0' in lines
    assert 'leadline_worker_portions_total{step="inbox",worker="host:1"} 4.0' in lines
    assert 'leadline_worker_items_total{step="inbox",worker="host:1"} 700.0' in lines
    assert 'leadline_worker_failures_total{step="imports",worker="host:1"} 1.0' in lines
    assert 'leadline_worker_write_lock_seconds_count{worker="host:1"} 9.0' in lines
    assert 'leadline_worker_write_lock_seconds_sum{worker="host:1"} 0.36' in lines
    assert 'leadline_worker_write_lock_last_seconds{worker="host:1"} 0.031' in lines
    assert 'leadline_worker_write_lock_longest_seconds{worker="host:1"} 0.044' in lines


def test_a_worker_without_a_lock_says_nothing_of_one() -> None:
    assert "write_lock_longest_seconds{" not in text(Figures("host:2", renewed_us=AT_US))
