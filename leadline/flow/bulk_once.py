"""A bulk action that was sent twice is begun once.

Whoever sends it gives it a key: a form does when it is opened, a program with its request. The key
becomes the id of the action, so the database itself refuses the second.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction

from leadline.flow.models import BulkAction


@dataclass(frozen=True)
class Once:
    """The key that something was sent under, and a fingerprint of all that was asked for."""

    key: UUID
    asked: str


class UsedOtherwise(Exception):
    """The key was used for something else, or by somebody else; nothing was done."""

    permanent = True


def once(key: UUID, asked: Mapping[str, object]) -> Once:
    """`asked` as it was sent, before it is read: what it means may change until it is sent again.

    The order of its names does not matter.
    """
    written = msgspec.json.encode(asked, order="sorted")
    return Once(key, hashlib.sha256(written).hexdigest())


def begun(sent: Once | None, *, by: UUID) -> BulkAction | None:
    """The action that this person began under the key, or None. One query.

    Raises UsedOtherwise.
    """
    if sent is None:
        return None
    row = BulkAction.objects.select_related("by", "undone_by").filter(pk=sent.key).first()
    if row is not None and (row.by_id, row.asked) != (by, sent.asked):
        raise UsedOtherwise
    return row


def keep(action: BulkAction, sent: Once | None) -> BulkAction | None:
    """Write the new row; the one that is there instead when another was quicker under the key.

    Joins the caller's transaction; waits until the other has ended. Raises UsedOtherwise.
    """
    if sent is None:
        action.save(force_insert=True)
        return None
    assert action.by_id is not None
    action.pk, action.asked = sent.key, sent.asked
    try:
        with transaction.atomic():
            action.save(force_insert=True)
    except IntegrityError:
        if (there := begun(sent, by=action.by_id)) is None:
            raise
        return there
    return None
