"""A score model as JSON Schema (draft 2020-12), for editors, the API and agents.

Made from the same bounds as the parser, which says a little more: names that stand once, a cap with
the sign of the points, a floor below the cap, cases that leave something for the later ones.
"""

from typing import cast

from leadline.criteria import parse, schema, span, uses
from leadline.criteria.schema import Schema
from leadline.criteria.vocabulary import Vocabulary
from leadline.scoring import rules

_CRITERION: Schema = {"$ref": "#/$defs/criterion"}
_POINTS: Schema = {
    "type": "number",
    "minimum": -rules.MAX_POINTS,
    "maximum": rules.MAX_POINTS,
}
_NOT_ZERO: Schema = _POINTS | {"not": {"const": 0}}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": rules.MAX_NAME}
_DAYS: Schema = {"type": "string", "pattern": span.PATTERN.replace("[mhdw]", "[dw]")}


def score_model(vocabulary: Vocabulary) -> Schema:
    """The schema of a score model over this vocabulary."""
    criterion = schema.schema(vocabulary, allowed=uses.SCORE)
    group: Schema = {
        "type": ["array", "null"], "items": {"$ref": "#/$defs/rule"},
        "minItems": 1, "maxItems": rules.MAX_RULES,
    }  # fmt: skip
    return {
        "$schema": criterion["$schema"],
        "title": "Score model",
        **_object(
            {"name": _NAME},
            {
                "thresholds": _thresholds(), "fit": group, "engagement": group,
                "floor": _or_null(_POINTS), "cap": _or_null(_POINTS),
            },
        ),
        "anyOf": [{"required": ["fit"]}, {"required": ["engagement"]}],
        "$defs": {
            **cast("Schema", criterion["$defs"]),
            "rule": {"oneOf": [_when(), _each(), _first_of()]},
        },
    }  # fmt: skip


def _when() -> Schema:
    return _object({"name": _NAME, "when": _CRITERION, "points": _NOT_ZERO})


def _each() -> Schema:
    acts = _object(
        {"did": {"$ref": "#/$defs/acts"}},
        {
            "where": {"$ref": "#/$defs/where"},
            "within": {"type": "string", "pattern": span.PATTERN},
        },
    )
    return _object(
        {"name": _NAME, "each": acts, "points": _NOT_ZERO},
        {"cap": _or_null(_NOT_ZERO), "half_life": _or_null(_DAYS)},
    )


def _first_of() -> Schema:
    band = _object({"when": _CRITERION, "points": _POINTS})
    bands: Schema = {
        "type": "array", "items": band, "minItems": 1, "maxItems": rules.MAX_BANDS
    }  # fmt: skip
    return _object({"name": _NAME, "first_of": bands})


def _thresholds() -> Schema:
    return {
        "type": ["object", "null"], "minProperties": 1,
        "propertyNames": {"pattern": parse.NAME_PATTERN}, "additionalProperties": _POINTS,
    }  # fmt: skip


def _or_null(inner: Schema) -> Schema:
    return {"anyOf": [inner, {"type": "null"}]}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": sorted(required),
        "additionalProperties": False,
    }
