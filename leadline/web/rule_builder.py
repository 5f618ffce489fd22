"""The builder of sentences: one rule as a form, without JavaScript too.

A page that edits a rule makes two calls: `shown` for what is stored, `read` for what was posted.
Both give a Builder for the macro `rule_builder` of the template of that name, which stands inside
the page's own form. A button or a live look posts to the page's own address with `<name>.do` set:
then `is_look` is true and the page shows itself again and saves nothing. Else the page saves
`document` if there is one, and shows itself with 422 if there is none.

The same rule can be written as YAML; whichever of the two is open is what was meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from leadline.criteria import parse, sentence
from leadline.criteria.canonical import Document, canonical
from leadline.criteria.errors import CriterionError
from leadline.criteria.nodes import Node
from leadline.lib import text, yaml_text
from leadline.web import rule_documents, rule_fields, rule_rows
from leadline.web.rule_rows import GROUPS, ActRow, Row, TestRow
from leadline.web.rule_words import Words

Problems = Mapping[str, Sequence[str]]

_NO_PROBLEMS: Problems = {}
_LONGEST_TEXT = 100_000


@dataclass(frozen=True)
class Builder:
    """A rule in a form. `document` (canonical) and `node` are None while it is no rule.

    `name` precedes the names of its fields. `problems` are sentences by the name of their row.
    With `is_text` the rule is shown as `text`, YAML, instead of rows. `is_act`: it is one event
    that is counted each time, without "at least" and without groups.
    """

    name: str
    words: Words
    root: Row = field(default_factory=Row)
    node: Node | None = None
    document: Document | None = None
    problems: Problems = field(default_factory=lambda: _NO_PROBLEMS)
    text: str = ""
    is_text: bool = False
    is_look: bool = False
    is_act: bool = False
    # The field that a button has just made.
    focus: str = ""

    @property
    def said(self) -> str:
        """The rule in words, or ""."""
        if self.node is None:
            return ""
        said = sentence.sentence(self.node, translate=_)
        return said[:1].upper() + said[1:]

    def wrong(self, place: str) -> Sequence[str]:
        return self.problems.get(place, ())


def shown(
    document: Mapping[str, object] | None,
    *,
    words: Words,
    name: str = "rule",
    is_act: bool = False,
) -> Builder:
    """A stored rule, or an empty row for None. One that cannot be read any more is shown as text
    with what is wrong with it."""
    blank = Builder(name, words, _fitting(Row("did" if is_act else ""), words), is_act=is_act)
    if document is None:
        return blank
    return _of_document(document, blank)


def read(post: QueryDict, *, words: Words, name: str = "rule", is_act: bool = False) -> Builder:
    """What was posted, after the button that was pressed; nothing is saved."""
    asked = post.get(f"{name}.do", "")
    is_text = post.get(f"{name}.mode") == "text"
    built = Builder(name, words, is_look=bool(asked), is_act=is_act)
    if is_text:
        built = _of_text(post.get(f"{name}.text", ""), built)
        return replace(built, is_text=False) if asked == "rows" and built.node else built
    root, focus = rule_fields.edited(rule_fields.read(post, name), asked, name=name)
    built = _of_rows(replace(built, root=_fitting(root, words), focus=focus))
    if asked.partition(" ")[0] not in ("", "say", "text"):
        return replace(built, problems=_NO_PROBLEMS)  # rows that a button made are not wrong yet
    return _as_text(built) if asked == "text" and built.document else built


def _of_rows(built: Builder) -> Builder:
    written = rule_documents.document(
        built.root, name=built.name, vocabulary=built.words.vocabulary
    )
    if written.document is None:
        return replace(built, problems=written.problems)
    try:
        node = _parsed(written.document, built)
    except CriterionError as refusal:
        place = written.at(refusal.path) or built.name
        return replace(built, problems={place: [_refused(refusal)]})
    return replace(built, node=node, document=canonical(node))


def _of_document(document: Mapping[str, object], built: Builder) -> Builder:
    try:
        node = _parsed(document, built)
    except CriterionError as refusal:
        problems = {built.name: [_refused(refusal, is_text=True)]}
        text_of = yaml_text.write(document)
        return replace(built, text=text_of, is_text=True, problems=problems)
    root = rule_rows.of(node)
    built = replace(built, root=_fitting(root, built.words), node=node, document=canonical(node))
    is_long = sum(1 for _row in rule_rows.everything(root)) > rule_fields.MOST_ROWS
    return _as_text(built) if is_long else built


def _of_text(typed: str, built: Builder) -> Builder:
    typed = text.clean(typed)
    built = replace(built, text=typed, is_text=True)
    if len(typed) > _LONGEST_TEXT:
        # Cut off somewhere it might be another rule.
        said = _("Please use at most %(limit)s characters.") % {"limit": f"{_LONGEST_TEXT:,}"}
        return replace(built, problems={built.name: [said]})
    try:
        document = yaml_text.read(typed)
        node = _parsed(document, built)
    except yaml_text.NotYaml as refusal:
        return replace(built, problems={built.name: [str(refusal)]})
    except CriterionError as refusal:
        return replace(built, problems={built.name: [_refused(refusal, is_text=True)]})
    root = _fitting(rule_rows.of(node), built.words)
    return replace(built, root=root, node=node, document=canonical(node))


def _as_text(built: Builder) -> Builder:
    return replace(built, text=yaml_text.write(built.document or {}), is_text=True)


def _parsed(document: object, built: Builder) -> Node:
    words = built.words
    node = parse.parse(document, vocabulary=words.vocabulary, allowed=words.allowed)
    if built.is_act:
        parse.parse_act(document, vocabulary=words.vocabulary)
    return node


def _refused(refusal: CriterionError, *, is_text: bool = False) -> str:
    said = {"found": refusal.found, "allowed": refusal.allowed, "path": refusal.path or "/"}
    if is_text:
        return _("At %(path)s stands %(found)s; possible: %(allowed)s.") % said
    return _("Here stands %(found)s; possible: %(allowed)s.") % said


def _fitting(root: Row, words: Words) -> Row:
    """The same rows with every field that they need, as somebody sees them first."""
    for row in rule_rows.everything(root):
        if row.what in GROUPS:
            row.children = row.children or [Row()]
        elif row.head in ("did", "did_not", "ratio_of"):
            row.acts = row.acts or [ActRow()]
            row.base = (row.base or [ActRow()]) if row.head == "ratio_of" else []
            for test in (test for act in (*row.acts, *row.base) for test in act.where):
                _fit(test, [each for each, _label in words.comparisons(test.kind)])
        elif row.head in ("trait", "score", "fact") or row.what in rule_documents.STANDING:
            row.tests = row.tests or [TestRow()]
            for test in row.tests:
                _fit(test, [each for each, _label in words.comparisons(words.kind(row))])
    return root


def _fit(test: TestRow, operators: Sequence[str]) -> None:
    """An operator that the type does not have becomes its first."""
    if test.operator not in operators:
        test.operator = operators[0]
