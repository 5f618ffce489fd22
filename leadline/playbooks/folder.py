"""A playbook as files: strict YAML in, plain YAML out, every error with its file and path."""

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language

from leadline.playbooks import translation

MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
SHIPPED = Path(__file__).parent


class PlaybookError(ValueError):
    """A folder that cannot be applied. Nothing has been changed; mend the file and try again."""

    permanent = True

    def __init__(self, file: str, path: str, reason: str) -> None:
        self.file = file
        self.path = path
        super().__init__(f"{file}{': ' + path if path else ''}: {reason}")


class _Loader(yaml.SafeLoader):
    """YAML without surprises: no dates, no `yes` or `no` as booleans, no key twice."""

    yaml_implicit_resolvers = {
        first: [
            (tag, match) for tag, match in resolvers if not tag.endswith((":timestamp", ":bool"))
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise yaml.MarkedYAMLError(
                    problem=f"{key!r} stands twice", problem_mark=node.value[index][0].start_mark
                )
        return super().construct_mapping(node, deep=True)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class _Dumper(yaml.SafeDumper):
    """Repeats what is used twice instead of writing anchors, and indents lists for reading."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def find(name_or_folder: str | Path) -> Path:
    """The folder of a playbook: a path, or the name of one that is shipped.

    Raises PlaybookError when there is no `playbook.yaml` in it.
    """
    shipped = SHIPPED / str(name_or_folder)
    is_name = re.fullmatch("[a-z0-9-]+", str(name_or_folder)) is not None
    folder = shipped if is_name and shipped.is_dir() else Path(name_or_folder)
    if not (folder / "playbook.yaml").is_file():
        names = sorted(path.parent.name for path in SHIPPED.glob("*/playbook.yaml"))
        raise PlaybookError(
            str(name_or_folder),
            "",
            f"there is no playbook.yaml here; shipped are {', '.join(names)}",
        )
    return folder


def shipped() -> list[tuple[str, str]]:
    """Name and title of each playbook that comes along, by name."""
    found = []
    for path in sorted(SHIPPED.glob("*/playbook.yaml")):
        said = read(path.parent, path.name)
        said = translation.told(said, path.name, language=get_language() or "en")
        title = said.get("title", "") if isinstance(said, dict) else ""
        found.append((path.parent.name, str(title)))
    return found


def read(folder: Path, file: str) -> object | None:
    """What `file` says, or None when there is no such file. Raises PlaybookError."""
    path = folder / file
    if not path.is_file():
        return None
    if path.stat().st_size > MAX_BYTES:
        raise PlaybookError(file, "", f"it is larger than {MAX_BYTES:,} bytes")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise PlaybookError(file, "", "it is not UTF-8") from None
    # Who reads may change what was read, so everybody gets a copy.
    return deepcopy(_document(text, file))


@lru_cache(maxsize=128)
def _document(text: str, file: str) -> object:
    """Parsed once: the shipped ones are read for every list of them, and by each test."""
    try:
        document: object = yaml.load(text, _Loader)  # noqa: S506 (safe loader)
    except (yaml.MarkedYAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it is nested too deep"
        raise PlaybookError(file, where, str(reason)) from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise PlaybookError(file, "", str(error)) from None
    _count(document, file=file)
    return document


def write(folder: Path, file: str, document: Mapping[str, object]) -> None:
    """Write `document` as YAML that `read` gives back unchanged."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(text, "utf-8")


def _count(document: object, *, file: str) -> None:
    """Refuse documents that aliases have blown up, before anything walks them."""
    waiting, seen = [document], 0
    while waiting:
        seen += 1
        if seen > MAX_VALUES:
            raise PlaybookError(file, "", f"it has more than {MAX_VALUES:,} values")
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
