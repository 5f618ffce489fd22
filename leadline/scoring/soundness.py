"""What a score model must not be saved with, though it could be read.

What was published before these were asked for is still read as it stands.
"""

from leadline.criteria import covering, identifiers
from leadline.criteria.errors import CriterionError
from leadline.criteria.vocabulary import Vocabulary
from leadline.scoring import rules
from leadline.scoring.rules import FirstOfRule, Model


def read(document: object, *, vocabulary: Vocabulary, day_offset_minutes: int = 0) -> Model:
    """The model in the document, which is to be kept.

    Raises CriterionError as `rules.parse_model` does, for bands of which a later one never holds,
    and for what asks after a person or for what was written by hand.
    """
    model = rules.parse_model(
        document, vocabulary=vocabulary, day_offset_minutes=day_offset_minutes
    )
    identifiers.refuse(document, uncounted=vocabulary.uncounted)
    for group, found in (("fit", model.fit), ("engagement", model.engagement)):
        for place, rule in enumerate(found):
            if isinstance(rule, FirstOfRule):
                _refuse_covered(rule, path=f"/{group}/{place}/first_of")
    return model


def _refuse_covered(rule: FirstOfRule, *, path: str) -> None:
    for later, band in enumerate(rule.bands):
        for earlier, before in enumerate(rule.bands[:later]):
            if covering.covers(before.when, band.when):
                raise CriterionError(
                    f"{path}/{later}/when",
                    f"a case that never counts: {path}/{earlier}/when always holds first",
                    "cases that leave something for the later ones",
                )
