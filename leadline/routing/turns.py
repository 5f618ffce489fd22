"""Arithmetic of a rotation: whose turn it is, without Django.

The person with the fewest leads dealt is next; of equals, the one with the lower seat. Nobody
who was away gets a pile: a seat that was not available at the last deal is raised to the lowest
count among those that were. So the counts of people who are there all the time differ by at
most one.
"""

import heapq
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

Turn = tuple[int, int]
"""(dealt, seat id): the smaller is next."""


@dataclass(slots=True)
class Place:
    """A seat at the table while cards are dealt; `dealt` and `was_available` change."""

    seat_id: int
    team_id: int
    user_id: uuid.UUID
    name: str
    team_name: str
    dealt: int
    was_available: bool
    is_available: bool
    last_dealt_us: int | None = None

    @property
    def turn(self) -> Turn:
        return self.dealt, self.seat_id


def settle(places: Iterable[Place]) -> list[Place]:
    """Raise whoever is back to the level of those who stayed; returns the places that changed.

    Grain: one team is settled by its own counts. When nobody stayed, everybody keeps theirs.
    """
    teams: dict[int, list[Place]] = {}
    for place in places:
        teams.setdefault(place.team_id, []).append(place)
    changed = []
    for team in teams.values():
        stayed = [p.dealt for p in team if p.is_available and p.was_available]
        for place in team:
            if place.is_available == place.was_available:
                continue
            if place.is_available and stayed:
                place.dealt = max(place.dealt, min(stayed))
            place.was_available = place.is_available
            changed.append(place)
    return changed


class Rotation:
    """The turns among some places; a place may be in several rotations at once."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._turns = [(place.turn, place) for place in places if place.is_available]
        heapq.heapify(self._turns)

    def deal(self, *, now_us: int) -> Place | None:
        """Give the next lead to whose turn it is; None when nobody is available."""
        while self._turns:
            turn, place = self._turns[0]
            if turn == place.turn:
                give(place, now_us=now_us)
                heapq.heapreplace(self._turns, (place.turn, place))
                return place
            # It got a lead outside this rotation meanwhile: put it where it belongs now.
            heapq.heapreplace(self._turns, (place.turn, place))
        return None


def give(place: Place, *, now_us: int) -> None:
    """Count a lead for this place."""
    place.dealt += 1
    place.last_dealt_us = now_us
