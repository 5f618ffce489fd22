"""Leads as the API shows them, many at once, with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from leadline.api import shapes
from leadline.cards.models import Card
from leadline.leads import discretion
from leadline.leads.models import Binding, Lead
from leadline.lib import clock
from leadline.lifecycle.models import Standing
from leadline.privacy import queries as privacy
from leadline.routing import queries as routing
from leadline.scoring import queries as scoring
from leadline.timeline import queries as timeline
from leadline.timeline.queries import Touch


def leads(lead_ids: Sequence[UUID], *, hidden: frozenset[str]) -> list[shapes.Lead]:
    """The leads in the order of their ids given; those that do not exist are left out.

    Without the values of the `hidden` fields. Nine queries for any number of leads.
    """
    rows = Lead.objects.select_related("company").in_bulk(list(lead_ids))
    known = _identifiers(lead_ids)
    cards = Card.objects.select_related("owner", "team").in_bulk(list(lead_ids))
    standings = Standing.objects.in_bulk(list(lead_ids))
    scores = scoring.current(lead_ids)
    clocks = routing.clocks_of(lead_ids)
    touches = timeline.first_and_last(lead_ids)
    consents = privacy.states({key: kinds["email"] for key, kinds in known.items()})
    found = []
    for key in lead_ids:
        if key not in rows:
            continue
        answered = clocks[key].responded_at if key in clocks else None
        found.append(
            shapes.Lead(
                **_of_row(discretion.without(rows[key], hidden)),
                **_of_card(cards.get(key)),
                **_of_standing(standings.get(key)),
                emails=known[key]["email"],
                phones=known[key]["phone"],
                user_ids=known[key]["user"],
                score=_score(scores.get(key)),
                probability=None,
                responded_at=answered,
                source=_sources(touches.get(key)),
                consents=consents.get(key, {}),
            )
        )
    return found


def _identifiers(lead_ids: Sequence[UUID]) -> dict[UUID, dict[str, list[str]]]:
    found: dict[UUID, dict[str, list[str]]] = {key: defaultdict(list) for key in lead_ids}
    bindings = Binding.objects.filter(lead__in=list(lead_ids), closed_at=None).order_by("id")
    for lead_id, kind, value in bindings.values_list("lead_id", "kind", "value"):
        found[lead_id][kind].append(value)
    return found


Fields = dict[str, Any]  # values of the shape, checked by it


def _of_row(row: Lead) -> Fields:
    company = row.company
    around = {f"company.{name}": value for name, value in company.traits.items()} if company else {}
    return {
        "id": row.pk,
        "company": company and {"id": company.pk, "name": company.name, "domain": company.domain},
        "traits": {**row.undeclared, **row.traits, **around},
        "origin": row.origin,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "merged_into": row.merged_into_id,
    }


def _of_card(card: Card | None) -> Fields:
    """What the projection knows; nothing of a lead that was merged into another."""
    if card is None:
        return {"name": "", "owner": None, "team": None, "response_due_at": None}
    owner = card.owner
    return {
        "name": card.name,
        "owner": owner and {"id": owner.pk, "email": owner.email, "name": str(owner)},
        "team": card.team.name if card.team else None,
        "response_due_at": card.response_due_at,
    }


def _of_standing(standing: Standing | None) -> Fields:
    if standing is None:
        return {"stage": "", "stage_since": None, "temperature": "cold"}
    return {
        "stage": standing.stage,
        "stage_since": standing.stage_since,
        "temperature": standing.temperature,
    }


def _score(found: scoring.Standing | None) -> shapes.Score | None:
    return None if found is None else shapes.Score(**_points(found))


def explained(found: scoring.Standing) -> shapes.ExplainedScore:
    """A score with its lines."""
    return shapes.ExplainedScore(
        **_points(found),
        lines=[
            shapes.Line(
                rule=line.rule,
                group=line.group,
                points=scoring.points(line.points_micro),
                because=[str(event) for event in line.because],
                sentence=line.sentence,
            )
            for line in found.lines
        ],
    )


def _points(found: scoring.Standing) -> Fields:
    return {
        "total": scoring.points(found.total),
        "fit": scoring.points(found.fit),
        "engagement": scoring.points(found.engagement),
        "model": found.model,
        "version": found.version,
        "at": found.at,
        "until": found.until,
    }


def _sources(ends: tuple[Touch, Touch] | None) -> shapes.Sources:
    if ends is None:
        return shapes.Sources(first=None, last=None)
    first, last = ends
    return shapes.Sources(first=_touch(first), last=_touch(last))


def _touch(touch: Touch) -> shapes.Touch:
    fields = {name: getattr(touch, name) for name in touch.__struct_fields__ if name != "at_us"}
    return shapes.Touch(**fields, at=clock.from_micros(touch.at_us))
