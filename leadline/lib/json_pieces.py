"""JSON taken apart at its commas, without reading what stands between them.

For a body in which one part cannot be read: the rest can still be judged, each part alone, by
`json_text`. What comes out is therefore not JSON yet. One pass, no recursion: brackets are
counted, texts skipped.
"""

import re

import msgspec

from leadline.lib import json_text

_SPACE = b" \t\r\n"
# Brackets in a row count at once, so that a body of nothing else costs next to nothing.
_MARK = re.compile(
    rb'(?P<text>"[^"\\]*+(?:\\.[^"\\]*+)*+")|(?P<open>[\[{]+)|(?P<close>[\]}]+)|(?P<comma>,)|"',
    re.DOTALL,
)
_MEMBER = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")[ \t\r\n]*:[ \t\r\n]*(.+)', re.DOTALL)
_decode_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class NotTakenApart(ValueError):
    """The outermost brackets, or what stands between the commas, cannot be made out."""

    permanent = True


def elements(body: bytes) -> list[bytes]:
    """What stands between the commas of a list, as it was written. Raises NotTakenApart."""
    return _pieces(body, b"[]")


def members(body: bytes) -> dict[str, bytes]:
    """The values of an object as they were written, by name. Raises NotTakenApart, also when a
    name comes twice."""
    found: dict[str, bytes] = {}
    for piece in _pieces(body, b"{}"):
        member = _MEMBER.fullmatch(piece)
        if member is None:
            raise NotTakenApart("a member has no name")
        try:
            name = json_text.decode(member[1])
        except json_text.NotJson as error:
            raise NotTakenApart(error.detail) from None
        if not isinstance(name, str) or name in found:
            raise NotTakenApart("a name comes twice")
        found[name] = member[2]
    return found


def longest(body: bytes) -> str:
    """The JSON pointer of the longest member of an object, followed down through objects.

    "" when the body is no object that can be read.
    """
    pointer = ""
    for _level in range(json_text.MAX_DEPTH):
        try:
            inner = _decode_members(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            break
        if not inner:
            break
        sizes = {name: len(name) + len(bytes(raw)) for name, raw in inner.items()}
        name = max(sizes, key=sizes.__getitem__)
        pointer += "/" + name[:100].replace("~", "~0").replace("/", "~1")
        body = bytes(inner[name])
    return pointer


def _pieces(body: bytes, brackets: bytes) -> list[bytes]:
    body = body.strip(_SPACE)
    if len(body) < 2 or body[:1] != brackets[:1] or body[-1:] != brackets[1:]:
        raise NotTakenApart("the outermost brackets are missing")
    inside = body[1:-1]
    if not inside.strip(_SPACE):
        return []
    ends = [*_commas(inside), len(inside)]
    begins = [0, *(end + 1 for end in ends)]
    found = [inside[begin:end].strip(_SPACE) for begin, end in zip(begins, ends, strict=False)]
    if not all(found):
        raise NotTakenApart("nothing stands before or after a comma")
    return found


def _commas(inside: bytes) -> list[int]:
    """Where the commas are that no bracket or text surrounds."""
    depth = 0
    places: list[int] = []
    for mark in _MARK.finditer(inside):
        kind = mark.lastgroup
        if kind == "open":
            depth += mark.end() - mark.start()
        elif kind == "close":
            depth -= mark.end() - mark.start()
            if depth < 0:
                raise NotTakenApart("a bracket closes that was not opened")
        elif kind == "comma":
            if depth == 0:
                places.append(mark.start())
        elif kind is None:
            raise NotTakenApart("a text does not end")
    if depth:
        raise NotTakenApart("a bracket does not close")
    return places
