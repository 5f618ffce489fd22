"""Segments: listed, made, changed, ended; who is in one; the feed of who entered and left."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from leadline.api import callers, reading, segment_shapes, writing
from leadline.api.callers import Caller
from leadline.api.problems import Refusal, invalid
from leadline.api.segment_shapes import SegmentIn
from leadline.api.shapes import Person
from leadline.cards import list_sizes, segment_moves, visibility
from leadline.cards.models import Card
from leadline.criteria.errors import CriterionError
from leadline.flow import segments as flow
from leadline.flow import static_lists
from leadline.lib import clock
from leadline.segments import changes, discretion, dynamic, lists
from leadline.segments.lists import NotAList
from leadline.segments.models import Membership, Segment, SegmentVersion

router = Router(tags=["Segments"])


@router.get(
    "/segments",
    response={200: segment_shapes.Segments, **reading.PROBLEMS},
    summary="List segments and static lists",
)
def list_segments(request: HttpRequest) -> segment_shapes.Segments:
    """All that you may know of; counted are the leads that you may see."""
    caller = _reader(request)
    return segment_shapes.Segments(items=_documents(_known(caller), caller))


@router.get(
    "/segments/changes",
    response={200: segment_shapes.Changes, **reading.PROBLEMS},
    summary="Who entered and left segments",
)
def list_changes(
    request: HttpRequest,
    limit: Annotated[int, Query(ge=1, le=changes.MOST)] = 100,
    after: reading.After = None,
) -> segment_shapes.Changes:
    """In the order in which it was committed; whoever reads on from `next` misses nothing.

    Of leads that you may see. Forgotten with the segment, and with the lead when it is erased.
    """
    caller = _reader(request, "limit", "after")
    try:
        place = changes.place(after)
    except changes.NotAPlace as error:
        raise invalid("?after", str(error)) from None
    wanted = [each.pk for each in _known(caller)]
    found, place = changes.after(place, segment_ids=wanted, limit=limit)
    seen = segment_moves.seen_among({each.lead_id for each in found}, caller.user)
    items = [
        segment_shapes.Change(
            id=each.pk,
            segment=each.segment.key,
            lead=each.lead_id,
            entered=each.entered,
            at=each.at,
            because=each.because,
            events=each.event_ids,
        )
        for each in found
        if each.lead_id in seen
    ]
    return segment_shapes.Changes(items=items, next=place.cursor)


@router.get(
    "/segments/{int:segment_id}",
    response={200: segment_shapes.Segment, **reading.PROBLEMS},
    summary="One segment",
)
def get_segment(request: HttpRequest, segment_id: int) -> segment_shapes.Segment:
    """With its rule, and how far it is filled."""
    caller = _reader(request)
    return _documents([_find(caller, segment_id)], caller)[0]


@router.get(
    "/segments/{int:segment_id}/members",
    response={200: segment_shapes.Members, **reading.PROBLEMS},
    summary="Who is in a segment",
)
def list_members(
    request: HttpRequest,
    segment_id: int,
    limit: reading.Limit = 50,
    after: Annotated[UUID | None, Query(description="`next` of the page before")] = None,
) -> segment_shapes.Members:
    """The leads that you may see, by id."""
    caller = _reader(request, "limit", "after")
    segment = _find(caller, segment_id)
    found = _members(segment, caller).order_by("lead")
    if after is not None:
        found = found.filter(lead__gt=after)
    page = list(found.values_list("lead", "at")[: limit + 1])
    items = [segment_shapes.Member(lead=lead, since=at) for lead, at in page[:limit]]
    return segment_shapes.Members(
        items=items, next=str(items[-1].lead) if len(page) > limit else None
    )


@router.post(
    "/segments",
    response={201: segment_shapes.Segment, **writing.PROBLEMS},
    summary="Make a segment with a rule",
)
def make_segment(request: HttpRequest, body: SegmentIn) -> Status[segment_shapes.Segment]:
    """Every lead is looked at in the background; what arrives meanwhile is decided already."""
    caller = _writer(request)
    made = _saved(request, caller, None, body)
    return Status(201, _documents([made], caller)[0])


@router.put(
    "/segments/{int:segment_id}",
    response={200: segment_shapes.Segment, **writing.PROBLEMS},
    summary="Give a segment another name or rule",
)
def change_segment(
    request: HttpRequest, segment_id: int, body: SegmentIn
) -> segment_shapes.Segment:
    """The same again changes nothing. Another rule is another version, to be filled."""
    caller = _writer(request)
    segment = _find(caller, segment_id)
    if segment.kind != Segment.Kind.DYNAMIC:
        raise Refusal(409, "This is a list that people fill; it has no rule.")
    return _documents([_saved(request, caller, segment, body)], caller)[0]


@router.delete(
    "/segments/{int:segment_id}",
    response={204: None, **writing.PROBLEMS},
    summary="End a segment or a static list",
)
def end_segment(request: HttpRequest, segment_id: int) -> Status[None]:
    """Its leads stay as they are. 409 while something names it, with the places."""
    caller = callers.of(request, scope="leads:write", action="edit_leads")
    segment, by = _find(caller, segment_id), callers.doer(caller, request)
    try:
        static_lists.delete(segment.pk, reader=caller.user, by=by, now=clock.now())
    except static_lists.NotAllowed:
        raise Refusal(403, "Only who may change it and sees all its leads can end it.") from None
    except static_lists.StillUsed as used:
        places = [("", f"{each.where}: {each.name}") for each in used.uses]
        detail = "Something still names it; change that first."
        raise Refusal(409, detail, errors=places) from None
    return Status(204, None)


def _reader(request: HttpRequest, *known: str) -> Caller:
    return callers.of(request, scope="leads:read", action="see_leads", known=known)


def _writer(request: HttpRequest) -> Caller:
    return callers.of(request, scope="leads:write", action="edit_segments")


def _known(caller: Caller) -> list[Segment]:
    telling = discretion.telling(callers.hidden_from(caller))
    return [each for each in lists.everything() if each.key not in telling]


def _find(caller: Caller, segment_id: int) -> Segment:
    found = next((each for each in _known(caller) if each.pk == segment_id), None)
    if found is None:
        raise Refusal(404, "There is no such segment.")
    return found


def _saved(
    request: HttpRequest, caller: Caller, segment: Segment | None, body: SegmentIn
) -> Segment:
    hidden, by, now = callers.hidden_from(caller), callers.doer(caller, request), clock.now()
    try:
        if segment is None:
            return flow.create(body.name, body.rule, by=by, now=now, hidden=hidden)
        flow.change(segment.pk, body.name, body.rule, by=by, now=now, hidden=hidden)
    except NotAList as error:
        raise invalid("/name", error.reason) from None
    except CriterionError as error:
        detail = f"found {error.found}; allowed: {error.allowed}"
        raise invalid(f"/rule{error.path}", detail) from None
    return _find(caller, segment.pk)


def _members(segment: Segment, caller: Caller) -> QuerySet[Membership]:
    seen = Card.objects.filter(visibility.leads_visible_to(caller.user))
    return Membership.objects.filter(segment=segment, lead__in=seen.values("pk"))


def _documents(found: Sequence[Segment], caller: Caller) -> list[segment_shapes.Segment]:
    sizes, versions = list_sizes.seen_by(caller.user), dynamic.newest()
    return [_document(each, sizes, versions.get(each.pk)) for each in found]


def _document(
    segment: Segment, sizes: Mapping[int, int], version: SegmentVersion | None
) -> segment_shapes.Segment:
    by = segment.by
    return segment_shapes.Segment(
        id=segment.pk,
        key=segment.key,
        name=segment.name,
        kind=cast(Literal["static", "dynamic"], segment.kind),
        rule=None if version is None else version.document,
        version=None if version is None else version.number,
        filled=_filled(version),
        leads=sizes.get(segment.pk, 0),
        created_by=None if by is None else Person(id=by.pk, email=by.email, name=str(by)),
        created_at=segment.created_at,
        changed_at=segment.changed_at,
    )


def _filled(version: SegmentVersion | None) -> float | None:
    if version is None or version.filled_at is not None:
        return None
    return round(min(version.done_count / max(version.lead_count, 1), 0.99), 2)
