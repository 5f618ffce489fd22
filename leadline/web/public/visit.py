"""One request to a public page, as the functions that answer it pass it on."""

from dataclasses import dataclass

from leadline.capture import definitions
from leadline.lib import asgi


@dataclass(slots=True)
class Visit:
    """What is known now, who asks for what, and where the answer goes."""

    known: definitions.Definitions
    scope: asgi.Scope
    receive: asgi.Receive
    send: asgi.Send
    headers: dict[bytes, bytes]
    now_us: int

    @property
    def method(self) -> str:
        return str(self.scope["method"])
