"""JSON is read strictly, and fast only where that is the same (G05, G06, D08)."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import json_text
from leadline.lib.json_text import NotJson, decode

REFUSED = {
    b"": ("", "value"),
    b"   ": ("", "value"),
    b"{": ("", "name"),
    b"[1,": ("/1", "value"),
    b"[1,]": ("/1", "value"),
    b"[1 2]": ("/1", "comma"),
    b'{"a":1,}': ("", "name"),
    b'{"a" 1}': ("/a", "colon"),
    b"{'a':1}": ("", "malformed"),
    b"{1:2}": ("", "name"),
    b"{} {}": ("", "after the end"),
    b'{"a":1}x': ("", "malformed"),
    b"\xef\xbb\xbf{}": ("", "malformed"),
    '{"a":1}'.encode("utf-16"): ("", "UTF-8"),
    b'{"a":"\xff"}': ("", "UTF-8"),
    b'"\xed\xa0\x80"': ("", "UTF-8"),
    b'{"a":{"b":1,"c":2,"b":3}}': ("/a/b", "twice"),
    b'{"a/b~":[0,{"x":1,"x":1}]}': ("/a~1b~0/1/x", "twice"),
    b'{"a":1,"\\u0061":2}': ("/a", "twice"),
    b'{"a":"\\u0022\\u0022","a":2}': ("/a", "twice"),
    b'{"":1,"":1}': ("/", "twice"),
    b'{"a":NaN}': ("/a", "malformed"),
    b"[Infinity]": ("/0", "malformed"),
    b"[-Infinity]": ("/0", "malformed"),
    b'{"a":[0,1e400]}': ("/a/1", "double"),
    b"-1e400": ("", "double"),
    b"[9223372036854775808]": ("/0", "64 bits"),
    b"[-9223372036854775809]": ("/0", "64 bits"),
    b"[18446744073709551616]": ("/0", "64 bits"),
    b"9" * 5_000: ("", "64 bits"),
    b"[01]": ("/1", "comma"),
    b"[1_000]": ("/1", "malformed"),
    b"[0x10]": ("/1", "malformed"),
    b"[+1]": ("/0", "malformed"),
    b"[.5]": ("/0", "malformed"),
    "[١٢٣]".encode(): ("/0", "malformed"),
    b'{"a":"\\u0000"}': ("/a", "NUL"),
    b'{"\\u0000":1}': ("", "NUL"),
    b'["a\x00b"]': ("/0", "malformed"),
    b'["a\nb"]': ("/0", "malformed"),
    b'{"n":"\\ud800"}': ("/n", "surrogate"),
    b'["\\udc00\\ud800"]': ("/0", "surrogate"),
    b'["\\ud800x"]': ("/0", "surrogate"),
    b'["\\x41"]': ("/0", "malformed"),
    b'["abc': ("/0", "malformed"),
    b"[" * 33 + b"]" * 33: ("/0" * 32, "deeper"),
    b"[" * 100_000: ("/0" * 32, "deeper"),
    b'{"a":' * 100_000: ("/a" * 32, "deeper"),
    b'{"k":"' + b"x" * 65_537 + b'"}': ("/k", "longer"),
    b'{"' + b"k" * 10_000_000 + b'":1}': ("", "longer"),
}
READ = {
    b"{}": {},
    b" [ ] ": [],
    b"null": None,
    b'"x"': "x",
    b"-0": 0,
    b"[1.5e3, 1E-2, 1.0]": [1500.0, 0.01, 1.0],
    b"[9223372036854775807, -9223372036854775808]": [2**63 - 1, -(2**63)],
    b'["\\ud83d\\ude00"]': ["😀"],
    b'["\\u0022 \\\\u0000 \\/ \\b\\f\\n\\r\\t"]': ['" \\u0000 / \b\f\n\r\t'],
    b'{"id":"12345678901234567890"}': {"id": "12345678901234567890"},
    b"[" * 32 + b"]" * 32: json.loads("[" * 32 + "]" * 32),
    b'["' + b"[" * 40 + b'"]': ["[" * 40],
    b'{"k":"' + b"x" * 65_536 + b'"}': {"k": "x" * 65_536},
}

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab"\\/~é:{[', max_size=3), inner),
    max_leaves=25,
)


@pytest.mark.parametrize(("body", "offence"), REFUSED.items(), ids=lambda v: repr(v)[:30])
def test_a_bad_body_is_refused_with_the_place(body: bytes, offence: tuple[str, str]) -> None:
    with pytest.raises(NotJson) as refusal:
        decode(body)
    assert refusal.value.pointer == offence[0]
    assert offence[1] in refusal.value.detail


@pytest.mark.parametrize(("body", "value"), READ.items(), ids=lambda v: repr(v)[:30])
def test_a_good_body_is_read_exactly(body: bytes, value: object) -> None:
    assert decode(body) == value
    assert repr(decode(body)) == repr(value)


@given(values, st.booleans(), st.sampled_from([None, 1]))
def test_both_readers_give_what_was_written(value: object, ascii_only: bool, indent: int) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    careful = json_text._Reader(body, max_depth=99, max_string=9_999, max_keys=999).read()
    assert repr(decode(body, max_depth=99)) == repr(careful) == repr(value)


@given(st.text('{}[]",:\\u0123e.- \n', max_size=30) | st.text(max_size=30))
def test_any_text_is_read_like_the_standard_library_or_refused(written: str) -> None:
    body = written.encode("utf-8", "surrogatepass")
    try:
        value = decode(body)
    except NotJson:
        return
    assert repr(value) == repr(json.loads(body))


@given(st.dictionaries(st.text('ab"\\', max_size=2), st.integers(0, 99), min_size=1), st.data())
def test_a_name_written_twice_never_passes(members: dict[str, int], data: st.DataObject) -> None:
    pairs = list(members.items())
    pairs.insert(
        data.draw(st.integers(0, len(pairs))), data.draw(st.sampled_from(list(members.items())))
    )
    written = ",".join(f"{json.dumps(name)}:{value}" for name, value in pairs)
    with pytest.raises(NotJson, match="twice"):
        decode(f"[{{{written}}}]".encode())


def test_members_are_counted_over_the_whole_body() -> None:
    body = json.dumps([{"a": "::::", "b": 2}] * 50).encode()
    assert len(decode(body, max_keys=100)) == 50  # type: ignore[arg-type]  # a list
    with pytest.raises(NotJson, match="more than 99 members"):
        decode(body, max_keys=99)


def test_a_million_names_are_refused() -> None:
    body = b"{" + b",".join(b'"%d":0' % n for n in range(1_000_000)) + b"}"
    with pytest.raises(NotJson, match="more than 10000 members"):
        decode(body)
