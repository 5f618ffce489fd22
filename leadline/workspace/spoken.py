"""Instants, numbers and money as written by whoever is spoken to (`readers.speaking_to`)."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from leadline.lib import formats, money
from leadline.lib.money import Money
from leadline.workspace import field_values, readers
from leadline.workspace.field_values import Shape

# As they stand in "10 Mar 2026". Django's are in lower case or have points.
_MONTHS = (
    gettext_lazy("Jan"), gettext_lazy("Feb"), gettext_lazy("Mar"), gettext_lazy("Apr"),
    gettext_lazy("May"), gettext_lazy("Jun"), gettext_lazy("Jul"), gettext_lazy("Aug"),
    gettext_lazy("Sep"), gettext_lazy("Oct"), gettext_lazy("Nov"), gettext_lazy("Dec"),
)  # fmt: skip
_SIZES = ("kB", "MB", "GB", "TB", "PB")


def day(at: datetime | date) -> str:
    """ "Tue 10 Mar 2026"; an instant's day is the one in the reader's zone."""
    on = _local_day(at)
    said = {"weekday": WEEKDAYS_ABBR[on.weekday()], "date": day_of_year(on)}
    # For translators: "Tue 10 Mar 2026"
    return _("%(weekday)s %(date)s") % said


def day_of_year(on: date) -> str:
    """ "10 Mar 2026" or "10.03.2026"."""
    said = {"day": on.day, "month": _MONTHS[on.month - 1], "year": on.year}
    # For translators: "10 Mar 2026"
    written = _("%(day)d %(month)s %(year)d") % said
    return formats.numeric_date(on, readers.current_formats()) or written


def time_of_day(at: datetime) -> str:
    """ "10:30" in the reader's zone."""
    return formats.time_of_day(timezone.localtime(at).time(), readers.current_formats())


def exact(at: datetime) -> str:
    """ "Tue 10 Mar 2026, 10:30 CET" in the reader's zone."""
    return f"{moment(at)} {timezone.localtime(at).tzname() or ''}".strip()


def moment(at: datetime) -> str:
    """ "Tue 10 Mar 2026, 10:30" in the reader's zone."""
    return f"{day(at)}, {time_of_day(at)}"


def weekday_and_time(at: datetime) -> str:
    """ "Monday 09:00" in the reader's zone."""
    said = {"weekday": WEEKDAYS[timezone.localtime(at).weekday()], "time": time_of_day(at)}
    # For translators: "Monday 09:00"
    return _("%(weekday)s %(time)s") % said


def number(value: int | Decimal, *, places: int = 0) -> str:
    """ "12,431" or "12.431"."""
    return formats.number(value, readers.current_formats(), places=places)


def decimal(written: str) -> str:
    """A number written with a point ("7.5", "-12000") in the reader's way, with its decimals."""
    places = len(written.partition(".")[2])
    return number(Decimal(written), places=places)


def amount(of: Money) -> str:
    """ "EUR 1,234.50" or "EUR 1.234,50": the code, the currency's own number of decimals."""
    places = money.decimals(of.currency)
    return f"{of.currency} {number(Decimal(of.minor).scaleb(-places), places=places)}"


def size(bytes_count: int) -> str:
    """ "512 bytes", "3.0 MB": in thousands, as disks are sold, with one decimal."""
    if bytes_count < 1_000:
        said = ngettext("%(num)s byte", "%(num)s bytes", bytes_count)
        return said % {"num": number(bytes_count)}
    power = min((len(str(int(bytes_count))) - 1) // 3, len(_SIZES))
    return f"{number(Decimal(bytes_count) / 1_000**power, places=1)} {_SIZES[power - 1]}"


def value(of_lead: object, shape: Shape | None) -> str:
    """The value of a declared field: numbers, money and dates as the reader writes them."""
    if shape is None or isinstance(of_lead, bool | list | tuple):
        return field_values.shown(of_lead, shape)
    if shape.type == "number" and isinstance(of_lead, int | float):
        return decimal(f"{Decimal(repr(of_lead)):f}")
    if shape.type == "money" and isinstance(of_lead, int | float):
        try:
            return amount(money.parse(of_lead, shape.currency))
        except money.NotMoney:
            return str(of_lead)
    if shape.type == "date" and isinstance(of_lead, str):
        return _date(of_lead)
    return field_values.shown(of_lead, shape)


def _date(written: str) -> str:
    try:
        return day_of_year(date.fromisoformat(written))
    except ValueError:
        return written


def _local_day(at: datetime | date) -> date:
    return timezone.localtime(at).date() if isinstance(at, datetime) else at
