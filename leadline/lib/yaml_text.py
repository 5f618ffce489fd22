"""YAML as people write it: strict in, plain out. The caller says which document it may be."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

MAX_VALUES = 50_000
MAX_CHARACTERS = 1_000_000
"""Reading so much takes some seconds; nobody writes it by hand."""


class NotYaml(ValueError):
    """A text that is no document. `where` is its line and column, or "" where nobody can say."""

    permanent = True

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        self.reason = reason
        super().__init__(f"{where}: {reason}" if where else reason)


class _Loader(yaml.SafeLoader):
    """YAML without surprises: no dates, no `yes` or `no` as booleans, no key twice, and no `<<`,
    whose mappings double with each line."""

    yaml_implicit_resolvers = {
        first: [
            (tag, match)
            for tag, match in resolvers
            if not tag.endswith((":timestamp", ":bool", ":merge"))
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for named, _ in node.value:
            key = self.construct_object(named, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.MarkedYAMLError(
                    problem="a key is text or a number", problem_mark=named.start_mark
                )
            if key in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key!r} stands twice", problem_mark=named.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=True)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class _Dumper(yaml.SafeDumper):
    """Repeats what is used twice instead of writing anchors, and indents lists for reading."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def read(text: str) -> object:
    """What `text` says. Raises NotYaml, also for documents that aliases have blown up."""
    if len(text) > MAX_CHARACTERS:
        raise _too_long()
    try:
        document: object = yaml.load(text, _Loader)  # noqa: S506 (safe loader)
    except (yaml.MarkedYAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it is nested too deep"
        raise NotYaml(where, str(reason)) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise NotYaml("", " ".join(str(error).split())) from None
    _count(document)
    return document


def read_file(path: Path) -> object:
    """What the file says. Raises NotYaml, also for a file that is no UTF-8, and OSError."""
    with path.open("rb") as file:
        content = file.read(4 * MAX_CHARACTERS + 1)
    if len(content) > 4 * MAX_CHARACTERS:
        raise _too_long()
    try:
        return read(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise NotYaml("", "it is not UTF-8") from None


def write(document: object) -> str:
    """`document` as YAML that `read` gives back unchanged."""
    text: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96)
    return text


def _too_long() -> NotYaml:
    return NotYaml("", f"it is longer than {MAX_CHARACTERS:,} characters")


def _count(document: object) -> None:
    """Refuse what is too large before anything walks it."""
    waiting, seen = [document], 0
    while waiting:
        seen += 1
        if seen > MAX_VALUES:
            raise NotYaml("", f"it has more than {MAX_VALUES:,} values")
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
