"""Values of any kind as typed columns, and months: arithmetic without rows."""

import math

import pyarrow as pa
import pytest

from leadline.analytics import columns, shapes
from leadline.analytics.columns import NO_KIND, NO_TEXT, NOTHING, parts
from leadline.lib.clock import DAY


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, NOTHING),
        ("", ("", None, None, None)),
        ("a", ("a", None, None, None)),
        (True, (None, None, True, None)),
        (0, (None, 0.0, None, None)),
        (1.5, (None, 1.5, None, None)),
        ([], (None, None, None, [])),
        (["a", "b"], (None, None, None, ["a", "b"])),
        # No rule can name a member that is no text; the list is not empty all the same.
        ([1, {"a": 1}], (None, None, None, [NO_TEXT, NO_TEXT])),
        ({"a": 1}, NO_KIND),
        ({}, NO_KIND),
    ],
)
def test_a_value_has_one_part_at_most(value: object, expected: columns.Parts) -> None:
    assert parts(value) == expected or math.isnan(parts(value)[1] or 0)
    assert sum(part is not None for part in parts(value)) == (value is not None)


@pytest.mark.parametrize("value", [2**53 + 1, 2**60 + 1, 2**63 - 1, -(2**53) - 1, -(2**63)])
def test_a_number_beyond_a_float_stays_on_its_side(value: int) -> None:
    """2^53 + 1 as a float is 2^53: a rule that asks for more than 2^53 would not find it."""
    number = parts(value)[1]
    assert number is not None
    assert abs(number) > abs(value)
    assert parts(2**53)[1] == 2**53


def test_properties_are_read_by_name_and_what_is_no_object_has_none() -> None:
    reader = columns.Reader(shapes.tables()["events"], {"path": "p0", "größe": "p1", "no": "p2"})
    texts = ['{"path": "/a", "x": {"path": "/no"}}', "{}", '{"gr\\u00f6\\u00dfe": [1]}', "[1]", "7"]
    assert reader.said(texts) == {
        "p0": ["/a", None, None, None, None], "p1": [None, None, [1], None, None],
    }  # fmt: skip


def test_rows_go_to_the_months_of_their_instants() -> None:
    instants = [0, -1, 31 * DAY - 1, 31 * DAY]
    found = columns.by_month(pa.table({"at_us": instants}), "at_us")
    assert {month: rows["at_us"].to_pylist() for month, rows in found.items()} == {
        "1969-12": [-1], "1970-01": [0, 31 * DAY - 1], "1970-02": [31 * DAY],
    }  # fmt: skip
