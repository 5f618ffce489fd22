"""`/f/<slug>`, `/p/<slug>`, thank-you pages and `/js/leadline.js`: who answers what."""

import time
from collections.abc import Awaitable, Callable, Sequence

from leadline.capture import definitions, inbox
from leadline.lib import asgi
from leadline.web import languages
from leadline.web.public import assets, markup, submission
from leadline.web.public.visit import Visit
from leadline.workspace import readers


class Public:
    """The ASGI application of the public pages.

    `known()` gives the definitions as of now; `newer()` waits for those of a moment later.
    """

    def __init__(
        self,
        writer: inbox.Writer,
        *,
        known: Callable[[], definitions.Definitions],
        newer: Callable[[], Awaitable[definitions.Definitions]],
        signing_keys: Sequence[str],
    ) -> None:
        self._known = known
        self._newer = newer
        self.reception = submission.Reception(writer, signing_keys=signing_keys)
        self._snippet = assets.Snippet()

    @property
    def accepted_count(self) -> int:
        return self.reception.accepted_count

    @property
    def refused_count(self) -> int:
        return self.reception.refused_count

    async def __call__(self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send) -> None:
        _, area, *rest = scope["path"].split("/")
        if area == "js":
            await self._snippet.answer(scope, send)
            return
        try:
            known = self._known()
            if rest and rest[0] not in (known.pages if area == "p" else known.forms):
                known = await self._newer()
        except definitions.DefinitionsUnavailable:
            raise submission.unavailable() from None
        visit = Visit(known, scope, receive, send, dict(scope["headers"]), _now_us())
        with readers.speaking_to(readers.in_language(_language(visit, area, rest))):
            await self._answer(visit, area, rest)

    async def _answer(self, visit: Visit, area: str, rest: Sequence[str]) -> None:
        if area == "f" and len(rest) == 1:
            await self._form(visit, rest[0])
        elif area == "f" and len(rest) == 2 and rest[1] == "thanks":
            await self._thanks(visit, rest[0])
        elif area == "p" and len(rest) == 1:
            await self._page(visit, rest[0])
        else:
            await _missing(visit)

    async def _form(self, visit: Visit, slug: str) -> None:
        form = visit.known.forms.get(slug)
        if form is None:
            await _missing(visit)
        elif visit.method == "POST":
            await self.reception.take(visit, form)
        elif visit.method == "OPTIONS":
            await asgi.respond(visit.send, 204, b"", headers=submission.PREFLIGHT)
        elif visit.method in ("GET", "HEAD"):
            content = markup.form(visit.known, self.reception.blank(visit, form))
            await asgi.respond(visit.send, 200, content, headers=markup.headers(form))
        else:
            raise asgi.wrong_method("GET, HEAD, POST")

    async def _page(self, visit: Visit, slug: str) -> None:
        page = visit.known.pages.get(slug)
        if page is None:
            await _missing(visit)
            return
        _only_get(visit)
        filled = self.reception.blank(visit, page.form, page_slug=slug)
        content = markup.page(visit.known, page, filled)
        await asgi.respond(visit.send, 200, content, headers=markup.headers(page.form))

    async def _thanks(self, visit: Visit, slug: str) -> None:
        form = visit.known.forms.get(slug)
        if form is None:
            await _missing(visit)
            return
        _only_get(visit)
        content = markup.thanks(visit.known, form)
        await asgi.respond(visit.send, 200, content, headers=markup.headers())


def _language(visit: Visit, area: str, rest: Sequence[str]) -> str:
    """What the form is written in, else what the browser wants, else what the workspace speaks."""
    slug = rest[0] if rest else ""
    page = visit.known.pages.get(slug) if area == "p" else None
    form = page.form if page else visit.known.forms.get(slug)
    wanted = visit.headers.get(b"accept-language", b"").decode("latin-1")
    own = form.language if form else ""
    return own or languages.of_browser(wanted) or visit.known.language


async def _missing(visit: Visit) -> None:
    content = markup.missing(visit.known)
    await asgi.respond(visit.send, 404, content, headers=markup.headers())


def _only_get(visit: Visit) -> None:
    if visit.method not in ("GET", "HEAD"):
        raise asgi.wrong_method("GET, HEAD")


def _now_us() -> int:
    return time.time_ns() // 1_000
