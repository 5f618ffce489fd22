"""The rows of a rule as fields of a form, and what the buttons beside them do.

The first row's fields are called `rule.what`, `rule.times`, …; the rows of a group `rule-0.what`,
`rule-1.what`; the comparisons of a row `rule-0.t0.op`, its events `rule-0.a0.event` with
properties `rule-0.a0.w0.name`. A button says what it does to which row: `remove rule-0-1`.
"""

import re
from collections.abc import Callable, Mapping

from django.http import QueryDict

from leadline.criteria import parse
from leadline.criteria.vocabulary import KINDS
from leadline.lib import text
from leadline.web.rule_rows import EVENTS, ActRow, Row, TestRow

MOST_ROWS = 60
"""Rules with more conditions are edited as text: a form has at most 1,100 fields."""

_LONGEST = 2_000
_NAMED = re.compile(r"(?P<row>[a-z_]+(?:-[0-9]{1,3})*)(?:\.(?P<list>[tab])(?P<at>[0-9]{1,3})?)?"
                    r"(?:\.w(?P<where>[0-9]{1,3})?)?")  # fmt: skip


def read(post: QueryDict, name: str) -> Row:
    """The rows in the form, as they were typed; at most 60 rows and 20 levels of them."""
    return _Post(post, left=MOST_ROWS).row(name, depth=1)


class _Post:
    """A form being read; `left` is how many rows may still come."""

    def __init__(self, post: QueryDict, *, left: int) -> None:
        self.post = post
        self.left = left

    def row(self, name: str, *, depth: int) -> Row:
        self.left -= 1
        said = self.said
        row = Row(
            what=said(f"{name}.what"),
            times=said(f"{name}.times"),
            share=said(f"{name}.share"),
            span=said(f"{name}.span"),
            unit=said(f"{name}.unit") if said(f"{name}.unit") in ("m", "h", "d", "w") else "d",
            value=said(f"{name}.value"),
            channel=said(f"{name}.channel"),
        )
        if row.is_group:
            row.children = self.children(name, depth=depth)
            return row
        if said(f"{name}.was") in ("", row.what) or {said(f"{name}.was"), row.what} <= {*EVENTS}:
            row.tests = self.tests(f"{name}.t")
            row.acts, row.base = self.acts(f"{name}.a"), self.acts(f"{name}.b")
        return row

    def children(self, name: str, *, depth: int) -> list[Row]:
        found: list[Row] = []
        if depth > parse.MAX_DEPTH:
            return found
        while self.left > 0 and f"{name}-{len(found)}.what" in self.post:
            found.append(self.row(f"{name}-{len(found)}", depth=depth + 1))
        return found

    def acts(self, name: str) -> list[ActRow]:
        found: list[ActRow] = []
        while len(found) < parse.MAX_ACTS and f"{name}{len(found)}.event" in self.post:
            at = f"{name}{len(found)}"
            found.append(ActRow(self.said(f"{at}.event"), self.tests(f"{at}.w")))
        return found

    def tests(self, name: str) -> list[TestRow]:
        found: list[TestRow] = []
        while len(found) < parse.MAX_PROPERTIES and f"{name}{len(found)}.op" in self.post:
            found.append(self.test(f"{name}{len(found)}"))
        return found

    def test(self, name: str) -> TestRow:
        kinds = {str(each): each for each in KINDS}
        test = TestRow(self.said(f"{name}.op"), name=self.said(f"{name}.name"))
        test.kind = kinds.get(self.said(f"{name}.kind"), "text")
        typed = [
            text.clean(each, max_length=_LONGEST * 10) for each in self.post.getlist(f"{name}.v")
        ]
        if test.shape == "many":  # options that were ticked, or one value per line
            typed = [line for each in typed for line in each.splitlines() if line.strip()]
        test.values = typed
        return test

    def said(self, name: str) -> str:
        return text.clean(self.post.get(name, ""), max_length=_LONGEST)


# What the buttons do

Parts = Mapping[str, str | None]


def edited(root: Row, asked: str, *, name: str) -> tuple[Row, str]:
    """The rows after a button, and the field to go on with, or ""; what the button names may be
    gone, then nothing happens."""
    verb, _, at = asked.partition(" ")
    found = _NAMED.fullmatch(at)
    if found is None or verb not in _VERBS or found["row"].partition("-")[0] != name:
        return root, ""
    steps = [int(step) for step in found["row"].split("-")[1:]]
    try:
        changed = _VERBS[verb](root, steps, found.groupdict())
        return changed, _next(changed, verb, steps, found.groupdict(), at=at)
    except IndexError:
        return root, ""  # the button of a row that another button has removed


def _next(root: Row, verb: str, steps: list[int], parts: Parts, *, at: str) -> str:
    if verb == "add":
        return f"{parts['row']}-{len(_row(root, steps).children) - 1}.what"
    if verb == "compare":
        last = len(_tests(root, steps, parts)) - 1
        return f"{at}{last}.{'op' if parts['list'] == 't' else 'name'}"
    if verb == "event":
        return f"{at}{len(_acts(_row(root, steps), parts)) - 1}.event"
    name = str(parts["row"])
    return f"{name.rpartition('-')[0] or name if verb in ('remove', 'out') else name}.what"


def _row(root: Row, steps: list[int]) -> Row:
    for step in steps:
        root = root.children[step]
    return root


def _add(root: Row, steps: list[int], parts: Parts) -> Row:
    """One condition more; a rule of one condition becomes a group first."""
    group = _row(root, steps)
    if group.is_group:
        group.children.append(Row())
        return root
    return _replaced(root, steps, Row("all", children=[group, Row()]))


def _group(root: Row, steps: list[int], parts: Parts) -> Row:
    """The row moves into a group of its own, of the other sort than the one it stands in."""
    around = _row(root, steps[:-1]).what if steps else ""
    what = "any" if around == "all" else "all"
    return _replaced(root, steps, Row(what, children=[_row(root, steps)]))


def _out(root: Row, steps: list[int], parts: Parts) -> Row:
    """The row leaves its group and stands behind it; a group that is empty then is gone."""
    if not steps:
        return root
    row = _row(root, steps)
    if len(steps) == 1:
        return row if len(root.children) == 1 else root
    group, around = _row(root, steps[:-1]), _row(root, steps[:-2])
    group.children.pop(steps[-1])
    around.children.insert(steps[-2] + 1, row)
    if not group.children:
        around.children.pop(steps[-2])
    return root


def _remove(root: Row, steps: list[int], parts: Parts) -> Row:
    if not steps:
        return Row()
    _row(root, steps[:-1]).children.pop(steps[-1])
    return root


def _replaced(root: Row, steps: list[int], by: Row) -> Row:
    if not steps:
        return by
    _row(root, steps[:-1]).children[steps[-1]] = by
    return root


def _tests(root: Row, steps: list[int], parts: Parts) -> list[TestRow]:
    row = _row(root, steps)
    return row.tests if parts["list"] == "t" else _acts(row, parts)[int(parts["at"] or 0)].where


def _acts(row: Row, parts: Parts) -> list[ActRow]:
    return row.base if parts["list"] == "b" else row.acts


def _compare(root: Row, steps: list[int], parts: Parts) -> Row:
    _tests(root, steps, parts).append(TestRow())
    return root


def _no_compare(root: Row, steps: list[int], parts: Parts) -> Row:
    place = parts["at"] if parts["list"] == "t" else parts["where"]
    _tests(root, steps, parts).pop(int(place or 0))
    return root


def _event(root: Row, steps: list[int], parts: Parts) -> Row:
    _acts(_row(root, steps), parts).append(ActRow())
    return root


def _no_event(root: Row, steps: list[int], parts: Parts) -> Row:
    _acts(_row(root, steps), parts).pop(int(parts["at"] or 0))
    return root


_VERBS: Mapping[str, Callable[[Row, list[int], Parts], Row]] = {
    "add": _add,
    "group": _group,
    "out": _out,
    "remove": _remove,
    "compare": _compare,
    "no_compare": _no_compare,
    "event": _event,
    "no_event": _no_event,
}
