"""Where an arrival came from: derived from the context of an event, one row per arrival."""

from collections.abc import Mapping, Sequence

from leadline.capture.submission import Submission
from leadline.lib import channel, rows, web_address

_COLUMNS = [
    "binding_id",
    "source",
    "medium",
    "campaign",
    "term",
    "content",
    "channel",
    "referrer",
    "landing_page",
    "click_id",
    "occurred_at",
    "known_at",
]
_KEYS = ("source", "medium", "campaign", "term", "content", "referrer", "landing_page", "click_id")


def append(
    cursor: rows.Cursor,
    arrivals: Sequence[tuple[int, Submission]],
    *,
    now_us: int,
    vendor: str,
) -> None:
    """Store a touch for each (binding id, submission) that shows where somebody came from."""
    made = []
    for binding_id, said in arrivals:
        touch = derive(said.context)
        if touch is not None:
            texts = [touch[name] for name in _KEYS[:5]]
            made.append(
                (
                    binding_id,
                    *texts,
                    touch["channel"],
                    *(touch[n] for n in _KEYS[5:]),
                    said.occurred_us,
                    now_us,
                )
            )
    rows.insert(cursor, "timeline_touch", _COLUMNS, made, vendor=vendor)


def derive(context: Mapping[str, object]) -> dict[str, str] | None:
    """The touch a context shows, or None: no campaign, click id, outside referrer or arrival.

    `context` has the flat keys that `capture.unpack` fills: source, medium, campaign, term,
    content, click_id_name, click_id, referrer (address), referrer_host, own_host, landing_page,
    channel (explicit), is_arrival (a visit began).
    """
    text = {name: _text(context, name) for name in _KEYS}
    host, own = _text(context, "referrer_host"), _text(context, "own_host")
    if not host and text["referrer"]:
        page = web_address.page(text["referrer"])
        host = page.host if page else ""
    is_outside = bool(host) and host != own
    named = text["source"] or text["medium"] or text["campaign"] or text["click_id"]
    explicit = _text(context, "channel")
    if not (named or is_outside or explicit or context.get("is_arrival")):
        return None
    text["channel"] = explicit or channel.derive(
        text["source"] or None,
        text["medium"] or None,
        _text(context, "click_id_name") or None,
        host or None,
        own_hosts=frozenset({own} if own else ()),
    )
    if not text["source"] and is_outside:
        text["source"] = host[:255]
    return text


def _text(context: Mapping[str, object], name: str) -> str:
    value = context.get(name)
    return value[:255] if isinstance(value, str) else ""
