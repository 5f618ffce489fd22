"""A shipped playbook in the language of the workspace.

Its files are written in English once; what people read in them is translated when they are read for
a workspace that speaks another language, and then belongs to the workspace like everything else in
a playbook. Names by which rules refer to each other (fields, slugs, stages) are never translated.
"""

from collections.abc import Callable, Iterator, Mapping

from django.utils import translation

# What people read, by file; a name that other parts refer to is translated in all of them alike.
READ: Mapping[str, frozenset[str]] = {
    "acknowledgement": frozenset({"subject", "text"}),
    "calendars": frozenset({"name"}),
    "consents": frozenset({"text"}),
    "fields": frozenset({"label", "help"}),
    "forms": frozenset({"label", "help", "submit", "thanks_title", "thanks_text"}),
    "lifecycle": frozenset({"label", "because"}),
    "pages": frozenset({"title", "description", "text", "quote", "role", "question", "answer"}),
    "playbook": frozenset({"title", "summary"}),
    "routing": frozenset({"name", "team", "teams"}),
    "scoring": frozenset({"name"}),
    "segments": frozenset({"name"}),
    "sla": frozenset({"name", "calendar"}),
    "views": frozenset({"name"}),
}
CONTEXT = "playbook"


def told(document: object, file: str, *, language: str) -> object:
    """The document of this file with what people read in the language; English is as written."""
    if language == "en":
        return document
    with translation.override(language):
        said = _walk(document, _keys(file), lambda text: translation.pgettext(CONTEXT, text))
    return _in_language(said, language)


def texts(document: object, file: str) -> Iterator[str]:
    """What people read in the document, for the catalogue."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    _walk(document, _keys(file), note)
    yield from found


def _keys(file: str) -> frozenset[str]:
    return READ.get(file.partition("/")[0].removesuffix(".yaml"), frozenset())


def _walk(value: object, keys: frozenset[str], tell: Callable[[str], str]) -> object:
    """The same shape; texts under the keys, also in a list, are told."""
    if isinstance(value, list):
        return [_walk(each, keys, tell) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _told(inner, tell) if _is_read(key, value, keys) else _walk(inner, keys, tell)
        for key, inner in value.items()
    }


def _told(value: object, tell: Callable[[str], str]) -> object:
    if isinstance(value, list):
        return [_told(each, tell) for each in value]
    return tell(value) if isinstance(value, str) else value


def _is_read(key: str, beside: Mapping[str, object], keys: frozenset[str]) -> bool:
    """A name is read or referred to, as the case may be: a form (which has a slug) is called what
    people read, a field in it is not; a score model (which has thresholds) is what its file is."""
    if key == "name" and "slug" in beside:
        return "purpose" in beside
    return key in keys and not (key == "name" and "thresholds" in beside)


def _in_language(value: object, language: str) -> object:
    """Forms say what they are written in; texts of consent are kept with their language, and
    forms refer to them by it."""
    if isinstance(value, list):
        return [_in_language(each, language) for each in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _in_language(each, language) for key, each in value.items()}
    if "language" in inner and "purpose" in inner:  # a form, its box, or the text of a consent
        inner["language"] = language
    return inner
