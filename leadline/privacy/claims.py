"""A permission as somebody claims to have given or refused it, and what it is worth after that."""

import msgspec

REFUSALS = frozenset({"denied", "withdrawn"})


class ConsentClaim(msgspec.Struct, frozen=True):
    """A permission given or refused with a submission."""

    purpose: str
    channel: str
    state: str  # granted | denied | withdrawn
    text: str = ""
    text_version: int = 0


class Worth(msgspec.Struct, frozen=True):
    """What a permission is worth now; `refused_us` is of when the newest refusal is, if any."""

    state: str
    refused_us: int | None = None


def after(known: Worth | None, state: str, *, at_us: int) -> Worth:
    """What it is worth after one more word, in the order in which they came.

    A refusal counts when it comes, whatever its clock says. An agreement does not when it is older
    than a refusal: an old list that comes in overturns none. Who has agreed and agrees again in
    public has nothing to confirm.
    """
    refused_us = None if known is None else known.refused_us
    if state in REFUSALS:
        return Worth(state, at_us if refused_us is None else max(refused_us, at_us))
    if known is None:
        return Worth(state)
    is_older = refused_us is not None and refused_us > at_us
    is_weaker = state == "pending" and known.state == "granted"
    return known if is_older or is_weaker else Worth(state, refused_us)
