"""A permission as somebody claims to have given or refused it, before it is recorded."""

import msgspec


class ConsentClaim(msgspec.Struct, frozen=True):
    """A permission given or refused with a submission."""

    purpose: str
    channel: str
    state: str  # granted | denied | withdrawn
    text: str = ""
    text_version: int = 0
