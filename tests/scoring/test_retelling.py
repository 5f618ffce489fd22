"""Lines of a score in German: the numbers stay, the words change."""

import pytest
from django.utils import translation

from leadline.criteria import parse, uses
from leadline.criteria.vocabulary import Vocabulary
from leadline.scoring import retelling
from leadline.scoring.lines import Line
from leadline.scoring.rules import Model, WhenRule

VISITS = {"did": "Visit Started", "at_least": 3, "within": "24h"}


def _line(sentence: str, group: str = "engagement") -> Line:
    return Line(sentence.partition(" · ")[0], group, 1, (), sentence, 0)


def _model() -> Model:
    node = parse.parse(VISITS, vocabulary=Vocabulary(traits={}), allowed=uses.SCORE, path="")
    return Model("m", engagement=(WhenRule("Visits", node, 10_000_000),))


@pytest.mark.parametrize(
    ("kept", "german"),
    [
        ("Prices · 2 × 15 · 3 d ago", "Prices · 2 × 15 · vor 3 T"),
        ("Prices · 1 × 15 · today", "Prices · 1 × 15 · heute"),
        ("Prices · 9 × 15 · today · limited to 45", "Prices · 9 × 15 · heute · begrenzt auf 45"),
        (
            "Visits · started a visit at least 3 times within 24 hours",
            "Visits · mindestens 3-mal die Website besucht, höchstens 24 Stunden her",
        ),
        ("Gone · visited a page", "Gone"),  # a rule that is no longer in the model
    ],
)
def test_a_line_is_told_again(kept: str, german: str) -> None:
    with translation.override("de"):
        assert retelling.told(_line(kept), _model()).sentence == german
    assert retelling.told(_line(kept), _model()).sentence == kept


def test_what_a_limit_took_is_told_again() -> None:
    with translation.override("de"):
        told = retelling.told(_line("Limited to at most 100", "limit"), None)
        assert told.sentence == "Auf höchstens 100 begrenzt"
