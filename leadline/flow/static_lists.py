"""Lists and segments: where one is used, another name, an end, and who may end it.

Leads come on a list and off it through `bulk_acts`; what rules decide is in `segments`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from leadline.cards import list_sizes
from leadline.criteria import documents
from leadline.flow import rule_places
from leadline.flow.models import BulkAction
from leadline.flow.rule_places import Use
from leadline.leads import locks
from leadline.segments import lists
from leadline.segments.models import Segment
from leadline.workspace import audit, permissions, settings
from leadline.workspace.audit import Change, Doer
from leadline.workspace.models import User

_WAITING = (BulkAction.State.GATHERING, BulkAction.State.WORKING, BulkAction.State.UNDOING)


class StillUsed(Exception):
    """The list is named in these places."""

    permanent = True

    def __init__(self, found: Sequence[Use]) -> None:
        super().__init__(", ".join(f"{each.where}: {each.name}" for each in found))
        self.uses = found


class NotAllowed(Exception):
    """Leads are on the list that its reader may not see, so they may not end it."""

    permanent = True


def may_delete(segment: Segment, user: User) -> bool:
    """Who may change it and sees every lead that is in it. Two queries."""
    if not permissions.may(user, action_of(segment)):
        return False
    return list_sizes.seen_of(segment.key, user) == list_sizes.of(segment.key)


def action_of(segment: Segment) -> permissions.Action:
    """What a person must be allowed to, to change it: a list by hand, or a rule."""
    return "edit_leads" if segment.kind == Segment.Kind.STATIC else "edit_segments"


def uses(segment: Segment, user: User) -> list[Use]:
    """Every place that names the list, each once; views that the user has not are not named.

    Eight queries.
    """
    places = (each for each in rule_places.everywhere() if _names(each.document, segment))
    return sorted(rule_places.uses(places, reader=user) | set(_waiting(segment)))


def rename(segment_id: int, name: str, *, by: Doer, now: datetime) -> Segment:
    """Let people call the list otherwise. Raises NotAList, also for the name of another list."""
    with transaction.atomic():
        segment = lists.held(segment_id)
        before = segment.name
        if lists.rename(segment, name, now=now):
            both: tuple[dict[str, audit.Value], dict[str, audit.Value]] = (
                {"name": before},
                {"name": segment.name},
            )
            change = Change("list.renamed", "list", segment.pk, segment.name, *both)
            audit.record(change, by=by, now=now)
            settings.rules_changed()  # sentences of rules name it
    return segment


def delete(segment_id: int, *, reader: User, by: Doer, now: datetime) -> Segment:
    """End the list; its leads stay as they are. Raises NotAList, NotAllowed, StillUsed.

    Whoever puts leads on lists takes the same lock, so nobody is put on it meanwhile.
    """
    with transaction.atomic():
        locks.passing()
        segment = lists.held(segment_id)
        if not may_delete(segment, reader):
            raise NotAllowed
        if found := uses(segment, reader):
            raise StillUsed(found)
        count = list_sizes.of(segment.key)
        lists.delete(segment.pk)
        after: dict[str, audit.Value] = {"lead_count": count}
        is_list = segment.kind == Segment.Kind.STATIC
        act: audit.Act = "list.deleted" if is_list else "segment.deleted"
        kind = "list" if is_list else "segment"
        change = Change(act, kind, segment.pk, segment.name, {}, after)
        audit.record(change, by=by, now=now)
        settings.rules_changed()
    return segment


def _names(document: object, segment: Segment) -> bool:
    return any(each.get("in_segment") == segment.key for each in documents.objects(document))


def _waiting(segment: Segment) -> Iterator[Use]:
    """The bulk actions under way that change the list, or that mean the leads on it."""
    waiting = BulkAction.objects.filter(state__in=_WAITING).select_related("by")
    for each in waiting:
        is_about = each.kind == BulkAction.Kind.LIST and _changes(each, segment)
        if is_about or _names(each.choice, segment):
            yield Use("bulk", _("begun by %(who)s") % {"who": each.by or "–"})


def _changes(action: BulkAction, segment: Segment) -> bool:
    number = action.wanted.get("segment")
    if number is not None:
        return bool(number == segment.pk)
    return str(action.wanted.get("list", "")).lower() == segment.name.lower()
