"""Arithmetic of handing over: what an answer of the mail server means, and when to try again.

A definite answer decides: 4xx try again, 5xx never. Without an answer it depends on when the
connection died. Before the server asked for the content nothing can have been delivered; after
that SMTP cannot tell (RFC 1047), so the message is unknown and is not sent again.
"""

import smtplib
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["sent", "folder", "failed", "retry", "unknown"]

# Minutes to the next try; together 72 hours and 18 minutes.
DELAYS_MINUTES = (1, 2, 5, 10, 20, 40, 60, 120, *[240] * 17)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one hand-over, and why in one sentence."""

    verdict: Verdict
    reason: str = ""


def of_error(error: Exception, *, has_content_begun: bool) -> Outcome:
    """What an error while handing over means; `has_content_begun`: the server said 354."""
    code, text = _answer(error)
    shown = f"{code} {text}".strip() if code else text
    if 400 <= code <= 499:
        return Outcome("retry", f"The mail server said: {shown}")
    if 500 <= code <= 599:
        return Outcome("failed", f"The mail server refused: {shown}")
    if has_content_begun:
        return Outcome("unknown", f"No clear answer after the message was handed over: {shown}")
    return Outcome("retry", f"The connection ended before the message: {shown}")


def delay_minutes(attempts: int) -> int | None:
    """How long to wait after this many attempts; None after 72 hours: give up."""
    return DELAYS_MINUTES[attempts - 1] if 1 <= attempts <= len(DELAYS_MINUTES) else None


def _answer(error: Exception) -> tuple[int, str]:
    """The code (0: none) and what was said, printable and short."""
    code, raw = 0, str(error).encode()
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, raw = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        code, raw = error.smtp_code, answer.encode() if isinstance(answer, str) else answer
    said = raw.decode("utf-8", "replace")
    words = "".join(c if c.isprintable() else " " for c in said)
    return max(code, 0), " ".join(words.split())[:200] or type(error).__name__
