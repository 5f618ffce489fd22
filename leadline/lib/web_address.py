"""Web addresses of pages that strangers report: parts for criteria, campaign and click id.

Only http and https. What a browser and a parser could read in two ways is no address at all:
backslashes, control characters and blanks anywhere, credentials before the host, IPv6 zones.
The host comes out the way `http_client` would look it up (lower case, punycode).

Mail tools append tokens that identify the reader (`mc_eid`, `_hsenc`, `mkt_tok`); they are
dropped from the parameters and from the address, so they are never stored as identity.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote_plus

import idna

from leadline.lib import text

MAX_WRITTEN = 65_536
MAX_ADDRESS = 2_048
MAX_PATH = 1_024
MAX_VALUE = 255
MAX_NAME = 100
MAX_PARAMS = 100

CAMPAIGN_PARAMS = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_term": "term",
    "utm_content": "content",
    "utm_id": "id",
    "utm_source_platform": "source_platform",
    "utm_creative_format": "creative_format",
    "utm_marketing_tactic": "marketing_tactic",
}
CLICK_IDS = (
    "gclid",
    "gbraid",
    "wbraid",
    "dclid",
    "fbclid",
    "msclkid",
    "ttclid",
    "li_fat_id",
    "twclid",
    "ScCid",
    "epik",
    "rdt_cid",
    "yclid",
)
IDENTITY_TOKENS = frozenset(
    {
        "mc_eid",
        "_hsenc",
        "_hsmi",
        "__hssc",
        "__hstc",
        "__hsfp",
        "hsctatracking",
        "mkt_tok",
        "vero_id",
        "_kx",
        "oly_enc_id",
        "oly_anon_id",
        "rb_clickid",
        "ml_subscriber",
        "ml_subscriber_hash",
        "bsft_eid",
        "wickedid",
    }
)

_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[^/?#@:\[\]%]{1,255})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>[^#]*))?(?:#.*)?",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
_UNSAFE = re.compile("[\x00-\x20\x7f-\xa0\\\\\ud800-\udfff\u2028\u2029]")
_PLAIN_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.?){1,127}")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `path` is as sent, `params` decoded with the first value of each name kept."""

    host: str
    path: str
    params: Mapping[str, str]
    url: str
    """Without fragment, credentials and identity tokens; at most 2,048 characters, for which
    the query is given up first."""


@dataclass(frozen=True, slots=True)
class Parts:
    """An absolute http(s) address taken apart by the only parser of the house."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str


def parts(address: object) -> Parts | None:
    """The parts of an absolute http(s) address, or None when it is none. Never raises.

    What is fetched is built from these parts, so nothing is checked by one parser and fetched
    by another. The port is None when it is the scheme's own; IPv6 hosts keep their brackets.
    """
    if not isinstance(address, str) or len(address) > MAX_WRITTEN:
        return None
    address = address.strip(" \t\r\n")
    if _UNSAFE.search(address):
        return None
    match = _ADDRESS.fullmatch(text.clean(address))
    if match is None:
        return None
    scheme = match["scheme"].lower()
    host = _host(match["host"])
    port = int(match["port"] or _DEFAULT_PORTS[scheme])
    if host is None or not 0 < port < 65_536:
        return None
    own_port = None if port == _DEFAULT_PORTS[scheme] else port
    return Parts(scheme, host, own_port, match["path"] or "/", match["query"] or "")


def page(address: object) -> Page | None:
    """The page at an absolute http(s) address, or None when it is none. Never raises."""
    found = parts(address)
    if found is None:
        return None
    params, query = _query(found.query)
    path = found.path[:MAX_PATH]
    port = f":{found.port}" if found.port else ""
    bare = f"{found.scheme}://{found.host}{port}{path}"
    url = f"{bare}?{query}" if query else bare
    return Page(
        host=found.host, path=path, params=params, url=url if len(url) <= MAX_ADDRESS else bare
    )


def host(address: object) -> str | None:
    """The host alone of an http(s) address, as a referrer is compared; None for garbage."""
    found = parts(address)
    return found.host if found else None


def is_this_computer(address: str) -> bool:
    """Whether only the machine itself reaches it: localhost or a loopback number."""
    name = (host(address) or "").strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def campaign(params: Mapping[str, str]) -> dict[str, str]:
    """Campaign of a landing: source, medium, campaign, term, content, id, … lower-cased.

    Only keys that are present and not blank; values at most 255 characters. Compare and count
    with these; show `campaign_raw`.
    """
    return {key: value.lower()[:MAX_VALUE] for key, value in campaign_raw(params).items()}


def campaign_raw(params: Mapping[str, str]) -> dict[str, str]:
    """The same keys with the values as they were typed."""
    found = {key: bounded(params.get(name)) for name, key in CAMPAIGN_PARAMS.items()}
    return {key: value for key, value in found.items() if value}


def campaign_of_context(context: Mapping[str, object]) -> dict[str, str]:
    """Segment's `context.campaign` (whose `name` is our campaign) in the keys of `campaign`."""
    renamed = {"name" if key == "campaign" else key: key for key in CAMPAIGN_PARAMS.values()}
    found = {key: bounded(context.get(name)).lower() for name, key in renamed.items()}
    return {key: value[:MAX_VALUE] for key, value in found.items() if value}


def click_id(params: Mapping[str, str]) -> tuple[str, str] | None:
    """The first known ad click id as (name, value), or None. Names count in any case."""
    if not params:
        return None
    lowered = {name.lower(): value for name, value in reversed(list(params.items()))}
    for name in CLICK_IDS:
        value = bounded(lowered.get(name.lower()))
        if value:
            return name, value
    return None


def bounded(value: object) -> str:
    """A stranger's value as display text: cleaned, on one line, at most 255 characters."""
    if not isinstance(value, str):
        return ""
    return " ".join(text.clean(value[: 4 * MAX_VALUE]).split())[:MAX_VALUE].rstrip()


def _host(written: str) -> str | None:
    host = written.lower()
    if host.startswith("["):
        return host
    try:
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        return None
    host = host.removesuffix(".")
    return host if _PLAIN_HOST.fullmatch(host) and ".." not in host else None


def _query(query: str | None) -> tuple[dict[str, str], str]:
    """Decoded parameters and the query text, both without identity tokens."""
    params: dict[str, str] = {}
    kept: list[str] = []
    if not query:
        return params, ""
    for part in query.split("&", MAX_PARAMS)[:MAX_PARAMS]:
        written, _, value = part.partition("=")
        name = _decoded(written)[:MAX_NAME]
        if not name or name.lower() in IDENTITY_TOKENS:
            continue
        kept.append(part)
        if name not in params:
            params[name] = _decoded(value)[:MAX_VALUE]
    return params, "&".join(kept)


def _decoded(written: str) -> str:
    if "%" in written or "+" in written:
        written = unquote_plus(written)
    return text.clean(written)
