"""What screens and the API ask about bulk actions. Reads only."""

from uuid import UUID

from django.db.models import Q

from leadline.flow.bulk_actions import RUN, UNDO
from leadline.flow.models import BulkAction, BulkChange
from leadline.workspace import permissions
from leadline.workspace.models import Job, Role, User

_SEE_ALL = frozenset({Role.OWNER, Role.ADMIN, Role.MANAGER})


def newest(user: User, *, before: UUID | None = None, limit: int) -> list[BulkAction]:
    """Actions that the user may see, newest first; `before` is the last of the page above, an
    unknown one begins at the top. One query, two for a page below.

    Ids say nothing of the order: who sends an action gives it a key.
    """
    found = BulkAction.objects.select_related("by", "undone_by").order_by("-at", "-id")
    if user.role not in _SEE_ALL:
        found = found.filter(by=user.pk)
    if before is not None and (last := found.filter(pk=before).first()) is not None:
        found = found.filter(Q(at=last.at, pk__lt=last.pk) | Q(at__lt=last.at))
    return list(found[:limit])


def one(user: User, action_id: UUID) -> BulkAction | None:
    """The action, when the user may see it; else None, like an unknown one."""
    row = BulkAction.objects.filter(pk=action_id).select_related("by", "undone_by").first()
    if row is None or (row.by_id != user.pk and user.role not in _SEE_ALL):
        return None
    return row


def may_steer(row: BulkAction, user: User) -> bool:
    """Its doer, and whoever runs the workspace, may stop it and let it go on."""
    return row.by_id == user.pk or permissions.may(user, "manage_people")


def meant(row: BulkAction) -> set[UUID]:
    """The leads that the action means, whatever became of them since. One query."""
    return set(BulkChange.objects.filter(action=row).values_list("lead", flat=True))


def leads(row: BulkAction, state: str, *, limit: int) -> list[UUID]:
    """The leads of which this became, in the order of their ids. One query."""
    mine = BulkChange.objects.filter(action=row, state=state).order_by("lead")
    return list(mine.values_list("lead", flat=True)[:limit])


def is_stuck(row: BulkAction) -> bool:
    """Was its job given up, so that nothing moves until somebody lets it go on?"""
    kind = {"gathering": RUN, "working": RUN, "undoing": UNDO}.get(row.state)
    if kind is None:
        return False
    waiting = Job.objects.filter(unique_key=f"{kind}:{row.pk}", state__in=["ready", "running"])
    return not waiting.exists()
