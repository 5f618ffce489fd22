"""A lead that a colleague writes down: what it takes, whom it would be, what it says.

One identifier is enough, or a name with a company. A lead that has neither address nor number gets
an external id of its own, because events hang on identifiers.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from leadline.capture import submission as arrival
from leadline.capture import traits
from leadline.capture.submission import Submission
from leadline.leads import by_hand_person
from leadline.leads.by_hand_person import Person
from leadline.leads.models import Binding
from leadline.lib import email_address, phone_number, text
from leadline.workspace import reasons

SOURCE = "hand"
ADDED = "Lead Added"
ORIGINS = ("inbound", "outbound", "referral")
_TRAITS = {
    "name": "name", "title": "title", "company": "company.name", "website": "website",
    "postal_code": "postal_code", "city": "city",
}  # fmt: skip


class Draft(Person, kw_only=True):
    """What somebody typed about a new lead; "" for what was left empty.

    `key` names this one form: sent twice, it is one lead.
    """

    key: UUID
    origin: str = "inbound"


class NotALead(ValueError):
    """The draft says too little or something unreadable. `problems` has a sentence per field."""

    permanent = True

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {said}" for field, said in problems.items()))
        self.problems = problems


def checked(draft: Draft, *, country: str) -> Draft:
    """The draft with address and number in canonical spelling. Raises NotALead.

    `country` is where a number without a country code is meant to be, or "".
    """
    plain = {
        name: text.clean(getattr(draft, name), max_length=traits.SHORT).strip()
        for name in by_hand_person.FIELDS
    }
    problems: dict[str, str] = {}
    try:
        plain["email"] = plain["email"] and email_address.canonical(plain["email"])
    except email_address.NotAnAddress as error:
        problems["email"] = reasons.not_an_address(error)
    try:
        number = plain["phone"]
        plain["phone"] = number and phone_number.canonical(number, region=country or None)
    except phone_number.NotAPhone as error:
        problems["phone"] = reasons.not_a_phone(error)
    if not (plain["email"] or plain["phone"] or (plain["name"] and plain["company"])):
        problems.setdefault(
            "name", _("Give an e-mail address, a phone number, or a name with a company.")
        )
    if draft.origin not in ORIGINS:
        problems["origin"] = _("Choose one of the three.")
    if problems:
        raise NotALead(problems)
    return msgspec.structs.replace(draft, **plain)


def submission(draft: Draft, *, by: UUID, by_name: str, is_quiet: bool, now_us: int) -> Submission:
    """A checked draft as something that arrived, trusted: through the steps of everything else.

    `is_quiet`: nobody is dealt the lead or told, because whoever adds it keeps it.
    """
    said = traits.of_person(
        {trait: getattr(draft, field) for field, trait in _TRAITS.items() if getattr(draft, field)}
    )
    has_identifier = bool(draft.email or draft.phone)
    return msgspec.structs.replace(
        arrival.said(
            "identify", ADDED, source=f"{SOURCE}:{by}", message_id=str(draft.key), at_us=now_us,
            is_history=is_quiet,
        ),
        email=draft.email or None,
        phone=draft.phone or None,
        external_id=None if has_identifier else f"{SOURCE}:{draft.key}",
        traits={**said.traits, **({"phone": draft.phone} if draft.phone else {})},
        properties={"by": by_name},
        origin=draft.origin,
        # Somebody whom we found has not shown interest yet: a target.
        shows_interest=draft.origin != "outbound",
        actor="system",
        raw=msgspec.json.encode(msgspec.to_builtins(draft)).decode(),
    )  # fmt: skip


def same_person(draft: Draft) -> list[UUID]:
    """The leads that have the draft's address, or its number where no address tells them apart.

    At most two, and whoever may see them: the caller asks. An office shares a number, so a number
    means the same person only when the draft or the lead has no address. Two queries.
    """
    keys = [("email", draft.email), ("phone", draft.phone)]
    mine = Binding.objects.filter(closed_at=None, lead__isnull=False)
    found: dict[UUID, str] = {}
    for kind, value in keys:
        lead_id = (
            value and mine.filter(kind=kind, value=value).values_list("lead", flat=True).first()
        )
        if lead_id:
            found.setdefault(lead_id, kind)
    by_phone = [lead_id for lead_id, kind in found.items() if kind == "phone"]
    if draft.email and by_phone and mine.filter(kind="email", lead__in=by_phone).exists():
        return [lead_id for lead_id in found if lead_id not in by_phone]
    return list(found)
