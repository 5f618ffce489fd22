"""Numbers as people at home write them: without the code of the country that they are in."""

from collections.abc import Iterable

import msgspec

from leadline.capture.submission import Submission
from leadline.lib import phone_number

PHONE = "phone"


def at_home(submissions: Iterable[Submission], *, region: str) -> list[Submission]:
    """The submissions, each with the number that it wrote down and nobody could place until now.

    `region` is the country that the workspace's numbers are of; "" changes nothing. Whoever says
    which country they are in is taken at their word before.
    """
    return [_placed(each, region) if region else each for each in submissions]


def _placed(said: Submission, region: str) -> Submission:
    written = said.traits.get(PHONE)
    if said.phone is not None or not isinstance(written, str) or not written.strip():
        return said
    try:
        return msgspec.structs.replace(said, phone=phone_number.canonical(written, region=region))
    except phone_number.NotAPhone:
        return said
