"""Everything that the Lead page shows about one lead, in a fixed number of queries.

Who may see the lead is decided here, once: `find` gives None for a lead that the reader may not
see, exactly as for one that does not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from leadline.activities import queries as activities
from leadline.activities.models import Task
from leadline.activities.queries import Touches
from leadline.cards import queries as cards
from leadline.cards.queries import CardRow
from leadline.flow import rulebook
from leadline.leads import discretion
from leadline.leads.models import Company, Lead
from leadline.lifecycle.models import StageChange, Standing
from leadline.lifecycle.rules import Step
from leadline.privacy import consents
from leadline.routing import queries as routing
from leadline.routing.models import Clock
from leadline.routing.queries import Owned
from leadline.scoring import queries as scoring
from leadline.scoring import retelling
from leadline.segments import discretion as segments
from leadline.segments import lists as static_lists
from leadline.segments.models import Membership
from leadline.timeline import queries as timeline
from leadline.timeline.queries import Identifier, Touch
from leadline.web import prospects, score_chart
from leadline.web.prospects import Gain
from leadline.web.score_chart import Chart
from leadline.workspace import fields, permissions, settings
from leadline.workspace.models import User

_BASIC = ("first_name", "last_name", "name", "email", "phone", "title")


@dataclass(frozen=True)
class Dossier:
    """One lead as its page shows it. Scores are micro-points, times aware UTC."""

    card: CardRow
    lead: Lead
    identifiers: Sequence[Identifier]
    consents: Sequence[tuple[str, str, str]]
    score: scoring.Standing | None
    chart: Chart | None
    standing: Standing | None
    stage_change: StageChange | None
    owned: Owned | None
    clock: Clock | None
    touches: Touches | None
    tasks: Sequence[Task]
    lists: Sequence[Membership]
    first_touch: Touch | None
    last_touch: Touch | None
    path: Sequence[Step]
    gains: Sequence[Gain]
    to_next: prospects.Distance | None
    may_edit: bool

    @property
    def company(self) -> Company | None:
        return self.lead.company

    @property
    def traits(self) -> Mapping[str, object]:
        """What is known besides name and address, declared first."""
        return {
            name: value
            for name, value in self.lead.traits.items()
            if name not in _BASIC
            and not name.startswith("company.")
            and value not in (None, "", [])
        }

    def values(self, kind: str) -> list[str]:
        """The lead's identifiers of a kind, as of now: its e-mail addresses, phones, user ids."""
        return [each.value for each in self.identifiers if each.kind == kind and each.is_open]


def find(user: User, lead_id: UUID, *, now: datetime) -> Dossier | None:
    """The lead with all that stands around it; None when the user may not see it."""
    seen = cards.with_right(user, lead_id)
    if seen is None:
        return None
    card, may_edit = seen
    known = timeline.identifiers(lead_id)
    rules = in_force(now)
    score = told(scoring.explained(lead_id), rules)
    touches = timeline.first_and_last([lead_id]).get(lead_id)
    return Dossier(
        card=card,
        lead=discretion.without(_lead(lead_id), _hidden(user, rules)),
        identifiers=known,
        consents=_consents([each.value for each in known if each.kind == "email"]),
        score=score,
        chart=score_chart.of_lead(lead_id, rules, now=now) if score else None,
        standing=Standing.objects.filter(lead=lead_id).first(),
        stage_change=StageChange.objects.filter(lead=lead_id)
        .select_related("by")
        .order_by("-at", "-id")
        .first(),
        owned=routing.owned([lead_id]).get(lead_id),
        clock=routing.clock_of(lead_id),
        touches=activities.touches_of([lead_id]).get(lead_id),
        tasks=activities.open_tasks(lead_id),
        lists=_lists(lead_id, _hidden(user, rules)),
        first_touch=touches[0] if touches else None,
        last_touch=touches[1] if touches else None,
        path=[step for step in rules.lifecycle.steps if step.is_on_path] if rules else [],
        gains=prospects.gains(rules.score_model, score) if rules and score else [],
        to_next=_to_next(rules, card) if rules else None,
        may_edit=may_edit,
    )


def told(
    score: scoring.Standing | None, rules: rulebook.Rulebook | None
) -> scoring.Standing | None:
    """The score with its lines in the reader's language."""
    if score is None:
        return None
    model = rules.score_model if rules else None
    lines = tuple(retelling.told(line, model) for line in score.lines)
    return msgspec.structs.replace(score, lines=lines)


def _lead(lead_id: UUID) -> Lead:
    return Lead.objects.select_related("company").get(pk=lead_id)


def _hidden(user: User, rules: rulebook.Rulebook | None) -> frozenset[str]:
    """The rules know without a query what is sensitive."""
    if rules is None or permissions.may(user, "see_sensitive"):
        return fields.hidden_from(user)
    return rules.sensitive


def _lists(lead_id: UUID, hidden: frozenset[str]) -> list[Membership]:
    """What the lead is in, without segments that would tell what the reader may not know."""
    telling = segments.telling(hidden)
    return [each for each in static_lists.of_lead(lead_id) if each.segment.key not in telling]


def in_force(now: datetime) -> rulebook.Rulebook | None:
    """The rules, or None before there are any."""
    try:
        return rulebook.current(now)
    except (rulebook.NoRules, settings.NotSetUp):
        return None


def _to_next(rules: rulebook.Rulebook, card: CardRow) -> prospects.Distance | None:
    """The nearest threshold of a stage that still lies ahead; a lead beyond it is past it."""
    ranks = {step.key: step.rank for step in rules.lifecycle.steps}
    found = prospects.distance(rules.score_model, card.total)
    if found is None or ranks.get(card.stage, 0) >= ranks.get(found.stage, 0):
        return None
    return found


def _consents(addresses: Sequence[str]) -> list[tuple[str, str, str]]:
    """(purpose, channel, state), the most restrictive of all addresses."""
    found = []
    for name, state in consents.states(addresses).items():
        purpose, _dot, channel = name.partition(".")
        found.append((purpose, channel, state))
    return sorted(found)
