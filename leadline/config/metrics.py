"""The figures of the worker's side as Prometheus reads them."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)

from leadline.analytics.models import ShadowRun
from leadline.flow.backlog import Backlog
from leadline.lib import clock
from leadline.lib.worker_figures import Figures

_STEPS: tuple[tuple[str, str, Callable[[Figures], Mapping[str, int]]], ...] = (
    ("portions", "Portions done, by worker and step", lambda each: each.portions),
    ("items", "What was done in them, by worker and step", lambda each: each.items),
    ("failures", "Portions that failed, by worker and step", lambda each: each.failures),
)
_SECONDS: tuple[tuple[str, str, Callable[[Figures], float]], ...] = (
    ("last", "How long the last transaction held it", lambda each: each.lock_last_seconds),
    ("longest", "How long one held it at most", lambda each: each.lock_longest_seconds),
)


def of_backlog(backlog: Backlog, *, at_us: int) -> Iterator[Metric]:
    """What waits, what failed, how late timers are, and the newest shadow run."""
    yield _gauge("waiting", "What waits in a lane", "lane", backlog.waiting)
    yield _gauge("failed", "What a person should look at", "lane", backlog.failed)
    yield _gauge("timer_late_seconds", "The oldest due timer", "timer", backlog.late_seconds)
    if backlog.shadow is not None:
        yield from _of_shadow(backlog.shadow, at_us=at_us)


def _of_shadow(run: ShadowRun, *, at_us: int) -> Iterator[Metric]:
    """What came of computing all scores again last night."""
    age = max(0, at_us - clock.micros(run.as_of)) / clock.SECOND
    for name, text, value in (
        ("differences", "Scores that batch scoring gave otherwise", run.differing_count),
        ("leads", "Leads whose scores were compared", run.lead_count),
        ("seconds", "How long that took", run.seconds),
        ("age_seconds", "Since the instant as of which they were compared", age),
    ):  # fmt: skip
        yield GaugeMetricFamily(f"leadline_shadow_{name}", text, value=value)


def of_workers(workers: Iterable[Figures], *, at_us: int) -> Iterator[Metric]:
    """What each process did since it began; the lock only where there is one."""
    workers = list(workers)
    ages = {each.worker: max(0, at_us - each.renewed_us) / 1_000_000 for each in workers}
    yield _gauge("worker_age_seconds", "Since a worker renewed its figures", "worker", ages)
    for name, text, of in _STEPS:
        counter = CounterMetricFamily(f"leadline_worker_{name}", text, labels=("worker", "step"))
        for each in workers:
            for step, count in sorted(of(each).items()):
                counter.add_metric((each.worker, step), count)
        yield counter
    yield from _lock([each for each in workers if each.lock_count])


def _lock(workers: list[Figures]) -> Iterator[Metric]:
    held = SummaryMetricFamily(
        "leadline_worker_write_lock_seconds",
        "How long transactions held SQLite's write lock",
        labels=("worker",),
    )
    for each in workers:
        held.add_metric((each.worker,), each.lock_count, each.lock_seconds)
    yield held
    for name, text, of in _SECONDS:
        seconds = {each.worker: of(each) for each in workers}
        yield _gauge(f"worker_write_lock_{name}_seconds", text, "worker", seconds)


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    gauge = GaugeMetricFamily(f"leadline_{name}", text, labels=(label,))
    for key, value in values.items():
        gauge.add_metric((key,), value)
    return gauge
