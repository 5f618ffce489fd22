"""From the rows of a form to the document of a rule, and from its errors back to the rows.

Rows are read as far as they can be: what cannot be read is a problem at its row, in words, and
then there is no document. What only the parser can refuse has a path; `at` finds its row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from leadline.criteria.canonical import Document
from leadline.criteria.errors import join
from leadline.criteria.operators import OPERATORS
from leadline.criteria.vocabulary import Kind, Vocabulary
from leadline.lib import clock
from leadline.lib.said_date import NotADate
from leadline.web import due_dates
from leadline.web.rule_rows import MISSING, ActRow, Row, TestRow
from leadline.workspace import field_values
from leadline.workspace.field_values import NotOfType

Problems = dict[str, list[str]]

STANDING = ("stage", "temperature", "owner", "team", "source")


@dataclass(slots=True)
class Written:
    """What rows say: a document (None while a row cannot be read), problems by the name of their
    row, and which part of the document stands in which row."""

    document: Document | None = None
    problems: Problems = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)

    def say(self, place: str, sentence: str) -> None:
        self.problems.setdefault(place, []).append(sentence)

    def at(self, path: str) -> str:
        """The name of the row in which the part at `path` of the document stands."""
        while path and path not in self.places:
            path = path.rpartition("/")[0]
        return self.places.get(path, "")


def document(root: Row, *, name: str, vocabulary: Vocabulary) -> Written:
    """What the rows say; `name` is the one of the first row's fields."""
    written = Written()
    made = _Writing(vocabulary, written).row(root, name=name, path="")
    written.document = None if written.problems else made
    return written


@dataclass(frozen=True, slots=True)
class _Writing:
    """The words that rows may use, and what became of them so far."""

    vocabulary: Vocabulary
    to: Written

    def row(self, row: Row, *, name: str, path: str) -> Document:
        self.to.places[path] = name
        if row.is_group:
            return self.group(row, name=name, path=path)
        if row.head not in _WRITERS:
            self.to.say(name, _("Choose what this is about."))
            return {}
        return _WRITERS[row.head](self, row, name, path)

    def group(self, row: Row, *, name: str, path: str) -> Document:
        if not row.children:
            self.to.say(name, _("This group is empty: add a condition or remove it."))
        if row.what != "not":
            return {row.what: self.rows(row.children, name=name, path=join(path, row.what))}
        inner = join(path, "not")
        if len(row.children) == 1:
            return {"not": self.row(row.children[0], name=f"{name}-0", path=inner)}
        return {"not": {"any": self.rows(row.children, name=name, path=join(inner, "any"))}}

    def rows(self, rows: Sequence[Row], *, name: str, path: str) -> list[Document]:
        return [
            self.row(each, name=f"{name}-{place}", path=join(path, place))
            for place, each in enumerate(rows)
        ]

    def trait(self, row: Row, name: str, path: str) -> Document:
        kind = self.vocabulary.traits.get(row.about, "text")
        return {"trait": row.about} | self.tests(row.tests, kind, name=name, path=path)

    def score(self, row: Row, name: str, path: str) -> Document:
        return {"score": row.about} | self.tests(row.tests, "number", name=name, path=path)

    def fact(self, row: Row, name: str, path: str) -> Document:
        kind = self.vocabulary.facts.get(row.about, "text")
        return {"fact": row.about} | self.tests(row.tests, kind, name=name, path=path)

    def standing(self, row: Row, name: str, path: str) -> Document:
        return {row.head: self.tests(row.tests, "text", name=name, path=join(path, row.head))}

    def did(self, row: Row, name: str, path: str) -> Document:
        times = self.whole(row.times, name, path=path)
        return (
            {"did": self.acts(row.acts, name=f"{name}.a", path=join(path, "did"))}
            | ({} if times is None else {"at_least": times})
            | self.within(row, name)
        )

    def did_not(self, row: Row, name: str, path: str) -> Document:
        acts = self.acts(row.acts, name=f"{name}.a", path=join(path, "did_not"))
        return {"did_not": acts} | self.within(row, name)

    def ratio_of(self, row: Row, name: str, path: str) -> Document:
        return {
            "ratio_of": self.acts(row.acts, name=f"{name}.a", path=join(path, "ratio_of")),
            "to": self.acts(row.base, name=f"{name}.b", path=join(path, "to")),
            "at_least": self.percent(row.share, name),
        } | self.within(row, name)

    def since(self, row: Row, name: str, path: str) -> Document:
        if not row.span.strip():
            self.to.say(name, _("Say how long ago, for example 14 days."))
        return {"since": row.about, "at_least": f"{row.span.strip()}{row.unit}"}

    def segment(self, row: Row, name: str, path: str) -> Document:
        return {"in_segment": self.chosen(row.value, name)}

    def consent(self, row: Row, name: str, path: str) -> Document:
        return {
            "consent": self.chosen(row.value, name),
            "channel": self.chosen(row.channel, name),
        }

    # Parts of rows

    def acts(self, acts: Sequence[ActRow], *, name: str, path: str) -> list[object]:
        """Always the long form, a list; the parser takes either."""
        return [
            self.act(each, name=f"{name}{place}", path=join(path, place))
            for place, each in enumerate(acts or [ActRow()])
        ]

    def act(self, act: ActRow, *, name: str, path: str) -> Document:
        self.to.places[path] = name
        if not act.event.strip():
            self.to.say(name, _("Name the event."))
        where: dict[str, Document] = {}
        for place, test in enumerate(act.where):
            at, inner = f"{name}.w{place}", join(join(path, "where"), test.name)
            self.to.places.setdefault(inner, at)
            self.test(test, test.kind, where.setdefault(test.name, {}), name=at, path=inner)
        return {"event": act.event.strip()} | ({"where": where} if where else {})

    def tests(self, tests: Sequence[TestRow], kind: Kind, *, name: str, path: str) -> Document:
        found: Document = {}
        for place, test in enumerate(tests):
            self.test(test, kind, found, name=f"{name}.t{place}", path=path)
        return found

    def test(self, test: TestRow, kind: Kind, into: Document, *, name: str, path: str) -> None:
        operator = "exists" if test.operator == MISSING else test.operator
        if operator in into:
            self.to.say(name, _("This comparison stands twice: change or remove one."))
        if operator not in OPERATORS:
            self.to.say(name, _("Choose how to compare."))
        self.to.places[join(path, operator)] = name
        into[operator] = self.operand(test, kind, name)

    def operand(self, test: TestRow, kind: Kind, name: str) -> object:
        if test.shape == "flag":
            return test.operator == "exists"
        if test.shape == "many":
            if not test.values:
                self.to.say(name, _("Choose or write at least one value."))
            return [self.scalar(each, kind, name) for each in test.values]
        if test.shape == "pair":
            return [self.scalar(each, kind, name) for each in (test.value, test.other)]
        return self.scalar(test.value, kind, name)

    def scalar(self, typed: str, kind: Kind, name: str) -> object:
        if typed == "":
            self.to.say(name, _("Write or choose a value."))
            return typed
        try:
            return _READERS.get(kind, str)(typed)
        except NotOfType as refusal:
            self.to.say(name, str(refusal))
        except NotADate as refusal:
            self.to.say(name, due_dates.problem(refusal))
        return typed

    def within(self, row: Row, name: str) -> Document:
        return {"within": f"{row.span.strip()}{row.unit}"} if row.span.strip() else {}

    def whole(self, typed: str, name: str, *, path: str) -> int | None:
        if not typed.strip():
            return None
        if not typed.strip().isascii() or not typed.strip().isdecimal():
            self.to.say(name, _("How many times? Write a whole number."))
            return None
        return int(typed)

    def percent(self, typed: str, name: str) -> object:
        try:
            share = Decimal(typed.strip().replace(",", "."))
        except InvalidOperation:
            self.to.say(name, _("Write a share in percent, for example 60."))
            return None
        return float(share / 100) if share.is_finite() else typed

    def chosen(self, value: str, name: str) -> str:
        if not value:
            self.to.say(name, _("Write or choose a value."))
        return value


def _number(typed: str) -> object:
    return field_values.fit(typed, field_values.shape("number"))


def _flag(typed: str) -> object:
    return field_values.fit(typed, field_values.shape("boolean"))


def _day(typed: str) -> str:
    """A day as rules write it, of whatever year; else as people say days."""
    try:
        return date.fromisoformat(typed.strip()).isoformat()
    except ValueError:
        return due_dates.read_day(typed, now=clock.now()).isoformat()


_READERS: Mapping[str, Callable[[str], object]] = {
    "number": _number,
    "boolean": _flag,
    "date": _day,
}
_WRITERS: Mapping[str, Callable[[_Writing, Row, str, str], Document]] = {
    "trait": _Writing.trait,
    "score": _Writing.score,
    "fact": _Writing.fact,
    **dict.fromkeys(STANDING, _Writing.standing),
    "did": _Writing.did,
    "did_not": _Writing.did_not,
    "ratio_of": _Writing.ratio_of,
    "since": _Writing.since,
    "in_segment": _Writing.segment,
    "consent": _Writing.consent,
}
