"""Leads → Lists → a segment: what its rule says, who is in it, who came and went, another rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

import msgspec
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from leadline.cards import list_sizes, queries, segment_moves
from leadline.cards.queries import CardRow
from leadline.cards.segment_moves import Moves
from leadline.criteria import sentence, uses
from leadline.criteria.errors import CriterionError
from leadline.flow import segment_preview, segments
from leadline.flow import static_lists as flow
from leadline.flow.segment_preview import Preview
from leadline.lib import clock
from leadline.segments import discretion, dynamic, lists, rules
from leadline.segments.lists import NotAList
from leadline.segments.models import MembershipChange, Segment, SegmentVersion
from leadline.web import access, pages, rule_builder, rule_words
from leadline.web.rule_builder import Builder
from leadline.web.rule_words import Words
from leadline.workspace import fields, permissions
from leadline.workspace.models import User

LONGEST_FILTER = 4_000
_WAYS: Mapping[str, bool] = {"entered": True, "left": False}


@dataclass(frozen=True)
class Shown:
    """A segment as the list and its page show it. `said` is its rule, "" for one that cannot be
    read; `percent` how far it is filled, None once it is."""

    segment: Segment
    said: str
    count: int
    moves: Moves
    percent: int | None


def all_for(user: User, *, now: datetime) -> list[Shown]:
    """Every segment with a rule, by name, without those that would tell what the reader may not
    know. Six queries or so, whatever their number."""
    telling = discretion.telling(fields.hidden_from(user))
    found = [
        each
        for each in lists.everything()
        if each.kind == Segment.Kind.DYNAMIC and each.key not in telling
    ]
    if not found:
        return []
    versions, words = dynamic.newest(), rule_words.of(uses.SEGMENT)
    sizes, moves = list_sizes.seen_by(user), segment_moves.lately(user, now=now)
    return [
        Shown(
            each,
            _said(versions.get(each.pk), words),
            sizes.get(each.pk, 0),
            moves.get(each.pk, Moves()),
            _percent(versions.get(each.pk)),
        )
        for each in found
    ]


@require_safe
@access.screen("see_leads")
def page(request: HttpRequest, segment_id: int) -> HttpResponse:
    """One segment: its rule in words, how many are in it, who entered and left lately and why."""
    user, now = access.reader(request), clock.now()
    shown = next((each for each in all_for(user, now=now) if each.segment.pk == segment_id), None)
    if shown is None:
        raise Http404
    way = request.GET.get("way", "")
    changes = segment_moves.newest(segment_id, user, now=now, entered=_WAYS.get(way))
    context = {
        "place": "leads",
        "shown": shown,
        "way": way if way in _WAYS else "",
        "changes": _with_cards(changes, user),
        "causes": _causes(segment_id, _words(request)),
        "done": request.GET.get("done", "") == "saved",
        "may_edit": permissions.may(user, "edit_segments"),
    }
    return pages.render(request, "segment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_segments")
def new(request: HttpRequest) -> HttpResponse:
    """A new segment: by sentences, or with the filter of a list filled in (`?filter=`)."""
    words = _words(request)
    if request.method == "POST":
        return _posted(request, None, words)
    built = rule_builder.shown(_from_list(request.GET.get("filter", "")), words=words)
    return _form(request, None, built)


@require_http_methods(["GET", "HEAD", "POST"])
@access.screen("edit_segments")
def edit(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Another name or another rule, with who would be in it, before it is saved."""
    segment, words = _find(request, segment_id), _words(request)
    if request.method == "POST":
        return _posted(request, segment, words)
    version = dynamic.newest([segment_id])[segment_id]
    return _form(request, segment, rule_builder.shown(version.document, words=words))


def _posted(request: HttpRequest, segment: Segment | None, words: Words) -> HttpResponse:
    built = rule_builder.read(request.POST, words=words)
    if built.is_look:
        return _form(request, segment, built)
    if built.document is None:
        return _form(request, segment, built, status=422)
    key = "" if segment is None else segment.key
    user = access.reader(request)
    try:
        node = segments.read(built.document, hidden=fields.hidden_from(user), key=key)
        if request.POST.get("do") == "preview":
            found = segment_preview.preview(node, user=user, now=clock.now())
            return _form(request, segment, built, preview=found)
        saved = _save(request, segment, built.document)
    except NotAList as refusal:
        return _form(request, segment, built, problem=str(refusal), status=422)
    except CriterionError as refusal:
        said = _("At %(path)s stands %(found)s; possible: %(allowed)s.") % vars(refusal)
        return _form(request, segment, built, wrong=said, status=422)
    return HttpResponseRedirect(reverse("segment", args=[saved]) + "?done=saved")


def _save(request: HttpRequest, segment: Segment | None, document: object) -> int:
    name = request.POST.get("name", "")[:1_000]
    hidden, by = fields.hidden_from(access.reader(request)), access.doer(request)
    if segment is None:
        return segments.create(name, document, by=by, now=clock.now(), hidden=hidden).pk
    segments.change(segment.pk, name, document, by=by, now=clock.now(), hidden=hidden)
    return segment.pk


def _form(
    request: HttpRequest,
    segment: Segment | None,
    built: Builder,
    *,
    preview: Preview | None = None,
    problem: str = "",
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    name = request.POST.get("name", "" if segment is None else segment.name)
    here = reverse("new_segment") if segment is None else reverse("edit_segment", args=[segment.pk])
    context = {
        "place": "leads", "segment": segment, "built": built, "address": here, "name": name[:1_000],
        "preview": preview, "problem": problem, "wrong": wrong,
        "may_delete": segment is not None and flow.may_delete(segment, access.reader(request)),
    }  # fmt: skip
    return pages.render(request, "segment_form.html", context, status=status)


def address_for(document: Mapping[str, object]) -> str:
    """Where a new segment begins with the filter of a list; "" when it is too long for that."""
    written = msgspec.json.encode(document).decode()
    if not document or len(written) > LONGEST_FILTER:
        return ""
    return f"{reverse('new_segment')}?{urlencode({'filter': written})}"


def _from_list(written: str) -> Mapping[str, object] | None:
    try:
        found = msgspec.json.decode(written[:LONGEST_FILTER])
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if isinstance(found, dict) and found else None


def _find(request: HttpRequest, segment_id: int) -> Segment:
    found = lists.find(segment_id)
    hidden = discretion.telling(fields.hidden_from(access.reader(request)))
    if found is None or found.kind != Segment.Kind.DYNAMIC or found.key in hidden:
        raise Http404
    return found


def _words(request: HttpRequest) -> Words:
    known = segments.vocabulary(fields.hidden_from(access.reader(request)))
    return rule_words.of(uses.SEGMENT, vocabulary=known)


def _said(version: SegmentVersion | None, words: Words) -> str:
    built = rule_builder.shown(version.document, words=words) if version else None
    said = sentence.sentence(built.node, translate=_) if built and built.node else ""
    return said[:1].upper() + said[1:]


def _causes(segment_id: int, words: Words) -> dict[str, str]:
    """What is kept as the cause, by every rule that the segment ever had, as its reader says it."""
    found = {}
    for version in SegmentVersion.objects.filter(segment=segment_id):
        built = rule_builder.shown(version.document, words=words)
        if built.node is not None:
            said = sentence.sentence(built.node, translate=_, is_about_lead=True)
            found[rules.reason(built.node)] = said
    return found


def _percent(version: SegmentVersion | None) -> int | None:
    if version is None or version.filled_at is not None:
        return None
    return min(99, 100 * version.done_count // max(version.lead_count, 1))


def _with_cards(
    changes: Sequence[MembershipChange], user: User
) -> list[tuple[MembershipChange, CardRow]]:
    cards = {each.lead_id: each for each in queries.many(user, [c.lead_id for c in changes])}
    return [(each, cards[each.lead_id]) for each in changes if each.lead_id in cards]
