"""The personal data of permissions: the identifier that they were given for.

Privacy knows no lead; `leads` erases by identifier. A permission stays as a proof under a keyed
hash. A suppression stays readable: it is the one thing that keeps us from writing again.
"""

from collections.abc import Iterable, Sequence

from django.conf import settings

from leadline.lib import personal_data, secret_hash
from leadline.privacy import queries
from leadline.privacy.models import Consent

Identifier = tuple[str, str]
"""(kind, canonical value)."""


def register() -> None:
    """Declare what is held; called when the application starts. `leads.Binding` erases it."""
    for model in ("privacy.Consent", "privacy.Suppression"):
        personal_data.register(model, holds=("identifier",), eraser=None, exporter=None)


def hashed(value: str) -> str:
    """What stands for an erased identifier: the same value always gives the same text."""
    return "erased:" + secret_hash.keyed(value, settings.SECRET_KEY)


def erase(identifiers: Sequence[Identifier]) -> int:
    """Replace the identifiers of permissions by their hash and empty the evidence. Rows changed."""
    count = 0
    for kind, value in identifiers:
        mine = Consent.objects.filter(identifier_kind=kind, identifier=value)
        count += mine.update(identifier=hashed(value), evidence={})
    return count


def export(identifiers: Sequence[Identifier]) -> Iterable[dict[str, object]]:
    """Every change of a permission, oldest first, with the words that were agreed to."""
    for row in queries.under(identifiers).select_related("text").order_by("pk"):
        yield {
            "identifier": row.identifier,
            "purpose": row.purpose,
            "channel": row.channel,
            "state": row.state,
            "text": row.text.text if row.text else "",
            "at": row.at.isoformat(),
        }
