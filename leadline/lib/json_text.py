"""JSON from strangers, read strictly and fast.

Refused, each with the JSON pointer of the place: what is not JSON, a name twice in one object,
NaN and Infinity, numbers beyond a double, whole numbers beyond signed 64 bits, NUL and lone
surrogates in texts (PostgreSQL stores neither; refusing keeps both databases equal and loses
nothing silently), and more depth, longer texts or more members than allowed. A byte order mark
is refused too: RFC 8259 forbids it.

Fast path: msgspec decodes, then four counts at C speed tell whether anything of the above can
be in the body. Only then a second, careful reader with its own stack walks the text; it never
recurses, so depth 100,000 costs 33 steps. Measured on one core of an AMD EPYC, 400-byte event:
see `benchmark` in tests/lib/test_json_text.py.
"""

import re

import msgspec

MAX_DEPTH = 32
MAX_STRING = 65_536
MAX_KEYS = 10_000
MAX_INT = 2**63 - 1
MIN_INT = -(2**63)

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode

_DIGITS = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))
_LONG_NUMBER = b"0" * 19


class NotJson(ValueError):
    """A body that is refused. `pointer` (RFC 6901) names the place, `detail` says why."""

    permanent = True

    def __init__(self, pointer: str, detail: str) -> None:
        super().__init__(f"{detail} (at {pointer or 'the top'})")
        self.pointer = pointer
        self.detail = detail


def decode(
    body: bytes,
    *,
    max_depth: int = MAX_DEPTH,
    max_string: int = MAX_STRING,
    max_keys: int = MAX_KEYS,
) -> object:
    """The value of a JSON text: dict, list, str, int, float, bool or None.

    `max_depth` counts nested objects and lists, `max_string` characters of one text or name,
    `max_keys` the members of all objects together. Raises NotJson; the size of the body is the
    caller's to bound.
    """
    if body.count(b"{") + body.count(b"[") <= max_depth or _depth_is_at_most(body, max_depth):
        try:
            value: object = _decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        else:
            if _is_beyond_doubt(body, value, max_string=max_string, max_keys=max_keys):
                return value
    return _Reader(body, max_depth=max_depth, max_string=max_string, max_keys=max_keys).read()


def _is_beyond_doubt(body: bytes, value: object, *, max_string: int, max_keys: int) -> bool:
    # A dropped duplicate name takes at least two quotation marks with it. The count is exact
    # unless marks are written as \u0022, so that spelling goes to the careful reader.
    return (
        body.count(b'"') == _encode(value).count(b'"')
        and (b"\\u00" not in body or (b"\\u0000" not in body and b"\\u0022" not in body))
        and _LONG_NUMBER not in body.translate(_DIGITS)
        and (len(body) <= max_string or _no_text_is_longer(body, max_string))
        and body.count(b":") <= max_keys
    )


def _depth_is_at_most(body: bytes, max_depth: int) -> bool:
    # Brackets within texts do not count, so texts go first; then each sweep removes the
    # innermost pairs. A body that is not JSON may pass: the decoder refuses it.
    bare = _BRACKET.sub(b"", _TEXT.sub(b"", body))
    for _ in range(max_depth):
        if not bare:
            return True
        bare = bare.replace(b"{}", b"").replace(b"[]", b"")
    return not bare


def _no_text_is_longer(body: bytes, max_string: int) -> bool:
    # Bytes are at least as many as characters, so this can only send too much to the reader.
    return all(len(match[0]) <= max_string for match in _TEXT.finditer(body))


_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[^\[\]{}]+")

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:"
    r'(?P<text>"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?P<real>(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))"
    r"|(?P<word>true|false|null)|(?P<sign>[\[\]{},:])|(?P<end>\Z))"
)
_WORDS = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class _Reader:
    """The careful reader: one pass, own stack of open containers, knows where it is."""

    def __init__(self, body: bytes, *, max_depth: int, max_string: int, max_keys: int) -> None:
        self.body = body
        self.max_depth = max_depth
        self.max_string = max_string
        self.max_keys = max_keys
        self.keys = 0
        self.open: list[dict[str, object] | list[object]] = []
        self.names: list[str] = []  # of each open object, the name being filled

    def read(self) -> object:
        """The value, or NotJson at the first offence."""
        try:
            self.text = self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotJson("", f"the body is not UTF-8 (byte {error.start})") from None
        self.at = 0
        value = self._value(self._token())
        while self.open:
            value = self._step(value)
        if self._token().lastgroup != "end":
            raise self._refusal("there is text after the end of the value")
        return value
