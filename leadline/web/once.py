"""The key under which a screen sends something, so that trying again does nothing twice."""

from uuid import UUID, uuid5

from django.http import HttpRequest

from leadline.web import access

_LONGEST = 100


def key(request: HttpRequest, what: str) -> UUID | None:
    """The id of what this request makes: the same for the same person and key, nobody else's.

    None without a key: a form that was sent without JavaScript.
    """
    written = request.headers.get("Idempotency-Key", "")
    if not 0 < len(written) <= _LONGEST:
        return None
    return uuid5(access.reader(request).pk, f"{what} {written}")
