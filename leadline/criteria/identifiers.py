"""What nothing that is counted over everybody may ask for: who somebody is, and what was written.

Neither is ever kept where rules are counted (`lib.facts.NEVER`), so the answer in batch would
be another one than in process; and a rule about one person is no rule.
"""

from collections.abc import Collection, Mapping

from leadline.criteria.errors import CriterionError, join
from leadline.lib.facts import NEVER


def refuse(document: object, *, path: str = "", uncounted: Collection[str] = ()) -> None:
    """Raises CriterionError at the first `where` that asks for one, however deep.

    Also at the first `trait` that is one of `uncounted`.
    """
    waiting = [(document, path)]
    while waiting:
        each, at = waiting.pop()
        if isinstance(each, Mapping):
            _refuse_here(each, at, uncounted)
            waiting.extend((value, join(at, key)) for key, value in each.items())
        elif isinstance(each, list | tuple):
            waiting.extend((value, join(at, index)) for index, value in enumerate(each))


def _refuse_here(each: Mapping[str, object], at: str, uncounted: Collection[str]) -> None:
    where, trait = each.get("where"), each.get("trait")
    for name in where if isinstance(where, Mapping) else ():
        if name in NEVER:
            allowed = "a property that names no person and that nobody writes by hand"
            raise CriterionError(join(join(at, "where"), name), name, allowed)
    if isinstance(trait, str) and trait in uncounted:
        allowed = "a field that names no person and that nobody writes by hand"
        raise CriterionError(join(at, "trait"), trait, allowed)
