"""A frame of several instants at once, which costs little more than one.

Repeating the whole lake once per instant would be right and slow (200,000 leads, 24 instants: 24
million trait values). So events are joined with their lead before they are repeated, and traits
are looked up once for each lead and instant at which one of them had changed, and hold until the
next such instant. `analytics.as_of` says what each of them is; a test holds the scores equal to
those of a frame per instant.
"""

from collections.abc import Mapping
from dataclasses import replace

import ibis
from ibis.expr.types import IntegerValue, Table

from leadline.analytics import as_of
from leadline.analytics.manifest import Manifest
from leadline.analytics.worlds import Tables, Worlds
from leadline.criteria.frame import Frame, Typed
from leadline.criteria.mentions import Mentions

NOBODY: Mapping[str, int | None] = {}


def frame(tables: Tables, manifest: Manifest, worlds: Worlds, reads: Mentions) -> Frame:
    """Everybody at every instant: `lead` is told apart by world. Nothing is run.

    `tables` have leads by their number (`worlds.numbered`). Raises LakeError for what the lake
    does not keep.
    """
    moved = worlds.told_apart(tables)
    facts = replace(reads, events=NOBODY, detailed=frozenset(), traits=frozenset())
    found = as_of.frame(moved, manifest, worlds.at_us, facts)
    found = replace(found, events=_events(tables, worlds, reads, found))
    if not reads.traits:
        return found
    traits = replace(facts, facts=frozenset(), properties=frozenset(), traits=reads.traits)
    changed = _epochs(tables, worlds, reads)
    then = as_of.frame(_at_epochs(tables, worlds, changed), manifest, worlds.at_us, traits)
    leads = _held(found.leads, then, worlds, changed)
    return replace(found, leads=leads, traits=then.traits)


def _events(tables: Tables, worlds: Worlds, reads: Mentions, found: Frame) -> Table:
    """Of each world the events that had happened and were known: what a visitor did is not the
    lead's before the lead said who they are."""
    events, bindings = tables["events"], tables["bindings"]
    owned = bindings.filter(bindings.lead_no.notnull())
    mine = events.filter(events.counts, events.name.isin(sorted(reads.events))).inner_join(
        owned.select("given_us", binding_id=owned.id, lead=owned.lead_no), "binding_id"
    )
    columns = [part for typed in found.properties.values() for part in _parts(typed)]
    given_us = mine.given_us.fill_null(mine.occurred_us)
    known = ibis.greatest(mine.occurred_us, mine.known_us, given_us)
    until_us = as_of.matters_until_us(mine, reads)
    mine = mine.select("lead", "name", "occurred_us", *columns, from_us=known, until_us=until_us)
    both = mine.cross_join(worlds.rows)
    both = both.filter(both.from_us <= both.world_us, both.world_us <= both.until_us)
    return worlds.moved(both).select("lead", "name", "occurred_us", *columns)


def _epochs(tables: Tables, worlds: Worlds, reads: Mentions) -> Table:
    """`lead`, `world`, `until`: from which world to which a lead's traits stay as they are."""
    leads = tables["leads"].select("company_id", "created_us", lead="lead_no")
    said = tables["trait_values"]
    said = said.filter(said.took_effect, said.name.isin(sorted(reads.traits)))
    said = said.select("lead_id", "company_id", world=_first_world(said.known_us, worlds))
    of_leads = said.filter(said.lead_id.notnull()).select("world", lead="lead_id")
    of_companies = said.filter(said.company_id.notnull()).select("world", "company_id")
    theirs = leads.inner_join(of_companies, "company_id").select("world", "lead")
    born = leads.select("lead", world=_first_world(leads.created_us, worlds))
    began = ibis.union(of_leads, theirs, born.select("world", "lead"), distinct=True)
    began = began.filter(began.world < len(worlds.instants))
    after = ibis.window(group_by="lead", order_by="world")
    return began.mutate(
        until=began.world.lead().over(after).fill_null(len(worlds.instants)).cast("int64")
    )


def _first_world(at_us: IntegerValue, worlds: Worlds) -> IntegerValue:
    """The first world that knows what became known then; beyond the last: none."""
    found = ibis.literal(0, type="int64")
    for instant in worlds.instants:
        found = found + (at_us > instant).cast("int64")
    return found


def _at_epochs(tables: Tables, worlds: Worlds, changed: Table) -> Tables:
    """Leads and trait values in the worlds in which something had changed, and in no other."""
    there = changed.select("world", epoch_lead="lead").inner_join(worlds.rows, "world")
    leads, said = tables["leads"], tables["trait_values"]
    mine = leads.inner_join(there, leads.lead_no == there.epoch_lead)
    theirs = said.inner_join(there, said.lead_id == there.epoch_lead)
    companies = mine.select("company_id", "world", "world_us", "moved_us").distinct()
    shared = said.inner_join(companies, "company_id")
    columns = [*said.columns, "world", "world_us", "moved_us"]
    values = ibis.union(theirs.select(*columns), shared.select(*columns), distinct=False)
    return {
        **tables,
        "leads": worlds.moved(mine).select(*leads.columns),
        "trait_values": worlds.moved(values).select(*said.columns),
    }


def _held(leads: Table, then: Frame, worlds: Worlds, changed: Table) -> Table:
    """The leads of every world with the traits of the newest epoch by then."""
    columns = [part for typed in then.traits.values() for part in _parts(typed)]
    parted = worlds.parted(then.leads.select("lead", *columns))
    instants = worlds.rows.select("world", at_us="world_us")
    spans = parted.inner_join(instants, "at_us").drop("at_us")
    spans = spans.inner_join(changed, ["lead", "world"]).rename(begin="world")
    both = spans.cross_join(worlds.rows)
    both = both.filter(both.begin <= both.world, both.world < both.until)
    held = worlds.moved(both).select(*columns, trait_lead="lead")
    return leads.left_join(held, leads.lead == held.trait_lead).drop("trait_lead")


def _parts(typed: Typed) -> tuple[str, ...]:
    return typed.text, typed.number, typed.flag, typed.members
