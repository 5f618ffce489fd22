"""From draft to published to retired. Nothing that was published ever changes again.

A version counts from its `effective_at` until its `retired_at`; between the two there is always
exactly one of a model. Rolling back publishes the old document anew, so that what was in force at
any instant of the past stays told as it was.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from leadline.criteria.vocabulary import Vocabulary
from leadline.lib import clock
from leadline.scoring import drafts, rules
from leadline.scoring.drafts import State
from leadline.scoring.models import ScoreModel, ScoreModelVersion

FURTHEST = timedelta(days=366)


class NotPublishable(Exception):
    """It cannot be done as things stand; the text says why."""

    permanent = True


class AnotherInForce(Exception):
    """The version in force is another than the one that was seen. `version` is that one."""

    permanent = True

    def __init__(self, version: ScoreModelVersion | None) -> None:
        number = "none" if version is None else str(version.number)
        super().__init__(f"Another version came into force meanwhile: {number}.")
        self.version = version


def in_force(model: ScoreModel, *, at: datetime) -> ScoreModelVersion | None:
    """The version of the model that counts, or counted, at an instant. One query."""
    return _in_force(model.versions.all(), at=at)


def before(version: ScoreModelVersion) -> ScoreModelVersion | None:
    """The version that this one follows: a draft the one in force or the one it was made from, the
    others the one that they replaced. One query."""
    others = version.model.versions.exclude(pk=version.pk).exclude(state__in=drafts.OPEN)
    if version.state in drafts.OPEN:
        current = others.filter(state=State.PUBLISHED).first()
        return current or version.made_from
    return others.filter(effective_at__lt=version.effective_at).order_by("-effective_at").first()


def versions(model: ScoreModel) -> list[ScoreModelVersion]:
    """Every version of the model, the newest first, with who made it. One query."""
    found = model.versions.select_related("model", "made_from", "by")
    return list(found.order_by("-number"))


def publish(
    version_id: int,
    *,
    seen: int,
    over: int | None,
    vocabulary: Vocabulary,
    by: UUID | None,
    now: datetime,
) -> ScoreModelVersion:
    """Put the draft in force now; the version before is retired.

    `seen` is the revision of the draft and `over` the id of the version in force that the
    publisher has looked at. Raises NoDraft, DraftChanged, AnotherInForce, and CriterionError when
    the rules name what is there no more.
    """
    with transaction.atomic():
        draft = _held(version_id, seen=seen, over=over, vocabulary=vocabulary, now=now)
        draft.by_id = by
        put_in_force(draft, at=now)
    return draft


def schedule(
    version_id: int,
    *,
    seen: int,
    over: int | None,
    at: datetime,
    vocabulary: Vocabulary,
    by: UUID | None,
    now: datetime,
) -> ScoreModelVersion:
    """Let the draft come into force at an instant ahead, at most a year.

    Raises as `publish` does, and NotPublishable for an instant that is not ahead.
    """
    if not now < at <= now + FURTHEST:
        raise NotPublishable("Choose an instant within the year ahead.")
    with transaction.atomic():
        draft = _held(version_id, seen=seen, over=over, vocabulary=vocabulary, now=now)
        draft.state, draft.effective_at, draft.by_id = State.SCHEDULED, at, by
        draft.number = _number(draft)
        draft.save(update_fields=["state", "effective_at", "by", "number"])
    return draft


def cancel(version_id: int, *, by: UUID | None, now: datetime) -> ScoreModelVersion:
    """A scheduled version is a draft again. Raises NotPublishable when its instant has come."""
    with transaction.atomic():
        rows = ScoreModelVersion.objects.filter(pk=version_id, state=State.SCHEDULED)
        if not rows.filter(effective_at__gt=now).update(
            state=State.DRAFT, effective_at=None, by=by
        ):  # fmt: skip
            raise NotPublishable("It is not scheduled any more: it came into force.")
    return drafts.get(version_id)


def roll_back(
    to_id: int,
    *,
    over: int | None,
    vocabulary: Vocabulary,
    by: UUID | None,
    now: datetime,
) -> ScoreModelVersion:
    """Publish the document of a version before anew, as a version of its own.

    The days of the new version are cut where those of the old one were, so every score returns
    exactly. Raises NotPublishable for a draft or the version in force, AnotherInForce, and
    CriterionError when the rules name what is there no more.
    """
    with transaction.atomic():
        old = ScoreModelVersion.objects.select_related("model").filter(pk=to_id).first()
        if old is None or old.state in drafts.OPEN:
            raise NotPublishable("There is no such version to go back to.")
        _check(old, over=over, vocabulary=vocabulary, now=now)
        current = in_force(old.model, at=now)
        if current is not None and current.pk == old.pk:
            raise NotPublishable("This version is in force.")
        again = ScoreModelVersion(
            model=old.model, document=old.document, day_offset_minutes=old.day_offset_minutes,
            made_from=old, created_at=now, saved_at=now, by_id=by,
        )  # fmt: skip
        put_in_force(again, at=now)
    return again


def retire(version_id: int, *, now: datetime) -> ScoreModelVersion:
    """Take an alternative model out of use. Raises NotPublishable for the one that counts."""
    with transaction.atomic():
        version = (
            ScoreModelVersion.objects.select_for_update(of=("self",)).select_related("model")
            .filter(pk=version_id, state=State.PUBLISHED).first()
        )  # fmt: skip
        if version is None:
            raise NotPublishable("Only a published version can be retired.")
        if version.model.is_default:
            raise NotPublishable("Scores are made by this model: publish another version instead.")
        _retire(version, at=now)
    return version


def come_into_force(*, now: datetime) -> list[ScoreModelVersion]:
    """Note which scheduled versions count by now; what they replace is retired from that instant.

    A second run finds none. They count from their instant whether or not this has run.
    """
    with transaction.atomic():
        due = ScoreModelVersion.objects.filter(state=State.SCHEDULED, effective_at__lte=now)
        found = list(due.select_for_update(of=("self",)).select_related("model").order_by("pk"))
        for version in found:
            put_in_force(version, at=version.effective_at)
    return found


def _held(
    version_id: int, *, seen: int, over: int | None, vocabulary: Vocabulary, now: datetime
) -> ScoreModelVersion:
    draft = drafts.hold(version_id, seen=seen)
    _check(draft, over=over, vocabulary=vocabulary, now=now)
    return draft


def _check(
    version: ScoreModelVersion, *, over: int | None, vocabulary: Vocabulary, now: datetime
) -> None:
    """Holds the model, so that two never publish at once."""
    ScoreModel.objects.select_for_update().get(pk=version.model_id)
    come_into_force(now=now)
    current = in_force(version.model, at=now)
    if over != (None if current is None else current.pk):
        raise AnotherInForce(current)
    rules.parse_model(version.document, vocabulary=vocabulary)


def put_in_force(version: ScoreModelVersion, *, at: datetime) -> None:
    """Let the version, which may be new, count from `at` on in place of the one before.

    Joins the caller's transaction. What was scheduled for an instant before `at` must have come
    into force.
    """
    others = version.model.versions.filter(state=State.PUBLISHED).exclude(pk=version.pk)
    for other in others:
        _retire(other, at=at)
    version.state, version.effective_at = State.PUBLISHED, at
    version.number = _number(version)
    version.save()


def _retire(version: ScoreModelVersion, *, at: datetime) -> None:
    version.state, version.retired_at = State.RETIRED, at
    version.save(update_fields=["state", "retired_at"])


def _number(version: ScoreModelVersion) -> int:
    """Its number, or the next one when others were published since it was begun."""
    others = version.model.versions.exclude(pk=version.pk)
    newest: int = others.aggregate(newest=Max("number"))["newest"] or 0
    return max(version.number or 0, newest + 1)


def _in_force(rows: QuerySet[ScoreModelVersion], *, at: datetime) -> ScoreModelVersion | None:
    at_us = clock.micros(at)
    counted = rows.exclude(state=State.DRAFT).filter(
        Q(retired_at=None) | Q(retired_at__gt=at_us), effective_at__lte=at_us
    )
    found = counted.select_related("model", "by").order_by("-effective_at", "-number")
    return found.first()
