"""Bulk actions in words: what can be done, what was done, to which leads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadline.flow import bulk_acts, bulk_choice
from leadline.flow.models import BulkAction
from leadline.web import labels
from leadline.web.labels import Label
from leadline.workspace import fields, permissions, settings, spoken
from leadline.workspace.models import Field, User

Kind = BulkAction.Kind
KINDS: Mapping[Kind, tuple[Label, str]] = {
    Kind.ASSIGN: (gettext_lazy("Assign"), "pass"),
    Kind.STAGE: (gettext_lazy("Stage"), "stage"),
    Kind.FIELD: (gettext_lazy("Set a field"), "trait"),
    Kind.LIST: (gettext_lazy("List"), "team"),
    Kind.TASK: (gettext_lazy("Task"), "task"),
    Kind.LOG: (gettext_lazy("Log"), "note"),
    Kind.EXPORT: (gettext_lazy("Export"), "send"),
    Kind.TRASH: (gettext_lazy("Trash"), "disqualify"),
}
VERBS: Mapping[Kind, Label] = {
    Kind.ASSIGN: gettext_lazy("Assign them"),
    Kind.STAGE: gettext_lazy("Set the stage"),
    Kind.FIELD: gettext_lazy("Set the field"),
    Kind.LIST: gettext_lazy("Change the list"),
    Kind.TASK: gettext_lazy("Add the task"),
    Kind.LOG: gettext_lazy("Log it"),
    Kind.EXPORT: gettext_lazy("Export them"),
    Kind.TRASH: gettext_lazy("Move to the trash"),
}
PROBLEMS: Mapping[str, Label] = {
    "CountChanged": gettext_lazy("The list had changed too much since it was looked at."),
    "TooSlow": gettext_lazy("The filter took too long."),
    "NotAChoice": gettext_lazy("The filter could not be read any more."),
    "NotForLists": gettext_lazy("The filter could not be read any more."),
    "NotAllowed": gettext_lazy("Who asked for it may not do this any more."),
}


@dataclass(frozen=True)
class Offer:
    """One button of the bar."""

    key: str
    label: Label
    icon: str


@dataclass(frozen=True)
class Told:
    """One line of the history: the row and what it did, to which leads, in words."""

    action: BulkAction
    what: str
    which: str
    may_undo: bool = False

    @property
    def problem(self) -> str:
        """Why it did not do all of it; "" when it did."""
        return str(PROBLEMS.get(self.action.problem, ""))


def offers(user: User) -> list[Offer]:
    """What this role may do to many leads; what it may not is absent. No query."""
    return [
        Offer(kind.value, label, icon)
        for kind, (label, icon) in KINDS.items()
        if permissions.may(user, bulk_acts.of(kind).action)
    ]


def told(actions: Sequence[BulkAction]) -> list[tuple[BulkAction, str, str]]:
    """Each action with what it did and to which leads. Three queries, more for each list."""
    named = Named(actions)
    return [
        (each, named.what(each.kind, each.wanted), which(each)) for each in actions
    ]  # fmt: skip


def which(action: BulkAction) -> str:
    """The leads that were meant, in words."""
    return bulk_choice.said(bulk_choice.read(action.choice), count=action.lead_count)


class Named:
    """What ids and names in actions are called by people."""

    def __init__(self, actions: Iterable[BulkAction] = (), *, owner_id: str = "") -> None:
        found = {str(each.wanted.get("owner") or "") for each in actions} | {owner_id}
        ids = [UUID(each) for each in found if each]
        self._people = {str(each.pk): str(each) for each in User.objects.filter(pk__in=ids)}
        self._fields = {each.name: each for each in Field.objects.all()}

    def what(self, kind: str, wanted: Mapping[str, object]) -> str:
        """The act as a sentence."""
        if kind == Kind.FIELD:
            return self._field(wanted)
        owner = self._people.get(str(wanted.get("owner") or ""), _("nobody"))
        off, on = _("Take off the list “%(list)s”"), _("Put on the list “%(list)s”")
        sentence = {
            Kind.ASSIGN: _("Assign to %(who)s"),
            Kind.STAGE: _("Set the stage to %(stage)s"),
            Kind.LIST: off if wanted.get("is_off") else on,
            Kind.TASK: _("Add the task “%(text)s” for %(who)s"),
            Kind.LOG: _("Log: %(kind)s"),
            Kind.EXPORT: _("Export"),
            Kind.TRASH: _("Move to the trash"),
        }[Kind(kind)]
        return sentence % {
            "who": owner,
            "stage": labels.stage(str(wanted.get("stage", ""))),
            "list": wanted.get("list", ""),
            "text": wanted.get("text") or "…",
            "kind": labels.of(labels.ACTIVITIES, str(wanted.get("kind", ""))),
        }

    def _field(self, wanted: Mapping[str, object]) -> str:
        row, value = self._fields.get(str(wanted["field"])), wanted.get("value")
        label = row.label if row else str(wanted["field"])
        if (row is not None and row.is_sensitive) or "value" not in wanted:
            return _("Change “%(field)s”") % {"field": label}
        if value is None:
            return _("Empty “%(field)s”") % {"field": label}
        shape = fields.shape_of(row, currency=settings.current().currency) if row else None
        shown = spoken.value(value, shape)
        return _("Set “%(field)s” to %(value)s") % {"field": label, "value": shown}
