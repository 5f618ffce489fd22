"""A lead as somebody sees it who may not see every field."""

from leadline.leads.models import Lead
from leadline.leads.traits import COMPANY


def without(lead: Lead, hidden: frozenset[str]) -> Lead:
    """The row without the values of these fields, wherever it holds them: to show, never to save.

    What did not fit a field lies among the undeclared under the same name, and goes as well.
    """
    lead.hidden = hidden
    lead.traits = {name: v for name, v in lead.traits.items() if name not in hidden}
    lead.undeclared = {name: v for name, v in lead.undeclared.items() if name not in hidden}
    if lead.company is not None:
        around = lead.company.traits.items()
        lead.company.traits = {name: v for name, v in around if COMPANY + name not in hidden}
    return lead
