"""Which value of a trait counts: arithmetic without rows.

A verified value replaces an unverified one, and an older verified one by the time it was said. An
unverified claim fills a gap and never replaces anything, so that nobody can overwrite somebody
else's record from a public form; what was claimed stays visible as a row of provenance.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from leadline.capture.submission import Submission
from leadline.leads.working_set import Firm, Known, TraitRow, WorkingSet
from leadline.lib import email_address, person_name
from leadline.workspace import field_values
from leadline.workspace.field_values import Shape

MOST_UNDECLARED = 50
MOST_UNDECLARED_BYTES = 8_000
COMPANY = "company."


def adopt(
    lead: Known, submission: Submission, work: WorkingSet, *, declared: Mapping[str, Shape]
) -> list[TraitRow]:
    """Let the submission's traits take effect on the lead where they may.

    Returns the rows of provenance: one per declared trait whose value is not the current one,
    whether it took effect or not. `declared` maps each declared trait to what its values must be.
    Values that do not fit, and unique ones that another lead has, are kept among the undeclared.
    """
    made: list[TraitRow] = []
    for name, value in {**submission.traits, **_derived(submission)}.items():
        shape = declared.get(name)
        found = fitted(value, shape)
        # What a lead says of its company is the company's to keep to itself: `adopt_company`.
        is_unique = shape is not None and shape.is_unique and not name.startswith(COMPANY)
        if found is None or (is_unique and work.is_taken(name, found, besides=lead)):
            _keep_undeclared(lead, name, value, is_trusted=submission.is_trusted)
        elif lead.traits.get(name) == found:
            _confirm(lead, name, submission)
        else:
            before = lead.traits.get(name)
            made.append(_say(lead, name, found, submission))
            if is_unique and made[-1].took_effect:
                work.taken.pop((name, str(before)), None)
                work.taken[name, str(found)] = lead.id
    return made


def _say(lead: Known, name: str, value: object, said: Submission) -> TraitRow:
    row = _row(lead.id, None, name, value, said)
    row.took_effect = takes_effect(
        lead.marks.get(name),
        at_us=said.occurred_us,
        is_verified=said.is_trusted,
        is_greater=_encoded(value) > _encoded(lead.traits.get(name)),
    )
    row.took_effect = row.took_effect and not _is_claimed_name(lead, name, said)
    if row.took_effect:
        lead.traits = {**lead.traits, name: value}
        lead.marks = {**lead.marks, name: [said.occurred_us, int(said.is_trusted)]}
        lead.is_changed = True
    return row


_NAMES = ("name", "first_name", "last_name")


def _is_claimed_name(lead: Known, name: str, said: Submission) -> bool:
    """How somebody is called is one fact in three traits: a claim of one fills no gap beside a
    verified other."""
    if said.is_trusted or name not in _NAMES:
        return False
    return any(lead.marks.get(each, [0, 0])[1] for each in _NAMES)


def adopt_company(
    firm: Firm, submission: Submission, work: WorkingSet, *, declared: Mapping[str, Shape]
) -> list[TraitRow]:
    """Trusted company traits take effect for everybody at the company.

    A unique value that another company has stays what the lead said.
    """
    made: list[TraitRow] = []
    for name, value in submission.traits.items():
        if not name.startswith(COMPANY) or name not in declared:
            continue
        found = fitted(value, declared[name])
        short = name.removeprefix(COMPANY)
        if found is None or firm.traits.get(short) == found:
            continue
        if declared[name].is_unique:
            if work.taken.get((name, str(found)), firm.id) != firm.id:
                continue
            work.taken.pop((name, str(firm.traits.get(short))), None)
            work.taken[name, str(found)] = firm.id
        firm.traits = {**firm.traits, short: found}
        firm.is_changed = True
        made.append(_row(None, firm.id, name, found, submission))
    return made


def takes_effect(
    mark: list[int] | None, *, at_us: int, is_verified: bool, is_greater: bool
) -> bool:
    """May a value said at `at_us` replace the one marked `[said at, verified]`?

    Of two verified values said at the same instant the greater one wins, so that the order of
    arrival decides nothing.
    """
    if mark is None:
        return True
    if not is_verified:
        return False
    return not mark[1] or (at_us, is_greater) > (mark[0], False)


def fitted(value: object, shape: Shape | None) -> field_values.Value | None:
    """The value as a field of the shape stores it, or None when it cannot hold it."""
    if shape is None:
        return None
    try:
        return field_values.fit(value, shape)
    except field_values.NotOfType:
        return None


def _derived(submission: Submission) -> dict[str, object]:
    """What follows from what was said: seniority from the title, the kind of mail address."""
    found: dict[str, object] = {}
    title = submission.traits.get("title")
    if isinstance(title, str) and "title_seniority" not in submission.traits:
        found["title_seniority"] = person_name.title_seniority(title) or "individual"
    if submission.email is not None and "email_kind" not in submission.traits:
        is_free = email_address.is_free_mail(email_address.domain(submission.email))
        found["email_kind"] = "free" if is_free else "work"
    return found


def _confirm(lead: Known, name: str, said: Submission) -> None:
    # The same value from a trusted source makes a claim a fact, and a fact newer.
    mark = lead.marks[name]
    newer = [max(said.occurred_us, mark[0]) if mark[1] else said.occurred_us, 1]
    if said.is_trusted and mark != newer:
        lead.marks = {**lead.marks, name: newer}
        lead.is_changed = True


def _row(
    lead_id: UUID | None, company_id: UUID | None, name: str, value: object, said: Submission
) -> TraitRow:
    return TraitRow(
        lead_id=lead_id,
        company_id=company_id,
        name=name,
        value=value,
        source=said.source,
        method=said.kind,
        is_verified=said.is_trusted,
        took_effect=True,
        occurred_us=said.occurred_us,
    )


def _keep_undeclared(lead: Known, name: str, value: object, *, is_trusted: bool) -> None:
    if lead.undeclared.get(name) == value or (name in lead.undeclared and not is_trusted):
        return
    kept: dict[str, Any] = {**lead.undeclared, name: value}  # any JSON value
    if len(kept) <= MOST_UNDECLARED and len(msgspec.json.encode(kept)) <= MOST_UNDECLARED_BYTES:
        lead.undeclared = kept
        lead.is_changed = True


def _encoded(value: object) -> bytes:
    return msgspec.json.encode(value)
