"""How points fade: tables of integers, computed once, the same array for every engine."""

from functools import lru_cache

HALF_LIVES = 10
MAX_DAYS = 1_095


def end_days(half_life_days: int) -> int:
    """The greatest age in whole days at which an event still gives points."""
    return min(HALF_LIVES * half_life_days, MAX_DAYS)


@lru_cache(maxsize=1_000)
def table(points_micro: int, half_life_days: int) -> tuple[int, ...]:
    """Micro-points that one event gives at each age in whole days, from 0 to `end_days`.

    Entry `age` is round(points · 10⁶ · 2^(−age / half_life)); older events give nothing. No
    engine computes a power, so none can round differently.
    """
    return tuple(
        round(points_micro * 2 ** (-age / half_life_days))
        for age in range(end_days(half_life_days) + 1)
    )
