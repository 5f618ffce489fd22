"""The part of a playbook with stages, temperature and hand-raisers: `lifecycle.yaml`."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from leadline.criteria import parse, uses
from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock
from leadline.lifecycle.models import LifecycleVersion

Key = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,23}$")]
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Criterion = dict[str, Any]  # Any: a document, checked by criteria.parse


class HandRaiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who asks for us is hot and goes to sales at once, whatever the score.

    A `reply` is said to whoever has the lead, each time; other requests only while nobody is on the
    way already.
    """

    because: Sentence
    when: Criterion
    reply: bool = False


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A temperature with its reason; the first that holds counts."""

    value: Literal["hot", "warm", "cold"]
    because: Sentence
    when: Criterion


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A stage; `enter: none` means that only a person, or the beginning, puts a lead there.

    `leave` of such a stage is what wakes a lead that a person put there: it counts only what
    occurred since then. `nurture` marks the stage to which a lead is returned that has cooled off.
    """

    key: Key
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    enter: Criterion | Literal["none"]
    leave: Criterion | None = None
    path: bool = False
    sales: bool = False
    terminal: bool = False
    nurture: bool = False


class Lifecycle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of `lifecycle.yaml`; stages stand in the order in which leads move through them."""

    hand_raisers: tuple[HandRaiser, ...]
    temperature: tuple[Band, ...]
    stages: Annotated[tuple[Stage, ...], msgspec.Meta(min_length=2, max_length=30)]


def read(document: object, *, vocabulary: Vocabulary) -> Lifecycle:
    """The lifecycle in `document`.

    Raises msgspec.ValidationError or CriterionError with the path.
    """
    found = msgspec.convert(document, Lifecycle)
    keys = [stage.key for stage in found.stages]
    for index, key in enumerate(keys):
        if key in keys[:index]:
            raise msgspec.ValidationError(f"{key!r} stands twice - at `$.stages[{index}].key`")
    if len([stage for stage in found.stages if stage.nurture]) > 1:
        raise msgspec.ValidationError("only one stage can be `nurture` - at `$.stages`")
    for path, criterion, allowed in _criteria(found):
        parse.parse(criterion, vocabulary=vocabulary, allowed=allowed, path=path)
    return found


def _criteria(found: Lifecycle) -> list[tuple[str, Criterion, frozenset[str]]]:
    listed = [
        (f"/hand_raisers/{index}/when", raiser.when, uses.TEMPERATURE)
        for index, raiser in enumerate(found.hand_raisers)
    ]
    listed += [
        (f"/temperature/{index}/when", band.when, uses.TEMPERATURE)
        for index, band in enumerate(found.temperature)
    ]
    for index, stage in enumerate(found.stages):
        if not isinstance(stage.enter, str):
            listed.append((f"/stages/{index}/enter", stage.enter, uses.STAGE))
        if stage.leave is not None:
            listed.append((f"/stages/{index}/leave", stage.leave, uses.STAGE))
    return listed


def apply(document: Lifecycle, *, now: datetime) -> None:
    """Publish a new version when the document reads differently. Safe to run twice.

    The first version is in force from 1970 on, like the first version of a score model.
    """
    newest = LifecycleVersion.objects.order_by("-number").first()
    body = msgspec.to_builtins(document)
    if newest is not None and newest.document == body:
        return
    LifecycleVersion.objects.create(
        number=1 if newest is None else newest.number + 1,
        document=body,
        effective_at=clock.EPOCH if newest is None else now,
        created_at=now,
    )


def export() -> Lifecycle | None:
    """The newest version, or None in a workspace without a playbook."""
    newest = LifecycleVersion.objects.order_by("-number").first()
    return None if newest is None else msgspec.convert(newest.document, Lifecycle)
