"""What is known of deals: values of the declared fields, by name without the prefix."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from leadline.deals.models import Deal
from leadline.workspace import field_values, fields, permissions, settings, unique_values
from leadline.workspace.field_values import NotOfType, Shape, Value
from leadline.workspace.fields import DEAL
from leadline.workspace.models import Field, User

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


def fields_for(user: User) -> list[Field]:
    """The fields of deals that the person may see, in the order shown. One query.

    Those of money only with the right to see what deals are worth.
    """
    sees_all = permissions.may(user, "see_sensitive")
    sees_amounts = permissions.may(user, "see_amounts")
    return [
        row
        for row in fields.of_deals()
        if (sees_all or not row.is_sensitive) and (sees_amounts or row.type != Field.Type.MONEY)
    ]


def amounts_hidden_from(user: User) -> frozenset[str]:
    """The fields of money of deals, archived ones too, for who may not see what deals are worth.

    One query, none for those who may.
    """
    if permissions.may(user, "see_amounts"):
        return frozenset()
    money = Field.objects.filter(type=Field.Type.MONEY, name__startswith=DEAL)
    return frozenset(money.values_list("name", flat=True))


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


def refuse_taken(said: Mapping[UUID, Given], of: Mapping[str, Shape]) -> None:
    """Raises Misfit when two deals would have one value of a unique field.

    `said` are values as they are stored, by the deal that shall have them. One query for each
    unique field that is named. Whoever writes holds the lock of `locks.passing()`.
    """
    taken: dict[tuple[str, str], UUID] = {}
    wanted: dict[str, set[str]] = {}
    for deal_id, given in said.items():
        for name, value in given.items():
            if not isinstance(value, str) or not of[name].is_unique:
                continue
            if taken.setdefault((name, value), deal_id) != deal_id:
                raise Misfit(name, _("Another deal has this value already."))
            wanted.setdefault(name, set()).add(value)
    # A deal that says something else now leaves what it had.
    left = {(name, deal_id) for deal_id, given in said.items() for name in given}
    for (name, value), holder in unique_values.holders(
        Deal.objects.all(), wanted, prefix=""
    ).items():
        if holder != taken[name, value] and (name, holder) not in left:
            raise Misfit(name, _("Another deal has this value already."))


def duplicates(name: str) -> int:
    """How many values of the field more than one deal has. One query."""
    return unique_values.duplicates(Deal.objects.all(), name, prefix=DEAL)


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
