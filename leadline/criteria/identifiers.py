"""Properties of events that name a person: no rule may ask for them.

They are never kept where rules are counted over everybody, and a rule about one person is no rule.
"""

from collections.abc import Mapping

from leadline.criteria.errors import CriterionError, join

DIRECT = frozenset(
    "address anonymous_id email email_address first_name full_name ip last_name mobile name phone"
    " phone_number street user_id userid username".split()
)


def refuse(document: object, *, path: str = "") -> None:
    """Raises CriterionError at the first `where` that asks for one, however deep."""
    waiting = [(document, path)]
    while waiting:
        each, at = waiting.pop()
        if isinstance(each, Mapping):
            where = each.get("where")
            for name in where if isinstance(where, Mapping) else ():
                if name in DIRECT:
                    raise CriterionError(
                        join(join(at, "where"), name), name, "a property that names no person"
                    )
            waiting.extend((value, join(at, key)) for key, value in each.items())
        elif isinstance(each, list | tuple):
            waiting.extend((value, join(at, index)) for index, value in enumerate(each))
