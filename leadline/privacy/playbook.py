"""The part of a playbook with the words that people agree to: `consents.yaml`."""

from datetime import datetime
from typing import Annotated

import msgspec

from leadline.privacy.models import ConsentText

Purpose = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Key = tuple[str, str, int]  # purpose, language, version


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One immutable text."""

    purpose: Purpose
    language: Annotated[str, msgspec.Meta(pattern="^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")]
    version: Annotated[int, msgspec.Meta(ge=1, le=10_000)]
    text: Annotated[str, msgspec.Meta(min_length=10, max_length=4_000)]

    @property
    def key(self) -> Key:
        return self.purpose, self.language, self.version


class Consents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All consent texts."""

    texts: tuple[Words, ...]


class TextIsFinal(ValueError):
    """Somebody agreed to these words already; give the new words a new version."""

    permanent = True


def read(document: object) -> Consents:
    """The texts in `document`; raises msgspec.ValidationError with the path."""
    found = msgspec.convert(document, Consents)
    keys = [each.key for each in found.texts]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise msgspec.ValidationError(f"{key} stands twice - at `$.texts[{index}]`")
    return found


def apply(document: Consents, *, now: datetime) -> None:
    """Add the texts that are new. Raises TextIsFinal when a known one reads differently."""
    known = texts()
    for words in document.texts:
        if known.get(words.key, words.text) != words.text:
            raise TextIsFinal(
                f"the text of {words.purpose}, {words.language}, version {words.version} has been"
                " in use with other words; a text never changes: give the new words a new version"
            )
    ConsentText.objects.bulk_create(
        ConsentText(
            purpose=words.purpose,
            language=words.language,
            version=words.version,
            text=words.text,
            created_at=now,
        )
        for words in document.texts
        if words.key not in known
    )


def export() -> Consents:
    """All texts, oldest first."""
    rows = ConsentText.objects.order_by("id")
    return Consents(tuple(Words(row.purpose, row.language, row.version, row.text) for row in rows))


def texts() -> dict[Key, str]:
    """Every text by purpose, language and version."""
    return {each.key: each.text for each in export().texts}
