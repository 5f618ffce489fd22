"""Arithmetic of a rotation, whoever comes and goes."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from leadline.routing.turns import Place, Rotation, give, settle


def place(seat_id: int, *, dealt: int = 0, was: bool = True, now: bool = True) -> Place:
    return Place(seat_id, 1, uuid.UUID(int=seat_id), f"P{seat_id}", "Sales", dealt, was, now)


def test_the_lowest_seat_wins_a_tie_and_the_lowest_count_comes_first() -> None:
    table = [place(1, dealt=2), place(2, dealt=1), place(3, dealt=1)]
    rotation = Rotation(table)
    seats = [found.seat_id for _ in range(5) if (found := rotation.deal(now_us=7))]
    # 2 and 3 catch up (1 → 2), then 1, 2, 3 in turn.
    assert seats == [2, 3, 1, 2, 3]
    assert {each.last_dealt_us for each in table} == {7}


def test_a_lead_given_outside_the_rotation_counts_in_it() -> None:
    first, second = place(1), place(2)
    rotation = Rotation([first, second])
    give(first, now_us=1)
    give(first, now_us=1)
    assert [found.seat_id for _ in range(3) if (found := rotation.deal(now_us=1))] == [2, 2, 1]


def test_nobody_available_is_nobody() -> None:
    assert Rotation([place(1, now=False)]).deal(now_us=1) is None
    assert Rotation([]).deal(now_us=1) is None


def test_who_is_back_is_raised_but_never_lowered() -> None:
    table = [
        place(1, dealt=10),
        place(2, dealt=11),
        place(3, dealt=2, was=False),
        place(4, dealt=30, was=False),
        place(5, dealt=4, now=False),
    ]
    changed = settle(table)
    assert [each.dealt for each in table] == [10, 11, 10, 30, 4]
    assert [each.seat_id for each in changed] == [3, 4, 5]
    assert settle(table) == []


def test_when_all_come_back_at_once_they_keep_what_they_had() -> None:
    table = [place(1, dealt=3, was=False), place(2, dealt=1, was=False)]
    settle(table)
    assert [each.dealt for each in table] == [3, 1]


@given(st.lists(st.tuples(st.sets(st.integers(4, 7)), st.integers(1, 30)), min_size=1, max_size=20))
def test_those_who_are_always_there_never_differ_by_more_than_one(
    rounds: list[tuple[set[int], int]],
) -> None:
    """Seats 1 to 3 are always there; 4 to 7 come and go before each batch."""
    steady, moving = [place(n) for n in (1, 2, 3)], [place(n, was=False) for n in (4, 5, 6, 7)]
    for present, count in rounds:
        for each in moving:
            each.is_available = each.seat_id in present
        before = {each.seat_id: each.dealt for each in moving}
        settle([*steady, *moving])
        rotation = Rotation([*steady, *moving])
        for _ in range(count):
            assert rotation.deal(now_us=0) is not None
        counts = [each.dealt for each in steady]
        assert max(counts) - min(counts) <= 1
        for each in moving:
            # Who is away gets nothing, and who is there never more than the busiest.
            assert each.dealt <= max([*counts, before[each.seat_id]])
            assert each.seat_id in present or each.dealt == before[each.seat_id]
