"""JSON from strangers, read strictly and fast.

Refused, each with the JSON pointer of the place: what is not JSON, a name twice in one object,
NaN and Infinity, numbers beyond a double, whole numbers beyond signed 64 bits, NUL and lone
surrogates in texts (PostgreSQL stores neither; refusing keeps both databases equal and loses
nothing silently), and more depth, longer texts or more members than allowed. A byte order mark
is refused too: RFC 8259 forbids it.

Fast path: msgspec decodes, then a few counts at C speed tell whether anything of the above can
be in the body. Only in doubt `_Reader` walks the text with a stack of its own; it never
recurses, so depth 100,000 costs 33 steps. Tried and lost: `json.loads` with
`object_pairs_hook` on every body (five times msgspec, no pointer, RecursionError).
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

_DIGITS_TO_ZERO = bytes(48 if 48 <= byte <= 57 else 32 for byte in range(256))
_LONG_NUMBER = b"0" * 19

_Container = dict[str, object] | list[object]


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
    try:
        value: object = _decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    else:
        if (
            body.count(b"{") + body.count(b"[") <= max_depth or _depth(value) <= max_depth
        ) and _is_beyond_doubt(body, value, max_string=max_string, max_keys=max_keys):
            return value
    return _Reader(body, max_depth=max_depth, max_string=max_string, max_keys=max_keys).read()


def _is_beyond_doubt(body: bytes, value: object, *, max_string: int, max_keys: int) -> bool:
    # A dropped duplicate name takes at least two quotation marks with it. The count is exact
    # unless marks are written as \u0022, so that spelling goes to the careful reader.
    return (
        body.count(b'"') == _encode(value).count(b'"')
        and (b"\\u00" not in body or (b"\\u0000" not in body and b"\\u0022" not in body))
        and _LONG_NUMBER not in body.translate(_DIGITS_TO_ZERO)
        and (len(body) <= max_string or _no_text_is_longer(body, max_string))
        and body.count(b":") <= max_keys
    )


def _no_text_is_longer(body: bytes, max_string: int) -> bool:
    # Bytes between two marks are at least as many as characters; escaped marks make it doubt.
    return max(map(len, body.split(b'"'))) <= max_string and b'\\"' not in body


def _depth(value: object) -> int:
    """Levels of nesting, counted level by level; a scalar has none."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        level = [
            child
            for parent in level
            for child in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(child, dict | list)
        ]
    return depth


_TOKEN = re.compile(
    r"[ \t\r\n]*(?:"
    r'(?P<text>"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*")'
    r"|(?P<real>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+(?:[eE][+-]?[0-9]+)?|[eE][+-]?[0-9]+))"
    r"|(?P<whole>-?(?:0|[1-9][0-9]*))"
    r"|(?P<word>true|false|null)|(?P<sign>[\[\]{},:])|(?P<end>\Z))"
)
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_LONE = re.compile("[\ud800-\udfff]")


class _Reader:
    """The careful reader: one pass over the tokens, a stack of open containers, no recursion."""

    def __init__(self, body: bytes, *, max_depth: int, max_string: int, max_keys: int) -> None:
        self.body = body
        self.max_depth = max_depth
        self.max_string = max_string
        self.max_keys = max_keys
        self.text = ""
        self.at = 0
        self.key_count = 0
        self.root: object = None
        self.open: list[_Container] = []
        self.names: list[str | None] = []  # of each open object the name in hand, else None

    def read(self) -> object:
        """The value, or NotJson at the first offence."""
        try:
            self.text = self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NotJson("", f"the body is not UTF-8 (byte {error.start})") from None
        self._value(*self._token())
        while self.open:
            self._step(self.open[-1])
        if self._token()[0] != "end":
            raise self._refusal("there is text after the end of the value")
        return self.root

    def _step(self, top: _Container) -> None:
        """Read one member or element of the innermost container, or its end."""
        closer = "}" if isinstance(top, dict) else "]"
        kind, mark = self._token()
        if mark == closer:
            self.open.pop()
            self.names.pop()
            return
        if top:
            if mark != ",":
                raise self._refusal(f"a comma or {closer} is missing")
            kind, mark = self._token()
        if isinstance(top, dict):
            self._name(top, kind, mark)
            kind, mark = self._token()
        self._value(kind, mark)

    def _name(self, top: dict[str, object], kind: str, mark: str) -> None:
        self.names[-1] = None
        if kind != "text":
            raise self._refusal("a name in quotation marks is missing")
        name = self._text(mark)
        self.names[-1] = name
        if name in top:
            raise self._refusal("the name occurs twice in one object")
        self.key_count += 1
        if self.key_count > self.max_keys:
            raise self._refusal(f"there are more than {self.max_keys} members")
        if self._token()[1] != ":":
            raise self._refusal("a colon is missing after the name")

    def _value(self, kind: str, mark: str) -> None:
        if mark in ("{", "["):
            if len(self.open) >= self.max_depth:
                raise self._refusal(f"it is nested deeper than {self.max_depth}")
            container: _Container = {} if mark == "{" else []
            self._put(container)
            self.open.append(container)
            self.names.append(None)
        elif kind == "text":
            self._put(self._text(mark))
        elif kind == "word":
            self._put(_WORDS[mark])
        elif kind in ("whole", "real"):
            self._put(self._number(kind, mark))
        else:
            raise self._refusal("a value is missing")

    def _put(self, value: object) -> None:
        top = self.open[-1] if self.open else None
        if isinstance(top, dict):
            top[self.names[-1] or ""] = value
        elif isinstance(top, list):
            top.append(value)
        else:
            self.root = value

    def _number(self, kind: str, mark: str) -> int | float:
        if kind == "real":
            real = float(mark)
            if real in (float("inf"), float("-inf")):
                raise self._refusal("the number is beyond a double")
            return real
        if len(mark) > 20 or not MIN_INT <= int(mark) <= MAX_INT:
            raise self._refusal("the whole number is beyond signed 64 bits")
        return int(mark)

    def _text(self, mark: str) -> str:
        text = mark[1:-1]
        if "\\" in text:
            text = _ESCAPE.sub(_unescaped, text)
            text = _PAIR.sub(_joined, text)
            if _LONE.search(text):
                raise self._refusal("the text contains half a surrogate pair")
            if "\x00" in text:
                raise self._refusal("the text contains NUL")
        if len(text) > self.max_string:
            raise self._refusal(f"the text is longer than {self.max_string} characters")
        return text

    def _token(self) -> tuple[str, str]:
        match = _TOKEN.match(self.text, self.at)
        kind = match.lastgroup if match else None
        if match is None or kind is None:
            byte = len(self.text[: self.at].encode())
            raise self._refusal(f"the JSON is malformed after byte {byte}")
        self.at = match.end()
        return kind, match[kind]

    def _refusal(self, detail: str) -> NotJson:
        steps: list[str] = []
        for container, name in zip(self.open, self.names, strict=True):
            if isinstance(container, list):
                # The element in hand is not in its list yet, an open container already is.
                steps.append(str(len(container) - (container is not self.open[-1])))
            elif name is not None:
                steps.append(name[:100].replace("~", "~0").replace("/", "~1"))
        return NotJson("".join(f"/{step}" for step in steps), detail)


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPED.get(match[2], match[2])


def _joined(match: re.Match[str]) -> str:
    return chr(0x10000 + ((ord(match[1]) - 0xD800) << 10) + (ord(match[2]) - 0xDC00))
