"""What each person has chosen to be told, and how, where it differs from the house's policy."""

import uuid
from collections.abc import Collection, Mapping

from django.db import transaction

from leadline.routing import notice_kinds
from leadline.routing.models import NoticeChoice
from leadline.routing.notice_kinds import Channel

Choices = Mapping[tuple[uuid.UUID, str], frozenset[Channel]]


class UnknownSwitch(ValueError):
    """A kind or channel that does not exist: the form was made by hand."""

    permanent = True


def of(user_ids: Collection[uuid.UUID]) -> Choices:
    """(person, kind) → channels, for every kind of each of these people. One query."""
    chosen = {
        (user_id, kind.key): set(kind.channels)
        for user_id in user_ids
        for kind in notice_kinds.KINDS
    }
    rows = NoticeChoice.objects.filter(user_id__in=list(user_ids))
    for user_id, kind, channel, is_on in rows.values_list("user_id", "kind", "channel", "is_on"):
        channels = chosen.get((user_id, kind))
        if channels is None or channel not in Channel.values:
            continue
        if is_on:
            channels.add(Channel(channel))
        else:
            channels.discard(Channel(channel))
    return {key: frozenset(channels) for key, channels in chosen.items()}


def choose(user_id: uuid.UUID, *, kind: str, channel: str, is_on: bool) -> None:
    """Tell the person about this kind by this channel, or not. Safe to run twice.

    Going back to the house's policy leaves no row, so a later policy holds again. Raises
    UnknownSwitch.
    """
    if kind not in notice_kinds.BY_KEY or channel not in Channel.values:
        raise UnknownSwitch(f"there is no switch for {kind!r} by {channel!r}")
    mine = NoticeChoice.objects.filter(user_id=user_id, kind=kind, channel=channel)
    if is_on == (Channel(channel) in notice_kinds.BY_KEY[kind].channels):
        mine.delete()
        return
    NoticeChoice.objects.update_or_create(
        user_id=user_id, kind=kind, channel=channel, defaults={"is_on": is_on}
    )


def choose_all(user_id: uuid.UUID, *, on: Collection[tuple[str, str]]) -> None:
    """Set every switch of the person: on for these (kind, channel), off for all others."""
    with transaction.atomic():
        for kind in notice_kinds.KINDS:
            for channel in Channel.values:
                choose(user_id, kind=kind.key, channel=channel, is_on=(kind.key, channel) in on)
