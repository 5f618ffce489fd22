"""The one way in which a rule is written, and a hash by which equal rules are known.

`parse(canonical(node))` gives the node back. Defaults are left out, weeks become days, minutes
become hours where they can, keys have one order.
"""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from leadline.criteria.nodes import (
    MICRO,
    Act,
    AllOf,
    AnyOf,
    Consent,
    Did,
    DidNot,
    Fact,
    InSegment,
    Node,
    Not,
    Operand,
    Property,
    Ratio,
    Score,
    Since,
    Test,
    Trait,
)
from leadline.criteria.span import Span, written

Document = dict[str, object]


def canonical(node: Node) -> Document:
    """`node` as a document of plain JSON values."""
    return _WRITERS[type(node)](node)


def digest(node: Node) -> str:
    """64 hexadecimal digits, equal for rules that differ only in order.

    The order of the children of all and any, of alternatives, and of the choices of in and
    not_in says nothing about when a rule holds.
    """
    return hashlib.sha256(_sorted_text(canonical(node))).hexdigest()


def whole_units(micro: int) -> int | float:
    """Millionths as the number that was written: an int where it is whole."""
    return micro // MICRO if micro % MICRO == 0 else micro / MICRO


def write_acts(key: str, acts: tuple[Act, ...]) -> Document:
    """Acts as they stand behind `did`, `did_not`, `ratio_of` or `to`."""
    [first, *others] = acts
    if others or (first.where and key in ("ratio_of", "to")):
        return {key: [_write_act(act) for act in acts]}
    return {key: first.event} | ({"where": _write_where(first.where)} if first.where else {})


def write_within(within: Span | None) -> Document:
    """`within` unless it is for ever."""
    return {} if within is None else {"within": written(within)}


def _write_act(act: Act) -> str | Document:
    return {"event": act.event, "where": _write_where(act.where)} if act.where else act.event


def _write_where(where: tuple[Property, ...]) -> Document:
    return {each.name: _write_tests(each.tests) for each in where}


def _write_tests(tests: tuple[Test, ...]) -> Document:
    return {test.operator: _write_operand(test.operand) for test in tests}


def _write_operand(operand: Operand) -> object:
    return list(operand) if isinstance(operand, tuple) else operand


def _write_score(node: Score) -> Document:
    return {"score": node.part} | {
        test.operator: test.operand if test.operator == "exists" else _in_points(test.operand)
        for test in node.tests
    }


def _in_points(operand: Operand) -> object:
    if isinstance(operand, tuple):
        return [_in_points(each) for each in operand]
    return whole_units(int(operand))


def _write_did(node: Did) -> Document:
    at_least = {"at_least": node.at_least} if node.at_least > 1 else {}
    return write_acts("did", node.acts) | at_least | write_within(node.within)


def _write_ratio(node: Ratio) -> Document:
    return (
        write_acts("ratio_of", node.of)
        | write_acts("to", node.to)
        | {"at_least": whole_units(node.at_least_micro)}
        | write_within(node.within)
    )


def _write_fact(node: Fact) -> Document:
    if node.head == "fact":
        return {"fact": node.name} | _write_tests(node.tests)
    if [test.operator for test in node.tests] == ["is"]:
        return {node.head: node.tests[0].operand}
    return {node.head: _write_tests(node.tests)}


# Each writer takes the node type of its key, which a mapping cannot say: hence Any.
_WRITERS: dict[type, Callable[[Any], Document]] = {
    AllOf: lambda node: {"all": [canonical(child) for child in node.children]},
    AnyOf: lambda node: {"any": [canonical(child) for child in node.children]},
    Not: lambda node: {"not": canonical(node.child)},
    Trait: lambda node: {"trait": node.name} | _write_tests(node.tests),
    Did: _write_did,
    DidNot: lambda node: write_acts("did_not", node.acts) | write_within(node.within),
    Ratio: _write_ratio,
    Score: _write_score,
    Fact: _write_fact,
    InSegment: lambda node: {"in_segment": node.name},
    Consent: lambda node: {"consent": node.purpose, "channel": node.channel},
    Since: lambda node: {"since": node.what, "at_least": written(node.at_least)},
}

_UNORDERED = frozenset({"all", "any", "did", "did_not", "ratio_of", "to", "in", "not_in"})


def _sorted_text(document: object, *, key: str = "") -> bytes:
    """Compact JSON with sorted keys, and with sorted lists where order says nothing."""
    if isinstance(document, dict):
        pairs = sorted((name, _sorted_text(value, key=name)) for name, value in document.items())
        return b"{" + b",".join(_json(name) + b":" + value for name, value in pairs) + b"}"
    if isinstance(document, list):
        values: Iterable[bytes] = (_sorted_text(value) for value in document)
        return b"[" + b",".join(sorted(values) if key in _UNORDERED else values) + b"]"
    return _json(document)


def _json(value: object) -> bytes:
    return msgspec.json.encode(value)
