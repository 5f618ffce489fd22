"""What is known of deals: values of the declared fields, by name without the prefix."""

from collections.abc import Collection, Mapping

from leadline.deals.models import Deal
from leadline.workspace import field_values, fields, settings
from leadline.workspace.field_values import NotOfType, Shape, Value
from leadline.workspace.fields import DEAL

Given = Mapping[str, object]


class Misfit(ValueError):
    """A value that its field cannot hold, or a name that is no field. `name` says which."""

    permanent = True

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


def shapes() -> dict[str, Shape]:
    """What the values of each field must be. Two queries."""
    declared = fields.shapes(fields.of_deals(), currency=settings.current().currency)
    return {name.removeprefix(DEAL): shape for name, shape in declared.items()}


def fitted(given: Given, of: Mapping[str, Shape]) -> dict[str, Value | None]:
    """The values as their fields store them, None for what is to be emptied. Raises Misfit."""
    found: dict[str, Value | None] = {}
    for name, value in given.items():
        shape = of.get(name)
        if shape is None:
            raise Misfit(name, "There is no such field of deals.")
        try:
            found[name] = None if value is None else field_values.fit(value, shape)
        except NotOfType as error:
            raise Misfit(name, error.reason) from None
    return found


def merged(before: Given, given: Mapping[str, Value | None]) -> dict[str, object]:
    """What stood there with what is said now; None takes a value away."""
    return {name: v for name, v in {**before, **given}.items() if v is not None}


def counts_of_options(name: str, options: Collection[str]) -> dict[str, int]:
    """How many deals hold each of the options; those that none holds are left out. One query."""
    short, found = name.removeprefix(DEAL), dict.fromkeys(options, 0)
    holding = Deal.objects.filter(traits__has_key=short)
    for traits in holding.values_list("traits", flat=True).iterator(chunk_size=500):
        for option in _members(traits[short]) & found.keys():
            found[option] += 1
    return {option: count for option, count in found.items() if count}


def replace_option(name: str, option: str, *, becomes: str | None) -> int:
    """Put another option in the place of one, or nothing; returns how many deals changed.

    Joins the caller's transaction; a second run changes none.
    """
    short, changed = name.removeprefix(DEAL), []
    holding = Deal.objects.select_for_update().filter(traits__has_key=short).order_by("id")
    for deal in holding.iterator(chunk_size=500):
        before = deal.traits[short]
        if option in _members(before):
            deal.traits = merged(deal.traits, {short: _replaced(before, option, becomes)})
            changed.append(deal)
    Deal.objects.bulk_update(changed, ["traits"], batch_size=500)
    return len(changed)


def _members(value: object) -> set[str]:
    return set(value) if isinstance(value, list) else {str(value)}


def _replaced(before: object, option: str, becomes: str | None) -> Value | None:
    if not isinstance(before, list):
        return becomes
    rest = [becomes if each == option else each for each in before]
    return [each for each in dict.fromkeys(rest) if each is not None] or None
