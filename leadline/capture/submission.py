"""The one shape in which everything that arrived goes on: events, form posts, rows of a file.

`capture.unpack` turns inbox rows into these; `leads` and `timeline` read them. Nothing here has
been looked up yet, and all of it is claimed by the sender only.
"""

from collections.abc import Mapping

import msgspec

from leadline.lib import clock
from leadline.privacy.claims import ConsentClaim

__all__ = ["ConsentClaim", "Submission", "posted", "said"]


class Submission(msgspec.Struct, frozen=True):
    """One thing that arrived.

    Identifiers are canonical already or None. Trait names are snake_case; company traits carry
    the prefix `company.`. Times are integer microseconds since 1970 UTC.
    """

    # "key:3" (write key), "form:contact", "import:<id>", "api:<key id>": the deduplication space.
    source: str
    message_id: str
    # track, page, screen, identify, group, alias, form
    kind: str
    # The event's name: "Page Viewed", "Form Submitted", what `track` calls it, "Identified".
    name: str
    occurred_us: int
    received_us: int
    is_trusted: bool
    is_history: bool
    # Day number (UTC) of the client's own timestamp, for deduplication.
    seen_day: int
    user_id: str | None = None
    anonymous_id: str | None = None
    previous_id: str | None = None
    group_id: str | None = None
    email: str | None = None
    phone: str | None = None
    # (system, value) joined by ":", such as "hubspot:123".
    external_id: str | None = None
    traits: Mapping[str, object] = {}
    # What rules may ask: for a page: path, title, referrer, search; for a form: form, purpose.
    properties: Mapping[str, object] = {}
    # What a touch is made of, flat: source, medium, campaign, term, content, click_id_name,
    # click_id, referrer (address), referrer_host, own_host, landing_page (path), channel (only
    # when said explicitly), is_arrival (True when a visit began).
    context: Mapping[str, object] = {}
    consents: tuple[ConsentClaim, ...] = ()
    # inbound | outbound | referral
    origin: str = "inbound"
    # A list of people is targets, not leads: nobody acted.
    shows_interest: bool = True
    is_test: bool = False
    # human | machine | unsure | system
    actor: str = "human"
    # Non-empty: stored and shown, never scored. "time_out_of_range", "test", ...
    flag: str = ""
    # The item exactly as it arrived (JSON text), erased with the event.
    raw: str = "{}"
    # Trait values that were refused, by name: shown on the event, never lost.
    problems: tuple[str, ...] = ()


def said(
    kind: str,
    name: str,
    *,
    source: str,
    message_id: str,
    at_us: int,
    is_trusted: bool = True,
    is_history: bool = False,
) -> Submission:
    """Something that was said and received at one instant, by ourselves or by a program.

    What else there is to it, the caller puts in with `msgspec.structs.replace`.
    """
    return Submission(
        source=source,
        message_id=message_id,
        kind=kind,
        name=name,
        occurred_us=at_us,
        received_us=at_us,
        is_trusted=is_trusted,
        is_history=is_history,
        seen_day=clock.local_day(at_us, 0),
    )


def posted(
    form: str, *, purpose: str, page: str, message_id: str, at_us: int, is_trusted: bool
) -> Submission:
    """A form as somebody sends it from one of our pages at this instant."""
    sent = said(
        "form", "Form Submitted", source=f"form:{form}", message_id=message_id, at_us=at_us,
        is_trusted=is_trusted,
    )  # fmt: skip
    about = {"form": form, "purpose": purpose, "page": page}
    return msgspec.structs.replace(sent, properties=about)
