"""What the fields of the rule builder offer: subjects, comparisons, values, known events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from leadline.criteria import sentence
from leadline.criteria.operators import OPERATORS
from leadline.criteria.vocabulary import KINDS, TEMPERATURES, Kind, Vocabulary
from leadline.flow import rulebook
from leadline.lib.facts import NEVER
from leadline.lifecycle import playbook as lifecycle
from leadline.privacy import words as permissions
from leadline.segments import lists as segments
from leadline.timeline import names as arrived
from leadline.web import labels
from leadline.web.rule_rows import GROUPS, MISSING, Row, TestRow
from leadline.workspace.models import Team, User

Label = str | Promise
Choices = Sequence[tuple[str, Label]]

COMPARISONS: Mapping[str, Label] = {
    "is": _("is"),
    "is_not": _("is not"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "contains": _("contains"),
    "starts": _("starts with"),
    "ends": _("ends with"),
    "matches": _("matches the pattern"),
    "gte": _("is at least"),
    "gt": _("is more than"),
    "lte": _("is at most"),
    "lt": _("is less than"),
    "between": _("is between"),
    "exists": _("is known"),
    MISSING: _("is not known"),
}
KIND_LABELS: Mapping[Kind, Label] = {
    "text": _("Text"),
    "number": _("Number"),
    "date": _("Date"),
    "boolean": _("Yes or no"),
}
UNITS: Choices = (
    ("m", _("minutes")), ("h", _("hours")), ("d", _("days")), ("w", _("weeks")),
)  # fmt: skip
GROUP_LABELS: Mapping[str, Label] = {
    "all": _("all of these"),
    "any": _("at least one of these"),
    "not": _("none of these"),
}
_EVENTS: Choices = (
    ("did", pgettext_lazy("rule", "Did")),
    ("did_not", pgettext_lazy("rule", "Did not")),
    ("ratio_of", _("Share of events")),
)
_SINCE: Mapping[str, Label] = {
    "created": _("Time since it was created"),
    "stage": _("Time in the stage"),
    "assigned": _("Time since it was assigned"),
    "last_event": _("Time since its last event"),
    "last_touch": _("Time since the last touch"),
    "last_response": _("Time since our last answer"),
}
_SCORES: Mapping[str, Label] = {
    "total": pgettext_lazy("rule", "Score"),
    "fit": _("Points for fit"),
    "engagement": _("Points for engagement"),
}
_STANDING: Mapping[str, Label] = {
    "stage": _("Stage"),
    "temperature": _("Temperature"),
    "owner": _("Owner"),
    "team": _("Team"),
    "source": _("Source"),
    "in_segment": _("Segment or list"),
    "consent": _("Permission"),
}
_FACTS: Mapping[str, Label] = {
    "deal.is_open": _("A deal is open"),
    "deal.is_won": _("A deal is won"),
    "shows_interest": _("Shows interest"),
}
KNOWN_PROPERTIES = ("path", "purpose", "form", "plan")


@dataclass(frozen=True)
class Words:
    """What one use of the language may ask for here: `allowed` of `uses`, over `vocabulary`."""

    allowed: frozenset[str]
    vocabulary: Vocabulary
    choices: Mapping[str, Choices] = field(default_factory=dict)
    segments: Choices = ()
    purposes: Choices = ()
    channels: Choices = ()
    events: Sequence[str] = ()
    properties: Sequence[str] = ()

    @property
    def subjects(self) -> list[tuple[Label, list[tuple[str, Label]]]]:
        """What a condition may be about, by group; groups of which nothing is allowed are out."""
        offered = [(label, list(make(self))) for label, make in _SUBJECTS]
        allowed = [
            (label, [each for each in some if each[0].partition(":")[0] in self.allowed])
            for label, some in offered
        ]
        return [(label, some) for label, some in allowed if some]

    def offers(self, what: str) -> bool:
        """Whether a condition may be about this; a stored one may be about what is gone."""
        return any(value == what for _label, some in self.subjects for value, _said in some)

    @property
    def units(self) -> Choices:
        return UNITS

    @property
    def groups(self) -> Choices:
        return [(word, GROUP_LABELS[word]) for word in GROUPS if word in self.allowed]

    def kind(self, row: Row) -> Kind:
        """The type of what the row compares."""
        if row.head == "score":
            return "number"
        table = {"trait": self.vocabulary.traits, "fact": self.vocabulary.facts}.get(row.head, {})
        return table.get(row.about, "text")

    def comparisons(self, kind: Kind) -> Choices:
        """The operators of a type as words."""
        named = [each for each, operator in OPERATORS.items() if kind in operator.kinds]
        return [(name, COMPARISONS[name]) for name in [*named, MISSING]]

    def values(self, row: Row, test: TestRow) -> Choices:
        """What may be chosen for a value, with what stands there already; () where one writes."""
        offered = self.choices.get(row.what, ())
        known = {value for value, _label in offered}
        strange = [(value, value) for value in test.values if value and value not in known]
        return [*offered, *strange] if offered else ()

    @property
    def kinds(self) -> Choices:
        return [(each, KIND_LABELS[each]) for each in KINDS if each in KIND_LABELS]


def of(allowed: frozenset[str], *, vocabulary: Vocabulary | None = None) -> Words:
    """The words of this workspace for one of the sets in `uses`. At most six queries."""
    stages = lifecycle.export()
    vocabulary = vocabulary or rulebook.vocabulary()
    stage_names = [(each.key, labels.stage(each.key)) for each in stages.stages] if stages else []
    if vocabulary.stages is None and stages:
        vocabulary = replace(vocabulary, stages=frozenset(key for key, _label in stage_names))
    groups = dict(vocabulary.segments or {})
    if "in_segment" in allowed:
        groups = {**segments.names(), **groups}
        vocabulary = replace(vocabulary, segments=groups)
    names = arrived.recent() if "did" in allowed else arrived.NONE
    return Words(
        allowed=allowed,
        vocabulary=vocabulary,
        choices=_traits(vocabulary) | _standing(allowed, stage_names),
        segments=sorted(groups.items(), key=lambda each: str(each[1]).casefold()),
        purposes=[(each, labels.purpose(each)) for each in permissions.PURPOSES],
        channels=[(each, labels.reach(each)) for each in permissions.CHANNELS],
        events=_in_order(sentence.ACTS, names.events),
        properties=_in_order({*KNOWN_PROPERTIES, *names.properties} - NEVER),
    )


def _traits(vocabulary: Vocabulary) -> dict[str, Choices]:
    return {f"trait:{name}": list(options.items()) for name, options in vocabulary.options.items()}


def _standing(allowed: frozenset[str], stages: Choices) -> dict[str, Choices]:
    """One query for owners and one for teams, where these may be asked for."""
    found: dict[str, Choices] = {
        "stage": stages,
        "temperature": [
            (each, labels.of(labels.TEMPERATURES, each)) for each in sorted(TEMPERATURES)
        ],
    }
    if "owner" in allowed:
        people = User.objects.filter(is_active=True).order_by("name", "email")
        found["owner"] = [(each.email, str(each)) for each in people]
    if "team" in allowed:
        teams = Team.objects.order_by("name").values_list("name", flat=True)
        found["team"] = [(each, each) for each in teams]
    return found


def _in_order(*names: Iterable[str]) -> list[str]:
    return sorted({each for some in names for each in some}, key=str.casefold)


def _named(
    prefix: str, table: Mapping[str, Label], known: Callable[[Vocabulary], Iterable[str]]
) -> Callable[[Words], list[tuple[str, Label]]]:
    def made(words: Words) -> list[tuple[str, Label]]:
        names = set(known(words.vocabulary))
        ordered = [*(each for each in table if each in names), *sorted(names - set(table))]
        return [(f"{prefix}:{name}", labels.of(dict(table), name)) for name in ordered]

    return made


def _fields(*, is_company: bool) -> Callable[[Words], list[tuple[str, Label]]]:
    def made(words: Words) -> list[tuple[str, Label]]:
        return [
            (f"trait:{name}", words.vocabulary.labels.get(name) or name.replace("_", " "))
            for name in words.vocabulary.traits
            if name.startswith("company.") == is_company
        ]

    return made


_SUBJECTS: Sequence[tuple[Label, Callable[[Words], Iterable[tuple[str, Label]]]]] = (
    (_("What they did"), lambda words: _EVENTS),
    (_("Who they are"), _fields(is_company=False)),
    (_("Their company"), _fields(is_company=True)),
    (_("When"), _named("since", _SINCE, lambda words: words.since)),
    (_("Where they stand"), lambda words: _STANDING.items()),
    (_("Points"), lambda words: [(f"score:{part}", label) for part, label in _SCORES.items()]),
    (_("Deals"), _named("fact", _FACTS, lambda words: words.facts)),
)
