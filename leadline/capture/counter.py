"""Anonymous counting: a page view of somebody who has not agreed to be recognised.

Such a request carries a name and a path and no identifier of any kind; a request that carries
one is refused, so that a mistake in a page cannot turn counting into tracking.
"""

from leadline.capture import segment
from leadline.lib import json_text, text, web_address

MAX_BODY_BYTES = 4 * 1024
_KNOWN = frozenset({"writeKey", "name", "url", "referrer", "sentAt"})


def read(body: bytes) -> segment.Request:
    """Check a count: `{"name", "url", "referrer"}`. What is stored is name, path and hosts only.

    Raises segment.Rejected.
    """
    if len(body) > MAX_BODY_BYTES:
        raise segment.too_large(body, MAX_BODY_BYTES)
    try:
        value = json_text.decode(body)
    except json_text.NotJson as error:
        raise segment.Rejected(error.pointer, error.detail) from None
    if not isinstance(value, dict):
        raise segment.Rejected("", "must be an object")
    for name in value:
        if name not in _KNOWN:
            raise segment.Rejected(f"/{name}", "is not counted; send name, url and referrer only")
    key, name = value.get("writeKey"), value.get("name")
    if key is not None and not isinstance(key, str):
        raise segment.Rejected("/writeKey", "must be text")
    if not isinstance(name, str) or not 0 < len(name) <= segment.MAX_NAME:
        raise segment.Rejected("/name", f"must be text of at most {segment.MAX_NAME} characters")
    return segment.Request(
        _stored(name, value.get("url"), value.get("referrer")), key, is_history=False
    )


def _stored(name: str, url: object, referrer: object) -> bytes:
    page = web_address.page(url)
    return segment.encode(
        {
            "name": text.clean(name),
            "host": page.host if page else "",
            "path": page.path if page else "",
            "referrer": web_address.host(referrer) or "",
        }
    )
