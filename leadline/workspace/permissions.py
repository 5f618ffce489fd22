"""Who may do what: one table from action to roles, and how far each role's eyes and hands reach.

Which leads that means is said by `cards.visibility`, from the reach given here. Settings → Roles
shows these two tables and nothing else.
"""

from collections.abc import Mapping
from typing import Literal

from leadline.workspace.models import Role, User

Action = Literal[
    "see_leads",
    "create_leads",
    "edit_leads",
    "assign_leads",
    "watch_clocks",
    "export_leads",
    "delete_leads",
    "see_scoring",
    "edit_scoring",
    "edit_segments",
    "see_capture",
    "edit_capture",
    "see_outbox",
    "see_parked",
    "retry_parked",
    "edit_sender",
    "see_settings",
    "edit_settings",
    "manage_people",
    "manage_keys",
    "see_amounts",
    "see_sensitive",
    "see_audit",
    "own_workspace",
]
Reach = Literal["all", "team", "own", "unowned", "none"]
"""Of leads: every one; those of oneself, the team and nobody; those of oneself and nobody; those
that sales does not own yet; not one."""

_EVERYBODY = frozenset(Role)
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})
_SALES = _ADMINS | {Role.MANAGER, Role.REP}
_MARKETING = _ADMINS | {Role.MARKETER}

_TABLE: dict[Action, frozenset[Role]] = {
    "see_leads": _EVERYBODY,
    "create_leads": _SALES | {Role.MARKETER},
    "edit_leads": _SALES | {Role.MARKETER},
    "assign_leads": _ADMINS | {Role.MANAGER},
    # Sees the running clocks of others, not only the own ones.
    "watch_clocks": _ADMINS | {Role.MANAGER},
    "export_leads": _MARKETING | {Role.MANAGER},
    "delete_leads": _ADMINS,
    "see_scoring": _EVERYBODY,
    "edit_scoring": _MARKETING,
    # The rules that fill segments; lists by hand are everybody's who may change leads.
    "edit_segments": _MARKETING | {Role.MANAGER},
    "see_capture": _EVERYBODY - {Role.REP},
    "edit_capture": _MARKETING,
    "see_outbox": _MARKETING | {Role.MANAGER},
    # Parked rows hold what strangers sent, whole.
    "see_parked": _ADMINS,
    "retry_parked": _ADMINS,
    "edit_sender": _ADMINS,
    "see_settings": _ADMINS,
    "edit_settings": _ADMINS,
    "manage_people": _ADMINS,
    "manage_keys": _ADMINS,
    # What deals are worth.
    "see_amounts": _EVERYBODY - {Role.MARKETER},
    # Values of the fields that are marked as sensitive.
    "see_sensitive": _ADMINS | {Role.MANAGER},
    "see_audit": _ADMINS,
    # Cannot be deactivated or given another role; hands the ownership over.
    "own_workspace": frozenset({Role.OWNER}),
}

SEES: Mapping[Role, Reach] = {
    Role.OWNER: "all",
    Role.ADMIN: "all",
    Role.MARKETER: "all",
    Role.MANAGER: "team",
    Role.REP: "team",
    Role.READ_ONLY: "all",
}
EDITS: Mapping[Role, Reach] = {
    Role.OWNER: "all",
    Role.ADMIN: "all",
    Role.MARKETER: "unowned",
    Role.MANAGER: "team",
    Role.REP: "own",
    Role.READ_ONLY: "none",
}


def roles(action: Action) -> frozenset[Role]:
    """The roles that may do the action."""
    return _TABLE[action]


def may(user: User, action: Action) -> bool:
    """Whether the user's role allows the action. Nobody inactive may do anything."""
    return user.is_active and user.role in _TABLE[action]
