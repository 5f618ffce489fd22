"""Whom a text names with an @: arithmetic without rows."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

Key = TypeVar("Key")


def named(text: str, *, spellings: Mapping[Key, Sequence[str]]) -> list[Key]:
    """The people whom the text names, each once, in the order of the text.

    `spellings` are the ways to write each after the @: name, address. Case does not matter, the
    longest spelling that fits counts, and one that two people share names neither.
    """
    owners: dict[str, set[Key]] = {}
    for key, written in spellings.items():
        for each in written:
            if each.strip():
                owners.setdefault(each.strip().casefold(), set()).add(key)
    if not owners or "@" not in text:
        return []
    longest_first = sorted(owners, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w.])@({'|'.join(map(re.escape, longest_first))})(?![\w@])")
    found: dict[Key, None] = {}
    for match in pattern.finditer(text.casefold()):
        people = owners[match[1]]
        if len(people) == 1:
            found.setdefault(next(iter(people)))
    return list(found)
