"""A form post: checked, stored, answered.

A browser gets pages (303 to the thank-you page, or the form again with what was typed and what
is missing); a script that asks for JSON gets JSON. Either way the answer comes after the row is
on stable storage.
"""

from collections.abc import Sequence

import msgspec
from django.utils.translation import gettext

from leadline.capture import forms, inbox
from leadline.lib import asgi, text
from leadline.web.public import markup, posted
from leadline.web.public.visit import Visit

CORS: asgi.Headers = ((b"access-control-allow-origin", b"*"),)
PREFLIGHT: asgi.Headers = (
    *CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
)
_encode = msgspec.json.Encoder().encode


class Reception:
    """Takes form posts into the inbox."""

    def __init__(self, writer: inbox.Writer, *, signing_keys: Sequence[str]) -> None:
        self._writer = writer
        self._keys = signing_keys
        self.accepted_count = 0
        self.refused_count = 0

    def blank(self, visit: Visit, form: forms.Form, *, page_slug: str = "") -> markup.Filled:
        """A form nobody has filled in yet, with a token of its own."""
        return markup.Filled(
            form=form,
            token=forms.new_token(form, now_us=visit.now_us, key=self._keys[0]),
            page_url=_address(visit),
            referrer=_header(visit, b"referer"),
            page_slug=page_slug,
        )

    async def take(self, visit: Visit, form: forms.Form) -> None:
        """Store the post and answer it."""
        given = await self._read(visit)
        values, errors = forms.validate(form, given)
        if errors:
            self.refused_count += 1
            await self._send_back(visit, form, given, errors=errors)
            return
        arrival = forms.judge(form, given, now_us=visit.now_us, keys=self._keys)
        body = _record(visit, form, given, values=values, arrival=arrival)
        if len(body) > posted.MAX_STORED_BYTES:
            raise asgi.too_large(posted.MAX_STORED_BYTES)
        try:
            await self._writer.append(_draft(form, body, received_us=visit.now_us))
        except inbox.InboxUnavailable:
            await self._send_back(visit, form, given, errors={})
            return
        self.accepted_count += 1
        await _thank(visit, form)

    async def _read(self, visit: Visit) -> dict[str, list[str]]:
        try:
            return await posted.read(visit.headers, visit.receive)
        except asgi.Refusal as refusal:
            self.refused_count += 1
            refusal.headers = (*refusal.headers, *CORS)
            raise

    async def _send_back(
        self, visit: Visit, form: forms.Form, given: forms.Posted, *, errors: dict[str, str]
    ) -> None:
        """The form again: 422 with what is wrong, or 503 when nothing can be stored."""
        if _wants_json(visit):
            refusal = _incomplete(errors) if errors else unavailable()
            await asgi.refuse(visit.send, refusal, headers=CORS)
            return
        page = visit.known.pages.get(_first(given, "_from"))
        filled = self._refilled(visit, form, given, errors=errors)
        if page is not None and page.form == form:
            content = markup.page(visit.known, page, filled)
        else:
            content = markup.form(visit.known, filled)
        headers = (*markup.headers(form), *(() if errors else asgi.RETRY))
        await asgi.respond(visit.send, 422 if errors else 503, content, headers=headers)

    def _refilled(
        self, visit: Visit, form: forms.Form, given: forms.Posted, *, errors: dict[str, str]
    ) -> markup.Filled:
        token = _first(given, forms.RENDERING_FIELD)
        return markup.Filled(
            form=form,
            token=token or forms.new_token(form, now_us=visit.now_us, key=self._keys[0]),
            page_url=_first(given, forms.PAGE_FIELD),
            referrer=_first(given, forms.REFERRER_FIELD),
            page_slug=_first(given, "_from"),
            values={
                field.name: forms.typed(field, given)[: markup.MAX_ADDRESS] for field in form.fields
            },
            ticked=frozenset(box.name for box in form.consents if forms.is_ticked(given, box)),
            errors=errors,
            notice="" if errors else gettext("We could not store this yet. Please send it again."),
        )


def unavailable() -> asgi.Refusal:
    return asgi.Refusal(
        503, "Nothing can be stored right now. Please send it again.", headers=asgi.RETRY
    )


def _incomplete(errors: dict[str, str]) -> asgi.Refusal:
    names = ", ".join(errors)
    faults = [asgi.Fault(f"/{name}", detail) for name, detail in errors.items()]
    return asgi.Refusal(422, f"These fields need attention: {names}.", faults=faults)


def _draft(form: forms.Form, body: bytes, *, received_us: int) -> inbox.Draft:
    return inbox.Draft(received_us, f"form:{form.slug}", "form", 0, 0, "{}", body)


def _record(
    visit: Visit,
    form: forms.Form,
    given: forms.Posted,
    *,
    values: dict[str, str],
    arrival: forms.Arrival,
) -> bytes:
    """What the inbox keeps: checked values, the post as it came, and where it came from."""
    return _encode(
        {
            "form": form.slug,
            "purpose": form.purpose,
            "message_id": arrival.message_id,
            "state": arrival.state,
            "reason": arrival.reason,
            "values": values,
            "consents": [
                {
                    "purpose": box.purpose,
                    "channel": box.channel,
                    "state": "granted",
                    "text": box.text,
                    "text_version": box.version,
                }
                for box in form.consents
                if forms.is_ticked(given, box)
            ],
            "page": _first(given, forms.PAGE_FIELD) or _header(visit, b"referer"),
            "referrer": _first(given, forms.REFERRER_FIELD),
            "first_page": _first(given, forms.FIRST_PAGE_FIELD),
            "first_referrer": _first(given, forms.FIRST_REFERRER_FIELD),
            "anonymous_id": _first(given, forms.VISITOR_FIELD),
            "time_zone": _first(given, forms.ZONE_FIELD),
            "user_agent": _header(visit, b"user-agent")[:500],
            "gpc": visit.headers.get(b"sec-gpc") == b"1",
            "posted": {name: entries for name, entries in given.items() if name[:1] != "_"},
        }
    )


async def _thank(visit: Visit, form: forms.Form) -> None:
    if _wants_json(visit):
        headers = (*asgi.JSON, *CORS)
        await asgi.respond(visit.send, 200, b'{"success":true}', headers=headers)
        return
    target = markup.redirect_of(form) or f"/f/{form.slug}/thanks"
    headers = ((b"location", target.encode()), (b"cache-control", b"no-store"))
    await asgi.respond(visit.send, 303, b"", headers=headers)


def _wants_json(visit: Visit) -> bool:
    accept = visit.headers.get(b"accept", b"")
    if b"application/json" in accept:
        return True
    is_json = posted.media_type(visit.headers) == posted.JSON
    return is_json and b"text/html" not in accept


def _address(visit: Visit) -> str:
    """The address of this page as the visitor sees it, for the touch; bounded, never trusted."""
    host = _header(visit, b"host")
    query = visit.scope["query_string"].decode("ascii", "replace")
    path = visit.scope["path"]
    address = f"{visit.scope['scheme']}://{host}{path}" + (f"?{query}" if query else "")
    return address[: markup.MAX_ADDRESS]


def _header(visit: Visit, name: bytes) -> str:
    value = visit.headers.get(name, b"").decode("latin-1")
    return text.clean(value, max_length=markup.MAX_ADDRESS)


def _first(given: forms.Posted, name: str) -> str:
    entries = given.get(name)
    return entries[0][: markup.MAX_ADDRESS] if entries else ""
