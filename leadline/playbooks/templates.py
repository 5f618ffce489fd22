"""Score models to begin from: those of the shipped playbooks, in the workspace's language."""

from dataclasses import dataclass
from typing import Any

import msgspec

from leadline.playbooks import folder, translation
from leadline.workspace.models import Workspace


@dataclass(frozen=True, slots=True)
class Template:
    """A score model of a shipped playbook. `key` is "playbook/file"; `is_default` its first one."""

    key: str
    playbook: str
    document: dict[str, Any]  # JSON, checked by scoring.rules
    is_default: bool

    @property
    def name(self) -> str:
        return str(self.document["name"])


def score_models() -> list[Template]:
    """All of them, each playbook's default first. One query."""
    language = Workspace.objects.values_list("language", flat=True).first() or "en"
    found = []
    for path in sorted(folder.SHIPPED.glob("*/scoring/*.yaml")):
        place, file = path.parent.parent, f"scoring/{path.name}"
        document = translation.told(folder.read(place, file), file, language=language)
        title = msgspec.convert(folder.read(place, "playbook.yaml"), dict[str, Any])
        found.append(
            Template(
                f"{place.name}/{path.stem}", place.name,
                msgspec.convert(document, dict[str, Any]), path.stem == title["score_model"],
            )
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.playbook, not each.is_default, each.key))


def score_model(key: str) -> Template | None:
    """The template of this key, if there is one."""
    return next((each for each in score_models() if each.key == key), None)
