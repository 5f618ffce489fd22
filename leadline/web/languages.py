"""In which language a request is answered.

Who is signed in is answered in their own. Who is not is answered in the first language of the
browser that Leadline speaks, else in the workspace's. Programs (`/api/`) get English unless they
ask for another language.
"""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest

from leadline.workspace import readers
from leadline.workspace.models import User, Workspace
from leadline.workspace.readers import Reader

_MOST = 10  # a header may hold thousands


def reader_of(request: HttpRequest) -> Reader:
    """How to speak to whoever asks. At most the session's two queries, or one for the workspace."""
    wanted = of_browser(request.headers.get("Accept-Language", ""))
    if request.path.startswith("/api/"):
        return readers.in_language(wanted or "en")
    if isinstance(request.user, User):
        return readers.of(request.user)
    if wanted:
        return readers.in_language(wanted)
    found = Workspace.objects.filter(id=1).first()
    return readers.of_workspace(found) if found else readers.in_language("en")


def of_browser(header: str) -> str | None:
    """The first language of an `Accept-Language` header that Leadline speaks.

    Browsers send what their owner likes best first; weights are not looked at.
    """
    known = dict(settings.LANGUAGES)
    return next((lang for lang, _ in regions(header) if lang in known), None)


def regions(header: str) -> Iterator[tuple[str, str]]:
    """Language and region ("" when not named) in the order of the header, at most 10."""
    for part in header.split(",")[:_MOST]:
        lang, _dash, rest = part.partition(";")[0].strip().partition("-")
        if lang.isalpha():
            yield lang.lower(), rest.rpartition("-")[2].upper()
