"""From a body of the API to the one shape of everything that arrives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from django.db.models import Q

from leadline.api import reading, shapes
from leadline.api.problems import invalid
from leadline.capture import submission, traits
from leadline.capture.submission import ConsentClaim, Submission
from leadline.capture.traits import Said
from leadline.leads.models import Binding
from leadline.lib import clock, text, web_address
from leadline.timeline.models import Event
from leadline.workspace import field_values, fields, settings

FUTURE = timedelta(minutes=10)
WRITTEN_DOWN = "written_down"
# The most telling first: what a change of a lead is said under.
_KINDS = ("user", "email", "external", "phone", "anonymous")
_POINTERS = {
    "user": "/user_id", "email": "/email", "external": "/external_id", "phone": "/phone",
    "anonymous": "/anonymous_id",
}  # fmt: skip
_FIELDS = {
    "user": "user_id", "email": "email", "external": "external_id", "phone": "phone",
    "anonymous": "anonymous_id",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request as the front door knows it: who sent it, under which id, its body, when."""

    source: str
    message_id: str
    raw: str
    now: datetime


def of_body(body: shapes.LeadIn, *, arrived: Arrived) -> Submission:
    """What a body says, trusted. Raises Refusal 422 with the place of what cannot be read."""
    said = _said(body.traits)
    given = {kind: getattr(body, field) for kind, field in _FIELDS.items()}
    found = {
        kind: reading.canonical(kind, value, pointer=_POINTERS[kind])
        for kind, value in given.items()
        if value is not None
    }
    found.setdefault("email", said.email) if said.email else None
    found.setdefault("phone", said.phone) if said.phone else None
    if not set(found) - {"anonymous"}:
        raise invalid("", "Give at least one of email, phone, user_id and external_id.")
    return msgspec.structs.replace(
        _submission(found, said, body.consents, arrived=arrived),
        occurred_us=_occurred_us(body, arrived.now),
        is_history=body.history,
        context=_context(body.source),
        origin=body.origin,
    )


def of_patch(lead_id: UUID, body: shapes.LeadPatch, *, arrived: Arrived) -> Submission:
    """What a change says about a lead, under the most telling identifier that it has."""
    mine = Binding.objects.filter(lead=lead_id, closed_at=None)
    known = dict(mine.order_by("-id").values_list("kind", "value"))
    kind = next((kind for kind in _KINDS if kind in known), None)
    if kind is None:
        raise invalid("", "The lead has no identifier any more.")
    stated = {name: value for name, value in body.traits.items() if value is not None}
    said = _submission({kind: known[kind]}, _said(stated), body.consents, arrived=arrived)
    # A colleague wrote something down: the lead did nothing, so it scores nothing, wakes nobody.
    return msgspec.structs.replace(said, is_history=True, actor="system", flag=WRITTEN_DOWN)


def known_leads(said: Submission) -> dict[UUID, str]:
    """The leads that have one of the identifiers now, each with the pointer of one of them."""
    wanted = Q(pk__in=[])
    for kind, field in _FIELDS.items():
        value = getattr(said, field)
        if value is not None and kind != "anonymous":
            wanted |= Q(kind=kind, value=value)
    bound = Binding.objects.filter(wanted, closed_at=None, lead__isnull=False)
    return {lead_id: _POINTERS[kind] for lead_id, kind in bound.values_list("lead", "kind")}


def repeated(said: Submission, lead_ids: dict[UUID, str]) -> UUID | None:
    """The lead for which exactly this was said before, or None."""
    before = Event.objects.filter(binding__lead__in=list(lead_ids), message_id=said.message_id)
    for lead_id, raw in before.values_list("binding__lead", "raw"):
        if msgspec.json.decode(raw) == msgspec.json.decode(said.raw):
            return lead_id
    return None


def _said(given: dict[str, object]) -> Said:
    for name, value in given.items():
        if value is None:
            raise invalid(_trait(name), "null says nothing; leave the trait out.")
    said = traits.of_person(given, country=settings.current().country)
    for problem in said.problems:
        name, _, reason = problem.partition(": ")
        raise invalid(_trait(name), reason)
    _refuse_misfits(said, given)
    return said


def _refuse_misfits(said: Said, given: dict[str, object]) -> None:
    """Values of declared fields must fit; a form or a file may be wrong, a program should know."""
    if not said.traits:
        return
    shapes = fields.shapes(fields.declared(), currency=settings.current().currency)
    for name, value in said.traits.items():
        if name not in shapes:
            continue
        try:
            field_values.fit(value, shapes[name])
        except field_values.NotOfType as error:
            written = next((each for each in given if traits.snake(each) == name), name)
            raise invalid(_trait(written), error.reason) from None


def _trait(name: str) -> str:
    return "/traits/" + name[:80].replace("~", "~0").replace("/", "~1")


def _occurred_us(body: shapes.LeadIn, now: datetime) -> int:
    if body.occurred_at is None:
        return clock.micros(now)
    try:
        occurred_at = clock.parse_iso(body.occurred_at)
    except clock.NotATime as error:
        raise invalid("/occurred_at", str(error)) from None
    if occurred_at > now + FUTURE:
        raise invalid("/occurred_at", "It lies in the future.")
    return clock.micros(occurred_at)


def _context(given: shapes.SourceIn | None) -> dict[str, object]:
    """The flat context that a touch is made of."""
    if given is None:
        return {}
    found: dict[str, object] = {
        name: text.clean(value, max_length=255) for name, value in given if value
    }
    page = web_address.page(given.landing_page)
    if page is not None:
        found["landing_page"] = page.path
    return found


def _submission(
    identifiers: dict[str, str], said: Said, consents: list[shapes.ConsentIn], *, arrived: Arrived
) -> Submission:
    stated = submission.said(
        "identify", "Identified", source=arrived.source, message_id=arrived.message_id,
        at_us=clock.micros(arrived.now),
    )  # fmt: skip
    named = {_FIELDS[kind]: value for kind, value in identifiers.items()}
    return msgspec.structs.replace(
        stated,
        **named,
        traits=said.traits,
        consents=tuple(ConsentClaim(c.purpose, c.channel, c.state, c.text) for c in consents),
        raw=arrived.raw,
    )
