"""The part of a playbook with everybody's saved views: `views.yaml`."""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from leadline.cards.models import SavedView
from leadline.criteria import parse, uses
from leadline.criteria.vocabulary import Vocabulary


class View(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tab above the list: a filter and a sort (`-` before it: highest first)."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    sort: Annotated[
        str, msgspec.Meta(pattern="^-?(score|created|stage_since|name|response_due)$")
    ] = "-score"
    filter: dict[str, Any] = {}  # Any: a document, checked by criteria.parse


class Views(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everybody's views from left to right."""

    views: tuple[View, ...]


def read(document: object, *, vocabulary: Vocabulary) -> Views:
    """The views in `document`. Raises msgspec.ValidationError or CriterionError with the path."""
    found = msgspec.convert(document, Views)
    names = [view.name for view in found.views]
    for index, view in enumerate(found.views):
        if view.name in names[:index]:
            raise msgspec.ValidationError(f"{view.name!r} stands twice - at `$.views[{index}]`")
        if view.filter:
            path = f"/views/{index}/filter"
            parse.parse(view.filter, vocabulary=vocabulary, allowed=uses.LIST, path=path)
    return found


def apply(document: Views, *, now: datetime) -> None:
    """Replace everybody's views; people's own stay. Safe to run twice."""
    if document == export():
        return
    SavedView.objects.filter(user=None).delete()
    SavedView.objects.bulk_create(
        SavedView(name=view.name, filter=view.filter, sort=view.sort, position=position)
        for position, view in enumerate(document.views)
    )


def export() -> Views:
    """Everybody's views from left to right."""
    rows = SavedView.objects.filter(user=None).order_by("position", "id")
    return Views(tuple(View(row.name, row.sort, row.filter) for row in rows))
