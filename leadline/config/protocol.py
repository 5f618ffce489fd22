"""HTTP as the server reads it, with a bound on what comes before a body."""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD_BYTES = 64 * 1024


class Protocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not end within 64 KB.

    The parser collects a header until it is complete, so without this one header could fill the
    memory before any of our code is asked.
    """

    def __init__(self, *args: Any, **options: Any) -> None:  # Any: the server's own arguments
        super().__init__(*args, **options)
        self._is_in_head = True
        self._head_bytes = 0

    def data_received(self, data: bytes) -> None:
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self._has_ended(data):
                self.send_400_response("The headers are too large.")
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._is_in_head = True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def shutdown(self) -> None:
        """The server stops: live streams, which never end by themselves, end now."""
        from leadline.web import live

        live.watch.stop()
        super().shutdown()

    def _has_ended(self, data: bytes) -> bool:
        # A small head with a large body in the same read is fine.
        return self._head_bytes == len(data) and 0 <= data.find(b"\r\n\r\n") < MAX_HEAD_BYTES
