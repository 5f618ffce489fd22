"""How instants and numbers are written for different people; each row is one expectation."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from leadline.lib import formats
from leadline.lib.formats import Formats
from leadline.lib.money import Money
from leadline.workspace import field_values, readers, spoken
from leadline.workspace.models import User

AT = datetime(2026, 3, 10, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "chosen", "day", "time", "number"),
    [
        ("en", {}, "Tue 10 Mar 2026", "15:05", "-12,431.50"),
        ("de", {}, "Di., 10. März 2026", "15:05", "-12.431,50"),
        ("en", {"date_format": "dots"}, "Tue 10.03.2026", "15:05", "-12,431.50"),
        ("en", {"date_format": "slashes"}, "Tue 10/03/2026", "15:05", "-12,431.50"),
        ("en", {"date_format": "month_first"}, "Tue 03/10/2026", "15:05", "-12,431.50"),
        ("de", {"date_format": "iso"}, "Di., 2026-03-10", "15:05", "-12.431,50"),
        ("en", {"time_format": "12"}, "Tue 10 Mar 2026", "3:05 pm", "-12,431.50"),
        ("en", {"number_format": "space_comma"}, "Tue 10 Mar 2026", "15:05", "-12\u202f431,50"),
        ("de", {"number_format": "apostrophe_point"}, "Di., 10. März 2026", "15:05", "-12’431.50"),
        ("en", {"date_format": "nonsense"}, "Tue 10 Mar 2026", "15:05", "-12,431.50"),
    ],
)
def test_each_person_reads_in_their_own_way(
    language: str, chosen: dict[str, str], day: str, time: str, number: str
) -> None:
    user = User(language=language, time_zone="Europe/Berlin", **chosen)
    with readers.speaking_to(readers.of(user)):
        assert spoken.day(AT) == day
        assert spoken.time_of_day(AT) == time
        assert spoken.number(Decimal("-12431.5"), places=2) == number


def test_after_speaking_to_somebody_everything_is_as_before() -> None:
    user = User(language="de", time_zone="Asia/Tokyo", time_format="12")
    with readers.speaking_to(readers.of(user)):
        assert spoken.moment(AT) == "Di., 10. März 2026, 11:05 pm"
    assert spoken.moment(AT) == "Tue 10 Mar 2026, 14:05"
    assert translation.get_language() == "en"


def test_an_unknown_zone_or_language_is_utc_and_english() -> None:
    reader = readers.of(User(language="xx", time_zone="Nowhere/Town"))
    assert (reader.language, reader.zone) == ("en", ZoneInfo("UTC"))
    assert reader.formats == Formats()


def test_money_has_its_own_decimals_and_the_readers_marks() -> None:
    with readers.speaking_to(readers.in_language("de")):
        assert spoken.amount(Money(123_450, "EUR")) == "EUR 1.234,50"
        assert spoken.amount(Money(1_234_567, "JPY")) == "JPY 1.234.567"
    assert spoken.amount(Money(-123_450, "EUR")) == "EUR -1,234.50"


def test_midnight_and_noon_on_a_clock_of_twelve_hours() -> None:
    of = formats.of_language("en", time="12")
    said = [formats.time_of_day(datetime(2026, 1, 1, hour, 0).time(), of) for hour in (0, 1, 12)]
    assert said == ["12:00 am", "1:00 am", "12:00 pm"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 Bytes"), (1, "1 Byte"), (999, "999 Bytes"), (1_000, "1,0 kB"), (3_000_000, "3,0 MB"),
     (1_234_500_000, "1,2 GB"), (10**19, "10.000,0 PB")],
)  # fmt: skip
def test_sizes_are_told_in_the_units_of_disks(count: int, said: str) -> None:
    with readers.speaking_to(readers.in_language("de")):
        assert spoken.size(count) == said


@pytest.mark.parametrize(
    ("value", "shape", "said"),
    [
        (12431, field_values.shape("number"), "12.431"),
        (0.1, field_values.shape("number"), "0,1"),
        (1e-7, field_values.shape("number"), "0,0000001"),
        (1234.5, field_values.shape("money", currency="EUR"), "EUR 1.234,50"),
        ("2026-03-10", field_values.shape("date"), "10. März 2026"),
        ("next week", field_values.shape("date"), "next week"),
        (True, field_values.shape("boolean"), "Ja"),
        ("12431", field_values.shape("text"), "12431"),
        ("12431", None, "12431"),
    ],
)
def test_values_of_fields_are_written_as_the_reader_writes(
    value: object, shape: field_values.Shape | None, said: str
) -> None:
    with readers.speaking_to(readers.in_language("de")):
        assert spoken.value(value, shape) == said
