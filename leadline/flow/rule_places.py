"""Every place that keeps rules: scores, stages, routing, response times, segments, views.

Documents are given as they are stored, whatever they mean otherwise, so that nothing is overlooked
because it cannot be read just now.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from leadline.cards import views
from leadline.cards.models import SavedView
from leadline.lifecycle.models import LifecycleVersion
from leadline.routing.models import RoutingRule, SlaPolicy
from leadline.scoring.models import ScoreModelVersion
from leadline.segments import lists, memberships
from leadline.workspace.models import User

Where = Literal["scoring", "lifecycle", "routing", "policy", "segment", "form", "view", "bulk"]


@dataclass(frozen=True, order=True)
class Use:
    """One place that names something, and what people call that place."""

    where: Where
    name: str


@dataclass(frozen=True)
class Place:
    """A rule, or several, and where they stand; `view` is the saved view that holds them."""

    use: Use
    document: object
    view: SavedView | None = None


def everywhere() -> Iterator[Place]:
    """The places of all rules that count or may count again. Seven queries."""
    published = ScoreModelVersion.objects.exclude(state=ScoreModelVersion.State.RETIRED)
    for title, document in published.values_list("model__name", "document"):
        for rule in [*document.get("fit", []), *document.get("engagement", [])]:
            yield Place(Use("scoring", f"{title}: {rule.get('name', '')}"), rule)
    newest = LifecycleVersion.objects.order_by("-number").values_list("document", flat=True).first()
    yield from _of_lifecycle(newest or {})
    for title, criterion in RoutingRule.objects.values_list("name", "criterion"):
        yield Place(Use("routing", title), criterion)
    for title, criterion in SlaPolicy.objects.values_list("name", "criterion"):
        yield Place(Use("policy", title), criterion)
    called = lists.names()
    for each in memberships.written():
        yield Place(Use("segment", called.get(each.key, each.key)), each.document)
    for view in SavedView.objects.filter(removed_at=None).select_related("user"):
        yield Place(Use("view", view.name), view.filter, view)


def uses(places: Iterable[Place], *, reader: User | None) -> set[Use]:
    """What these places are called for their reader; a view that they have not is not named."""
    return {_use(place, reader) for place in places}


def _use(place: Place, reader: User | None) -> Use:
    view = place.view
    if view is None or views.has(reader, view):
        return place.use
    return Use("view", _("one of %(who)s, not shared with you") % {"who": view.user})


def _of_lifecycle(document: Mapping[str, object]) -> Iterator[Place]:
    for part in document.values():
        for each in part if isinstance(part, list) else []:
            if isinstance(each, Mapping):
                said = each.get("label") or each.get("because") or each.get("key") or ""
                yield Place(Use("lifecycle", str(said)), each)
