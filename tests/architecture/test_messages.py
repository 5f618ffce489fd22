"""The catalogues hold every text of the sources, whole, with the same placeholders."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message

from scripts import messages

FILES = messages.files()
PLACEHOLDER = re.compile(r"%\(\w+\)0?\d*[sd]|%[sd](?!\w)|\{\w+\}")
# Where German says it without: the lower-cased name of a field, and words that stand alone.
FREE = {"{lower}"}


@pytest.fixture(scope="module")
def said() -> Catalog:
    return messages.said()


def _forms(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (str(value or ""),)


def _texts(path: Path) -> list[Message]:
    return [each for each in messages.read(path) if each.id]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
def test_the_catalogue_fits_the_sources(path: Path, said: Catalog) -> None:
    assert path.read_bytes() == messages.updated(path, to=said), "run `make messages`"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
def test_every_text_is_translated_in_all_its_forms(path: Path) -> None:
    plurals = messages.read(path).num_plurals
    missing = [
        each.id
        for each in _texts(path)
        if not all(_forms(each.string))
        or (isinstance(each.id, tuple | list) and len(_forms(each.string)) != plurals)
    ]
    assert missing == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_placeholders_of_its_text(path: Path) -> None:
    different = []
    for each in _texts(path):
        wanted = [set(PLACEHOLDER.findall(form)) for form in _forms(each.id)]
        for form in _forms(each.string):
            if each.id not in FREE and set(PLACEHOLDER.findall(form)) not in wanted:
                different.append((each.id, form))
    assert different == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parts[-3])
def test_what_django_loads_is_what_the_catalogue_says(path: Path) -> None:
    assert path.with_suffix(".mo").read_bytes() == messages.compiled(path), "run `make setup`"
