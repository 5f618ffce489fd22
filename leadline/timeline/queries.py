"""What happened to a lead, for screens and the API: events, touches, permissions, merges."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _noop

from leadline.leads.models import Binding, Merge
from leadline.lib import rows
from leadline.privacy import queries as permissions
from leadline.privacy import words
from leadline.timeline import moments
from leadline.timeline.events import EDITED
from leadline.timeline.models import Event
from leadline.timeline.moments import Actor, Before, Moment
from leadline.workspace import kept


class Identifier(msgspec.Struct, frozen=True):
    """One of a lead's bindings: what events and permissions hang on. Open: it is theirs now."""

    id: int
    kind: str
    value: str
    is_open: bool = True


class Touch(msgspec.Struct, frozen=True):
    """Where somebody came from, once; `at_us` in microseconds."""

    source: str
    medium: str
    campaign: str
    term: str
    content: str
    channel: str
    referrer: str
    landing_page: str
    click_id: str
    at_us: int


def identifiers(lead_id: UUID) -> list[Identifier]:
    """Everything the lead was ever known by, oldest first."""
    mine = Binding.objects.filter(lead=lead_id).order_by("id")
    found = mine.values_list("id", "kind", "value", "closed_at")
    return [
        Identifier(binding_id, kind, value, closed_at is None)
        for binding_id, kind, value, closed_at in found
    ]


def events(identifiers: Sequence[Identifier], *, before: Before | None, limit: int) -> list[Moment]:
    """The newest events on these identifiers, from the place on."""
    mine = Event.objects.filter(binding__in=[each.id for each in identifiers])
    # Which rows, from the index alone; then the rows, whose texts are long.
    newest = moments.newest(mine, kind="event", before=before, limit=limit, at="occurred_at")
    keys = list(newest.values_list("pk", flat=True))
    return [_event(row) for row in Event.objects.filter(pk__in=keys)]


def _event(row: Event) -> Moment:
    properties = _object(row.properties)
    return Moment(
        id=row.pk,
        kind="event",
        name=row.name,
        at=row.occurred_at,
        received_at=row.received_at,
        sentence=sentence(row.name, properties, is_ours=row.actor == Event.Actor.SYSTEM),
        actor=cast(Actor, row.actor),
        message_id=row.message_id,
        properties=properties,
        context=_inner(_object(row.raw), "context"),
        counts=row.counts,
    )


def sentence(name: str, properties: Mapping[str, object], *, is_ours: bool = True) -> str:
    """An event in a few words: "Viewed /pricing", "Submitted the form contact (demo)".

    What a colleague did by hand is told only where we wrote it ourselves (`is_ours`): a site may
    call its events as it likes, and so may a visitor.
    """
    known = {key: str(value)[:120] for key, value in properties.items() if value not in (None, "")}
    if name in ("Page Viewed", "Screen Viewed"):
        what = known.get("path") or known.get("name") or _("a page")
        return _("Viewed %(what)s") % {"what": what}
    if name == "Form Submitted":
        return _submitted(known.get("form", "?"), known.get("purpose", "other"))
    if is_ours and name in _BY_HAND:
        said = {"points": "", "reason": "", **known, "who": known.get("by") or _("Somebody")}
        return _(_BY_HAND[name]) % said
    if is_ours and name == EDITED:
        return _edited(known)
    if name in _PLAIN:
        return _(_PLAIN[name])
    about = next((known[key] for key in _TELLING if key in known), "")
    return f"{name}: {about}" if about else name


def _edited(known: Mapping[str, str]) -> str:
    """Who changed what by hand, with both values."""
    said = {"who": known.get("by", "?"), "what": known.get("field", "?"), **_ENDS, **known}
    if "is_sensitive" in known:
        return _("%(who)s changed %(what)s") % said
    if "after" not in known:
        return _("%(who)s emptied %(what)s (was “%(before)s”)") % said
    if "before" not in known:
        return _("%(who)s set %(what)s to “%(after)s”") % said
    return _("%(who)s changed %(what)s from “%(before)s” to “%(after)s”") % said


_BY_HAND = {
    "Lead Added": _noop("%(who)s added this lead by hand"),
    "Moved To Trash": _noop("%(who)s moved this lead to the trash"),
    "Restored From Trash": _noop("%(who)s restored this lead from the trash"),
    "Score Adjusted": _noop("%(who)s adjusted the score: %(points)s, %(reason)s"),
    "Score Adjustment Undone": _noop("%(who)s took back an adjustment of the score: %(points)s"),
}
_ENDS = {"before": "", "after": ""}


def _submitted(form: str, purpose: str) -> str:
    if form == purpose:
        return _("Submitted the form %(form)s") % {"form": form}
    known = _PURPOSES.get(purpose)
    said = {"form": form, "purpose": _(known) if known else purpose.replace("_", " ")}
    return _("Submitted the form %(form)s (%(purpose)s)") % said


_PURPOSES = {
    "demo": _noop("demo"),
    "quote": _noop("quote"),
    "contact": _noop("contact"),
    "callback": _noop("callback"),
    "booking": _noop("booking"),
    "download": _noop("download"),
    "newsletter": _noop("newsletter"),
    "webinar": _noop("webinar"),
    "trial": _noop("trial"),
    "other": _noop("other"),
}
_TELLING = ("title", "name", "subject", "product", "content", "webinar", "campaign", "url", "path")
_PLAIN = {
    "Identified": _noop("Said who they are"),
    "Group Identified": _noop("Named their company"),
    "Visit Started": _noop("Came to the site"),
    "Demo Requested": _noop("Asked for a demo"),
    "Quote Requested": _noop("Asked for a quote"),
    "Contact Requested": _noop("Asked to be contacted"),
    "Callback Requested": _noop("Asked to be called back"),
    "Pricing Requested": _noop("Asked about prices"),
    "Trial Started": _noop("Started a trial"),
    "Signed Up": _noop("Signed up"),
}


def _object(text: str) -> Mapping[str, Any]:  # JSON values
    try:
        decoded = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _inner(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:  # JSON values
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}


# Touches


_TOUCHES = """
SELECT lead_id, source, medium, campaign, term, content, channel, referrer, landing_page, click_id,
       occurred_at
FROM (
    SELECT b.lead_id, t.*,
           row_number() OVER (PARTITION BY b.lead_id ORDER BY t.occurred_at, t.id) AS nth,
           row_number() OVER (
               PARTITION BY b.lead_id
               ORDER BY CASE WHEN t.channel = 'direct' THEN 1 ELSE 0 END,
                        t.occurred_at DESC, t.id DESC
           ) AS back
    FROM leads_binding b JOIN timeline_touch t ON t.binding_id = b.id
    WHERE b.lead_id {in}
) AS ranked
WHERE nth = 1 OR back = 1
ORDER BY lead_id, nth
"""


def first_and_last(lead_ids: Collection[UUID]) -> dict[UUID, tuple[Touch, Touch]]:
    """The first and the last touch of each lead that has any; often the same. One query.

    Typing the address takes nothing from the campaign that came before: a direct visit is the
    last touch only of a lead that never came in another way.
    """
    with connection.cursor() as cursor:
        found = rows.select_in(cursor, _TOUCHES, lead_ids, vendor=connection.vendor)
    ends: dict[UUID, list[Touch]] = {}
    for lead_id, *values in found:
        key = lead_id if isinstance(lead_id, UUID) else UUID(lead_id)
        ends.setdefault(key, []).append(Touch(*values))
    return {key: (touches[0], touches[-1]) for key, touches in ends.items()}


# Permissions and merges


def consents(
    identifiers: Sequence[Identifier], *, before: Before | None, limit: int
) -> list[Moment]:
    """Permissions given and taken back under any of these identifiers."""
    mine = permissions.under((each.kind, each.value) for each in identifiers)
    found = moments.newest(mine, kind="consent", before=before, limit=limit)
    return [
        Moment(
            id=row.pk,
            kind="consent",
            name=row.state,
            at=row.at,
            received_at=row.known_at,
            sentence=_(_CONSENTS[row.state])
            % {
                "purpose": _(words.purpose(row.purpose)),
                "channel": _(words.channel(row.channel)),
                "source": _origin(row.source),
            },
            actor="human",
            properties={"purpose": row.purpose, "channel": row.channel, "basis": row.basis},
        )
        for row in found
    ]


def _origin(source: str) -> str:
    """Where it was said, in words: "form demo" for "form:demo"; others by their kind alone."""
    kind, _colon, name = source.partition(":")
    if kind == "form":
        return _("form %(form)s") % {"form": name}
    return _(_ORIGINS[kind]) if kind in _ORIGINS else source


_ORIGINS = {"import": _noop("import"), "api": _noop("API"), "key": _noop("a connected program")}
_CONSENTS = {
    "pending": _noop("Agreed to %(purpose)s by %(channel)s, not confirmed yet (%(source)s)"),
    "granted": _noop("Agreed to %(purpose)s by %(channel)s (%(source)s)"),
    "denied": _noop("Said no to %(purpose)s by %(channel)s (%(source)s)"),
    "withdrawn": _noop("Took back the consent to %(purpose)s by %(channel)s (%(source)s)"),
}


def merges(lead_id: UUID, *, before: Before | None, limit: int) -> list[Moment]:
    """What was merged into the lead, also when it was undone later."""
    mine = Merge.objects.filter(kept=lead_id)
    return [
        Moment(
            id=row.pk,
            kind="merge",
            name="undone" if row.undone_at else "merged",
            at=row.at,
            received_at=row.at,
            sentence=(
                _("Merged with another lead, undone since: %(because)s")
                if row.undone_at
                else _("Merged with another lead: %(because)s")
            )
            % {"because": kept.told(row.because)},
            properties={"absorbed": str(row.absorbed_id)},
        )
        for row in moments.newest(mine, kind="merge", before=before, limit=limit)
    ]
