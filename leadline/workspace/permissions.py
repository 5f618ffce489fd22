"""Who may do what: one table from action to roles.

Which leads somebody may see or change is another question, answered by `cards.visibility`; this
table says whether the act is open to the role at all.
"""

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
]

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
}


def may(user: User, action: Action) -> bool:
    """Whether the user's role allows the action. Nobody inactive may do anything."""
    return user.is_active and user.role in _TABLE[action]
