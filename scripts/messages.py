"""The texts for people: read from the sources, kept in `leadline/locale`, compiled for Django.

`update` reads the sources again and brings the catalogues up to date: new texts come in empty, what
is no longer said goes out. `compile` writes the files that Django loads and needs only Babel.
"""

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, MutableMapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages import extract, frontend, mofile, pofile
from babel.messages.catalog import Catalog

ROOT = Path(__file__).parents[1]
CATALOGUES = ROOT / "leadline" / "locale"
# Beside gettext and ngettext, which Babel knows: what Django calls them when they wait, and the
# reasons of `lib`, which are told by whoever shows them.
_KEYWORDS = {
    **extract.DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_noop": None,
    "Phrase": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}

_ONE_DAY = datetime(2026, 1, 1, tzinfo=UTC)

# One found text: line, the text or its forms, comments, context.
Found = tuple[int, str | tuple[str, ...], list[str], str | None]


def read_django_page(
    file: IO[bytes],
    keywords: Mapping[str, Any],  # Babel has no public name for what it passes
    tags: Collection[str],
    options: MutableMapping[str, object],
) -> Iterator[Found]:
    """The texts of a Django template (allauth's pages), by Django's own translation to Python."""
    from django.utils.translation.template import templatize

    python = templatize(file.read().decode()).encode()
    yield from extract.extract_python(BytesIO(python), keywords, tags, {})


def said() -> Catalog:
    """Every text of the sources; where it stands by file, without line numbers, which move."""
    with (ROOT / "babel.cfg").open() as written:
        methods, options = frontend.parse_mapping_cfg(written)  # type: ignore[no-untyped-call]
    folder, found = str(ROOT / "leadline"), Catalog(fuzzy=False)
    wanted = [(pattern.removeprefix("leadline/"), reader) for pattern, reader in methods]
    chosen = {pattern.removeprefix("leadline/"): kept for pattern, kept in options.items()}
    for path, _line, text, comments, context in extract.extract_from_dir(
        folder, wanted, chosen, keywords=_KEYWORDS, comment_tags=("For translators:",)
    ):
        found.add(text, None, [(f"leadline/{path}", 0)], auto_comments=comments, context=context)
    for file, text in _playbooks():
        found.add(text, None, [(f"leadline/playbooks/{file}", 0)], context="playbook")
    return found


def _playbooks() -> Iterator[tuple[str, str]]:
    """(file, text) of what people read in the playbooks that are shipped."""
    from leadline.playbooks import folder, translation

    for path in sorted(folder.SHIPPED.glob("*/**/*.yaml")):
        place = path.relative_to(folder.SHIPPED)
        within = str(place.relative_to(place.parts[0]))
        document = folder.read(folder.SHIPPED / place.parts[0], within)
        for text in translation.texts(document, within):
            yield str(place), text


def files() -> list[Path]:
    return sorted(CATALOGUES.glob("*/LC_MESSAGES/django.po"))


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale=path.parts[-3])


def updated(path: Path, *, to: Catalog) -> bytes:
    """What the catalogue holds once every text of `to` is in it and nothing else."""
    catalogue = read(path)
    known = {(each.id, each.context): each.string for each in catalogue if each.id}
    fresh = Catalog(locale=catalogue.locale, fuzzy=False)
    for each in to:
        if each.id:
            fresh.add(
                each.id, known.get((each.id, each.context)) or "", each.locations,
                flags=each.flags, auto_comments=each.auto_comments, context=each.context,
            )  # fmt: skip
    return _written(fresh)


def _written(catalogue: Catalog) -> bytes:
    """Sorted by text, without dates: two people's additions rarely meet on a line."""
    made = BytesIO()
    pofile.write_po(
        made, catalogue, width=100, sort_output=True, include_lineno=False, omit_header=True
    )
    head = (
        f'msgid ""\nmsgstr ""\n"Language: {catalogue.locale}\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Plural-Forms: {catalogue.plural_forms}\\n"\n\n'
    )
    return head.encode() + made.getvalue()


def update() -> None:
    for path in files():
        path.write_bytes(updated(path, to=said()))


def compiled(path: Path) -> bytes:
    """What Django loads for the catalogue."""
    catalogue, made = read(path), BytesIO()
    # Otherwise the minute of the day goes into the file, and no two are alike.
    catalogue.creation_date = catalogue.revision_date = _ONE_DAY
    for each in list(catalogue):
        forms = each.string if isinstance(each.string, tuple) else (each.string,)
        if each.id and not all(forms):
            catalogue.delete(each.id, each.context)  # half a text is none: shown in English
    mofile.write_mo(made, catalogue)
    return made.getvalue()


def compile_all() -> None:
    for path in files():
        path.with_suffix(".mo").write_bytes(compiled(path))


ACTS: Mapping[str, Callable[[], None]] = {"update": update, "compile": compile_all}

if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for act in sys.argv[1:]:
        ACTS[act]()
