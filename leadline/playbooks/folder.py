"""A playbook as files: strict YAML in, plain YAML out, every error with its file and path."""

import re
from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language

from leadline.lib import yaml_text
from leadline.playbooks import translation

MAX_BYTES = 1_000_000
SHIPPED = Path(__file__).parent


class PlaybookError(ValueError):
    """A folder that cannot be applied. Nothing has been changed; mend the file and try again."""

    permanent = True

    def __init__(self, file: str, path: str, reason: str) -> None:
        self.file = file
        self.path = path
        super().__init__(f"{file}{': ' + path if path else ''}: {reason}")


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
        return yaml_text.read(text)
    except yaml_text.NotYaml as refusal:
        raise PlaybookError(file, refusal.where, refusal.reason) from None


def write(folder: Path, file: str, document: Mapping[str, object]) -> None:
    """Write `document` as YAML that `read` gives back unchanged."""
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml_text.write(document), "utf-8")
