"""The snippet `/js/leadline.js`, from memory, with a validator so that browsers keep it."""

import hashlib
from importlib import resources

from leadline.lib import asgi

MAX_AGE_SECONDS = 3_600
PATH = "/js/leadline.js"


class Snippet:
    """Serves the snippet; read from the package once, on the first request."""

    def __init__(self) -> None:
        self._content = b""
        self._tag = b""

    async def answer(self, scope: asgi.Scope, send: asgi.Send) -> None:
        if scope["path"] != PATH:
            raise asgi.Refusal(404, f"There is only {PATH}.")
        if scope["method"] not in ("GET", "HEAD"):
            raise asgi.wrong_method("GET, HEAD")
        self._read()
        headers = (
            (b"content-type", b"text/javascript; charset=utf-8"),
            (b"cache-control", f"public, max-age={MAX_AGE_SECONDS}".encode()),
            (b"etag", self._tag),
            (b"x-content-type-options", b"nosniff"),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        )
        known = dict(scope["headers"]).get(b"if-none-match", b"")
        if self._tag in known:
            await asgi.respond(send, 304, b"", headers=headers)
        else:
            await asgi.respond(send, 200, self._content, headers=headers)

    def _read(self) -> None:
        if not self._content:
            package = resources.files("leadline.web")
            built = package / "static" / "built" / "leadline.js"
            source = built if built.is_file() else package / "assets" / "leadline.js"
            self._content = source.read_bytes()
            digest = hashlib.sha256(self._content).hexdigest()[:20]
            self._tag = f'"{digest}"'.encode()
