"""The leads, bindings and companies that a batch touches, in memory between one read and one write.

All that a batch of submissions can refer to is loaded by `loading` with five queries, walked in
inbox order by `recognition`, and written as sets by `writing`. Nothing here decides anything.
"""

from typing import Any
from uuid import UUID

import msgspec

from leadline.leads.joining import Told
from leadline.lib import ids

Key = tuple[str, str]  # (kind, canonical value)


class Known(msgspec.Struct):
    """A lead as this batch sees and changes it. `marks` as in `Lead.trait_marks`."""

    id: UUID
    created_us: int
    origin: str = "inbound"
    has_shown_interest: bool = True
    is_test: bool = False
    company_id: UUID | None = None
    traits: dict[str, Any] = {}  # JSON values
    marks: dict[str, list[int]] = {}
    undeclared: dict[str, Any] = {}  # JSON values
    version: int = 1
    is_new: bool = False
    is_changed: bool = False
    merged_into: UUID | None = None

    @property
    def told(self) -> Told:
        """What is known of the lead, to be joined with what is known of another."""
        return Told(self.traits, self.marks, self.undeclared, self.company_id)


class Held(msgspec.Struct, eq=False):
    """A binding; `id` is None until it is written, `lead` None for an unclaimed visitor."""

    kind: str
    value: str
    lead: Known | None
    is_verified: bool
    opened_us: int
    id: int | None = None
    closed_us: int | None = None
    said: list[Any] = []  # as in `Binding.said`
    is_claim: bool = False  # as in `Binding.is_claim`
    given_us: int | None = None
    # It had no lead until this batch.
    is_given: bool = False
    is_changed: bool = False


class Firm(msgspec.Struct):
    """A company; `traits` without the prefix."""

    id: UUID
    name: str
    domain: str | None
    external_id: str | None
    traits: dict[str, Any] = {}  # JSON values
    created_us: int = 0
    is_new: bool = False
    is_changed: bool = False


class TraitRow(msgspec.Struct):
    """A row of provenance to be appended."""

    lead_id: UUID | None
    company_id: UUID | None
    name: str
    value: object
    source: str
    method: str
    is_verified: bool
    took_effect: bool
    occurred_us: int


class MergeRow(msgspec.Struct):
    """Two leads that became one in this batch."""

    kept: Known
    absorbed: Known
    moved: list[Held]
    kept_before: Told
    because: str


class WorkingSet(msgspec.Struct):
    """Everything a batch reads and changes."""

    open: dict[Key, Held] = {}
    leads: dict[UUID, Known] = {}
    of_lead: dict[UUID, list[Held]] = {}
    firms: dict[UUID, Firm] = {}
    by_domain: dict[str, Firm] = {}
    by_external: dict[str, Firm] = {}
    closed: list[Held] = []
    trait_rows: list[TraitRow] = []
    merges: list[MergeRow] = []
    reviews: list[tuple[UUID, UUID, str]] = []
    # Which lead, or company, has a value that only one may have, by (field, value).
    taken: dict[tuple[str, str], UUID] = {}

    def new_lead(self, *, created_us: int, origin: str, shows_interest: bool) -> Known:
        lead = Known(
            id=ids.uuid7(),
            created_us=created_us,
            origin=origin,
            has_shown_interest=shows_interest,
            is_new=True,
            is_changed=True,
        )
        self.leads[lead.id] = lead
        self.of_lead[lead.id] = []
        return lead

    def is_taken(self, name: str, value: object, *, besides: Known) -> bool:
        """Whether another lead has this value of a unique field."""
        holder = self.taken.get((name, str(value)))
        while holder in self.leads and (into := self.leads[holder].merged_into) is not None:
            holder = into
        return holder not in (None, besides.id)

    def bind(self, key: Key, lead: Known | None, *, is_verified: bool, at_us: int) -> Held:
        """Open a binding; the caller has closed the one before."""
        held = Held(key[0], key[1], lead, is_verified, at_us, is_changed=True)
        self.open[key] = held
        if lead is not None:
            self.of_lead[lead.id].append(held)
        return held

    def give(self, held: Held, lead: Known) -> None:
        """A binding without a lead gets one, its history included."""
        held.lead = lead
        held.is_given = held.is_changed = True
        self.of_lead[lead.id].append(held)

    def close(self, held: Held, *, at_us: int) -> None:
        held.closed_us = at_us
        held.is_changed = True
        self.closed.append(held)
        del self.open[held.kind, held.value]

    def add_firm(self, firm: Firm) -> Firm:
        self.firms[firm.id] = firm
        if firm.domain:
            self.by_domain[firm.domain] = firm
        if firm.external_id:
            self.by_external[firm.external_id] = firm
        return firm
