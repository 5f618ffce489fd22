"""How often one key may ask: a bucket per key, in the memory of the web process."""

import threading
import time
from dataclasses import dataclass

PER_SECOND = 50
BURST = 600
_MOST_BUCKETS = 10_000


@dataclass(slots=True)
class Bucket:
    """What is left, and when that was counted (seconds of the stopwatch)."""

    left: float
    at: float


@dataclass(frozen=True, slots=True)
class Allowance:
    """Whether the request may pass, how many may follow at once, and when one more may (s)."""

    is_allowed: bool
    left: int
    wait_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """`RateLimit-*` of every answer, `Retry-After` of a refusal."""
        found = {
            "RateLimit-Limit": str(BURST),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.wait_seconds),
        }
        return found if self.is_allowed else {**found, "Retry-After": str(self.wait_seconds)}


class Limits:
    """Buckets that hold `BURST` requests and fill by `PER_SECOND`."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> Allowance:
        """Take one request out of the bucket of this name."""
        # A stopwatch, not the time of anything that happened.
        now = time.monotonic()
        with self._lock:
            if len(self._buckets) >= _MOST_BUCKETS:
                self._buckets.clear()
            bucket = self._buckets.setdefault(name, Bucket(BURST, now))
            bucket.left = min(BURST, bucket.left + (now - bucket.at) * PER_SECOND)
            bucket.at = now
            is_allowed = bucket.left >= 1
            if is_allowed:
                bucket.left -= 1
            return Allowance(is_allowed, int(bucket.left), 0 if is_allowed else 1)

    def forget(self) -> None:
        """Every bucket full again."""
        with self._lock:
            self._buckets.clear()


LIMITS = Limits()
"""The buckets of this process."""
