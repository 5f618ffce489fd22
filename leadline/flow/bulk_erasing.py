"""Words about people in bulk actions, emptied when one of the leads that they touched is erased.

What was done to how many leads stays. An action that is under way needs its words until its end.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from leadline.criteria import documents
from leadline.flow.models import BulkAction, BulkChange

_WRITTEN = ("text", "reason")
_OPEN = (BulkAction.State.GATHERING, BulkAction.State.WORKING)


def erase(lead_ids: Sequence[UUID]) -> int:
    """Empty the words of the actions that touched these leads; how many rows changed.

    Those of open ones go when they end. A second run changes nothing.
    """
    touched = BulkChange.objects.filter(lead__in=lead_ids).values_list("action", flat=True)
    mine = BulkAction.objects.filter(pk__in=list(touched.distinct()))
    with transaction.atomic():
        open_ = mine.filter(state__in=_OPEN, is_to_be_emptied=False)
        return open_.update(is_to_be_emptied=True) + _empty(mine.exclude(state__in=_OPEN))


def settle(action_id: UUID) -> None:
    """The action has ended: what was kept for it alone goes. Joins the caller's transaction."""
    ended = BulkAction.objects.filter(pk=action_id, is_to_be_emptied=True)
    _empty(ended.exclude(state__in=_OPEN))


def _empty(actions: QuerySet[BulkAction]) -> int:
    changed = []
    for row in actions.select_for_update().order_by("pk"):
        wanted = {**row.wanted, **{name: "" for name in _WRITTEN if row.wanted.get(name)}}
        if isinstance(wanted.get("value"), str | list):
            del wanted["value"]
        choice = {name: each for name, each in row.choice.items() if not _tells(name, each)}
        # A fingerprint of words would confirm whoever guesses them.
        if (row.wanted, row.choice, row.asked) != (wanted, choice, ""):
            row.wanted, row.choice, row.asked = wanted, choice, ""
            changed.append(row)
    return BulkAction.objects.bulk_update(changed, ["wanted", "choice", "asked"])


def _tells(name: str, chosen: object) -> bool:
    """What was searched for, and a filter that compares with words that somebody typed."""
    return name == "search" or (
        name == "filter" and any(map(_compares_with_words, documents.objects(chosen)))
    )


def _compares_with_words(leaf: Mapping[object, object]) -> bool:
    operands = [each for name, each in leaf.items() if name != "trait"]
    words = [each for some in operands for each in (some if isinstance(some, list) else [some])]
    return "trait" in leaf and any(isinstance(each, str) for each in words)
