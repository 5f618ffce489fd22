"""Saved views: a named filter, sort and columns, of one person, a team, or everybody.

Those of everybody without a person come from the playbook and are changed there. Each person
arranges the tabs as they like; what is removed can be brought back for a day.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet, Subquery

from leadline.cards.models import SavedView, ViewOrder
from leadline.workspace import permissions
from leadline.workspace.models import User

KEPT = timedelta(days=1)
Reach = SavedView.Reach


class NotAView(ValueError):
    """The view cannot be like this; the text says why."""

    permanent = True


def visible_to(user: User) -> list[SavedView]:
    """The views of this person, their team and everybody, as they arranged them. One query."""
    theirs = ViewOrder.objects.filter(user=user).values("view_ids")
    found = _seen(user).filter(removed_at=None).annotate(arranged=Subquery(theirs))
    found = found.order_by("position", "id")
    order = next((view.arranged for view in found), None) or []
    places = {view_id: place for place, view_id in enumerate(order)}
    return sorted(found, key=lambda view: places.get(view.pk, len(places)))


def may_change(user: User, view: SavedView) -> bool:
    """Whether the person may save, rename, share and remove it: their own; and who runs the
    workspace what others have shared."""
    if view.user_id is None:
        return False
    is_shared = view.reach != Reach.PRIVATE
    return view.user_id == user.pk or (is_shared and permissions.may(user, "edit_settings"))


def reaches(user: User) -> list[Reach]:
    """With whom the person may share a view of theirs. Who may only look shares nothing."""
    if not permissions.may(user, "edit_leads"):
        return [Reach.PRIVATE]
    return [Reach.PRIVATE, *([Reach.TEAM] if user.team_id else []), Reach.EVERYBODY]


def add(
    user: User, name: str, *, filter: dict[str, object], sort: str, columns: Sequence[str]
) -> SavedView:
    """A new view of one's own, the last tab."""
    return SavedView.objects.create(
        user=user, name=name, filter=filter, sort=sort, columns=list(columns), position=1000
    )


def save(
    view: SavedView, *, filter: dict[str, object], sort: str, columns: Sequence[str]
) -> list[str]:
    """Make the view what is being looked at; which parts of it changed, [] on a second run."""
    wanted = {"filter": filter, "sort": sort, "columns": list(columns)}
    changed = [part for part, value in wanted.items() if getattr(view, part) != value]
    SavedView.objects.filter(pk=view.pk).update(**{part: wanted[part] for part in changed})
    return changed


def describe(view: SavedView, *, name: str, reach: str, by: User) -> None:
    """Rename the view and say who has it. Raises NotAView."""
    if not name:
        raise NotAView("A view needs a name.")
    if reach != view.reach and reach not in reaches(by):
        raise NotAView(f"You may not share a view with {reach[:20]!r}.")
    team_id = view.team_id if reach == view.reach else by.team_id
    SavedView.objects.filter(pk=view.pk).update(
        name=name, reach=reach, team=team_id if reach == Reach.TEAM else None
    )


def move(user: User, view: SavedView, *, by: int) -> None:
    """Move the tab one place to the left (-1) or right (1), for this person alone."""
    ids = [each.pk for each in visible_to(user)]
    at = ids.index(view.pk)
    to = min(max(at + by, 0), len(ids) - 1)
    ids.insert(to, ids.pop(at))
    ViewOrder.objects.update_or_create(user=user, defaults={"view_ids": ids})


def remove(view: SavedView, *, now: datetime) -> None:
    """Take the view away; for a day it can come back. What was removed before that goes."""
    with transaction.atomic():
        SavedView.objects.filter(pk=view.pk, removed_at=None).update(removed_at=now)
        SavedView.objects.filter(removed_at__lt=now - KEPT).delete()


def restore(view: SavedView) -> bool:
    """Bring a removed view back as it was; False when it is there already."""
    gone = SavedView.objects.filter(pk=view.pk, removed_at__isnull=False)
    return gone.update(removed_at=None) == 1


def one(user: User, view_id: int) -> SavedView | None:
    """A view that the person may see, removed or not; None for all others."""
    return _seen(user).filter(pk=view_id).first()


def has(user: User | None, view: SavedView) -> bool:
    """Whether the view is among the person's tabs, or everybody's for None. No query."""
    if view.user_id is None or view.reach == Reach.EVERYBODY:
        return True
    if user is None:
        return False
    is_of_team = view.reach == Reach.TEAM and view.team_id == user.team_id
    return view.user_id == user.pk or is_of_team


def _seen(user: User) -> QuerySet[SavedView, SavedView]:
    shared = Q(reach=Reach.EVERYBODY)
    if user.team_id is not None:
        shared |= Q(reach=Reach.TEAM, team=user.team_id)
    return SavedView.objects.filter(Q(user=None) | Q(user=user) | shared)
