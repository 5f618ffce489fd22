"""Who hears of a bulk action when it is over: each person once, however many leads it took."""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_noop as _noop

from leadline.flow import mentions, notices
from leadline.flow.mentions import Named
from leadline.flow.models import BulkAction, BulkChange
from leadline.routing.notifications import Notice
from leadline.workspace import kept

Kind = BulkAction.Kind


def tell(action: BulkAction, *, now: datetime) -> None:
    """Tell the new owner of leads, and whom a note names who may see one of its leads."""
    about = _ABOUT.get(Kind(action.kind))
    if about is not None and action.done_count and action.by_id is not None:
        notices.tell(about(action, action.by_id), now=now)


def _given(action: BulkAction, by_id: UUID) -> list[Notice]:
    owner = action.wanted.get("owner")
    if not owner:
        return []
    what = kept.counted("lead", action.done_count)
    said = _noop("%(who)s gave you %(what)s") % {"who": action.by, "what": what}
    return [Notice(UUID(str(owner)), None, "assigned", said, by=by_id)]


def _named(action: BulkAction, by_id: UUID) -> list[Notice]:
    text = str(action.wanted.get("text") or "")
    done = BulkChange.objects.filter(action=action, state=BulkChange.State.DONE).values("lead")
    return [_mention(action, each) for each in mentions.of_many(text, done, by_id=by_id)]


def _mention(action: BulkAction, named: Named) -> Notice:
    """At one of the leads, where the note can be read, and with which the words are erased."""
    said = _noop("%(who)s mentioned you on %(what)s: %(text)s") % {
        "who": action.by,
        "what": kept.counted("lead", named.count),
        "text": mentions.shortened(str(action.wanted["text"])),
    }
    return Notice(named.user_id, named.lead_id, "mention", said, by=action.by_id)


_ABOUT: Mapping[Kind, Callable[[BulkAction, UUID], list[Notice]]] = {
    Kind.ASSIGN: _given,
    Kind.LOG: _named,
}
