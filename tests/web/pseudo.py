"""A language for tests: English with accents on every letter, a third longer, in brackets.

What stands on a screen without accents never passed gettext; what was glued together shows two
pairs of brackets; what has no room is cut off in it before it is cut off in German or Finnish.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import allauth
import django.conf
import django.contrib.auth
from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog, Message

from scripts import messages

CODE = "en-xa"
_ACCENTED = str.maketrans(
    "abcdeghijklmnopqrstuvwxyzABCDEGHIJKLMNOPQRSTUVWXYZ",
    "áƀçđéğĥíĵķłɱñóƥɋŕšťúṽŵẋýžÁƁÇĐÉĞĤÍĴĶŁṀÑÓƤɊŔŠŤÚṼŴẊÝŽ",
)
_WORD = re.compile(r"[A-Za-z]+")
# Placeholders, commands and names of settings are no words.
_KEPT = re.compile(r"(%\(\w+\)0?\d*[sd]|%[sd%]|\{\w+\}|`[^`]+`|LEADLINE_\w+|https?://\S+|\S+@\S+)")


def text(said: str) -> str:
    """The text in brackets, accented, every word a third longer."""
    parts = [
        part if number % 2 else _WORD.sub(_longer, part)
        for number, part in enumerate(_KEPT.split(said))
    ]
    return f"⟦{''.join(parts)}⟧"


def _longer(word: re.Match[str]) -> str:
    return word[0].translate(_ACCENTED) + "~" * (len(word[0]) // 3)


def _of_libraries() -> Iterator[Message]:
    """What Django and allauth say on our screens: the months, the labels and refusals of forms."""
    for library in (django.conf, django.contrib.auth, allauth):
        folder = Path(library.__path__[0]) / "locale" / "de" / "LC_MESSAGES"
        with (folder / "django.po").open("rb") as file:
            yield from pofile.read_po(file)


def write(folder: Path) -> None:
    """The compiled catalogue of everything that is said, below `folder`."""
    made = Catalog(locale="en", fuzzy=False)
    for each in (*messages.said(), *_of_libraries()):
        if not each.id or made.get(each.id, each.context):
            continue
        forms = (each.id,) if isinstance(each.id, str) else tuple(each.id)
        said = tuple(text(form) for form in forms)
        made.add(each.id, said if len(said) > 1 else said[0], context=each.context)
    place = folder / "en_XA" / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "django.mo").open("wb") as file:
        mofile.write_mo(file, made)
