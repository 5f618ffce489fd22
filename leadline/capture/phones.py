"""Numbers as people at home write them: without the code of the country that they are in."""

from collections.abc import Iterable

import msgspec

from leadline.capture import traits
from leadline.capture.submission import Submission
from leadline.lib import phone_number

PHONE = "phone"


def at_home(submissions: Iterable[Submission], *, region: str) -> list[Submission]:
    """The submissions, each with the number that it wrote down and nobody could place until now.

    `region` is the country that the workspace's numbers are of; "" changes nothing. Whoever named
    a country was taken at their word when it was unpacked: what is no number there is not made
    somebody else's number here.
    """
    return [_placed(each, region) if region else each for each in submissions]


def _placed(said: Submission, region: str) -> Submission:
    written = said.traits.get(PHONE)
    if said.phone is not None or not isinstance(written, str) or not written.strip():
        return said
    if traits.country_code(said.traits) is not None:
        return said
    try:
        number = phone_number.canonical(written, region=region)
    except phone_number.NotAPhone:
        return said
    rest = tuple(each for each in said.problems if not each.startswith(traits.PHONE_PROBLEM))
    return msgspec.structs.replace(said, phone=number, problems=rest)
