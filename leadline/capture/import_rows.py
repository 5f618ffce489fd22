"""A row of a file as a submission: cells read by their targets, nothing of it lost."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from leadline.capture import import_columns as columns
from leadline.capture.submission import ConsentClaim, Submission
from leadline.lib import clock, email_address, phone_number, size_band, text

SOURCE = "import"
"""One space of deduplication for all files: the same row in another file has no second effect."""

SEEN_DAY = 0
"""Rows are known for ever, not for a day: a file may be imported again next year."""

MAX_VALUE = 2_000
FUTURE_US = 10 * clock.MINUTE

_YES = frozenset(["yes", "y", "true", "1", "x", "ja", "oui", "si"])
_PARTS = (
    # 3/14/2026 9:30 AM (HubSpot, US); 14.03.2026 09:30 (German); 14-03-2026 09:30 (spreadsheets)
    (re.compile(r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})(?P<rest>.*)"), "/"),
    (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})(?P<rest>.*)"), "."),
    (re.compile(r"(?P<d>\d{1,2})-(?P<m>\d{1,2})-(?P<y>\d{4})(?P<rest>.*)"), "-"),
)
_TIME = re.compile(r"[ ,T]*(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?\s*")


class NotARow(ValueError):
    """A row that names nobody; the reason is a sentence for the person who gets it back."""

    permanent = True


class Plan(msgspec.Struct, frozen=True):
    """How the rows of one import are read. `targets` are parallel to the cells."""

    import_id: str
    file_name: str
    header: tuple[str, ...]
    targets: tuple[str, ...]
    is_history: bool
    lead_source: str
    origin: str
    shows_interest: bool
    is_test: bool
    at_us: int
    # Where a number without a country code is meant to be, or "".
    country: str = ""


def submission(cells: Sequence[str], *, number: int, plan: Plan, now_us: int) -> Submission:
    """The submission in a row. Raises NotARow when no cell identifies anybody.

    A cell that cannot be read (a broken address, a date that is none) is named in `problems` and
    kept in `raw`; the rest of the row counts.
    """
    found = _Found(plan=plan, now_us=now_us)
    for target, cell in zip(plan.targets, cells, strict=True):
        value = text.clean(cell, max_length=MAX_VALUE).strip()
        if target != columns.SKIP and not text.is_placeholder(value):
            found.take(target, value)
    key = next((found.ids[kind] for kind in columns.IDENTIFIERS if kind in found.ids), None)
    if key is None:
        reason = "; ".join(found.problems) or "no e-mail, phone, user id or external id"
        raise NotARow(f"This row names nobody: {reason}.")
    _finish(found)
    named = dict(zip(plan.header, cells, strict=True))
    occurred_us = found.created_us or plan.at_us
    return Submission(
        source=SOURCE,
        message_id=_natural_key(key, found),
        kind="identify",
        name="Identified",
        occurred_us=occurred_us,
        received_us=now_us,
        is_trusted=True,
        is_history=plan.is_history,
        seen_day=SEEN_DAY,
        user_id=found.ids.get("user_id"),
        email=found.ids.get("email"),
        phone=found.ids.get("phone"),
        external_id=found.ids.get("external_id"),
        traits=found.traits,
        properties={"import": plan.import_id, "file": plan.file_name, "row": number},
        context=found.context,
        consents=tuple(found.consents),
        origin=plan.origin,
        shows_interest=plan.shows_interest,
        is_test=plan.is_test,
        actor="system",
        raw=msgspec.json.encode(named).decode(),
        problems=tuple(found.problems),
    )


class _Found:
    """What the cells of a row have given so far."""

    def __init__(self, *, plan: Plan, now_us: int) -> None:
        self.plan = plan
        self.now_us = now_us
        self.ids: dict[str, str] = {}
        self.traits: dict[str, object] = {}
        self.context: dict[str, object] = {}
        self.consents: list[ConsentClaim] = []
        self.problems: list[str] = []
        self.created_us: int | None = None

    def take(self, target: str, value: str) -> None:
        """Read one cell; what cannot be read becomes a problem."""
        if target.startswith(columns.EXTERNAL):
            self.ids["external_id"] = _external(target.removeprefix(columns.EXTERNAL), value)
        elif target.startswith(columns.OPT_OUT):
            if value.lower() in _YES:
                channel = target.removeprefix(columns.OPT_OUT)
                self.consents.append(ConsentClaim("marketing", channel, "withdrawn"))
        elif target in columns.TOUCH:
            self.context[columns.TOUCH[target]] = value[:255]
        else:
            _READERS.get(target, _trait)(self, target, value)


def _email(found: _Found, target: str, value: str) -> None:
    try:
        found.ids["email"] = email_address.canonical(value)
    except email_address.NotAnAddress as error:
        found.problems.append(f"{value[:60]!r} is no e-mail address: {error.reason}")


def _phone(found: _Found, target: str, value: str) -> None:
    found.traits["phone"] = value
    country = found.traits.get("country")
    is_code = isinstance(country, str) and len(country) == 2
    region = str(country) if is_code else found.plan.country or None
    try:
        found.ids["phone"] = phone_number.canonical(value, region=region)
    except phone_number.NotAPhone as error:
        found.problems.append(f"{value[:40]!r} is no phone number: {error.reason}")


def _user_id(found: _Found, target: str, value: str) -> None:
    found.ids["user_id"] = value[:254]


def _created_at(found: _Found, target: str, value: str) -> None:
    try:
        at_us = clock.micros(instant(value))
    except clock.NotATime as error:
        found.problems.append(str(error))
        return
    if at_us > found.now_us + FUTURE_US:
        found.problems.append(f"{value[:40]!r} lies in the future")
        return
    found.created_us = at_us


def _employees(found: _Found, target: str, value: str) -> None:
    count = size_band.parse_count(value)
    if count is None:
        found.problems.append(f"{value[:40]!r} is no number of employees")
    found.traits[target] = value if count is None else count


def _trait(found: _Found, target: str, value: str) -> None:
    found.traits[target] = value


_READERS: Mapping[str, Callable[[_Found, str, str], None]] = {
    "email": _email,
    "phone": _phone,
    "user_id": _user_id,
    columns.CREATED_AT: _created_at,
    "company.employee_count": _employees,
}


def _finish(found: _Found) -> None:
    """The import's own source fills what the row left open, and the source is a first touch."""
    if found.plan.lead_source:
        found.traits.setdefault("lead_source", found.plan.lead_source)
    named = found.traits.get("lead_source")
    if isinstance(named, str) and "source" not in found.context:
        found.context["source"] = named[:255]


def _external(system: str, value: str) -> str:
    # Salesforce's 15 and 18 character ids name the same record; the first 15 decide.
    return f"{system}:{value[:15] if system == 'salesforce' else value}"[:254]


def _natural_key(key: str, found: _Found) -> str:
    """The same person with the same content is the same row, in whatever file and order."""
    content: list[Any] = [key, found.ids, found.traits, found.context, found.created_us]  # JSON
    content.append([msgspec.to_builtins(claim) for claim in found.consents])
    encoded = msgspec.json.encode(content, order="deterministic")
    return hashlib.blake2b(encoded, digest_size=20).hexdigest()


def instant(written: str) -> datetime:
    """A date in one of the ways in which other systems export it; without a zone it is UTC.

    ISO 8601; `3/14/2026 9:30 AM` (month first, with slashes); `14.03.2026 09:30` and
    `14-03-2026 09:30` (day first, with points or dashes). Raises NotATime for all else.
    """
    for pattern, _ in _PARTS:
        match = pattern.fullmatch(written)
        if match is not None:
            return _composed(match, written)
    return clock.parse_iso(written)


def _composed(match: re.Match[str], written: str) -> datetime:
    try:
        day = datetime(int(match["y"]), int(match["m"]), int(match["d"]), tzinfo=UTC)
    except ValueError as error:
        raise clock.NotATime(written, str(error)) from None
    if not match["rest"].strip():
        return day
    time = _TIME.fullmatch(match["rest"])
    if time is None:
        raise clock.NotATime(written, "its time of day is not written as 9:30 or 9:30 AM")
    hour, half = int(time[1]), (time[4] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or int(time[2]) > 59 or int(time[3] or 0) > 59:
        raise clock.NotATime(written, "there is no such time of day")
    return day + timedelta(hours=hour, minutes=int(time[2]), seconds=int(time[3] or 0))
