"""Who changed what, when, from where: a chain of entries, each sealed by the one before.

An entry is written by an explicit call in the transaction of the change, as its last statement:
the head of the chain is locked until that transaction ends. Nothing here changes or removes an
entry. Whoever can write to the database can still rewrite it; `verify` notices a changed, removed,
moved or cut-off entry, and the fingerprint that it gives can be kept elsewhere.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db import transaction

from leadline.lib import clock, ids
from leadline.lib.refusal import Phrase
from leadline.workspace.models import AuditEntry, AuditHead, User

Act = Literal[
    "workspace.opened",
    "signed_in",
    "sign_in.failed",
    "sign_in.throttled",
    "password.changed",
    "factor.added",
    "factor.removed",
    "codes.made",
    "profile.changed",
    "address.asked",
    "address.changed",
    "person.invited",
    "invitation.withdrawn",
    "person.joined",
    "person.added",
    "person.changed",
    "person.deactivated",
    "person.taken_back",
    "person.let_in",
    "person.password_reset",
    "person.link_made",
    "ownership.handed_over",
    "team.made",
    "team.changed",
    "team.archived",
    "team.restored",
    "field.added",
    "field.changed",
    "field.archived",
    "field.restored",
    "field.moved",
    "field.asked",
    "hours.changed",
    "workspace.changed",
    "currency.changed",
    "rates.added",
    "rates.removed",
    "view.shared",
    "view.removed",
    "view.restored",
    "list.renamed",
    "list.deleted",
    "segment.created",
    "segment.changed",
    "segment.deleted",
    "playbook.applied",
    "model.created",
    "model.chosen",
    "model.drafted",
    "model.discarded",
    "model.published",
    "model.scheduled",
    "model.unscheduled",
    "model.rolled_back",
    "model.retired",
    "score.adjusted",
    "score.adjustment_undone",
    "key.made",
    "key.revoked",
    "sending.changed",
    "sending.resumed",
    "backup.asked",
    "workspace.restored",
    "parked.retried",
    "demo.viewed_as",
    "demo.traffic_changed",
    "demo.left",
    "lead.deleted",
    "lead.restored",
    "leads.deleted",
    "leads.restored",
    "leads.exported",
    "export.fetched",
]
Value = str | int | bool | None
_LONGEST = 300
_FIRST = "0" * 64


@dataclass(frozen=True)
class Doer:
    """Who does it and from where: a network address, or "command line".

    `through` is what they did it with: a browser, or a key by its name.
    """

    user_id: UUID | None
    name: str
    origin: str
    through: str = ""


COMMAND_LINE = Doer(None, "", "command line")
"""Whoever can start a program on the server."""


@dataclass(frozen=True)
class Change:
    """What was done to which thing; `about` is its name as people know it. No secrets here."""

    act: Act
    kind: str
    id: object
    about: str
    before: Mapping[str, Value] = field(default_factory=dict)
    after: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found. `broken_at` is the first number that is wrong."""

    count: int
    fingerprint: str
    broken_at: int | None = None
    because: Phrase | None = None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def by(user: User, *, origin: str, through: str = "") -> Doer:
    """A person as the one who does something."""
    return Doer(user.pk, str(user), origin, through)


def differing(
    before: Mapping[str, Value], after: Mapping[str, Value]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Before and after without what is the same in both."""
    names = [name for name in after if before.get(name) != after[name]]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names}


def record(change: Change, *, by: Doer, now: datetime) -> AuditEntry:
    """Append one entry. Joins the caller's transaction; call it last, it locks the chain."""
    with transaction.atomic(savepoint=False):
        AuditHead.objects.get_or_create(id=1, defaults={"hash": _FIRST})
        head = AuditHead.objects.select_for_update().get(id=1)
        details, salt = _details(change, by), ids.token(16)
        entry = AuditEntry(
            number=head.count + 1, at=now, actor_id=by.user_id, act=change.act,
            object_kind=change.kind, object_id=str(change.id)[:64], details=details, salt=salt,
            details_digest=_digest(salt, details), previous_hash=head.hash,
        )  # fmt: skip
        entry.hash = _seal(entry)
        entry.save(force_insert=True)
        AuditHead.objects.filter(id=1).update(count=entry.number, hash=entry.hash)
    return entry


def newest(*, before: int | None = None, limit: int) -> list[AuditEntry]:
    """Entries, newest first, below the number `before`. One query."""
    found = AuditEntry.objects.order_by("-number")
    if before is not None:
        found = found.filter(number__lt=before)
    return list(found[:limit])


def verify() -> Verdict:
    """Read the whole chain and say whether it is whole. Two queries, memory does not grow."""
    head = AuditHead.objects.filter(id=1).first()
    expected = (head.count, head.hash) if head else (0, _FIRST)
    previous, number = _FIRST, 0
    for entry in AuditEntry.objects.order_by("number").iterator(chunk_size=1_000):
        number += 1
        if (problem := _problem(entry, number=number, previous=previous)) is not None:
            return Verdict(number, previous, number, problem)
        previous = entry.hash
    if (number, previous) != expected:
        return Verdict(number, previous, number + 1, Phrase("entries at the end are missing"))
    return Verdict(number, previous)


def _problem(entry: AuditEntry, *, number: int, previous: str) -> Phrase | None:
    if entry.number != number:
        return Phrase("the entry %(number)s is missing", number=number)
    if entry.previous_hash != previous:
        return Phrase("the entry %(number)s does not follow the one before", number=number)
    if entry.hash != _seal(entry):
        return Phrase("the entry %(number)s was changed", number=number)
    is_blanked = not entry.salt and not entry.details
    if not is_blanked and entry.details_digest != _digest(entry.salt, entry.details):
        return Phrase("the details of the entry %(number)s were changed", number=number)
    return None


def _details(change: Change, doer: Doer) -> str:
    said = {
        "who": doer.name[:_LONGEST],
        "from": doer.origin[:_LONGEST],
        "through": doer.through[:_LONGEST],
        "about": change.about[:_LONGEST],
        "before": _short(change.before),
        "after": _short(change.after),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True)


def _short(values: Mapping[str, Value]) -> dict[str, Value]:
    return {k: v[:_LONGEST] if isinstance(v, str) else v for k, v in values.items()}


def _digest(salt: str, details: str) -> str:
    return hashlib.sha256(f"{salt}\n{details}".encode()).hexdigest()


def _seal(entry: AuditEntry) -> str:
    sealed = [
        entry.number, clock.micros(entry.at), entry.actor_id.hex if entry.actor_id else "",
        entry.act, entry.object_kind, entry.object_id, entry.details_digest, entry.previous_hash,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(sealed).encode()).hexdigest()
