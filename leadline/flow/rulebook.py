"""All rules in force at an instant, read once and kept until they change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from leadline.criteria.mentions import Mentions, union
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock
from leadline.lifecycle import rules as lifecycle_rules
from leadline.lifecycle.models import LifecycleVersion
from leadline.routing import calendars, policies, rules
from leadline.routing.hours import Hours
from leadline.scoring import rules as score_rules
from leadline.scoring import vocabulary as vocabularies
from leadline.scoring.models import ScoreModelVersion
from leadline.segments import lists, memberships
from leadline.segments import rules as segment_rules
from leadline.workspace import fields, settings
from leadline.workspace.field_values import Shape
from leadline.workspace.models import User

# A workspace of up to so many people gives every reachable inbound lead an owner.
SMALL_WORKSPACE = 10


class NoRules(Exception):
    """No score model or lifecycle is in force: apply a playbook."""

    permanent = True


@dataclass(frozen=True, slots=True)
class Rulebook:
    """What a pass goes by. `declared` maps each declared trait to what its values must be."""

    stamp: tuple[int, int, int]
    score_version_id: int
    score_model: score_rules.Model
    lifecycle: lifecycle_rules.Lifecycle
    routing: rules.Rules
    policies: policies.Policies
    segments: segment_rules.Rules
    hours: Hours | None
    declared: Mapping[str, Shape]
    # Fields that not everybody may see, archived ones too.
    sensitive: frozenset[str]
    reads: Mentions
    # The facts that are asked for before a pass decides the stage.
    reads_before_stage: frozenset[str]
    day_offset_minutes: int
    time_zone: str
    base_url: str
    # Where a phone number without a country code is meant to be, or "".
    country: str
    # What people are addressed in whose own language nobody knows.
    language: str
    is_small: bool


_kept: dict[str, Rulebook] = {}


def current(now: datetime) -> Rulebook:
    """The rules in force at `now`: one query, a dozen when they have changed.

    Raises settings.NotSetUp before set-up and NoRules before a playbook was applied.
    """
    stamp, base_url = _stamp(clock.micros(now))
    kept = _kept.get("rulebook")
    if kept is None or kept.stamp != stamp or kept.base_url != base_url:
        kept = _kept["rulebook"] = _read(stamp)
    return kept


def forget() -> None:
    """Read the rules anew next time (for tests that change databases)."""
    _kept.clear()


def vocabulary() -> Vocabulary:
    """What criteria may name in this workspace. Two queries."""
    return replace(vocabularies.of(fields.declared()), segments=lists.names())


# As text, because every pass asks it and building the same by the ORM takes 2 ms.
_STAMP = """
    SELECT w.rules_version, w.base_url,
      (SELECT v.id FROM scoring_scoremodelversion v JOIN scoring_scoremodel m ON m.id = v.model_id
       WHERE m.is_default AND v.effective_at <= %s AND v.state <> %s
         AND (v.retired_at IS NULL OR v.retired_at > %s)
       ORDER BY v.effective_at DESC, v.number DESC LIMIT 1),
      (SELECT id FROM lifecycle_lifecycleversion
       WHERE effective_at <= %s ORDER BY number DESC LIMIT 1)
    FROM workspace_workspace w WHERE w.id = 1"""


def _stamp(at_us: int) -> tuple[tuple[int, int, int], str]:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP, [at_us, ScoreModelVersion.State.DRAFT, at_us, at_us])
        found = cursor.fetchone()
    if found is None:
        raise settings.NotSetUp
    rules_version, base_url, score, lifecycle = found
    if score is None or lifecycle is None:
        raise NoRules("No score model or lifecycle is in force: run `leadline playbook apply`.")
    return (rules_version, score, lifecycle), base_url


def _read(stamp: tuple[int, int, int]) -> Rulebook:
    workspace = settings.current()
    declared = fields.declared()
    words = vocabularies.of(declared)
    named = replace(words, segments=lists.names())
    version = ScoreModelVersion.objects.get(id=stamp[1])
    offset = version.day_offset_minutes
    model = score_rules.parse_model(version.document, vocabulary=words, day_offset_minutes=offset)
    lifecycle = lifecycle_rules.read(
        LifecycleVersion.objects.get(id=stamp[2]).document,
        vocabulary=words,
        day_offset_minutes=offset,
    )
    routing = rules.load(vocabulary=words, day_offset_minutes=offset)
    promises = policies.load(vocabulary=words, day_offset_minutes=offset)
    segments = segment_rules.compile_all(
        memberships.written(), vocabulary=named, day_offset_minutes=offset
    )
    conditions = [
        *(each.condition.reads for each in routing),
        *(each.condition.reads for each in promises),
    ]
    return Rulebook(
        stamp=stamp,
        score_version_id=version.id,
        score_model=model,
        lifecycle=lifecycle,
        routing=routing,
        policies=promises,
        segments=segments,
        hours=calendars.default(),
        declared=fields.shapes(declared, currency=workspace.currency),
        sensitive=fields.sensitive(),
        reads=union([score_rules.reads(model), lifecycle.mentions, segments.reads, *conditions]),
        reads_before_stage=score_rules.reads(model).facts | lifecycle.mentions.facts,
        day_offset_minutes=offset,
        time_zone=workspace.time_zone,
        base_url=workspace.base_url,
        country=workspace.country,
        language=workspace.language,
        is_small=User.objects.filter(is_active=True).count() <= SMALL_WORKSPACE,
    )
