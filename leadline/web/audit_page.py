"""Settings → Audit: who changed what, when, from where."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from leadline.web import access, audit_words, pages
from leadline.web.labels import Label
from leadline.workspace import audit, reasons
from leadline.workspace.audit import Act
from leadline.workspace.models import AuditEntry

_ROWS = 50
ACTS: Mapping[Act, Label] = {
    "workspace.opened": gettext_lazy("Opened the workspace"),
    "signed_in": gettext_lazy("Signed in"),
    "sign_in.failed": gettext_lazy("Failed to sign in"),
    "sign_in.throttled": gettext_lazy("Has to wait after failing to sign in"),
    "password.changed": gettext_lazy("Changed a password"),
    "factor.added": gettext_lazy("Added a second factor"),
    "factor.removed": gettext_lazy("Removed a second factor"),
    "codes.made": gettext_lazy("Made recovery codes"),
    "profile.changed": gettext_lazy("Changed a profile"),
    "address.asked": gettext_lazy("Wants another sign-in address"),
    "address.changed": gettext_lazy("Changed a sign-in address"),
    "person.invited": gettext_lazy("Invited"),
    "invitation.withdrawn": gettext_lazy("Withdrew an invitation"),
    "person.joined": gettext_lazy("Joined"),
    "person.added": gettext_lazy("Added"),
    "person.changed": gettext_lazy("Changed"),
    "person.deactivated": gettext_lazy("Deactivated"),
    "person.taken_back": gettext_lazy("Took back a departure"),
    "person.let_in": gettext_lazy("Let in again"),
    "person.password_reset": gettext_lazy("Set a new password"),
    "person.link_made": gettext_lazy("Made a link to a new password"),
    "ownership.handed_over": gettext_lazy("Handed over the ownership"),
    "team.made": gettext_lazy("Made a team"),
    "team.changed": gettext_lazy("Changed a team"),
    "team.archived": gettext_lazy("Archived a team"),
    "team.restored": gettext_lazy("Restored a team"),
    "field.added": gettext_lazy("Added a field"),
    "field.changed": gettext_lazy("Changed a field"),
    "field.archived": gettext_lazy("Archived a field"),
    "field.restored": gettext_lazy("Restored a field"),
    "field.moved": gettext_lazy("Moved a field"),
    "field.asked": gettext_lazy("Changed which forms ask for a field"),
    "hours.changed": gettext_lazy("Changed the working hours"),
    "workspace.changed": gettext_lazy("Changed the workspace"),
    "currency.changed": gettext_lazy("Changed the currency of sums"),
    "rates.added": gettext_lazy("Added exchange rates"),
    "rates.removed": gettext_lazy("Removed an exchange rate"),
    "view.shared": gettext_lazy("Changed a view that others have"),
    "view.removed": gettext_lazy("Removed a view that others have"),
    "view.restored": gettext_lazy("Brought back a view that others have"),
    "list.renamed": gettext_lazy("Renamed a list"),
    "list.deleted": gettext_lazy("Deleted a list"),
    "segment.created": gettext_lazy("Made a segment"),
    "segment.changed": gettext_lazy("Changed a segment"),
    "segment.deleted": gettext_lazy("Deleted a segment"),
    "playbook.applied": gettext_lazy("Applied a playbook"),
    "model.created": gettext_lazy("Began a new score model"),
    "model.chosen": gettext_lazy("Chose which model makes the scores"),
    "model.drafted": gettext_lazy("Began a draft of a score model"),
    "model.discarded": gettext_lazy("Discarded a draft of a score model"),
    "model.published": gettext_lazy("Published a score model"),
    "model.scheduled": gettext_lazy("Scheduled a score model"),
    "model.unscheduled": gettext_lazy("Cancelled the schedule of a score model"),
    "model.rolled_back": gettext_lazy("Rolled back a score model"),
    "model.retired": gettext_lazy("Retired a score model"),
    "score.adjusted": gettext_lazy("Adjusted a score by hand"),
    "score.adjustment_undone": gettext_lazy("Took back points that were given by hand"),
    "key.made": gettext_lazy("Made a key"),
    "key.revoked": gettext_lazy("Revoked a key"),
    "sending.changed": gettext_lazy("Changed sending"),
    "sending.resumed": gettext_lazy("Let messages leave again"),
    "backup.asked": gettext_lazy("Asked for a backup"),
    "workspace.restored": gettext_lazy("Restored a backup"),
    "parked.retried": gettext_lazy("Tried a parked row again"),
    "demo.viewed_as": gettext_lazy("Looked through the eyes of"),
    "demo.traffic_changed": gettext_lazy("Changed the demo's traffic"),
    "demo.left": gettext_lazy("Went on to their own workspace"),
    "lead.deleted": gettext_lazy("Moved a lead to the trash"),
    "lead.restored": gettext_lazy("Restored a lead"),
    "leads.deleted": gettext_lazy("Moved many leads to the trash"),
    "leads.restored": gettext_lazy("Restored many leads"),
    "leads.exported": gettext_lazy("Exported leads"),
    "export.fetched": gettext_lazy("Fetched an exported file"),
}
FACTS: Mapping[str, Label] = {
    "role": gettext_lazy("Role"),
    "team": gettext_lazy("Team"),
    "takes_leads": gettext_lazy("Takes leads"),
    "leads": gettext_lazy("Leads go to"),
    "lead_count": gettext_lazy("Leads"),
    "tasks": gettext_lazy("Tasks go to"),
    "deals": gettext_lazy("Deals go to"),
    "owner": gettext_lazy("Owner"),
    "name": gettext_lazy("Name"),
    "reach": gettext_lazy("Who has it"),
    "parts": gettext_lazy("Changed in it"),
    "rule": gettext_lazy("Rule"),
    "label": gettext_lazy("Label"),
    "type": gettext_lazy("Type"),
    "help": gettext_lazy("Help"),
    "group": gettext_lazy("Group"),
    "options": gettext_lazy("Options"),
    "is_fact": gettext_lazy("Counts in analytics"),
    "is_unique": gettext_lazy("Unique"),
    "is_sensitive": gettext_lazy("Sensitive"),
    "position": gettext_lazy("Place"),
    "forms": gettext_lazy("Forms"),
    "time_zone": gettext_lazy("Time zone"),
    "hours": gettext_lazy("Hours"),
    "language": gettext_lazy("Language"),
    "country": gettext_lazy("Country of phone numbers"),
    "fiscal_year_month": gettext_lazy("Fiscal year begins in"),
    "holidays": gettext_lazy("Days off"),
    "how": gettext_lazy("How"),
    "old": gettext_lazy("Old messages"),
    "is_running": gettext_lazy("Running"),
    "changes": gettext_lazy("Changes"),
    "people": gettext_lazy("People"),
    "leader": gettext_lazy("Leads the team"),
    "scopes": pgettext_lazy("rights", "May"),
    "address": gettext_lazy("Sender"),
    "email": gettext_lazy("Sign-in address"),
    "words": gettext_lazy("Words approved"),
    "outcome": gettext_lazy("Outcome"),
    "is": gettext_lazy("Currency"),
    "n": gettext_lazy("Leads"),
    "count": gettext_lazy("How many"),
    "first": gettext_lazy("From"),
    "last": gettext_lazy("Until"),
    "rate": gettext_lazy("Rate"),
    "version": gettext_lazy("Version"),
    "made_from": gettext_lazy("Made from version"),
    "effective_at": gettext_lazy("In force from"),
    "points": gettext_lazy("Points"),
    "half_life_days": gettext_lazy("Half as much after days"),
}


@dataclass(frozen=True)
class Line:
    """One entry as people read it; `changes` are (what, before, after)."""

    number: int
    at: datetime
    who: str
    act: Label
    about: str
    origin: str
    through: str
    changes: list[tuple[Label, str, str]]


@require_safe
@access.screen("see_audit")
def page(request: HttpRequest) -> HttpResponse:
    """Entries, newest first; with `?check` the whole chain is read and judged."""
    written = request.GET.get("before", "")
    before = (
        int(written) if written.isascii() and written.isdecimal() and len(written) < 19 else None
    )
    found = audit.newest(before=before, limit=_ROWS + 1)
    verdict = audit.verify() if "check" in request.GET else None
    context = {
        "place": "settings",
        "section": "audit",
        "lines": [line(entry) for entry in found[:_ROWS]],
        "next_page": found[_ROWS - 1].number if len(found) > _ROWS else None,
        "verdict": verdict,
        "because": reasons.of(verdict.because) if verdict and verdict.because else "",
    }
    return pages.render(request, "audit.html", context)


def line(entry: AuditEntry) -> Line:
    """The entry in words; blanked details leave the bare act."""
    told = json.loads(entry.details) if entry.details else {}
    before, after = told.get("before", {}), told.get("after", {})
    names = [*after, *(name for name in before if name not in after)]
    return Line(
        entry.number, entry.at, told.get("who", ""),
        ACTS.get(entry.act, entry.act),  # type: ignore[call-overload]  # an act of a later version
        told.get("about", ""), audit_words.origin(told.get("from", "")), told.get("through", ""),
        [
            (
                FACTS.get(name, name),
                # Where nothing was before, an arrow from it would say nothing.
                audit_words.word(name, before[name]) if name in before else "",
                audit_words.word(name, after.get(name)),
            )
            for name in names
        ],
    )  # fmt: skip
