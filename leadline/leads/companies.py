"""Which company a lead belongs to: by its id at a trusted source, else by work-mail domain."""

from leadline.capture.submission import Submission
from leadline.leads.working_set import Firm, Known, WorkingSet
from leadline.lib import domain_name, email_address, ids


def domain_of(said: Submission) -> str | None:
    """The registered domain of a work address; None for free mail and for no address."""
    if said.email is None:
        return None
    host = email_address.domain(said.email)
    if email_address.is_free_mail(host):
        return None
    return domain_name.registered_domain(host)


def of(said: Submission, lead: Known, work: WorkingSet, *, at_us: int) -> Firm | None:
    """The company the submission speaks of, linked to the lead if it had none.

    A trusted `group` replaces the link; an address only fills it.
    """
    firm = _by_group(said, work, at_us=at_us) or _by_domain(said, work, at_us=at_us)
    if firm is None:
        return _linked(lead, work)
    if lead.company_id is None or (said.group_id and said.is_trusted):
        if lead.company_id != firm.id:
            lead.company_id, lead.is_changed = firm.id, True
        _name(firm, said)
    return firm


def _by_group(said: Submission, work: WorkingSet, *, at_us: int) -> Firm | None:
    if not said.group_id or not said.is_trusted:
        return None
    firm = work.by_external.get(said.group_id)
    if firm is None:
        firm = work.add_firm(_new(None, said.group_id, at_us=at_us))
    return firm


def _by_domain(said: Submission, work: WorkingSet, *, at_us: int) -> Firm | None:
    domain = domain_of(said)
    if domain is None:
        return None
    firm = work.by_domain.get(domain)
    if firm is None:
        firm = work.add_firm(_new(domain, None, at_us=at_us))
    return firm


def _linked(lead: Known, work: WorkingSet) -> Firm | None:
    return work.firms.get(lead.company_id) if lead.company_id else None


def _new(domain: str | None, external_id: str | None, *, at_us: int) -> Firm:
    return Firm(
        ids.uuid7(), "", domain, external_id, created_us=at_us, is_new=True, is_changed=True
    )


def _name(firm: Firm, said: Submission) -> None:
    # The first name that anybody gives is shown until a trusted source says otherwise.
    name = said.traits.get("company.name")
    if not isinstance(name, str) or not name.strip():
        return
    if (not firm.name or said.is_trusted) and firm.name != name.strip()[:200]:
        firm.name, firm.is_changed = name.strip()[:200], True
