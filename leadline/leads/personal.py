"""The personal data of leads: identifiers and what is known about the person.

Rows stay, so that counts and history stay true; what they say about a person goes.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat

from leadline.capture import personal as capture
from leadline.leads.models import Binding, CurrentTrait, Lead, Merge, TraitValue
from leadline.lib import personal_data
from leadline.privacy import personal as privacy

# Other kinds may be as short as "7" and would be found in everything.
SEARCHED_KINDS = (Binding.Kind.EMAIL, Binding.Kind.PHONE)


def register() -> None:
    """Declare who erases and exports it; called when the application starts."""
    personal_data.register(
        "leads.Lead",
        holds=("traits", "trait_marks", "undeclared"),
        eraser=erase_leads,
        exporter=export_lead,
    )
    personal_data.register(
        "leads.Binding",
        holds=("value", "said"),
        eraser=erase_bindings,
        exporter=export_bindings,
    )
    personal_data.register(
        "leads.TraitValue", holds=("value",), eraser=erase_traits, exporter=export_traits
    )
    # What it holds is in the lead, which is exported.
    personal_data.register(
        "leads.CurrentTrait", holds=("text", "number"), eraser=erase_current, exporter=None
    )
    personal_data.register(
        "leads.Merge",
        holds=("kept_before", "because"),
        eraser=erase_merges,
        exporter=export_merges,
    )


def erase_leads(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty the current traits. Leads changed."""
    return Lead.objects.filter(pk__in=lead_ids).update(
        traits={}, trait_marks={}, undeclared={}, version=F("version") + 1, updated_at=now
    )


def erase_bindings(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Close and empty every identifier, and erase what other packages hold under it.

    Consents and everything that arrived can only be found by identifier, so that happens here,
    while the identifiers are still known. Bindings changed.
    """
    mine = Binding.objects.filter(lead_id__in=lead_ids).exclude(value__startswith="erased:")
    known = [(kind, value) for kind, value in mine.values_list("kind", "value")]
    privacy.erase(known)
    capture.erase_mentions([value for kind, value in known if kind in SEARCHED_KINDS])
    mine.filter(closed_at__isnull=True).update(closed_at=now)
    nameless = Concat(Value("erased:"), Cast("pk", CharField()), output_field=CharField())
    return mine.update(value=nameless, said=[])


def erase_traits(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Delete every value that anyone has said. Rows deleted."""
    return TraitValue.objects.filter(lead_id__in=lead_ids).delete()[0]


def erase_current(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Delete the values that filters find. Rows deleted."""
    return CurrentTrait.objects.filter(lead_id__in=lead_ids).delete()[0]


def erase_merges(lead_ids: Sequence[UUID], *, now: datetime) -> int:
    """Empty what merges remember of them and why; that they were one stays. Rows changed."""
    mine = Merge.objects.filter(Q(kept_id__in=lead_ids) | Q(absorbed_id__in=lead_ids))
    return mine.exclude(kept_before={}, because="").update(kept_before={}, because="")


def export_lead(lead_id: UUID) -> Iterable[dict[str, object]]:
    """The lead as it is known now."""
    for lead in Lead.objects.filter(pk=lead_id):
        yield {
            "traits": lead.traits,
            "undeclared": lead.undeclared,
            "origin": lead.origin,
            "created_at": lead.created_at.isoformat(),
        }


def export_bindings(lead_id: UUID) -> Iterable[dict[str, object]]:
    """Every identifier with the time for which it was theirs, and the consents given under it."""
    mine = list(Binding.objects.filter(lead_id=lead_id).order_by("pk"))
    for row in mine:
        yield {
            "kind": row.kind,
            "value": row.value,
            "is_verified": row.is_verified,
            "from": row.opened_at.isoformat(),
            "until": row.closed_at.isoformat() if row.closed_at else None,
        }
    for consent in privacy.export([(row.kind, row.value) for row in mine]):
        yield {"consent": consent}


def export_traits(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What was said about the person, by whom and when, oldest first."""
    for row in TraitValue.objects.filter(lead_id=lead_id).order_by("pk"):
        yield {
            "name": row.name,
            "value": row.value,
            "source": row.source,
            "at": row.occurred_at.isoformat(),
        }


def export_merges(lead_id: UUID) -> Iterable[dict[str, object]]:
    """What else was found to be this person, oldest first, and what was known before."""
    for row in Merge.objects.filter(kept=lead_id).order_by("pk"):
        yield {"because": row.because, "before": row.kept_before, "at": row.at.isoformat()}
