"""Django's SMTP backend, which also tells how far a message got and never hangs for ever."""

import smtplib
import socket
import threading
from typing import Any

from django.core.mail.backends.smtp import EmailBackend

LIMIT_SECONDS = 40.0
"""All of one connection. The socket's time-out is per read: a server that sends one byte a
second would keep a thread for ever."""


class _Watched:
    """Beside smtplib's classes: notes the 354, and cuts the connection at the limit."""

    has_content_begun = False
    _awaits_go = False
    sock: socket.socket | None

    def __init__(self, *args: Any, **options: Any) -> None:  # smtplib's own arguments
        self._watchdog = threading.Timer(LIMIT_SECONDS, self._cut)
        self._watchdog.daemon = True
        self._watchdog.start()
        try:
            super().__init__(*args, **options)
        except BaseException:
            self._watchdog.cancel()
            raise

    def getreply(self) -> tuple[int, bytes]:
        try:
            code, text = super().getreply()  # type: ignore[misc]  # of smtplib.SMTP
        except smtplib.SMTPResponseException as error:
            # smtplib reports an endless line as an answer 500, which the server never gave.
            raise smtplib.SMTPServerDisconnected("the answer cannot be read") from error
        if self._awaits_go and code == 354:
            self.has_content_begun = True
        return code, text

    def data(self, msg: Any) -> tuple[int, bytes]:  # text or bytes, as smtplib takes it
        self._awaits_go = True
        answer: tuple[int, bytes] = super().data(msg)  # type: ignore[misc]  # of smtplib.SMTP
        return answer

    def close(self) -> None:
        self._watchdog.cancel()
        super().close()  # type: ignore[misc]  # of smtplib.SMTP

    def _cut(self) -> None:
        found = getattr(self, "sock", None)
        if found is not None:
            try:
                found.shutdown(socket.SHUT_RDWR)
            except OSError:
                return


class _Plain(_Watched, smtplib.SMTP):
    """SMTP, with STARTTLS when asked."""


class _Encrypted(_Watched, smtplib.SMTP_SSL):
    """SMTP inside TLS from the first byte."""


class Backend(EmailBackend):
    """One connection for one message."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return _Encrypted if self.use_ssl else _Plain

    def open(self) -> bool | None:
        """Also says hello, so that whatever is wrong with the server shows before `handing`."""
        is_new = super().open()
        if is_new and self.connection is not None:
            self.connection.ehlo_or_helo_if_needed()
        return is_new

    @property
    def has_content_begun(self) -> bool:
        """Whether the server has asked for the content of the message."""
        return bool(getattr(self.connection, "has_content_begun", False))
