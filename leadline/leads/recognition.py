"""Which lead a submission comes from: the walk in inbox order over a working set.

The rules are those of the design ("Who is it: bindings"): trusted sources link and merge, public
ones claim. A claim on an existing address is heard and counted, and changes nothing that is known;
a shared computer opens a new binding instead of merging two people.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from leadline.capture.submission import Submission
from leadline.leads import companies, loading, locks, merging, traits, uniques, writing
from leadline.leads.working_set import Held, Key, Known, WorkingSet
from leadline.workspace.field_values import Shape

# What a visitor said before anybody knew them: the newest so many submissions with traits.
MOST_REMEMBERED = 20

# Most specific first: an event hangs on the first that is bound to its lead.
_STRONG = (
    ("user", "user_id"),
    ("external", "external_id"),
    ("email", "email"),
    ("phone", "phone"),
)


class Placement(msgspec.Struct):
    """Where a submission belongs: its binding, its lead (None: an unclaimed visitor)."""

    binding: Held
    lead: Known | None
    # A public sender named an identifier that was somebody's already.
    is_claim: bool


class Recognised(msgspec.Struct):
    """What recognising a batch gave: placements parallel to the submissions, and the merges."""

    placements: list[Placement]
    merged: list[tuple[UUID, UUID]]  # (kept, absorbed)
    changed_company_ids: list[UUID]
    # By lead of which something changed: the traits with other values, None where it was more.
    changed: dict[UUID, frozenset[str] | None] = {}


def recognise(
    submissions: Sequence[Submission], *, declared: Mapping[str, Shape], now_us: int
) -> Recognised:
    """Find or make the lead of each submission and write leads, bindings, traits, companies.

    Runs in the caller's transaction, waits for other recognising passes, and locks every lead it
    may change. The number of queries does not depend on the number of submissions.
    """
    locks.passing()
    work = loading.load(
        {key for s in submissions for key in keys_of(s)},
        domains={d for s in submissions if (d := companies.domain_of(s))},
        external_ids={s.group_id for s in submissions if s.group_id},
    )
    work.taken = uniques.of_batch(submissions, work, declared=declared)
    before = {lead.id: _besides_traits(lead) for lead in work.leads.values()}
    placements = [place(s, work, declared=declared, now_us=now_us) for s in submissions]
    changed = _changed(work, before)
    writing.write(work, now_us=now_us)
    final = {m.absorbed.id: m.kept for m in work.merges}
    for placement in placements:
        # A lead that was absorbed later in the same batch lives on in the one that was kept.
        while placement.lead is not None and placement.lead.id in final:
            placement.lead = final[placement.lead.id]
    return Recognised(
        placements,
        [(m.kept.id, m.absorbed.id) for m in work.merges],
        [firm.id for firm in work.firms.values() if firm.is_changed and not firm.is_new],
        changed,
    )


def _besides_traits(lead: Known) -> tuple[object, ...]:
    return lead.has_shown_interest, lead.created_us, lead.company_id, lead.merged_into


def _changed(
    work: WorkingSet, before: Mapping[UUID, tuple[object, ...]]
) -> dict[UUID, frozenset[str] | None]:
    traits: dict[UUID, set[str]] = {}
    for row in work.trait_rows:
        if row.took_effect and row.lead_id is not None:
            traits.setdefault(row.lead_id, set()).add(row.name)
    found: dict[UUID, frozenset[str] | None] = {
        lead_id: frozenset(names) for lead_id, names in traits.items()
    }
    for lead in work.leads.values():
        if before.get(lead.id) != _besides_traits(lead):
            found[lead.id] = None
    for held in [*work.closed, *(each for mine in work.of_lead.values() for each in mine)]:
        if held.is_changed and held.lead is not None:
            found[held.lead.id] = None
    for merge in work.merges:
        found[merge.kept.id] = found[merge.absorbed.id] = None
    return found


def keys_of(submission: Submission) -> list[Key]:
    """All identifiers a submission names, most specific first."""
    keys = strong_keys(submission)
    if submission.anonymous_id:
        keys.append(("anonymous", submission.anonymous_id))
    if submission.previous_id:
        keys += [("user", submission.previous_id), ("anonymous", submission.previous_id)]
    return keys


def strong_keys(submission: Submission) -> list[Key]:
    return [(kind, value) for kind, name in _STRONG if (value := getattr(submission, name))]


def place(
    said: Submission, work: WorkingSet, *, declared: Mapping[str, Shape], now_us: int
) -> Placement:
    """Decide for one submission, changing the working set."""
    strong = strong_keys(said)
    found = _bound_leads(said, strong, work)
    is_claim = bool(found) and not said.is_trusted
    lead = _lead_for(said, strong, found, work)
    if lead is not None and not is_claim:
        _attach(said, strong, lead, work)
    _visitor(said, lead, work, is_claim=is_claim, now_us=now_us)
    lead = lead or _lead_of_visitor(said, work)
    if lead is None:
        _remember(said, work)
    else:
        _catch_up(said, lead, work, declared=declared)
        _hear(said, lead, work, declared=declared)
    return Placement(_most_specific(said, strong, lead, work), lead, is_claim)


def _bound_leads(said: Submission, strong: Sequence[Key], work: WorkingSet) -> list[Known]:
    """The leads that the identifiers are bound to and that may be this person."""
    found: list[Known] = []
    for key in strong:
        held = work.open.get(key)
        if held is None or held.lead is None or held.lead in found:
            continue
        if _may_be(held.lead, key, said, strong, work):
            found.append(held.lead)
    return found


def _may_be(
    lead: Known, key: Key, said: Submission, strong: Sequence[Key], work: WorkingSet
) -> bool:
    """Two identifiers of a kind do not always mean one person.

    An office shares a phone number: a number finds somebody only when nothing stronger is known
    of both. A family shares an address: a new trusted user id is not the person who has another.
    """
    if key[0] == "phone":
        named = {kind for kind, _ in strong} - {"phone"}
        return not any(held.kind in named for held in work.of_lead[lead.id])
    if key[0] == "user" or not said.is_trusted or not said.user_id:
        return True
    users = [h for h in work.of_lead[lead.id] if h.kind == "user" and h.is_verified]
    return not users or any(held.value == said.user_id for held in users)


def _lead_for(
    said: Submission, strong: list[Key], found: list[Known], work: WorkingSet
) -> Known | None:
    """The lead the strong identifiers name, joined, merged or new; None without any."""
    if said.is_trusted:
        found = _let_go_of_claims(said, found, work)
        found = found + _alias(said, found, work)
    if found:
        if said.is_trusted and len(found) > 1:
            return merging.link(found, work, because=f"{said.name} named both", at_us=_at(said))
        return found[0]
    if not strong:
        return None
    visitor = _lead_of_visitor(said, work)
    if visitor is not None and _may_join(visitor, said, strong, work):
        return visitor
    return work.new_lead(
        created_us=_at(said), origin=said.origin, shows_interest=said.shows_interest
    )


def _at(said: Submission) -> int:
    return said.occurred_us if said.is_history else said.received_us


def _let_go_of_claims(said: Submission, found: list[Known], work: WorkingSet) -> list[Known]:
    """A trusted source that contradicts a claim takes the identifier away from the claimant.

    Somebody may have claimed a user id from a public page before its owner was ever seen. When
    the trusted source gives that id another address than the claimant's, the claim ends.
    """
    if said.email is None:
        return found
    for key in strong_keys(said):
        held = work.open.get(key)
        if held is None or held.is_verified or held.lead is None or key[0] == "email":
            continue
        others = [b.value for b in work.of_lead[held.lead.id] if b.kind == "email"]
        if others and said.email not in others:
            lead = held.lead
            work.of_lead[lead.id].remove(held)
            work.close(held, at_us=_at(said))
    return _bound_leads(said, strong_keys(said), work)


def _alias(said: Submission, found: list[Known], work: WorkingSet) -> list[Known]:
    if said.previous_id is None:
        return []
    before = work.open.get(("user", said.previous_id))
    if before is None or before.lead is None or before.lead in found:
        return []
    return [before.lead]


def _may_join(visitor: Known, said: Submission, strong: list[Key], work: WorkingSet) -> bool:
    """May these new identifiers belong to the lead of this visitor?

    Not if it has others, and not if the visitor only claimed to be that lead: an address of the
    visitor's would get what is meant for somebody else.
    """
    if work.open["anonymous", said.anonymous_id or ""].is_claim:
        return False
    kinds = {key[0] for key in strong}
    return not any(held.kind in kinds for held in work.of_lead[visitor.id])


def _attach(said: Submission, strong: list[Key], lead: Known, work: WorkingSet) -> None:
    for key in strong:
        held = work.open.get(key)
        if held is None:
            work.bind(key, lead, is_verified=said.is_trusted, at_us=_at(said))
        elif held.lead is None:
            work.give(held, lead)
        elif said.is_trusted and held.lead is lead and not held.is_verified:
            held.is_verified = held.is_changed = True


def _visitor(
    said: Submission, lead: Known | None, work: WorkingSet, *, is_claim: bool, now_us: int
) -> None:
    """Bind the anonymous id; a shared computer gets a new binding from now on."""
    for value in _anonymous_ids(said, work):
        key = ("anonymous", value)
        held = work.open.get(key)
        if held is None:
            held = work.bind(key, lead, is_verified=said.is_trusted, at_us=_at(said))
            held.is_claim = is_claim
        elif lead is None:
            continue
        elif held.lead is None:
            work.give(held, lead)
            held.is_claim = is_claim
        elif held.lead is not lead:
            work.of_lead[held.lead.id].remove(held)
            work.close(held, at_us=now_us)
            held = work.bind(key, lead, is_verified=said.is_trusted, at_us=now_us)
            held.is_claim = is_claim
        elif held.is_claim and said.is_trusted:
            held.is_claim, held.is_changed = False, True


def _anonymous_ids(said: Submission, work: WorkingSet) -> list[str]:
    named = [said.anonymous_id] if said.anonymous_id else []
    if said.previous_id and ("user", said.previous_id) not in work.open:
        named.append(said.previous_id)
    return named


def _lead_of_visitor(said: Submission, work: WorkingSet) -> Known | None:
    held = work.open.get(("anonymous", said.anonymous_id or ""))
    return None if held is None else held.lead


def _remember(said: Submission, work: WorkingSet) -> None:
    """Keep what an unknown visitor says until there is a lead to say it of."""
    held = work.open.get(("anonymous", said.anonymous_id or ""))
    if held is None or not said.traits:
        return
    told = {
        "at": said.occurred_us,
        "source": said.source,
        "kind": said.kind,
        "is_trusted": said.is_trusted,
        "traits": dict(said.traits),
    }
    held.said = [*held.said, told][-MOST_REMEMBERED:]
    held.is_changed = True


def _catch_up(
    said: Submission, lead: Known, work: WorkingSet, *, declared: Mapping[str, Shape]
) -> None:
    """The visitor is known now: hear what was said before."""
    for value in _anonymous_ids(said, work):
        held = work.open.get(("anonymous", value))
        if held is None or held.lead is not lead or not held.said:
            continue
        for told in held.said:
            _hear(_recalled(told, said), lead, work, declared=declared)
        held.said, held.is_changed = [], True


def _recalled(told: Mapping[str, Any], now_said: Submission) -> Submission:  # JSON of `_remember`
    return Submission(
        source=told["source"],
        message_id="",
        kind=told["kind"],
        name="",
        occurred_us=told["at"],
        received_us=now_said.received_us,
        is_trusted=told["is_trusted"],
        is_history=now_said.is_history,
        seen_day=0,
        traits=told["traits"],
        shows_interest=now_said.shows_interest,
    )


def _hear(
    said: Submission, lead: Known, work: WorkingSet, *, declared: Mapping[str, Shape]
) -> None:
    """Take in what the submission says about the lead and its company."""
    if said.shows_interest and not lead.has_shown_interest:
        lead.has_shown_interest = lead.is_changed = True
    if said.is_test and lead.is_new:
        lead.is_test = True
    if _at(said) < lead.created_us:
        lead.created_us, lead.is_changed = _at(said), True
    work.trait_rows += traits.adopt(lead, said, work, declared=declared)
    firm = companies.of(said, lead, work, at_us=_at(said))
    if firm is not None and said.is_trusted:
        work.trait_rows += traits.adopt_company(firm, said, work, declared=declared)


def _most_specific(
    said: Submission, strong: list[Key], lead: Known | None, work: WorkingSet
) -> Held:
    candidates = [*strong, ("anonymous", said.anonymous_id or said.previous_id or "")]
    for key in candidates:
        held = work.open.get(key)
        if held is not None and held.lead is lead:
            return held
    raise NotIdentified(said.message_id)


class NotIdentified(Exception):
    """A submission without any identifier came this far; capture should have refused it."""

    permanent = True

    def __init__(self, message_id: str) -> None:
        super().__init__(f"Submission {message_id!r} names nobody: no id, address or phone.")
