"""How somebody reads: their language, their zone, their way of writing dates and numbers.

Whatever is said to a person, on a screen or in a mail, is made inside `speaking_to`.
"""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from leadline.lib import formats
from leadline.lib.formats import Formats
from leadline.workspace.models import User, Workspace

_UTC = ZoneInfo("UTC")
_ENGLISH = Formats()
_FORMATS: ContextVar[Formats] = ContextVar("formats", default=_ENGLISH)


@dataclass(frozen=True, slots=True)
class Reader:
    """One person's way to read."""

    language: str
    zone: ZoneInfo
    formats: Formats


def of(user: User) -> Reader:
    chosen = formats.of_language(
        user.language,
        date=user.date_format,
        time=user.time_format,
        number=user.number_format,
        week_start=user.week_start,
    )
    return Reader(known_language(user.language), zone(user.time_zone), chosen)


def of_workspace(workspace: Workspace) -> Reader:
    """Whoever is addressed without being known: in the language and zone of the house."""
    return in_language(workspace.language, zone(workspace.time_zone))


def in_language(language: str, zone: ZoneInfo = _UTC) -> Reader:
    return Reader(known_language(language), zone, formats.of_language(language))


@contextmanager
def speaking_to(reader: Reader) -> Iterator[None]:
    """Texts, instants and numbers that are made inside are the reader's. Safe under threads; what
    was before holds again afterwards."""
    token = _FORMATS.set(reader.formats)
    try:
        with translation.override(reader.language), timezone.override(reader.zone):
            yield
    finally:
        _FORMATS.reset(token)


def current_formats() -> Formats:
    """How whoever is spoken to right now writes; the English way where nobody is."""
    return _FORMATS.get()


def known_language(language: str) -> str:
    """The language if Leadline speaks it, else English."""
    return language if language in dict(settings.LANGUAGES) else "en"


def day_of(workspace: Workspace, at: datetime) -> date:
    """The day that it is in the house at this instant."""
    return at.astimezone(zone(workspace.time_zone)).date()


def zone(name: str) -> ZoneInfo:
    """The zone; UTC when nobody knows the name."""
    try:
        return ZoneInfo(name or "UTC")
    except (ValueError, zoneinfo.ZoneInfoNotFoundError):
        return _UTC
