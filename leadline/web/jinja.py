"""The Jinja2 environment of our screens: what templates may call."""

import hashlib
from collections.abc import Hashable, MutableMapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from leadline.lib import ids, web_address
from leadline.routing import notice_kinds
from leadline.web import due_dates, figures, labels, moments, preferences
from leadline.workspace import kept, spoken


class _Environment(Environment):
    """One map of globals for all templates. The chain of maps that Jinja2 makes for each is
    compared whenever an included template imports its components: 300 times in Today, 3 ms."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def environment(**options: Any) -> Environment:  # Any: Django passes what settings hold
    """Autoescape on, undefined names are errors, texts pass gettext."""
    options = {"undefined": StrictUndefined, **options}
    options.pop("autoescape", None)
    made = _Environment(
        **options,
        autoescape=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The i18n extension adds this method at run time.
    made.install_gettext_callables(  # type: ignore[attr-defined]
        _text, ngettext, newstyle=True, pgettext=pgettext
    )
    made.globals.update(
        url=_address,
        asset=_asset,
        make_icon=_icon,
        make_avatar=_avatar,
        labels=labels,
        settings_sections=preferences.sections,
        notice_kind=notice_kinds.of,
        new_key=ids.uuid7,
        understood=due_dates.understood,
        understood_day=due_dates.understood_day,
        due_words=due_dates.words,
        is_overdue=due_dates.is_overdue,
    )
    made.filters.update(
        points=figures.points,
        money=spoken.amount,
        whole_points=figures.whole_points,
        signed_points=figures.signed_points,
        initials=figures.initials,
        tint=figures.tint,
        folding=_folding,
        mailto=_mailto,
        relative=lambda at: moments.relative(at, now=moments.now()),
        exact=moments.exact,
        day=moments.day,
        day_of_year=spoken.day_of_year,
        day_heading=lambda at: moments.heading(at, now=moments.now()),
        time_of_day=moments.time_of_day,
        countdown=lambda at: moments.countdown(at, now=moments.now()),
        urgency=lambda at: moments.urgency(at, now=moments.now()),
        told=kept.told,
        told_of=lambda sentence, about: kept.told_of(about, sentence),
        filesizeformat=spoken.size,
        number=spoken.number,
        decimal=spoken.decimal,
        stage=labels.stage,
        channel=labels.channel,
    )
    made.tests["this_computer"] = web_address.is_this_computer
    return made


def _text(message: str) -> str:
    """The message in the reader's language. A page asks hundreds of times: looked up once."""
    return _text_in(get_language(), message)


@lru_cache(maxsize=16_384)
def _text_in(_language: str | None, message: str) -> str:
    return gettext(message)


def _mailto(address: str) -> str:
    """A link that writes to the address and to nobody else: before its @ may stand a `?bcc=`."""
    return f"mailto:{quote(address, safe='@+')}"


_ANY = UUID(int=0)


def _address(name: str, *arguments: Hashable, **named: object) -> str:
    """The path of a route. A list asks for the same routes of a hundred leads: looked up once."""
    if arguments and isinstance(arguments[0], UUID):
        return _of_any(name, *arguments[1:]).replace(str(_ANY), str(arguments[0]))
    return reverse(name, args=arguments, kwargs=named or None)


@lru_cache(maxsize=1_024)
def _of_any(name: str, *arguments: Hashable) -> str:
    return reverse(name, args=(_ANY, *arguments))


@cache
def _icon(name: str, label: str = "", big: bool = False) -> SafeString:
    """A picture of the sprite; with a label it speaks, without one it is decoration."""
    said: str = Markup('aria-hidden="true"')
    if label:
        said = format_html('role="img" aria-label="{}"', label)
    return format_html(
        '<svg class="icon{}" {}><use href="{}#{}"></use></svg>',
        " big" if big else "",
        said,
        _asset("built/icons.svg"),
        name,
    )


@lru_cache(maxsize=4096)
def _avatar(name: str, big: bool = False) -> SafeString:
    """A round mark with initials, beside the name itself."""
    return format_html(
        '<span class="avatar {}{}" aria-hidden="true">{}</span>',
        figures.tint(name),
        " big" if big else "",
        figures.initials(name),
    )


def _folding(address: str) -> Markup:
    """A mail address that goes on in the next line after its @ and before its points."""
    escaped = str(escape(address))
    return Markup(escaped.replace("@", "@<wbr>").replace(".", "<wbr>."))  # noqa: S704  # escaped


@cache
def _asset(path: str) -> str:
    """The address of a built file with its content's hash, so that browsers may keep it."""
    found = finders.find(path)
    if not isinstance(found, str):
        return static(path)
    with open(found, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:10]
    return f"{static(path)}?v={digest}"
