"""What the columns of a file mean: synonyms of other systems' headings, and a mapping by hand.

A target is one of
- an identifier: `email`, `phone`, `user_id`, `external_id:<system>`;
- `created_at`: when the person became known there;
- `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `utm_content`, `landing_page`,
  `referrer`, `channel`: where the person came from;
- `opt_out:<channel>`: a yes forbids marketing through it (a yes to an opt-in column proves nothing
  without date and text, so there is no target for it);
- `-`: leave the column out;
- anything else: the trait of that name.
"""

import re
from collections.abc import Mapping, Sequence

from leadline.lib import text

SKIP = "-"
CREATED_AT = "created_at"
OPT_OUT = "opt_out:"
EXTERNAL = "external_id:"
IDENTIFIERS = ("user_id", "external_id", "email", "phone")
TOUCH: Mapping[str, str] = {
    "utm_source": "source",
    "utm_medium": "medium",
    "utm_campaign": "campaign",
    "utm_term": "term",
    "utm_content": "content",
    "landing_page": "landing_page",
    "referrer": "referrer",
    "channel": "channel",
}
"""Targets that describe the first touch, and the key of a submission's context."""

MAX_NAME = 51
_NO_LABELS: Mapping[str, str] = {}

# Folded headings (letters and digits only) by target. HubSpot's and Salesforce's labels and
# internal names, Web-to-Lead, and what people write by hand in English and German.
_SYNONYMS = {
    "email": "email e_mail mail email_address e_mail_address emailadresse e_mail_adresse work_email"
    " business_email primary_email email_1 email_id correo",
    "phone": "phone phone_number telephone telefon tel mobile mobile_phone mobilephone"
    " mobile_phone_number handy cell cell_phone work_phone telefonnummer",
    "user_id": "user_id userid",
    "external_id:hubspot": "record_id hs_object_id contact_id vid",
    "external_id:salesforce": "lead_id 18_digit_id case_safe_id",
    "external_id:import": "external_id externalid prospect_id",
    "first_name": "first_name firstname given_name vorname fname prenom nombre",
    "last_name": "last_name lastname surname family_name nachname lname nom apellido",
    "name": "name full_name fullname contact_name lead_name contact",
    "title": "title job_title jobtitle position role funktion occupation job",
    "company.name": "company company_name companyname organization organisation organization_name"
    " account account_name company_account firma unternehmen associated_company employer",
    "company.employee_count": "employees employee_count number_of_employees numberofemployees"
    " no_of_employees company_size size mitarbeiter headcount",
    "company.industry": "industry branche company_industry",
    "company.annual_revenue": "annual_revenue annualrevenue revenue umsatz",
    "company.domain": "company_domain domain company_domain_name",
    "company.website": "company_website company_url",
    "website": "website website_url url webseite homepage",
    "street": "street address street_address strasse",
    "postal_code": "postal_code postalcode zip zip_code postcode plz",
    "city": "city town ort stadt ville",
    "region": "state region state_region province bundesland state_province",
    "country": "country country_region land pays country_code",
    "language": "language preferred_language hs_language sprache",
    "time_zone": "time_zone timezone",
    "lead_source": "lead_source leadsource source original_source hs_analytics_source quelle origin"
    " lead_origin",
    "message": "message description comments notes",
    "budget": "budget",
    "timeline": "timeline timing timeframe",
    "created_at": "created_at create_date created_date createdate createddate created date_created"
    " signup_date first_contact_date erstellt_am",
    "utm_source": "utm_source",
    "utm_medium": "utm_medium",
    "utm_campaign": "utm_campaign campaign",
    "utm_term": "utm_term",
    "utm_content": "utm_content",
    "landing_page": "landing_page landing_page_id first_page_seen hs_analytics_first_url",
    "referrer": "referrer first_referring_site hs_analytics_first_referrer",
    "opt_out:email": "opted_out_of_email hasoptedoutofemail email_opt_out hs_email_optout"
    " unsubscribed_from_all_email unsubscribed do_not_email emailoptout",
    "opt_out:phone": "do_not_call donotcall phone_opt_out",
}
RESERVED = frozenset([*IDENTIFIERS, *TOUCH, CREATED_AT, "anonymous_id", "opt_out"])
"""Targets that are no traits."""
_TARGETS = {word: target for target, words in _SYNONYMS.items() for word in words.split()}


class UnknownColumn(ValueError):
    """A mapping that names a column which the file does not have, or a target that is none."""

    permanent = True


def suggest(header: Sequence[str], labels: Mapping[str, str] = _NO_LABELS) -> dict[str, str]:
    """A target for each named column, in order; the first column of a kind gets it.

    `labels` maps what people call the declared fields (folded) to their names: a heading that no
    table knows is looked up there. Other unknown headings become traits of their own name, so
    nothing is lost. Columns without a name are left out.
    """
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for heading in header:
        if not heading:
            continue
        word = plain(heading)
        target = SKIP if not word else _TARGETS.get(word) or _opt_out(word)
        target = target or labels.get(text.fold(heading.strip())) or trait_name(word)
        if target in taken and not target.startswith(OPT_OUT):
            target = trait_name(word) if trait_name(word) not in taken else SKIP
        taken.add(target)
        mapping[heading] = target
    return mapping


def settle(
    header: Sequence[str],
    chosen: Mapping[str, str] | None,
    labels: Mapping[str, str] = _NO_LABELS,
) -> dict[str, str]:
    """The suggestion with what a person chose instead.

    Raises UnknownColumn for a column that the file lacks and for a target that is no name. A
    target that was chosen is taken away from the column that it was suggested for.
    """
    mapping = suggest(header, labels)
    chosen = chosen or {}
    for column, target in chosen.items():
        if column not in mapping:
            raise UnknownColumn(
                f"The file has no column {column!r}; its columns are {', '.join(mapping)}."
            )
        if target != SKIP and re.fullmatch(r"[a-z][a-z0-9_.:]{0,60}", target) is None:
            raise UnknownColumn(
                f"{target!r} is no target for column {column!r}: write email, phone, user_id,"
                " external_id:<system>, created_at, utm_source, opt_out:email, the name of a trait"
                " such as company.name, or - to leave the column out."
            )
    for column, target in mapping.items():
        if column not in chosen and target in chosen.values():
            mapping[column] = SKIP
    return mapping | dict(chosen)


def plain(heading: str) -> str:
    """A heading as the table spells it: folded, words joined by `_`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", heading) if " " not in heading else heading
    words = re.sub(r"[^0-9a-z]+", "_", text.fold(split)).strip("_")
    joined = words.replace("_", "")
    return words if words in _TARGETS or joined not in _TARGETS else joined


def trait_name(word: str) -> str:
    """A heading as a trait's name: starts with a letter, at most 51 characters."""
    name = word if word[:1].isalpha() else f"column_{word}"
    return name[:MAX_NAME].rstrip("_")


def _opt_out(word: str) -> str | None:
    # HubSpot has one column per type of mail: "Opted out of email: One to One".
    return OPT_OUT + "email" if word.startswith("opted_out_of_email") else None
