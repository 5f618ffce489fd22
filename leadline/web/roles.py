"""Settings → Roles: what each role may do, read from the one table that decides it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from leadline.web import access, pages
from leadline.web.labels import Label
from leadline.workspace import permissions
from leadline.workspace.models import Role
from leadline.workspace.permissions import Action, Reach

REACHES: Mapping[Reach, Label] = {
    "all": gettext_lazy("All"),
    "team": gettext_lazy("Own, team's, nobody's"),
    "own": gettext_lazy("Own, nobody's"),
    "unowned": gettext_lazy("Nobody's"),
    "none": gettext_lazy("None"),
}
GROUPS: Mapping[Label, Mapping[Action, Label]] = {
    gettext_lazy("Leads"): {
        "see_leads": gettext_lazy("Open leads, lists and Today"),
        "create_leads": gettext_lazy("Add leads"),
        "edit_leads": gettext_lazy("Work on leads: log, stage, pass on one's own"),
        "assign_leads": gettext_lazy("Reassign leads of others"),
        "watch_clocks": gettext_lazy("See the running clocks of others"),
        "export_leads": gettext_lazy("Export leads"),
        "delete_leads": gettext_lazy("Delete leads"),
        "see_amounts": gettext_lazy("See what deals are worth"),
        "see_sensitive": gettext_lazy("See sensitive fields"),
    },
    gettext_lazy("Rules and forms"): {
        "see_scoring": gettext_lazy("See scoring"),
        "edit_scoring": gettext_lazy("Change scoring"),
        "edit_segments": gettext_lazy("Change the rules of segments"),
        "see_capture": gettext_lazy("See forms, pages and imports"),
        "edit_capture": gettext_lazy("Change forms, pages and imports"),
    },
    gettext_lazy("Workspace"): {
        "see_outbox": gettext_lazy("See the outbox"),
        "edit_sender": gettext_lazy("Change the sender and its words"),
        "see_parked": gettext_lazy("See parked rows"),
        "retry_parked": gettext_lazy("Try parked rows again"),
        "see_settings": gettext_lazy("See the settings"),
        "edit_settings": gettext_lazy("Change the settings"),
        "manage_keys": gettext_lazy("Manage keys"),
        "manage_people": gettext_lazy("Invite, change and deactivate people"),
        "see_audit": gettext_lazy("See the audit"),
        "own_workspace": gettext_lazy("Own the workspace"),
    },
}


@dataclass(frozen=True)
class Row:
    """One line: what it is about, and for each role a word, or whether it may."""

    label: Label
    cells: tuple[Label | bool, ...]


@require_safe
@access.screen()
def page(request: HttpRequest) -> HttpResponse:
    """The table; everybody may see what everybody may do."""
    context = {
        "place": "settings",
        "section": "roles",
        "roles": list(Role),
        "groups": table(),
        "mine": access.reader(request).role,
    }
    return pages.render(request, "roles.html", context)


def table() -> list[tuple[Label, list[Row]]]:
    """The groups with their rows, in the order of `Role`."""
    reach = [
        Row(_("Which leads they see"), tuple(REACHES[permissions.SEES[role]] for role in Role)),
        Row(_("Which leads they change"), tuple(REACHES[permissions.EDITS[role]] for role in Role)),
    ]
    first, *rest = [(title, _rows(actions)) for title, actions in GROUPS.items()]
    return [(first[0], [*reach, *first[1]]), *rest]


def _rows(actions: Mapping[Action, Label]) -> list[Row]:
    return [
        Row(label, tuple(role in permissions.roles(action) for role in Role))
        for action, label in actions.items()
    ]
