"""Which leads a bulk action means: chosen ones by id, or a whole list as it was seen.

A list is meant by its filter, what was searched for and its order, never by "whatever there is":
without a filter and a search somebody must have said that they mean everything.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadline.cards import filters, selection
from leadline.cards.queries import Listing
from leadline.criteria import canonical, sentence
from leadline.criteria.errors import CriterionError
from leadline.workspace.models import User

MOST_CHOSEN = 1_000
"""So many can be named one by one; a list has no such bound."""


class NotAChoice(ValueError):
    """It cannot be said which leads are meant; `reason` is a sentence for people."""

    permanent = True

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """Chosen leads, or a list: `filter` as a canonical rule, `search`, `sort`, and how many the
    asker saw there. `is_everything` says that a list without filter and search is meant so."""

    leads: tuple[UUID, ...] = ()
    is_list: bool = False
    filter: dict[str, Any] = {}  # a criterion as JSON
    search: str = ""
    sort: str = "-score"
    is_everything: bool = False
    seen: int | None = None


def of_leads(lead_ids: Sequence[UUID]) -> Choice:
    """These leads, each once. Raises NotAChoice for none and for more than a thousand."""
    unique = tuple(dict.fromkeys(lead_ids))
    if not unique:
        raise NotAChoice(_("Choose at least one lead."))
    if len(unique) > MOST_CHOSEN:
        raise NotAChoice(
            _("At most %(n)d leads can be named; filter the list and choose all of it.")
            % {"n": MOST_CHOSEN}
        )
    return Choice(leads=unique)


def of_listing(listing: Listing, *, is_everything: bool, seen: int | None) -> Choice:
    """The list that somebody looks at. Raises NotAChoice for one that does not narrow anything,
    unless everything is meant."""
    rule = {} if listing.filter is None else canonical.canonical(listing.filter)
    if not rule and not listing.search.strip() and not is_everything:
        raise NotAChoice(
            _("A list without a filter is not chosen by accident: filter it, or choose every lead.")
        )
    return Choice((), True, rule, listing.search, listing.sort, is_everything, seen)


def listing_of(choice: Choice, user: User, *, now: datetime) -> Listing:
    """The list as the user sees it at an instant. Raises NotAChoice when its filter cannot be
    read any more: then it means nothing, not everything."""
    try:
        rule = filters.read(choice.filter)
    except CriterionError as error:
        raise NotAChoice(_("The filter of this list cannot be read any more.")) from error
    if rule is None and not choice.search.strip() and not choice.is_everything:
        raise NotAChoice(_("The filter of this list is missing."))
    return Listing(user, now, filter=rule, search=choice.search, sort=choice.sort)


def count(choice: Choice, user: User, *, now: datetime) -> int:
    """How many leads that the user may see are meant. Raises NotAChoice, NotForLists, TooSlow."""
    if not choice.is_list:
        return len(selection.visible(user, choice.leads))
    return selection.count(listing_of(choice, user, now=now))


def written(choice: Choice) -> dict[str, object]:
    """As a row keeps it: chosen leads are rows of their own."""
    kept = msgspec.structs.replace(choice, leads=())
    return dict(msgspec.to_builtins(kept))


def read(stored: Mapping[str, object]) -> Choice:
    """The choice that a row keeps."""
    return msgspec.convert(dict(stored), Choice)


def said(choice: Choice, *, count: int) -> str:
    """Which leads, in words: "3 chosen leads", "12 leads: stage is MQL"."""
    if not choice.is_list:
        text = ngettext("%(n)s chosen lead", "%(n)s chosen leads", count)
        return text % {"n": f"{count:,}"}
    text = ngettext("%(n)s lead: %(which)s", "%(n)s leads: %(which)s", count)
    return text % {"n": f"{count:,}", "which": _which(choice)}


def _which(choice: Choice) -> str:
    parts = []
    if choice.search.strip():
        parts.append(_("found by “%(words)s”") % {"words": choice.search.strip()})
    try:
        rule = filters.read(choice.filter)
    except CriterionError:
        return _("a filter that cannot be read any more")
    if rule is not None:
        parts.append(sentence.sentence(rule, translate=_))
    nothing = _("every lead") if choice.is_everything else _("found by words that were erased")
    return ", ".join(parts) or nothing
