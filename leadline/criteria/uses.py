"""What may refer to what: the kinds of criterion that each use of the language accepts.

The order is the order of one pass over a lead (score, temperature, stage, segments, routing), so
nothing can ask about what is decided after it and no pass needs a second round.
"""

COMBINATIONS = frozenset({"all", "any", "not"})

SCORE = COMBINATIONS | {"trait", "did", "did_not", "ratio_of", "since", "consent"}
TEMPERATURE = SCORE | {"score"}
STAGE = TEMPERATURE | {"temperature", "fact"}
SEGMENT = STAGE | {"stage", "in_segment"}
ROUTING = SEGMENT | {"owner", "team", "source"}
"""Routing, sequences and forms: the whole language."""

LIST = COMBINATIONS | {
    "trait",
    "score",
    "stage",
    "temperature",
    "owner",
    "team",
    "source",
    "consent",
    "since",
    "in_segment",
}
"""Filters over cards: no events, which would read a million timelines for one list."""
