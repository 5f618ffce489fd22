"""What differs between two playbooks, in sentences."""

from collections.abc import Iterator, Mapping

IDENTITIES = ("key", "slug", "name", "because", "block", "title", "question")
"""What tells the entries of a list apart, first found."""

_SHOWN = 60


def sentences(before: object, after: object, *, where: str) -> list[str]:
    """One sentence per difference, in the order of `after`; empty when they are equal.

    `where` begins each sentence. Entries of lists are recognised by their key, slug or name, so
    that one more entry is one sentence.
    """
    return list(_compare(before, after, where))


def _compare(before: object, after: object, where: str) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _keyed(before, after, where)
        return
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        first, second = _named(before), _named(after)
        if first is not None and second is not None:
            yield from _keyed(first, second, where)
            common = [key for key in first if key in second]
            if common != [key for key in second if key in first]:
                yield f"{where}: the order becomes {', '.join(second)}."
            return
    yield f"{where}: {_shown(before)} becomes {_shown(after)}."


def _keyed(before: Mapping[str, object], after: Mapping[str, object], where: str) -> Iterator[str]:
    for key, value in after.items():
        if key not in before:
            yield f"{where} → {key} is new{_value(value)}."
        else:
            yield from _compare(before[key], value, f"{where} → {key}")
    for key in before:
        if key not in after:
            yield f"{where} → {key} is no longer there{_value(before[key])}."


def _named(entries: list[object] | tuple[object, ...]) -> dict[str, object] | None:
    for identity in IDENTITIES:
        names = [entry.get(identity) if isinstance(entry, Mapping) else None for entry in entries]
        if entries and None not in names and len(set(map(str, names))) == len(entries):
            return dict(zip(map(str, names), entries, strict=True))
    return {} if not entries else None


def _value(value: object) -> str:
    return "" if isinstance(value, (Mapping, list, tuple)) else f": {_shown(value)}"


def _shown(value: object) -> str:
    text = "nothing" if value in (None, "") else str(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
