"""Public pages as HTML: one small environment, every value escaped, nothing fetched."""

from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import get_language, gettext, ngettext
from jinja2 import Environment, PackageLoader, StrictUndefined

from leadline.capture import definitions, forms
from leadline.lib import asgi, web_address

MAX_ADDRESS = 2_048


class Filled(msgspec.Struct, frozen=True):
    """What a form shows: hidden values, what was typed before, what is wrong with it."""

    form: forms.Form
    token: str
    page_url: str = ""
    referrer: str = ""
    page_slug: str = ""
    values: Mapping[str, str] = {}
    ticked: frozenset[str] = frozenset()
    errors: Mapping[str, str] = {}
    notice: str = ""


def page(known: definitions.Definitions, page: definitions.Page, filled: Filled) -> bytes:
    """A hosted page with its form."""
    return _render("page.html", known, page=page, filled=filled, form=filled.form)


def form(known: definitions.Definitions, filled: Filled) -> bytes:
    """A form on a page of its own."""
    return _render("form.html", known, filled=filled, form=filled.form)


def thanks(known: definitions.Definitions, form: forms.Form) -> bytes:
    return _render("thanks.html", known, form=form)


def missing(known: definitions.Definitions) -> bytes:
    return _render("missing.html", known)


def headers(form: forms.Form | None = None) -> asgi.Headers:
    """Headers of every public page; a form that ends on another site may be sent there."""
    target = redirect_of(form) if form else ""
    elsewhere = urlsplit(target)
    action = f"'self' {elsewhere.scheme}://{elsewhere.netloc}" if elsewhere.netloc else "'self'"
    policy = f"{_POLICY} form-action {action}".encode()
    spoken = (get_language() or "en").encode()
    return (*_HEADERS, (b"content-language", spoken), (b"content-security-policy", policy))


def redirect_of(form: forms.Form) -> str:
    """Where the form leads after it was sent: an http(s) address, a local path, or ""."""
    target = form.texts.get("redirect", "")
    if target[:1] == "/" and target[1:2] not in ("/", "\\") and target.isprintable():
        return target if target.isascii() else ""
    found = web_address.page(target)
    return found.url if found else ""


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none';"
)
_HEADERS: asgi.Headers = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Accept-Language"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


def _render(name: str, known: definitions.Definitions, **values: object) -> bytes:
    template = _environment().get_template(name)
    language = get_language() or "en"
    return template.render(known=known, fields=forms, language=language, **values).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leadline.web.public", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # added by the extension
    environment.filters["link"] = _link
    return environment


def _link(address: object) -> str:
    """An address that is safe to click: http(s), mailto, tel or a local path; else "#"."""
    text = str(address)
    if text.startswith(("mailto:", "tel:", "#")) and text.isprintable():
        return text
    if text[:1] == "/" and text[1:2] not in ("/", "\\"):
        return text
    found = web_address.page(text)
    return found.url if found else "#"
