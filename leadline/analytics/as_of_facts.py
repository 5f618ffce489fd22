"""The named facts of all leads as of an instant, each a table of `lead` and a value.

One function per fact or family of facts, as `flow.snapshots` loads them for some leads now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis

from leadline.analytics.store import LakeError
from leadline.privacy.claims import REFUSALS

NOTE = "note"
SEGMENTS = "segments"


@dataclass(frozen=True, slots=True)
class Past:
    """The lake's tables seen from an instant.

    `leads`: `lead`, `lead_id` and the rest of everybody who is present today. `lake_us`: as of
    when the lake knows everything.
    """

    tables: Mapping[str, ibis.Table]
    leads: ibis.Table
    at_us: int
    lake_us: int

    def of_leads(self, name: str) -> ibis.Table:
        """The rows of a table that hang on a lead, with the number of the lead."""
        owners = self.leads.select("lead", "lead_id")
        return self.tables[name].inner_join(owners, "lead_id").drop("lead_id")

    def on_bindings(self, rows: ibis.Table) -> ibis.Table:
        """Rows of a table that hang on a binding, with the number of its lead today.

        What a visitor did is a lead's from when we knew who they are; a merge counts always.
        """
        bindings = self.tables["bindings"]
        is_given = bindings.given_us.isnull() | (bindings.given_us <= self.at_us)
        owned = bindings.filter(bindings.lead_no.notnull(), is_given)
        owners = owned.select(binding_id=owned.id, lead=owned.lead_no)
        return rows.inner_join(owners, "binding_id")

    def newest(self, rows: ibis.Table, *key: str) -> ibis.Table:
        """Of the rows with the same key the one that was stored last."""
        last = rows.group_by(*key).aggregate(id=rows.id.max())
        return rows.semi_join(last, "id")


Fact = Callable[[Past, str], ibis.Table | None]
"""(past, name) → `lead` and `value`, or None when nobody has a word for it."""


def table(past: Past, name: str) -> ibis.Table | None:
    """`lead` and `value` of a fact, at most one row per lead; None for one that no snapshot has.

    Raises LakeError for a fact whose past the lake does not keep, asked for before `lake_us`.
    """
    for beginning, fact in _FACTS.items():
        if name == beginning or (beginning.endswith(".") and name.startswith(beginning)):
            return fact(past, name)
    return None


def _score(past: Past, name: str) -> ibis.Table:
    changes = past.of_leads("score_changes")
    last = past.newest(changes.filter(changes.at_us <= past.at_us), "lead")
    return last.select("lead", value=last[name.removeprefix("score.")])


def _stage(past: Past, name: str) -> ibis.Table:
    changes = past.of_leads("stage_changes")
    last = past.newest(changes.filter(changes.at_us <= past.at_us), "lead")
    return last.select("lead", value=last.stage if name == "stage" else last.at_us)


def _created(past: Past, _: str) -> ibis.Table:
    return past.leads.select("lead", value=past.leads.created_us)


def _shows_interest(past: Past, _: str) -> ibis.Table:
    """As it is today: nothing says since when."""
    return past.leads.select("lead", value=past.leads.has_shown_interest)


def _response(past: Past, _: str) -> ibis.Table:
    """When a person last got in touch; notes are no touch."""
    rows = past.of_leads("activities")
    touched = rows.filter(rows.kind != NOTE, rows.known_us <= past.at_us)
    return touched.group_by("lead").aggregate(value=touched.began_us.max())


def _assigned(past: Past, _: str) -> ibis.Table:
    """Since when the lead had the owner that it had; nothing for who had none."""
    rows = past.of_leads("assignments")
    told = rows.filter(rows.at_us <= past.at_us)
    before = told.owner_id.lag().over(group_by="lead", order_by="id")
    moved = told.mutate(is_new=~told.owner_id.identical_to(before))
    last = past.newest(moved.filter(moved.is_new), "lead")
    return last.filter(last.owner_id.notnull()).select("lead", value="at_us")


def _last_event(past: Past, _: str) -> ibis.Table:
    """When something that counts happened last, whatever it was."""
    rows = past.on_bindings(past.tables["events"])
    known = rows.filter(rows.counts, rows.occurred_us <= past.at_us, rows.known_us <= past.at_us)
    return known.group_by("lead").aggregate(value=known.occurred_us.max())


def _deal(past: Past, name: str) -> ibis.Table:
    """Whoever has no deal has no open one either."""
    rows = past.of_leads("deals")
    known = rows.filter(rows.known_us <= past.at_us)
    is_closed = (known.state != "open") & (known.closed_us <= past.at_us).fill_null(True)
    holds = is_closed & (known.state == "won") if name == "deal.is_won" else ~is_closed
    found = known.group_by("lead").aggregate(holds=holds.any())
    joined = past.leads.select("lead").left_join(found, "lead")
    return joined.select("lead", value=joined.holds.fill_null(False))


def _consent(past: Past, name: str) -> ibis.Table:
    """Whether every open address with a word on it agrees, by `privacy.claims.after`.

    That goes through the words in their order, which comes to this: a refusal counts when it comes,
    an agreement unless it is older than a refusal before it. So an address agrees when some grant
    came after its last refusal and was said no earlier than any refusal; what waits for
    confirmation overturns neither.
    """
    _, purpose, channel = name.split(".")
    bindings = past.tables["bindings"]
    addresses = bindings.filter(bindings.kind == "email", bindings.closed_us.isnull())
    rows = past.on_bindings(past.tables["consents"]).semi_join(addresses, [("binding_id", "id")])
    words = rows.filter(
        rows.purpose == purpose, rows.channel == channel, rows.known_us <= past.at_us
    )
    is_refusal = words.state.isin(sorted(REFUSALS))
    address = ibis.window(group_by="binding_id")
    seen = words.mutate(
        refused_id=words.id.max(where=is_refusal).over(address),
        refused_us=words.at_us.max(where=is_refusal).over(address),
    )
    is_newer = seen.refused_id.isnull() | (
        (seen.id > seen.refused_id) & (seen.at_us >= seen.refused_us)
    )
    by_address = seen.group_by("lead", "binding_id").aggregate(
        agrees=((seen.state == "granted") & is_newer).any()
    )
    return by_address.group_by("lead").aggregate(value=by_address.agrees.all())


def _source(past: Past, _: str) -> ibis.Table:
    """The source of the first touch, when it has one."""
    rows = past.on_bindings(past.tables["touches"])
    known = rows.filter(rows.known_us <= past.at_us)
    place = ibis.row_number().over(group_by="lead", order_by=["occurred_us", "id"])
    placed = known.mutate(place=place)
    first = placed.filter(placed.place == 0)
    return first.select("lead", value=first.source.nullif(""))


def _now(past: Past, name: str) -> ibis.Table:
    """What the lake knows as of now alone."""
    if past.at_us < past.lake_us:
        raise LakeError(
            f"The lake does not know {name} of the past, only as of now: ask in process, or"
            " without it."
        )
    rows = past.of_leads("standings")
    return rows.select("lead", value=rows[name])


def _segments(past: Past, _: str) -> ibis.Table:
    """The keys of segments and lists that the lead was in. Whoever was in none is in none.

    A list that was deleted may have had the key of one that is there: what was before that was made
    says nothing about it. (Of one instant alone: frames of several have no word for it.)
    """
    told = past.of_leads("membership_changes")
    rows = told.inner_join(past.tables["segments"], "segment_key")
    known = rows.filter(rows.at_us <= past.at_us, rows.at_us >= rows.created_us)
    changes = past.newest(known, "lead", "segment_key")
    inside = changes.filter(changes.entered)
    return inside.group_by("lead").aggregate(value=inside.segment_key.collect())


_FACTS: Mapping[str, Fact] = {
    "score.": _score,
    "stage": _stage,
    "stage_since": _stage,
    "since.assigned": _assigned,
    "since.created": _created,
    "since.last_event": _last_event,
    "since.last_response": _response,
    "since.last_touch": _response,
    "shows_interest": _shows_interest,
    "deal.is_open": _deal,
    "deal.is_won": _deal,
    "consent.": _consent,
    "source": _source,
    "temperature": _now,
    "owner": _now,
    "team": _now,
    SEGMENTS: _segments,
}
