"""Values of every type of field: what is taken, what is refused, that nothing is bent."""

import math
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leadline.lib import text
from leadline.workspace import field_values
from leadline.workspace.field_values import NotOfType, Shape
from leadline.workspace.models import Field
from leadline.workspace.playbook import KINDS

SIZES = [("s", "Small, up to 50"), ("m", "Medium"), ("l", "Large")]
SHAPES: Mapping[str, Shape] = {
    name: field_values.shape(
        name,
        options=SIZES if name in ("option", "options") else (),
        currency="EUR" if name == "money" else "",
    )
    for name in Field.Type.values
}


@pytest.mark.parametrize(
    ("kind", "said", "stored"),
    [
        ("text", "  Ada ", "Ada"), ("text", 42, "42"), ("long_text", "a\nb", "a\nb"),
        ("number", "3,5", 3.5), ("number", "1,234", 1234), ("number", "1,234,567.5", 1234567.5),
        ("number", "-7", -7), ("number", 2.0, 2), ("number", "1e3", 1000),
        ("money", "1.234,56 €", 1234.56), ("money", "EUR 99", 99), ("money", 0.1, 0.1),
        ("money", "0.125", 0.13),
        ("date", "2026-03-14", "2026-03-14"), ("date", "2026-03-14T10:00:00Z", "2026-03-14"),
        ("date", "3/14/2026", "2026-03-14"), ("date", "14.3.2026", "2026-03-14"),
        ("boolean", "Yes", True), ("boolean", "0", False), ("boolean", 1, True),
        ("option", "m", "m"), ("option", " medium ", "m"), ("option", "SMALL, UP TO 50", "s"),
        ("options", "l;s", ["s", "l"]), ("options", ["Large", "l"], ["l"]),
        ("options", "Small, up to 50", ["s"]), ("options", "m, l", ["m", "l"]),
        ("link", "acme.example/x?y=1#z", "https://acme.example/x?y=1#z"),
        ("link", "http://acme.example", "http://acme.example"),
        ("person", "Ada@Acme.example", "ada@acme.example"),
    ],
)  # fmt: skip
def test_a_value_is_stored_in_one_spelling(kind: str, said: object, stored: object) -> None:
    found = field_values.fit(said, SHAPES[kind])
    assert (found, type(found)) == (stored, type(stored))


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", ""), ("text", True), ("text", {"a": 1}), ("long_text", "  "), ("long_text", None),
        ("number", "many"), ("number", True), ("number", math.inf), ("number", math.nan),
        ("number", "1_000"), ("number", 10**16), ("number", "٣"),
        pytest.param("number", 10**400, id="number-huge"),
        ("money", "$ 5"), ("money", "lots"), ("money", False), ("money", 10**15), ("money", None),
        ("money", math.nan), ("money", "5 EUR 5"),
        ("date", "2026-02-30"), ("date", "tomorrow"), ("date", 20260314), ("date", "14/14/2026"),
        ("boolean", "perhaps"), ("boolean", None), ("boolean", 2),
        ("option", "xl"), ("option", ["s"]), ("option", None), ("option", ""),
        ("options", "s;xl"), ("options", []), ("options", {"s": 1}), ("options", [["s"]]),
        ("link", "javascript:alert(1)"), ("link", "ftp://acme.example"), ("link", "acme"),
        ("link", "https://u:p@acme.example"), ("link", 5),
        ("person", "Ben"), ("person", 7), ("person", ""),
    ],
)  # fmt: skip
def test_a_bad_value_is_refused_with_a_reason(kind: str, said: object) -> None:
    with pytest.raises(NotOfType) as refused:
        field_values.fit(said, SHAPES[kind])
    assert refused.value.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)
GIVEN: Mapping[str, st.SearchStrategy[object]] = {
    "text": st.text(max_size=300), "long_text": st.text(max_size=300),
    "number": st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15),
    "money": st.decimals(-(10**12), 10**12, places=2).map(str),
    "date": st.dates().map(str), "boolean": st.booleans(),
    "option": st.sampled_from(["s", "m", "l"]),
    "options": st.lists(st.sampled_from(["s", "m", "l"]), min_size=1, max_size=5),
    "link": st.just("https://acme.example/a"), "person": st.emails(),
}  # fmt: skip


@pytest.mark.parametrize("kind", Field.Type.values)
def test_whatever_is_said_is_stored_alike_for_ever_or_refused(kind: str) -> None:
    """Fitting twice changes nothing, JSON brings the same back, and it is of the rules' type."""
    kinds: dict[str, tuple[type, ...]] = {
        "text": (str,), "number": (int, float), "boolean": (bool,), "date": (str,),
        "list": (list,),
    }  # fmt: skip
    has_kind = kinds[KINDS[kind]]

    @given(JSON | GIVEN[kind])
    def always(said: object) -> None:
        try:
            stored = field_values.fit(said, SHAPES[kind])
        except NotOfType:
            return
        assert isinstance(stored, has_kind)
        assert field_values.fit(stored, SHAPES[kind]) == stored
        assert msgspec.json.decode(msgspec.json.encode(stored)) == stored
        assert field_values.shown(stored, SHAPES[kind])

    always()


@given(st.decimals(-(10**12), 10**12, places=2))
def test_no_cent_is_lost(amount: object) -> None:
    stored = field_values.fit(str(amount), SHAPES["money"])
    assert f"{stored:.2f}" == f"{amount:.2f}".replace("-0.00", "0.00")


@given(st.integers(-(10**15), 10**15))
def test_no_whole_number_is_bent(number: int) -> None:
    assert field_values.fit(number, SHAPES["number"]) == number
    assert field_values.fit(str(number), SHAPES["number"]) == number


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6, unique_by=text.fold))
def test_an_option_is_found_by_its_label_however_it_is_cased(labels: list[str]) -> None:
    values = [f"value-{n}" for n in range(len(labels))]
    assume(not {text.fold(each.strip()) for each in labels} & set(values))
    of = field_values.shape("option", options=list(zip(values, labels, strict=True)))
    for value, label in zip(values, labels, strict=True):
        if text.fold(label.strip()) == text.fold(label):
            assert field_values.fit(label, of) == value


def test_a_label_that_two_options_share_names_neither() -> None:
    of = field_values.shape("option", options=[("a", "Same"), ("b", "same")])
    with pytest.raises(NotOfType):
        field_values.fit("Same", of)
    assert field_values.fit("b", of) == "b"


def test_a_unique_value_is_short_enough_to_be_looked_up() -> None:
    of = field_values.shape("text", is_unique=True)
    assert field_values.fit("x" * 255, of)
    with pytest.raises(NotOfType):
        field_values.fit("x" * 256, of)


@pytest.mark.parametrize(
    ("kind", "stored", "said"),
    [
        ("boolean", True, "Yes"), ("option", "s", "Small, up to 50"), ("option", "gone", "gone"),
        ("options", ["m", "l"], "Medium, Large"), ("money", 1234.5, "EUR 1,234.50"),
        ("number", 7, "7"), ("money", "not yet read", "not yet read"),
    ],
)  # fmt: skip
def test_a_value_is_shown_in_the_words_of_people(kind: str, stored: object, said: str) -> None:
    assert field_values.shown(stored, SHAPES[kind]) == said


def test_more_options_than_the_side_table_holds_are_refused() -> None:
    options = [(f"{n:03}-" + "x" * 50, f"Option {n}") for n in range(40)]
    of = field_values.shape("options", options=options)
    few = [value for value, _label in options[:15]]
    assert field_values.fit(few, of) == few
    with pytest.raises(NotOfType):
        field_values.fit([value for value, _label in options], of)
