"""The rule language as JSON Schema (draft 2020-12), for editors, the API and agents.

Made from the same tables as the parser. It says a little less than the parser does: that a
pattern compiles, that a range is the right way round and that a tree is not too deep or too large
is only known after reading.
"""

from collections.abc import Iterable, Mapping

from leadline.criteria import operators, parse, span, uses
from leadline.criteria.operators import OPERATORS, Operator
from leadline.criteria.vocabulary import TEMPERATURES, Kind, Vocabulary

Schema = dict[str, object]

_CRITERION: Schema = {"$ref": "#/$defs/criterion"}
_ACTS: Schema = {"$ref": "#/$defs/acts"}
_SPAN: Schema = {"type": "string", "pattern": span.PATTERN}
_NAME: Schema = {"type": "string", "pattern": parse.NAME_PATTERN}
_TEXT: Schema = {"type": "string", "minLength": 1, "maxLength": operators.MAX_TEXT}
_EVENT: Schema = {"type": "string", "minLength": 1, "maxLength": parse.MAX_NAME}

_SCALARS: Mapping[Kind, Schema] = {
    "text": _TEXT,
    "number": {
        "type": "number",
        "minimum": -operators.MAX_NUMBER,
        "maximum": operators.MAX_NUMBER,
    },
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "list": _TEXT,
}


def schema(vocabulary: Vocabulary, *, allowed: frozenset[str] = uses.ROUTING) -> Schema:
    """The schema of a criterion over this vocabulary, for one of the sets in `uses`."""
    shapes = _shapes(vocabulary)
    choices = [shape for head in sorted(allowed) for shape in shapes[head]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Criterion",
        "$ref": "#/$defs/criterion",
        "$defs": {
            "criterion": {"oneOf": choices},
            "acts": {"oneOf": [_EVENT, _list_of({"oneOf": [_EVENT, _act()]}, parse.MAX_ACTS)]},
            "where": _where(),
        },
    }


def _shapes(vocabulary: Vocabulary) -> Mapping[str, list[Schema]]:
    """Per head, the objects that it may stand in."""
    within: Schema = {"within": _SPAN}
    where: Schema = {"where": {"$ref": "#/$defs/where"}}
    times: Schema = {"at_least": {"type": "integer", "minimum": 1, "maximum": parse.MAX_TIMES}}
    share: Schema = {"at_least": {"type": "number", "minimum": 0, "maximum": parse.MAX_SHARE}}
    several = _list_of(_CRITERION, parse.MAX_NODES)
    return {
        "all": [_object({"all": several})],
        "any": [_object({"any": several})],
        "not": [_object({"not": _CRITERION})],
        "trait": _tested("trait", vocabulary.traits),
        "fact": _tested("fact", vocabulary.facts),
        "did": [_object({"did": _ACTS}, where | times | within)],
        "did_not": [_object({"did_not": _ACTS}, where | within)],
        "ratio_of": [_object({"ratio_of": _ACTS, "to": _ACTS} | share, within)],
        "score": [_with_operators({"score": _one_of(parse.SCORE_PARTS)}, "number")],
        "stage": [_standing("stage", _one_of(vocabulary.stages))],
        "temperature": [_standing("temperature", _one_of(TEMPERATURES))],
        "owner": [_standing("owner", _TEXT)],
        "team": [_standing("team", _TEXT)],
        "source": [_standing("source", _TEXT)],
        "in_segment": [_object({"in_segment": _one_of(vocabulary.segments)})],
        "consent": [
            _object(
                {"consent": _one_of(vocabulary.purposes), "channel": _one_of(vocabulary.channels)}
            )
        ],
        "since": [_object({"since": _one_of(vocabulary.since), "at_least": _SPAN})],
    }


def _tested(head: str, names: Mapping[str, Kind]) -> list[Schema]:
    """One object per type that occurs, with the operators which that type has."""
    kinds = sorted(set(names.values()))
    return [
        _with_operators({head: _one_of(name for name in names if names[name] == kind)}, kind)
        for kind in kinds
    ]


def _standing(head: str, value: Schema) -> Schema:
    return _object({head: {"oneOf": [value, _with_operators({}, "text")]}})


def _with_operators(required: Schema, kind: Kind) -> Schema:
    fitting: Schema = {
        name: _operand(each, kind) for name, each in OPERATORS.items() if kind in each.kinds
    }
    return _object(required, fitting) | {"minProperties": len(required) + 1}


def _where() -> Schema:
    tests: Schema = {name: _operand(each, None) for name, each in OPERATORS.items()}
    return {
        "type": "object",
        "propertyNames": _NAME,
        "minProperties": 1,
        "maxProperties": parse.MAX_PROPERTIES,
        "additionalProperties": _object({}, tests) | {"minProperties": 1},
    }


def _act() -> Schema:
    return _object({"event": _EVENT}, {"where": {"$ref": "#/$defs/where"}})


def _operand(operator: Operator, kind: Kind | None) -> Schema:
    """What stands behind an operator; of a property any type that the operator takes."""
    if operator.shape == "flag":
        return {"type": "boolean"}
    if operator.shape == "pattern":
        return _TEXT | {"maxLength": operators.MAX_PATTERN}
    kinds = [kind] if kind else sorted(operator.kinds - {"list"})
    parts: list[Schema] = [_SCALARS[each] for each in kinds]
    if operator.shape == "one":
        return _either(parts)
    longest = 2 if operator.shape == "pair" else operators.MAX_CHOICES
    shortest = 2 if operator.shape == "pair" else 1
    return _either([_list_of(part, longest) | {"minItems": shortest} for part in parts])


def _either(schemas: list[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _list_of(member: Schema, longest: int) -> Schema:
    return {"type": "array", "items": member, "minItems": 1, "maxItems": longest}


def _one_of(names: Iterable[str] | None) -> Schema:
    return _EVENT if names is None else {"enum": sorted(names)}


def _object(required: Schema, optional: Schema | None = None) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": sorted(required),
        "additionalProperties": False,
    }
