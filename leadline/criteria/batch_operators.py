"""The comparisons of `operators` as expressions over columns: the same rows pass.

SQL knows a third answer beside yes and no, where a value is null. `passes` makes every answer one
of the two, so that `not` means what it means in process; a condition of events, of which none is
negated, may stay as it is, which is a tenth faster (`fits`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any, TypeAlias

import ibis
from ibis.expr import types

from leadline.criteria.batch_patterns import java
from leadline.criteria.frame import Typed
from leadline.criteria.nodes import Operand, Scalar, Test

Condition: TypeAlias = types.BooleanValue

NO = ibis.literal(False)
YES = ibis.literal(True)
_DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row by its type. Columns that are None, or null in a row, hold nothing.

    `is_java`: the engine matches patterns with Java.
    """

    text: types.StringValue | None = None
    # Double precision, or int64 where every value is whole.
    number: types.NumericValue | None = None
    flag: types.BooleanValue | None = None
    members: types.ArrayValue | None = None
    is_java: bool = False


def typed(table: ibis.Table, names: Typed, *, is_java: bool) -> Cell:
    """The value that stands in these four columns."""
    columns = (table[names.text], table[names.number], table[names.flag], table[names.members])
    return Cell(*columns, is_java=is_java)


def plain(column: ibis.Value, *, is_java: bool) -> Cell:
    """The value of a column that has one type for every row."""
    if isinstance(column, types.StringValue):
        return Cell(text=column, is_java=is_java)
    if isinstance(column, types.BooleanValue):
        return Cell(flag=column, is_java=is_java)
    if isinstance(column, types.ArrayValue):
        return Cell(members=column, is_java=is_java)
    return Cell(number=column, is_java=is_java)


def passes(cell: Cell, tests: tuple[Test, ...]) -> Condition:
    """Whether the value passes all tests; never null."""
    return is_true(fits(cell, tests))


def fits(cell: Cell, tests: tuple[Test, ...]) -> Condition:
    """The same, but null may stand for no."""
    return all_of(_CHECKS[test.operator](cell, test) for test in tests)


def is_true(condition: Condition) -> Condition:
    """No where it is unknown."""
    return condition.fill_null(False)


def all_of(conditions: Any) -> Condition:  # an iterable of conditions, which ibis does not type
    """The conjunction; of none it holds."""
    each = list(conditions)
    found: Condition = reduce(and_, each) if each else YES
    return found


def any_of(conditions: Any) -> Condition:  # as above
    """The disjunction; of none it does not hold."""
    each = list(conditions)
    found: Condition = reduce(or_, each) if each else NO
    return found


def has_member(members: types.ArrayValue, name: str) -> Condition:
    """Whether the list holds the name; a list that is null holds none."""
    return is_true(members.contains(name))


# What a test asks of the column of its type. Each gives a condition that may be null where the
# column is; what is negated in it is made yes or no before.


def _column(cell: Cell, test: Test) -> Any:  # ibis gives each type of column other verbs
    if test.kind == "number":
        return None if cell.number is None else _of_numbers(cell.number)
    if test.kind == "boolean":
        return cell.flag
    return cell.members if test.kind == "list" else cell.text


def _of_numbers(column: types.NumericValue) -> types.NumericValue:
    """Without what is no number: engines say that NaN equals itself and is greater than all else.

    The lake has NaN for a value that is known and of no type that a test could ask for.
    """
    if isinstance(column, types.IntegerValue):
        return column
    return ibis.ifelse(column.isnan(), ibis.null("float64"), column)


def _constant(column: Any, value: Scalar) -> Any:  # as above
    """A constant that is compared as exactly as Python does.

    A column of integers with an integer stays among integers; everything else is double precision,
    in which both sides are exact (operands are below 10^15).
    """
    if not isinstance(column, types.NumericValue) or isinstance(column, types.BooleanValue):
        return ibis.literal(value)
    is_whole = isinstance(column, types.IntegerValue) and isinstance(value, int)
    return ibis.literal(value, type="int64" if is_whole else "float64")


def _choices(operand: Operand) -> tuple[Scalar, ...]:
    return operand if isinstance(operand, tuple) else (operand,)


def _is(cell: Cell, test: Test) -> Condition:
    column = _column(cell, test)
    if column is None:
        return NO
    return column == _constant(column, _choices(test.operand)[0])


def _is_not(cell: Cell, test: Test) -> Condition:
    column = _column(cell, test)
    if column is None:
        return NO
    differs = column != _constant(column, _choices(test.operand)[0])
    return differs & _is_day(column) if test.kind == "date" else differs


def _in(cell: Cell, test: Test) -> Condition:
    column = _column(cell, test)
    if column is None:
        return NO
    if test.kind == "list":
        return any_of(has_member(column, str(each)) for each in _choices(test.operand))
    return column.isin([_constant(column, each) for each in _choices(test.operand)])


def _not_in(cell: Cell, test: Test) -> Condition:
    column = _column(cell, test)
    if column is None:
        return NO
    known = _is_day(column) if test.kind == "date" else column.notnull()
    return known & ~is_true(_in(cell, test))


def _contains(cell: Cell, test: Test) -> Condition:
    operand = str(test.operand)
    if test.kind == "list":
        return NO if cell.members is None else has_member(cell.members, operand)
    return NO if cell.text is None else cell.text.contains(operand)


def _starts(cell: Cell, test: Test) -> Condition:
    return NO if cell.text is None else cell.text.startswith(str(test.operand))


def _ends(cell: Cell, test: Test) -> Condition:
    return NO if cell.text is None else cell.text.endswith(str(test.operand))


def _matches(cell: Cell, test: Test) -> Condition:
    return NO if cell.text is None else _finds(cell.text, str(test.operand), is_java=cell.is_java)


def _finds(column: types.StringValue, pattern: str, *, is_java: bool) -> Condition:
    found: Condition = column.re_search(java(pattern) if is_java else pattern)
    return found


def _exists(cell: Cell, test: Test) -> Condition:
    known = any_of(
        is_true(condition)
        for condition in (
            None if cell.text is None else cell.text != "",
            None if cell.number is None else _is_there(cell.number),
            None if cell.flag is None else cell.flag.notnull(),
            None if cell.members is None else cell.members.length() > 0,
        )
        if condition is not None
    )
    return known if test.operand else ~known


def _is_there(column: types.NumericValue) -> Condition:
    """Also what is no number: on Spark, Ibis takes "is not null" to mean that it is none."""
    there = column.notnull()
    return there if isinstance(column, types.IntegerValue) else there | is_true(column.isnan())


def _is_day(column: types.StringValue) -> Condition:
    """Ten characters of the form YYYY-MM-DD; their length rules out what `$` lets pass."""
    found: Condition = (column.length() == 10) & column.re_search(_DAY)
    return found


def _compare(cell: Cell, test: Test) -> Condition:
    column = _column(cell, test)
    if column is None:
        return NO
    bounds = [_constant(column, each) for each in _choices(test.operand)]
    low, high = bounds[0], bounds[-1]
    holds = _ORDERS[test.operator](column, low, high)
    return holds & _is_day(column) if test.kind == "date" else holds


_ORDERS: Mapping[str, Callable[[Any, Any, Any], Condition]] = {  # columns of any ordered type
    "gte": lambda column, low, _: column >= low,
    "gt": lambda column, low, _: column > low,
    "lte": lambda column, low, _: column <= low,
    "lt": lambda column, low, _: column < low,
    "between": lambda column, low, high: (column >= low) & (column <= high),
}

_CHECKS: Mapping[str, Callable[[Cell, Test], Condition]] = {
    "is": _is,
    "is_not": _is_not,
    "in": _in,
    "not_in": _not_in,
    "contains": _contains,
    "starts": _starts,
    "ends": _ends,
    "matches": _matches,
    "exists": _exists,
    **dict.fromkeys(_ORDERS, _compare),
}
