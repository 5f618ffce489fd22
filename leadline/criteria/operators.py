"""The comparisons: how each is written, which types it takes, and when it holds.

A value that is missing or has another type than the test makes the test false, never an error,
and also for `is_not` and `not_in`: of an unknown country nobody can say that it is not France.
Only `exists: false` holds for what is missing.

Text compares exactly, by code points, as every engine can.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Literal, Protocol

import re2

from leadline.criteria.errors import CriterionError, join
from leadline.criteria.nodes import Operand, Scalar, Test
from leadline.criteria.vocabulary import KINDS, Kind

Predicate = Callable[[object], bool]


class Pattern(Protocol):
    """A compiled pattern of RE2."""

    def search(self, text: str, /) -> object | None:
        """A match anywhere in `text`, or None."""


MAX_TEXT = 500
MAX_CHOICES = 500
MAX_PATTERN = 200
MAX_NUMBER = 10**15

_ALL: frozenset[Kind] = frozenset(KINDS)
_ORDERED: frozenset[Kind] = frozenset({"number", "date"})
_SCALARS: frozenset[Kind] = frozenset({"text", "number", "boolean", "date"})
_TEXT: frozenset[Kind] = frozenset({"text"})


@dataclass(frozen=True, slots=True)
class Operator:
    """`kinds` are the types it applies to, `shape` what stands behind it."""

    kinds: frozenset[Kind]
    shape: Literal["one", "many", "pair", "flag", "pattern"]


OPERATORS: Mapping[str, Operator] = {
    "is": Operator(_SCALARS, "one"),
    "is_not": Operator(_SCALARS, "one"),
    "in": Operator(_ALL - {"boolean"}, "many"),
    "not_in": Operator(_ALL - {"boolean"}, "many"),
    "contains": Operator(frozenset({"text", "list"}), "one"),
    "starts": Operator(_TEXT, "one"),
    "ends": Operator(_TEXT, "one"),
    "matches": Operator(_TEXT, "pattern"),
    "gte": Operator(_ORDERED, "one"),
    "gt": Operator(_ORDERED, "one"),
    "lte": Operator(_ORDERED, "one"),
    "lt": Operator(_ORDERED, "one"),
    "between": Operator(_ORDERED, "pair"),
    "exists": Operator(_ALL, "flag"),
}


# Reading


def read(name: str, operand: object, *, kind: Kind | None, path: str) -> Test:
    """The test `name: operand` on a value of type `kind`.

    None means that the type is not known (a property of an event): the operand decides. Raises
    CriterionError at `path` when the operator does not apply or the operand has the wrong type.
    """
    operator = OPERATORS[name]
    if kind is not None and kind not in operator.kinds:
        fitting = [key for key, each in OPERATORS.items() if kind in each.kinds]
        raise CriterionError(path, name, f"for a {kind}: {', '.join(fitting)}")
    if operator.shape == "flag":
        return Test(name, _flag(operand, path=path), kind or "boolean")
    if operator.shape == "pattern":
        return Test(name, _pattern(operand, path=path), "text")
    kind = kind or _kind_of(operand, operator, path=path)
    part: Kind = "text" if kind == "list" else kind
    if operator.shape == "one":
        return Test(name, scalar(operand, kind=part, path=path), kind)
    return Test(name, _several(operand, operator, part, path=path), kind)


def scalar(value: object, *, kind: Kind, path: str) -> Scalar:
    """`value` as a constant of this type, or CriterionError at `path`."""
    if kind == "boolean":
        return _flag(value, path=path)
    if kind == "number":
        return _number(value, path=path)
    if kind == "date":
        return _date(value, path=path)
    return text(value, path=path)


def text(value: object, *, path: str, longest: int = MAX_TEXT) -> str:
    """`value` as text of 1 to `longest` characters on one line, or CriterionError at `path`.

    Refused are control characters, lone surrogates and marks that reverse the writing.
    """
    if isinstance(value, str) and 0 < len(value) <= longest and not _UNFIT.search(value):
        return value
    raise CriterionError(path, value, f"text of 1 to {longest} characters on one line")


_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


def _kind_of(operand: object, operator: Operator, *, path: str) -> Kind:
    sample = operand[0] if isinstance(operand, (list, tuple)) and operand else operand
    if isinstance(sample, bool):
        kind: Kind = "boolean"
    elif isinstance(sample, (int, float)):
        kind = "number"
    elif isinstance(sample, date) or (isinstance(sample, str) and operator.kinds == _ORDERED):
        kind = "date"  # text has no order that every engine shares
    else:
        kind = "text"
    if kind not in operator.kinds:
        raise CriterionError(path, operand, " or ".join(sorted(operator.kinds - {"list"})))
    return kind


def _several(value: object, operator: Operator, kind: Kind, *, path: str) -> tuple[Scalar, ...]:
    if not isinstance(value, (list, tuple)) or not 0 < len(value) <= MAX_CHOICES:
        raise CriterionError(path, value, f"a list of 1 to {MAX_CHOICES} values")
    found = tuple(
        scalar(each, kind=kind, path=join(path, index)) for index, each in enumerate(value)
    )
    if operator.shape == "many":
        return tuple(dict.fromkeys(found))
    if len(found) != 2 or found[0] > found[1]:  # type: ignore[operator]  # same kind, both ordered
        raise CriterionError(path, value, "two values, the lower one first")
    return found


def _flag(value: object, *, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise CriterionError(path, value, "true or false")


def _number(value: object, *, path: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise CriterionError(path, value, "a number")
    if not -MAX_NUMBER <= value <= MAX_NUMBER:  # also refuses not-a-number
        raise CriterionError(path, value, "a number between -10^15 and 10^15")
    return int(value) if value == int(value) else value


def _date(value: object, *, path: str) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str) and _is_day(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise CriterionError(path, value, "a date written YYYY-MM-DD")


def _is_day(value: str) -> bool:
    return _DAY.fullmatch(value) is not None


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


# Patterns: what RE2 and Java read alike, so that every engine finds the same rows.

_COMMON = re.compile(
    r"""(?: [^\\\[\](){}|?*+.^$]                    # a character that stands for itself
          | [.^$|)] | \(\?: | \((?!\?)              # any, ends, or, plain groups
          | [?*+]\?? | \{[0-9]{1,3}(?:,[0-9]{0,3})?\}\??
          | \\[dDwWsSbB] | \\[^A-Za-z0-9\s]         # ASCII classes, escaped punctuation
          | \[\^?(?:[^\\\[\]&~] | \\[dDwWsS] | \\[^A-Za-z0-9\s])+\]
        )*""",
    re.VERBOSE,
)


def _pattern(value: object, *, path: str) -> str:
    pattern = text(value, path=path, longest=MAX_PATTERN)
    if not _COMMON.fullmatch(pattern):
        raise CriterionError(
            path, pattern, r"literals . ^ $ | ( ) (?: ) [ ] ? * + {m,n} \d \w \s \b and \ + mark"
        )
    try:
        _compiled(pattern)
    except re2.error as refusal:
        reason = refusal.args[0] if refusal.args else "not a pattern"
        shown = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise CriterionError(path, pattern, f"a pattern that RE2 accepts ({shown})") from None
    return pattern


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> Pattern:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    compiled: Pattern = re2.compile(pattern, options)
    return compiled


# Judging


def predicate(tests: tuple[Test, ...]) -> Predicate:
    """A function that says whether a value passes all `tests`; it never raises."""
    checks = [_CHECKS[test.operator](test) for test in tests]
    if len(checks) == 1:
        return checks[0]
    return lambda value: all(check(value) for check in checks)


def is_known(value: object) -> bool:
    """Whether there is a value at all; None, empty text and an empty list are none."""
    return value is not None and value not in ("", [], ())


def _has_kind(kind: Kind) -> Predicate:
    return {
        "text": lambda value: isinstance(value, str),
        "number": lambda value: type(value) in (int, float) and value == value,  # noqa: PLR0124  # not NaN
        "boolean": lambda value: type(value) is bool,
        "date": lambda value: isinstance(value, str) and _is_day(value),
        "list": lambda value: isinstance(value, (list, tuple)),
    }[kind]


def _is(test: Test) -> Predicate:
    operand, has_kind = test.operand, _has_kind(test.kind)
    if test.kind in ("text", "date"):
        return lambda value: value == operand
    return lambda value: value == operand and has_kind(value)


def _is_not(test: Test) -> Predicate:
    operand, has_kind = test.operand, _has_kind(test.kind)
    return lambda value: has_kind(value) and value != operand


def _in(test: Test) -> Predicate:
    choices, has_kind = _choices(test.operand), _has_kind(test.kind)
    if test.kind == "list":
        return lambda value: isinstance(value, (list, tuple)) and _any_of(value, choices)
    return lambda value: has_kind(value) and value in choices


def _not_in(test: Test) -> Predicate:
    choices, has_kind = _choices(test.operand), _has_kind(test.kind)
    if test.kind == "list":
        return lambda value: isinstance(value, (list, tuple)) and not _any_of(value, choices)
    return lambda value: has_kind(value) and value not in choices


def _choices(operand: Operand) -> frozenset[Scalar]:
    return frozenset(operand) if isinstance(operand, tuple) else frozenset({operand})


def _any_of(members: list[object] | tuple[object, ...], choices: frozenset[Scalar]) -> bool:
    return any(isinstance(member, str) and member in choices for member in members)


def _contains(test: Test) -> Predicate:
    operand = str(test.operand)
    if test.kind == "list":
        return lambda value: isinstance(value, (list, tuple)) and operand in value
    return lambda value: isinstance(value, str) and operand in value


def _starts(test: Test) -> Predicate:
    operand = str(test.operand)
    return lambda value: isinstance(value, str) and value.startswith(operand)


def _ends(test: Test) -> Predicate:
    operand = str(test.operand)
    return lambda value: isinstance(value, str) and value.endswith(operand)


def _matches(test: Test) -> Predicate:
    pattern = _compiled(str(test.operand))

    def holds(value: object) -> bool:
        try:
            return isinstance(value, str) and pattern.search(value) is not None
        except UnicodeEncodeError:  # a lone surrogate; RE2 reads UTF-8
            return False

    return holds


def _exists(test: Test) -> Predicate:
    return is_known if test.operand else lambda value: not is_known(value)


def _compare(test: Test) -> Predicate:
    has_kind = _has_kind(test.kind)
    low, high = test.operand if isinstance(test.operand, tuple) else (test.operand,) * 2
    # The kind was checked on both sides, so the comparisons are between numbers or between texts.
    orders: dict[str, Callable[..., bool]] = {
        "gte": lambda value: value >= low,
        "gt": lambda value: value > low,
        "lte": lambda value: value <= low,
        "lt": lambda value: value < low,
        "between": lambda value: low <= value <= high,
    }
    in_order = orders[test.operator]
    return lambda value: has_kind(value) and in_order(value)


_CHECKS: Mapping[str, Callable[[Test], Predicate]] = {
    "is": _is,
    "is_not": _is_not,
    "in": _in,
    "not_in": _not_in,
    "contains": _contains,
    "starts": _starts,
    "ends": _ends,
    "matches": _matches,
    "exists": _exists,
    **dict.fromkeys(("gte", "gt", "lte", "lt", "between"), _compare),
}
