"""Company sizes lie in exactly one band (trap T3), counts are read by our own rule (G06)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadline.lib import size_band


@pytest.mark.parametrize(
    ("count", "low"),
    [
        (1, 1),
        (9, 1),
        (10, 10),
        (49, 10),
        (50, 50),
        (199, 50),
        (200, 200),
        (999, 200),
        (1000, 1000),
        (2000000, 1000),
    ],
)
def test_a_band_is_half_open(count: int, low: int) -> None:
    band = size_band.of(count)
    assert band is not None
    assert band.low == low


@given(st.integers(1, 10**8))
def test_every_company_lies_in_exactly_one_band(count: int) -> None:
    inside = [b for b in size_band.BANDS if b.low <= count and (b.high is None or count < b.high)]
    assert inside == [size_band.of(count)]


@pytest.mark.parametrize("count", [None, 0, -1])
def test_no_employees_is_no_band(count: int | None) -> None:
    assert size_band.of(count) is None


@pytest.mark.parametrize(
    ("written", "count"),
    [
        (250, 250),
        (250.0, 250),
        ("250", 250),
        (" 12 ", 12),
        ("50-200", 50),
        ("50 – 200", 50),
        ("11-50 employees", 11),
        ("1,001+", 1_001),
        ("1.001-5.000", 1_001),
        ("10 000", 10_000),
        ("10k", 10_000),
        ("5001 to 10000", 5_001),
        ("200+", 200),
        ("> 1000", 1_000),
        ("< 10", 1),
        ("up to 50", 1),
        ("11 bis 50 Mitarbeiter", 11),
        ("0", 0),
    ],
)
def test_a_size_is_read_as_its_lower_bound(written: object, count: int) -> None:
    assert size_band.parse_count(written) == count


@pytest.mark.parametrize(
    "written",
    [
        None,
        True,
        "",
        "many",
        "1_000",
        "١٢٣",
        "12.5",
        12.5,
        "1.5e3",
        "0x10",
        "-5",
        -5,
        2**63,
        "9" * 5000,
        "1-2-3",
        float("nan"),
        float("inf"),
        "50%",
        b"50",
        ["50"],
    ],
    ids=lambda v: repr(v)[:20],
)
def test_what_is_no_size_is_none(written: object) -> None:
    assert size_band.parse_count(written) is None
