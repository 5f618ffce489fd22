"""Where somebody came from and what they saw: pages, campaigns, referrers, who is a machine.

The flat context is what `timeline.touches` makes a touch of. Paths are kept without their query;
identity tokens of mail tools are gone from every address (`lib.web_address`).
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from leadline.lib import text, web_address

Json = Mapping[str, Any]  # a decoded object of a stranger

MAX_AGENT = 500
_MACHINE = re.compile(
    r"bot\b|crawl|spider|slurp|facebookexternalhit|linkpreview|monitor(?:ing)?\b|"
    r"\b(?:curl|wget|scrapy|python-requests|go-http-client)/",
    re.IGNORECASE,
)
_ZONE = re.compile(r"[A-Za-z_]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){1,2}|UTC")


class Seen(msgspec.Struct, frozen=True):
    """A page as rules may ask about it."""

    host: str = ""
    path: str = ""
    title: str = ""
    search: str = ""
    referrer: str = ""
    params: Mapping[str, str] = {}

    def properties(self) -> dict[str, object]:
        """path, title, search, referrer: only those that are known."""
        known = {
            "path": self.path,
            "title": self.title,
            "search": self.search,
            "referrer": self.referrer,
        }
        return {name: value for name, value in known.items() if value}


def page(properties: Json, context: Json, *, kind: str) -> Seen | None:
    """The page an event happened on, from its properties, else from context.page."""
    said = context.get("page")
    around: Json = said if isinstance(said, dict) else {}
    address = properties.get("url") or around.get("url")
    written = properties.get("path") or around.get("path")
    if not address and not written:
        return None
    found = web_address.page(address)
    path = found.path if found else web_address.bounded(written)
    came_from = properties.get("referrer") or around.get("referrer")
    title = properties.get("title") or around.get("title")
    return Seen(
        host=found.host if found else "",
        path=path.partition("?")[0].partition("#")[0],
        title=web_address.bounded(title) if kind in ("page", "screen") else "",
        search=_search(found),
        referrer=_without_query(came_from),
        params=found.params if found else {},
    )


def context(given: Json, seen: Seen | None, *, is_arrival: bool) -> dict[str, object]:
    """The flat context of an event: campaign, click id, referrer, landing page, device."""
    params = seen.params if seen else {}
    campaign = given.get("campaign")
    named = web_address.campaign_of_context(campaign) if isinstance(campaign, dict) else {}
    found: dict[str, object] = {**web_address.campaign(params), **named}
    found.pop("id", None)
    click = web_address.click_id(params) or _click(given)
    if click:
        found["click_id_name"], found["click_id"] = click
    found |= _referrer(seen.referrer if seen else "", own=seen.host if seen else "")
    if seen and (found or is_arrival):
        found["landing_page"] = seen.path
    if seen and seen.host:
        found["own_host"] = seen.host
    if is_arrival:
        found["is_arrival"] = True
    return found | _device(given)


def of_form(post: Json) -> tuple[Seen | None, dict[str, object]]:
    """(page of the form, flat context) of a form post.

    The address of the page carries the campaign; the first page of the visit, when the snippet
    knows it, carries it for visitors who clicked on before they filled in the form.
    """
    seen = _seen(post.get("page"), post.get("referrer"))
    first = _seen(post.get("first_page"), post.get("first_referrer"))
    given = {"userAgent": post.get("user_agent")}
    found = context(given, seen, is_arrival=False)
    if first is not None and not found.keys() & {"source", "click_id", "referrer_host"}:
        found = context(given, first, is_arrival=False)
    fields = _campaign_fields(post.get("posted"))
    if fields:
        found |= {name: value for name, value in fields.items() if name != "id"}
    if post.get("gpc"):
        found["gpc"] = True
    return seen, found


def external_id(given: Json) -> str | None:
    """`system:value` of the first entry of context.externalIds (or externalId), or None."""
    entries = given.get("externalIds") or given.get("externalId")
    first = entries[0] if isinstance(entries, list) and entries else None
    if not isinstance(first, dict):
        return None
    kind = web_address.bounded(first.get("type")).removesuffix("_id")
    value = web_address.bounded(str(first.get("id") or ""))
    return f"{kind}:{value}"[:254] if kind and value else None


def actor(given: Json) -> str:
    """`machine` when the user agent says so itself, else `human`."""
    agent = given.get("userAgent")
    return "machine" if isinstance(agent, str) and _MACHINE.search(agent[:MAX_AGENT]) else "human"


def is_zone(name: object) -> bool:
    """Whether it is written like a time zone of the IANA list."""
    return isinstance(name, str) and _ZONE.fullmatch(name) is not None


def _seen(address: object, referrer: object) -> Seen | None:
    found = web_address.page(address)
    if found is None:
        return None
    return Seen(
        host=found.host,
        path=found.path,
        search=_search(found),
        referrer=_without_query(referrer),
        params=found.params,
    )


def _search(found: web_address.Page | None) -> str:
    _, mark, query = found.url.partition("?") if found else ("", "", "")
    return (mark + query)[:255]


def _without_query(address: object) -> str:
    """An address as host and path only: what a referrer's query says is nobody's business."""
    found = web_address.page(address)
    return found.url.partition("?")[0][:255] if found else ""


def _referrer(address: str, *, own: str) -> dict[str, object]:
    host = web_address.host(address)
    return {"referrer": address, "referrer_host": host} if host and host != own else {}


def _click(given: Json) -> tuple[str, str] | None:
    referrer = given.get("referrer")
    if not isinstance(referrer, dict):
        return None
    name, value = web_address.bounded(referrer.get("type")), web_address.bounded(referrer.get("id"))
    return (name, value) if name and value else None


def _campaign_fields(posted: object) -> dict[str, str]:
    """utm_… fields that a form on somebody's own page sends along."""
    if not isinstance(posted, dict):
        return {}
    first = {name: entries[0] for name, entries in posted.items() if entries}
    found = web_address.campaign(first)
    click = web_address.click_id(first)
    if click:
        found["click_id_name"], found["click_id"] = click
    return found


def _device(given: Json) -> dict[str, object]:
    names = {"userAgent": "user_agent", "locale": "locale", "timezone": "time_zone"}
    return {
        ours: text.clean(str(given[name]), max_length=MAX_AGENT)
        for name, ours in names.items()
        if isinstance(given.get(name), str)
    }
