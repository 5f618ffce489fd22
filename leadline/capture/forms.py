"""Forms: what they ask, whether an answer is complete, and whether it came before.

A post is never dropped. What looks like a machine is stored as suspected spam with its reason;
what repeats an earlier post gets the same message id and has no second effect.

Rule for a field that comes more than once (`email=a&email=b`): the first value counts, all are
kept in the raw record. Fields that the form does not know are kept there too and become nothing.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence

import msgspec
from django.utils.translation import gettext as _

from leadline.lib import clock, email_address, ids, signed_token, text
from leadline.workspace import field_values

Posted = Mapping[str, Sequence[str]]

RENDERING_FIELD = "_rendering"
HONEYPOT_FIELD = "_website"
PAGE_FIELD = "_page"
REFERRER_FIELD = "_referrer"
FIRST_PAGE_FIELD = "_first_page"
FIRST_REFERRER_FIELD = "_first_referrer"
VISITOR_FIELD = "_anonymous_id"
ZONE_FIELD = "_time_zone"

PURPOSE = "form"
TOKEN_HOURS = 24
# People need longer than this between seeing a form and sending it.
LEAST_SECONDS = 2
MAX_FIELDS = 200
LONG_TEXT = 2_000
SHORT_TEXT = 255

ACCEPTED = "accepted"
SUSPECTED_SPAM = "suspected_spam"

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,6})?", re.ASCII)
_TICKED = frozenset({"on", "1", "true", "yes"})


class Field(msgspec.Struct, frozen=True):
    """One question. `type`: text, email, tel, textarea, select, checkbox, checkboxes, number, date,
    url."""

    name: str
    label: str
    type: str = "text"
    required: bool = False
    autocomplete: str = ""
    help: str = ""
    # (value, label) for a select and for checkboxes.
    options: tuple[tuple[str, str], ...] = ()
    rows: int = 4


class ConsentBox(msgspec.Struct, frozen=True):
    """An unticked box with the exact text that a tick agrees to."""

    purpose: str
    channel: str
    text: str
    version: int = 1
    required: bool = False

    @property
    def name(self) -> str:
        return f"consent.{self.purpose}.{self.channel}"


class Form(msgspec.Struct, frozen=True):
    """A published form."""

    slug: str
    name: str
    purpose: str
    fields: tuple[Field, ...] = ()
    consents: tuple[ConsentBox, ...] = ()
    # submit, thanks_title, thanks_text, redirect
    texts: Mapping[str, str] = {}
    # What it is written in; "" leaves it to the browser.
    language: str = ""


class Arrival(msgspec.Struct, frozen=True):
    """What a post is taken for: its deduplication id, its state and, for spam, why."""

    message_id: str
    state: str
    reason: str = ""


def from_row(
    *,
    slug: str,
    name: str,
    purpose: str,
    fields: Sequence[Mapping[str, object]],
    consents: Sequence[Mapping[str, object]],
    texts: Mapping[str, object],
    language: str = "",
) -> Form:
    """The form of a row. Options may be texts or {"value", "label"}."""
    return Form(
        slug=slug,
        name=name,
        purpose=purpose,
        fields=tuple(_field(entry) for entry in fields),
        consents=tuple(msgspec.convert(entry, ConsentBox, strict=False) for entry in consents),
        texts={key: str(value) for key, value in texts.items()},
        language=language,
    )


def validate(form: Form, posted: Posted) -> tuple[dict[str, str], dict[str, str]]:
    """(values by field, errors by field). Values are clean text; empty ones are left out.

    An e-mail address comes out canonical. A phone number is only looked at: a spelling that we
    cannot read yet must not turn a lead away.
    """
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for field in form.fields:
        value = text.clean(typed(field, posted)).strip()
        if not value:
            if field.required:
                errors[field.name] = _("Please fill this in.")
            continue
        problem = _problem(field, value)
        if problem:
            errors[field.name] = problem
        else:
            values[field.name] = _settled(field, value)
    for box in form.consents:
        if box.required and not is_ticked(posted, box):
            errors[box.name] = _("Please tick this box to go on.")
    return values, errors


def typed(field: Field, posted: Posted) -> str:
    """What was typed or ticked, as one text; several ticks have semicolons between."""
    if field.type != "checkboxes":
        return _first(posted, field.name)
    return ";".join(posted.get(field.name, ())[:MAX_FIELDS])


def is_ticked(posted: Posted, box: ConsentBox) -> bool:
    """Whether the box was ticked; anything but a known yes is no consent."""
    return _first(posted, box.name).strip().lower() in _TICKED


def new_token(form: Form, *, now_us: int, key: str) -> str:
    """A signed token for one rendering: makes a double click one submission."""
    expires_at = clock.from_micros(now_us + TOKEN_HOURS * clock.HOUR)
    payload = {"form": form.slug, "at": now_us, "nonce": ids.token(12)}
    return signed_token.sign(payload, purpose=PURPOSE, key=key, expires_at=expires_at)


def judge(form: Form, posted: Posted, *, now_us: int, keys: Sequence[str]) -> Arrival:
    """What this post is taken for.

    The message id is made of the token and what was typed: the same rendering sent twice is one
    submission, but a correction after "back" is a new one and not lost. Without a valid token
    it is made of what was typed and the minute.
    """
    token = _first(posted, RENDERING_FIELD)
    issued_us = _issued_us(form, token, now_us=now_us, keys=keys)
    anchor = str(now_us // clock.MINUTE) if issued_us is None else token
    reason = ""
    if _first(posted, HONEYPOT_FIELD).strip():
        reason = "honeypot"
    elif issued_us is not None and now_us - issued_us < LEAST_SECONDS * clock.SECOND:
        reason = "too_fast"
    return Arrival(
        message_id=_digest(form, posted, anchor),
        state=SUSPECTED_SPAM if reason else ACCEPTED,
        reason=reason,
    )


def _field(entry: Mapping[str, object]) -> Field:
    raw = entry.get("options")
    options = tuple(_option(option) for option in raw) if isinstance(raw, list | tuple) else ()
    known = {key: value for key, value in entry.items() if value is not None and key != "options"}
    known.setdefault("label", str(entry.get("name", "")))
    return msgspec.structs.replace(msgspec.convert(known, Field, strict=False), options=options)


def _option(option: object) -> tuple[str, str]:
    if isinstance(option, Mapping):
        value = str(option.get("value", ""))
        return value, str(option.get("label", value))
    return str(option), str(option)


def _first(posted: Posted, name: str) -> str:
    values = posted.get(name)
    return values[0] if values else ""


def _problem(field: Field, value: str) -> str:
    limit = LONG_TEXT if field.type in ("textarea", "checkboxes") else SHORT_TEXT
    if len(value) > limit:
        return _("Please use at most %(limit)s characters.") % {"limit": limit}
    if field.type == "email":
        try:
            email_address.canonical(value)
        except email_address.NotAnAddress:
            return _("Please check the address: it should look like name@company.com.")
    if field.type == "tel" and len(_DIGIT.findall(value)) < 5:
        return _("Please check the number: it has too few digits.")
    if field.type == "number" and not _NUMBER.fullmatch(value):
        return _("Please write a number.")
    if field.type == "date" and not _is_a_day(value):
        return _("Please write a date, such as 2026-03-14.")
    return _problem_of_choice(field, value)


def _problem_of_choice(field: Field, value: str) -> str:
    known = {option for option, _label in field.options}
    if field.type == "checkboxes" and not set(value.split(";")) <= known:
        return _("Please choose among the options.")
    if field.type == "select" and value not in known:
        return _("Please choose one of the options.")
    return ""


def _is_a_day(value: str) -> bool:
    try:
        field_values.fit(value, _A_DAY)
    except field_values.NotOfType:
        return False
    return True


_A_DAY = field_values.shape("date")


def _settled(field: Field, value: str) -> str:
    if field.type == "email":
        return email_address.canonical(value)
    if field.type == "date":
        return str(field_values.fit(value, _A_DAY))
    if field.type == "checkbox":
        return "true" if value.lower() in _TICKED else "false"
    return value


def _issued_us(form: Form, token: str, *, now_us: int, keys: Sequence[str]) -> int | None:
    """When the token was made; None when it is absent, altered, too old or another form's."""
    if not token:
        return None
    try:
        payload = signed_token.read(
            token, purpose=PURPOSE, keys=keys, now=clock.from_micros(now_us)
        )
    except signed_token.InvalidToken:
        return None
    issued = payload.get("at")
    return issued if payload.get("form") == form.slug and isinstance(issued, int) else None


def _digest(form: Form, posted: Posted, anchor: str) -> str:
    typed = sorted((name, list(values)) for name, values in posted.items() if name[:1] != "_")
    digest = hashlib.blake2b(msgspec.json.encode([form.slug, anchor, typed]), digest_size=16)
    return "form-" + digest.hexdigest()
