"""The personal data of what arrived: posted fields, rows of files, parked bodies.

Capture knows no lead, so nothing here can be found by one. `leads` erases by identifier, with
`erase_mentions`, before it forgets the identifiers themselves; `timeline` the posts that its events
came with, in which people may have written them otherwise.
"""

from collections.abc import Iterator, Sequence

from django.db.models import Q

from leadline.capture.models import ImportRow, Parked, Submission
from leadline.lib import personal_data

ERASED = '"erased"'
AT_ONCE = 500
"""So many are searched for in one statement: SQLite takes no condition with a thousand."""


def register() -> None:
    """Declare what is held; called when the application starts. `leads.Binding` erases it."""
    for model, holds in (
        ("capture.Submission", ("raw",)),
        ("capture.ImportRow", ("raw",)),
        ("capture.Parked", ("body",)),
    ):
        personal_data.register(model, holds=holds, eraser=None, exporter=None)


def erase_mentions(identifiers: Sequence[str]) -> int:
    """Empty every stored text in which one of these occurs, in any case; returns how many rows.

    For addresses and phone numbers as they were typed or in canonical form; reads the whole
    tables, which is fine for something that happens a few times a day. Parked rows go entirely.
    """
    if not identifiers:
        return 0
    count = 0
    for some in _portions(identifiers):
        mentions = Q()
        for identifier in some:
            mentions |= Q(raw__icontains=identifier)
        count += Submission.objects.filter(mentions).update(raw=ERASED)
        count += ImportRow.objects.filter(mentions).update(raw=ERASED)
    return count + _erase_parked([identifier.lower().encode() for identifier in identifiers])


def erase_posts(message_ids: Sequence[str]) -> int:
    """Empty the posts of forms that came under these ids; returns how many rows.

    A number is stored as +4930901820 and stands in the post as "030 / 90 18 20": by what it is
    stored as nobody finds it there.
    """
    count = 0
    for some in _portions(message_ids):
        mine = Submission.objects.filter(message_id__in=some).exclude(raw=ERASED)
        count += mine.update(raw=ERASED)
    return count


def _portions(wanted: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(wanted), AT_ONCE):
        yield wanted[start : start + AT_ONCE]


def _erase_parked(identifiers: Sequence[bytes]) -> int:
    # Few rows, binary: looked through here, because the engines search bytes differently.
    found = Parked.objects.values_list("pk", "body").iterator(chunk_size=100)
    hits = [
        pk
        for pk, body in found
        if any(identifier in bytes(body).lower() for identifier in identifiers)
    ]
    return Parked.objects.filter(pk__in=hits).delete()[0]
