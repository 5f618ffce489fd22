"""What rules may ask about all leads at one instant: a snapshot of everybody, as tables.

A `Snapshot` is one lead in memory; a `Frame` is the same for every lead, as tables of whichever
engine reads the lake. Whoever builds one has left out what the instant cannot know; whoever reads
one (`criteria.batch`, `scoring.batch`) never asks for more than stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ibis import Table


@dataclass(frozen=True, slots=True)
class Typed:
    """The names of the four columns of one value; at most one of them is not null in a row.

    `text` is a string, `number` a float64, `flag` a boolean, `members` a list of strings. A value
    that nobody knows is null in all four.
    """

    text: str
    number: str
    flag: str
    members: str


@dataclass(frozen=True, slots=True)
class Frame:
    """All leads at `at_us` (microseconds since 1970 UTC). `lead` (int64) is the key everywhere.

    `leads`: one row per lead that is present: `lead`, `lead_id` (text), and the columns that
    `traits` and `facts` name.

    `events`: `lead`, `name`, `occurred_us` and the columns that `properties` name. Events that do
    not count, that nobody knew at the instant or that had not happened are left out; those of
    leads that are not in `leads` change nothing.

    `adjustments`: `lead`, `at_us`, `points_micro` (int64) and `half_life_days` (null: it stays) of
    what people added by hand and had not taken back.

    `traits` and `properties` map a name to its columns in `leads` and in `events`. `facts` maps a
    fact to its column in `leads`: boolean, int64 (micro-points, microseconds) or text; `segments`
    is a list of names. What no mapping names is unknown of every lead.
    """

    at_us: int
    leads: "Table"
    events: "Table"
    adjustments: "Table"
    traits: Mapping[str, Typed] = field(default_factory=dict)
    properties: Mapping[str, Typed] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
