"""Which leads somebody may see, and which they may change. The one place that says so.

Owners, admins, marketers and read-only people see every lead. Managers and reps see their own,
their team's, and those that belong to nobody (no owner and no team).
"""

from django.db.models import Q

from leadline.workspace.models import Role, User
from leadline.workspace.permissions import EDITS, SEES

_NONE = Q(pk__in=[])

_UNOWNED = Q(owner__isnull=True)
_NOBODYS = _UNOWNED & Q(team__isnull=True)


def branches(user: User) -> tuple[Q, ...]:
    """The cards a user may see as conditions on `Card`, which may overlap.

    Each begins an index of its own (team or owner, then score), so a list that runs one query per
    branch and merges reads only the rows that it shows. One OR over all of them made SQLite walk
    the score index for a rep with few leads; branches that exclude one another read all of a
    rep's leads to find the few outside the team (91 ms against 1 ms at a million).
    """
    if not user.is_active:
        return (_NONE,)
    if SEES[Role(user.role)] == "all":
        return (Q(),)
    mine = Q(owner=user.pk)
    if user.team_id is None:
        return mine, _NOBODYS
    return Q(team=user.team_id), mine, _NOBODYS


def leads_visible_to(user: User) -> Q:
    """The cards that the user may see, as one condition on `Card`."""
    return _any(branches(user))


def editable_by(user: User) -> Q:
    """The cards that the user may change; always among those that the user may see.

    Reps change their own and unowned leads, managers all of their team and nobody's, marketers
    what sales does not own yet.
    """
    reach = EDITS[Role(user.role)] if user.is_active else "none"
    if reach == "none":
        return _NONE
    if reach == "all":
        return Q()
    if reach == "unowned":
        return _UNOWNED
    if reach == "team":
        return leads_visible_to(user)
    unowned = _NOBODYS if user.team_id is None else _UNOWNED & _any(branches(user))
    return Q(owner=user.pk) | unowned


def _any(conditions: tuple[Q, ...]) -> Q:
    combined = conditions[0]
    for condition in conditions[1:]:
        combined |= condition
    return combined
