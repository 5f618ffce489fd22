"""Rules as they are stored, whatever they mean: to look for a name without reading them."""

from collections.abc import Iterator, Mapping


def objects(document: object) -> Iterator[Mapping[object, object]]:
    """Every object in the document at any depth, itself first when it is one."""
    if isinstance(document, Mapping):
        yield document
        for each in document.values():
            yield from objects(each)
    elif isinstance(document, list | tuple):
        for each in document:
            yield from objects(each)
