"""Whether a criterion holds whenever another does, as far as their texts tell.

A yes is certain; a no may mean that it was not seen. Used where a rule could never come to bear
because an earlier one always holds first.
"""

from collections.abc import Iterable

from leadline.criteria.canonical import digest
from leadline.criteria.nodes import AllOf, AnyOf, Did, Node, Scalar, Test, Trait
from leadline.criteria.operators import predicate
from leadline.criteria.span import Span
from leadline.lib.clock import DAY


def covers(earlier: Node, later: Node) -> bool:
    """Whether `earlier` holds for every lead for whom `later` holds."""
    if digest(earlier) == digest(later):
        return True
    if isinstance(later, AnyOf):
        return all(covers(earlier, child) for child in later.children)
    if isinstance(earlier, AllOf):
        return all(covers(child, later) for child in earlier.children)
    if isinstance(earlier, AnyOf) and any(covers(child, later) for child in earlier.children):
        return True
    if isinstance(later, AllOf):
        return any(covers(earlier, child) for child in later.children)
    return _leaf_covers(earlier, later)


def _leaf_covers(earlier: Node, later: Node) -> bool:
    if isinstance(earlier, Trait) and isinstance(later, Trait):
        return earlier.name == later.name and _tests_cover(earlier.tests, later.tests)
    return isinstance(earlier, Did) and isinstance(later, Did) and _did_covers(earlier, later)


def _tests_cover(earlier: tuple[Test, ...], later: tuple[Test, ...]) -> bool:
    return all(_test_covers(test, later) for test in earlier)


def _test_covers(test: Test, later: tuple[Test, ...]) -> bool:
    """Whether every value that passes all of `later` passes `test`."""
    if test in later:
        return True
    if test.operator == "exists":
        return bool(test.operand) and any(each.operator in _OF_KNOWN for each in later)
    values = None if test.kind == "list" else _values(later)
    if values is not None:
        passes = predicate((test,))
        return all(passes(value) for value in values)
    return test.operator in _ORDERED and _is_within(later, test)


def _values(tests: tuple[Test, ...]) -> list[Scalar] | None:
    """The only values that pass all tests, when one of them names them; else None."""
    for test in tests:
        if test.operator in ("is", "in"):
            named = test.operand if isinstance(test.operand, tuple) else (test.operand,)
            passes = predicate(tests)
            return [value for value in named if passes(value)]
    return None


_ORDERED = frozenset({"gte", "gt", "lte", "lt", "between"})
_OF_KNOWN = _ORDERED | {"is", "in", "contains", "starts", "ends"}
"""What only a known value passes; `is_not` and `matches` may also hold of an empty text."""


def _is_within(later: tuple[Test, ...], test: Test) -> bool:
    """Whether the range that `later` leaves lies in the one of `test`."""
    low, high = _range([test])
    inner_low, inner_high = _range(later)
    above = low is None or (inner_low is not None and inner_low >= low)
    below = high is None or (inner_high is not None and inner_high <= high)
    return above and below


_End = tuple[int | float | str, int]
"""A bound, and how far beyond it the range begins (1) or ends (-1) when it is left out itself."""


def _range(tests: Iterable[Test]) -> tuple[_End | None, _End | None]:
    lows: list[_End] = []
    highs: list[_End] = []
    for test in tests:
        if test.operator in ("gte", "gt"):
            lows.append((_ordered(test.operand), int(test.operator == "gt")))
        elif test.operator in ("lte", "lt"):
            highs.append((_ordered(test.operand), -int(test.operator == "lt")))
        elif test.operator == "between" and isinstance(test.operand, tuple):
            lows.append((_ordered(test.operand[0]), 0))
            highs.append((_ordered(test.operand[1]), 0))
    return max(lows, default=None), min(highs, default=None)


def _ordered(operand: object) -> int | float | str:
    assert isinstance(operand, int | float | str), "numbers and dates are what has an order"
    return operand


def _did_covers(earlier: Did, later: Did) -> bool:
    """The same acts or more, as often or less often, as far back or further."""
    acts = set(later.acts) <= set(earlier.acts)
    return acts and earlier.at_least <= later.at_least and _reaches(earlier.within, later.within)


def _reaches(longer: Span | None, shorter: Span | None) -> bool:
    if longer is None:
        return True
    if shorter is None:
        return False
    if longer.is_exact == shorter.is_exact:
        return longer.micros >= shorter.micros and longer.days >= shorter.days
    # So many whole days reach back at least that many times 24 hours.
    return not longer.is_exact and longer.days * DAY >= shorter.micros
