"""What a sender says about a person or a company, in our names and within bounds.

Names come in camel case, snake case or words (`firstName`, `first_name`, `First Name`) and leave
in snake case; the ones that the Segment specification reserves get the names of our fields, and
company traits the prefix `company.`. Values that cannot be read are named as problems and stay
in the raw record.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from leadline.lib import email_address, phone_number, size_band, text

SHORT = 255
LONG = 2_000
MAX_TRAITS = 200
MAX_NAME = 64
COMPANY = "company."

_ALIASES = {
    "firstname": "first_name",
    "given_name": "first_name",
    "lastname": "last_name",
    "surname": "last_name",
    "family_name": "last_name",
    "fullname": "name",
    "full_name": "name",
    "job_title": "title",
    "jobtitle": "title",
    "position": "title",
    "phone_number": "phone",
    "mobile": "phone",
    "mobile_phone": "phone",
    "telephone": "phone",
    "email_address": "email",
    "e_mail": "email",
    "work_email": "email",
    "state": "region",
    "zip": "postal_code",
    "zip_code": "postal_code",
    "postalcode": "postal_code",
    "timezone": "time_zone",
    "organization": "company.name",
    "organisation": "company.name",
    "employer": "company.name",
    "companyname": "company.name",
    "company_name": "company.name",
    "company_domain": "company.domain",
    "company_website": "company.website",
    "company_industry": "company.industry",
    "company_size": "company.employee_count",
    "employees": "company.employee_count",
    "employee_count": "company.employee_count",
    "number_of_employees": "company.employee_count",
    "annual_revenue": "company.annual_revenue",
}
_COMPANY_ALIASES = {
    "employees": "employee_count",
    "size": "employee_count",
    "company_size": "employee_count",
    "number_of_employees": "employee_count",
    "company_name": "name",
    "state": "region",
}
RESERVED = frozenset(_ALIASES) | {COMPANY + name for name in _COMPANY_ALIASES} | {
    "company", "address",
}  # fmt: skip
"""Names that become other names, or identifiers, before anybody looks for a field."""
_SHORT = frozenset(
    [
        "first_name",
        "last_name",
        "name",
        "title",
        "phone",
        "city",
        "region",
        "country",
        "postal_code",
        "street",
        "language",
        "time_zone",
        "company.name",
        "company.domain",
        "company.industry",
        "company.city",
        "company.country",
    ]
)
_SEAM = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^0-9a-z]+")
_COUNTRY = re.compile(r"[A-Za-z]{2}")
PHONE_PROBLEM = "phone: "
"""How the problem of a number that nobody could place begins."""


class Said(msgspec.Struct):
    """What was read: identifiers in canonical spelling, traits by our names, what was refused."""

    traits: dict[str, object] = {}
    email: str | None = None
    phone: str | None = None
    problems: list[str] = []


def of_person(given: Mapping[str, object], *, country: str = "") -> Said:
    """Traits of `identify` (and of context.traits, and the fields of a form).

    `country` is where a number without a country code is meant to be when the person names none.
    """
    said = Said()
    for name, value in _members(given):
        if name == "address" and isinstance(value, dict):
            for part, entry in _members(value):
                _take(said, part, entry)
        elif name == "company":
            _company(said, value)
        else:
            _take(said, name, value)
    _phone(said, country)
    return said


def of_company(given: Mapping[str, object]) -> Said:
    """Traits of `group`: everything is about the company."""
    said = Said()
    _company(said, dict(given))
    return said


def _company(said: Said, value: object) -> None:
    if not isinstance(value, dict):
        _take(said, "company.name", value)
        return
    for part, entry in _members(value):
        if part == "address" and isinstance(entry, dict):
            for place, found in _members(entry):
                _take(said, COMPANY + _COMPANY_ALIASES.get(place, place), found)
        else:
            _take(said, COMPANY + _COMPANY_ALIASES.get(part, part), entry)


def emptied(given: Mapping[str, object]) -> list[str]:
    """Our names of what was said to be null, each once; parts of `company` and `address` too."""
    found: dict[str, None] = {}
    for name, value in _members(given):
        if name in ("company", "address") and isinstance(value, dict):
            prefix, aliases = (COMPANY, _COMPANY_ALIASES) if name == "company" else ("", _ALIASES)
            for part, entry in _members(value):
                if entry is None:
                    found[prefix + aliases.get(part, part)] = None
        elif value is None:
            found[_ALIASES.get(name, name)] = None
    return list(found)


def _members(given: Mapping[str, object]) -> list[tuple[str, object]]:
    """The first MAX_TRAITS members under their snake-case names."""
    return [(snake(name), value) for name, value in list(given.items())[:MAX_TRAITS]]


def _take(said: Said, name: str, value: object) -> None:
    """Keep one value under our name; the first one of a name counts."""
    name = _ALIASES.get(name, name)
    settled = _settled(said, name, value)
    if settled is None or not name:
        return
    if name == "email":
        _email(said, settled)
    elif name == "company.employee_count":
        count = size_band.parse_count(settled)
        _keep(said, name, settled if count is None else count)
    else:
        _keep(said, name, settled)


def _keep(said: Said, name: str, value: object) -> None:
    said.traits.setdefault(name, value)


def _settled(said: Said, name: str, value: object) -> object | None:
    """The value as it may be stored; None for nothing said."""
    if isinstance(value, str):
        plain = text.clean(value).strip()
        if text.is_placeholder(plain):
            return None
        limit = SHORT if name in _SHORT else LONG
        if len(plain) > limit:
            said.problems.append(f"{name}: cut to {limit} characters")
            return text.clean(plain, max_length=limit)
        return plain
    if isinstance(value, dict | list):
        if len(msgspec.json.encode(value)) > LONG:
            said.problems.append(f"{name}: too large to keep")
            return None
        return value or None
    return value


def _email(said: Said, value: object) -> None:
    try:
        address = email_address.canonical(str(value))
    except email_address.NotAnAddress as error:
        said.problems.append(f"email: {error.reason}")
        return
    said.email = said.email or address


def _phone(said: Said, home: str) -> None:
    """The phone as an identifier; how it was written stays a trait."""
    written = said.traits.get("phone")
    if not isinstance(written, str | int) or isinstance(written, bool):
        return
    region = country_code(said.traits) or home or None
    try:
        said.phone = phone_number.canonical(str(written), region=region)
    except phone_number.NotAPhone as error:
        said.problems.append(f"{PHONE_PROBLEM}{error.reason}")


def country_code(known: Mapping[str, object]) -> str | None:
    """The two letters of the country that traits name; None when they name none, or in words."""
    country = known.get("country")
    is_code = isinstance(country, str) and _COUNTRY.fullmatch(country)
    return str(country) if is_code else None


@lru_cache(maxsize=10_000)
def snake(name: str) -> str:
    """A trait's name in snake case, at most MAX_NAME characters: `companyName` → `company_name`.

    A prefix `company.` stays.
    """
    if name.startswith(COMPANY):
        return COMPANY + snake(name.removeprefix(COMPANY))
    words = _SEAM.sub("_", name[: 4 * MAX_NAME])
    return _OTHER.sub("_", text.fold(words)).strip("_")[:MAX_NAME].rstrip("_")
