"""What cannot be read as a whole comes apart at its commas, or is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import json_pieces
from leadline.lib.json_pieces import NotTakenApart, elements, longest, members

APART = {
    b"[]": [],
    b" [ \n] ": [],
    b"[1]": [b"1"],
    b' [ {"a" : 1} ,\t[2, 3] , "x,]\\"}" ]\r\n': [b'{"a" : 1}', b"[2, 3]", b'"x,]\\"}"'],
    rb'["\ud800",NaN]': [rb'"\ud800"', b"NaN"],
    b'["a\x00b",{"x":"\xff"}]': [b'"a\x00b"', b'{"x":"\xff"}'],
    b"[[1,2},3]": [b"[1,2}", b"3"],
    b"[" + b"[" * 200_000 + b"]" * 200_000 + b",1]": [b"[" * 200_000 + b"]" * 200_000, b"1"],
}


@pytest.mark.parametrize(("body", "pieces"), APART.items(), ids=lambda value: repr(value)[:30])
def test_the_elements_are_what_stands_between_the_commas(body: bytes, pieces: list[bytes]) -> None:
    assert elements(body) == pieces


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"{}", b"[1", b"[1,]", b"[,1]", b"[1,,2]", b"[1]x", b"[[1]", b"[1]]", b'["a]',
     b"[" * 400_000, b'["' * 100_000, b"[]]["],
    ids=lambda body: repr(body)[:30],
)  # fmt: skip
def test_without_clear_ends_nothing_is_taken_apart(body: bytes) -> None:
    with pytest.raises(NotTakenApart):
        elements(body)


def test_members_keep_their_names() -> None:
    body = rb'{ "a\"," : NaN , "\u0062":{"c":[1,2]},"":"" }'
    assert members(body) == {'a",': b"NaN", "b": b'{"c":[1,2]}', "": b'""'}


@pytest.mark.parametrize(
    "body",
    [b'{"a":1,"a":2}', rb'{"a":1,"\u0061":2}', b'{"a"}', b'{"a":}', b"{a:1}", b"{1:2}",
     rb'{"\ud800":1}', b"[]", b'{"a":1', b'{"a":1}}'],
)  # fmt: skip
def test_members_without_a_name_of_their_own_are_refused(body: bytes) -> None:
    with pytest.raises(NotTakenApart):
        members(body)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('ab"\\,{[', max_size=3), inner),
    max_leaves=20,
)


@given(st.lists(values), st.sampled_from([None, 1]))
def test_the_pieces_of_a_list_are_its_elements(value: list[object], indent: int | None) -> None:
    pieces = elements(json.dumps(value, indent=indent).encode())
    assert [json.loads(piece) for piece in pieces] == value


@given(st.dictionaries(st.text('ab"\\,{[', max_size=3), values), st.sampled_from([None, 1]))
def test_the_pieces_of_an_object_are_its_members(
    value: dict[str, object], indent: int | None
) -> None:
    pieces = members(json.dumps(value, indent=indent).encode())
    assert {name: json.loads(piece) for name, piece in pieces.items()} == value


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"a": "x", "b": "xxx"}, "/b"),
        ({"a": "xxxxxxxx", "p": {"q/r~": {"s": "x" * 99}, "t": 1}}, "/p/q~1r~0/s"),
        ({"a": ["x" * 99]}, "/a"),
        ({}, ""),
        (["x"], ""),
        ("x", ""),
    ],
)
def test_the_longest_member_is_named_where_it_stands(body: object, pointer: str) -> None:
    assert longest(json.dumps(body).encode()) == pointer


def test_a_body_too_deep_to_follow_is_followed_as_far_as_events_go() -> None:
    assert longest(b'{"a":' * 100 + b"1" + b"}" * 100) == "/a" * 32
    assert longest(b'{"a":' * 50_000 + b"1" + b"}" * 50_000) == ""
    assert json_pieces.longest(b'{"a":') == ""
