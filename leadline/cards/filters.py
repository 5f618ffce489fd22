"""Filters of lists: what may be named, from document to rule to condition on `Card`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from leadline.criteria import documents, lists, parse, uses
from leadline.criteria.lists import Asked, Column, Columns, NotForLists, Rows, Shared
from leadline.criteria.mentions import Mentions, mentions
from leadline.criteria.nodes import AllOf, AnyOf, Fact, InSegment, Node, Not, Test
from leadline.criteria.vocabulary import Vocabulary
from leadline.leads.models import Binding, CompanyTrait, CurrentTrait, Lead
from leadline.lib.refusal import Phrase
from leadline.lifecycle import playbook as lifecycle
from leadline.privacy.claims import REFUSALS
from leadline.privacy.models import Consent
from leadline.scoring.models import Score
from leadline.segments import discretion
from leadline.segments import lists as static_lists
from leadline.segments.rules import MEMBERS
from leadline.workspace import fields
from leadline.workspace.models import Field, Team, User, Workspace

ME = "me"
"""As an owner: whoever is looking."""


FEW = 5_000
"""Of leads by a trait: looking these up and sorting them beats going along any order."""
MANY = 200_000
"""So many are still looked up and sorted within a list's time box, when its order leads nowhere."""
OF_LEADS = 50_000
"""Of what leads say of their company so many: each asks whether the company itself says it, 8 µs on
SQLite (200,000 of them took 2 s)."""


def vocabulary(declared: Sequence[Field] | None = None) -> Vocabulary:
    """The names that filters may use in this workspace: one query, and one for the fields unless
    they are given."""
    stages = lifecycle.export()
    declared = fields.declared() if declared is None else declared
    return Vocabulary(
        traits=fields.kinds(declared),
        labels={each.name: each.label for each in declared},
        options=fields.option_labels(declared),
        stages=frozenset(stage.key for stage in stages.stages) if stages else None,
    )


def read(
    document: Mapping[str, object],
    *,
    declared: Sequence[Field] | None = None,
    path: str = "",
) -> Node | None:
    """The rule in a document; `{}` filters nothing. Raises CriterionError with the path.

    `declared` are the fields of the workspace, where the caller has read them already.
    """
    if not document:
        return None
    words = vocabulary(declared)
    # Is the word a key anywhere? Then the names of the lists are worth a query.
    if any("in_segment" in each for each in documents.objects(document)):
        words = replace(words, segments=static_lists.names())
    return parse.parse(document, vocabulary=words, allowed=uses.LIST, path=path)


def condition(rule: Node, *, user: User, at_us: int, few: int = FEW) -> Q:
    """The cards for which the rule holds at the instant, asked by `user`.

    Leads with a trait that fewer than `few` have are looked up first. Raises NotForLists, also for
    a rule about a field that the user may not see: to find by a value is to know it.
    """
    asked = mentions(rule)
    if asked.traits or MEMBERS in asked.facts:
        _refuse_hidden(rule, asked, fields.hidden_from(user))
    offset = Workspace.objects.values_list("day_offset_minutes", flat=True).first() or 0
    return lists.condition(
        _with_me(rule, user.email), columns=columns(few), asked=Asked(at_us, offset)
    )


def _refuse_hidden(rule: Node, asked: Mentions, hidden: frozenset[str]) -> None:
    named = _segments(rule) if MEMBERS in asked.facts and hidden else set()
    if asked.traits & hidden or (named and named & discretion.telling(hidden)):
        raise NotForLists(Phrase("This list filters by a field that you may not see."))


def _segments(rule: Node) -> set[str]:
    if isinstance(rule, AllOf | AnyOf):
        return {each for child in rule.children for each in _segments(child)}
    if isinstance(rule, Not):
        return _segments(rule.child)
    return {rule.name} if isinstance(rule, InSegment) else set()


def names_few(found: Q) -> bool:
    """Whether a condition holds for no other leads than those of a trait that is looked up."""
    if found.negated or found.connector != Q.AND:
        return False
    return any(
        names_few(each) if isinstance(each, Q) else _is_looked_up(each) for each in found.children
    )


def _is_looked_up(lookup: object) -> bool:
    match lookup:
        case ("pk__in", QuerySet() as rows):
            return rows.model is CurrentTrait
    return False


def columns(few: int = FEW) -> Columns:
    """Where a card and its neighbours hold what rules name.

    `owner` is the e-mail address, `team` the name, `source` the source of the first touch.
    """
    return Columns(
        facts={
            "stage": Column("stage", is_always_known=True),
            "temperature": Column("temperature", is_always_known=True),
            "source": Column("source"),
            "owner": Column("email", rows=User.objects.all(), key="owner"),
            "team": Column("name", rows=Team.objects.all(), key="team"),
        },
        score={
            "total": Column("total", is_always_known=True),
            "fit": Column("fit", rows=Score.objects.all()),
            "engagement": Column("engagement", rows=Score.objects.all()),
        },
        since={
            "created": Column("created_at", is_always_known=True),
            "stage": Column("stage_since", is_always_known=True),
        },
        traits=CurrentTrait.objects.all(),
        shared=partial(_shared, few=min(few, OF_LEADS)),
        are_few=partial(_are_few, few=few),
        consent=_consent,
        segment=lambda key: Q(pk__in=static_lists.members(key).values("lead")),
    )


def _are_few(rows: Rows, *, few: int) -> bool:
    return rows.values("lead")[:few].count() < few


def _shared(name: str, *, few: int) -> Shared | None:
    """What a trusted source says of companies counts before what their leads claim."""
    if not name.startswith(fields.COMPANY):
        return None
    leads = Lead.objects.annotate(lead=F("pk"))
    return Shared(CompanyTrait.objects.all(), "company", leads, are_few=partial(_are_few, few=few))


def _consent(purpose: str, channel: str) -> Q:
    """What `privacy.consents.facts` says: the last word for each address of the lead is yes.

    An agreement after which nobody refused, by order and by date (`privacy.claims.after`).
    """
    said = Consent.objects.filter(identifier_kind="email", purpose=purpose, channel=channel)
    later = Q(pk__gt=OuterRef("pk")) | Q(at__gt=OuterRef("at"))
    refusals = said.filter(later, identifier=OuterRef("identifier"), state__in=REFUSALS)
    mine = said.filter(identifier=OuterRef("value"))
    holds = Exists(mine.filter(~Exists(refusals), state=Consent.State.GRANTED))
    addresses = Binding.objects.filter(lead=OuterRef("pk"), closed_at=None, kind="email")
    granted, others = addresses.filter(holds), addresses.filter(Exists(mine), ~holds)
    return Q(Exists(granted)) & ~Q(Exists(others))


def _with_me(rule: Node, email: str) -> Node:
    if isinstance(rule, AllOf | AnyOf):
        return replace(rule, children=tuple(_with_me(child, email) for child in rule.children))
    if isinstance(rule, Not):
        return Not(_with_me(rule.child, email))
    if isinstance(rule, Fact) and rule.head == "owner":
        return replace(rule, tests=tuple(_test_with_me(test, email) for test in rule.tests))
    return rule


def _test_with_me(test: Test, email: str) -> Test:
    if isinstance(test.operand, tuple):
        return replace(test, operand=tuple(email if v == ME else v for v in test.operand))
    return replace(test, operand=email) if test.operand == ME else test
