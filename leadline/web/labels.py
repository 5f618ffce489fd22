"""Names that people read for the words that rows hold; translated where they are shown."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from leadline.privacy import words
from leadline.workspace.fields import About

Label = str | Promise

STAGES: dict[str, Label] = {
    "target": _("Target"),
    "lead": _("Lead"),
    "iql": _("IQL"),
    "mql": _("MQL"),
    "pql": _("PQL"),
    "sql": _("SQL"),
    "prospect": _("Prospect"),
    "opportunity": _("Opportunity"),
    "customer": _("Customer"),
    "disqualified": _("Disqualified"),
    "recycled": _("Recycled"),
}
STAGE_MEANINGS: dict[str, Label] = {
    "target": _("Fits, but has not shown interest yet."),
    "lead": _("Has shown interest."),
    "iql": _("Information qualified: asked for material in return for contact details."),
    "mql": _("Marketing qualified: fit and engagement say sales should talk to them."),
    "pql": _("Product qualified: uses the product in a way that shows intent."),
    "sql": _("Sales qualified: a person has confirmed the interest."),
    "prospect": _("In conversation with sales."),
    "opportunity": _("A deal with a size and a date."),
    "customer": _("Has bought."),
    "disqualified": _("Not a match, with a reason."),
    "recycled": _("Back to nurture after a pause."),
}
# What the path on the Lead page shows, at most six.
PATH = ("lead", "mql", "sql", "opportunity", "customer")

TEMPERATURES: dict[str, Label] = {"hot": _("Hot"), "warm": _("Warm"), "cold": _("Cold")}
TEMPERATURE_MEANINGS: dict[str, Label] = {
    "hot": _("Asked for something, or was very active just now: answer at once."),
    "warm": _("Fits and has been active lately: answer today."),
    "cold": _("No reason to call yet."),
}

CHANNELS: dict[str, Label] = {
    "paid_search": _("Paid search"),
    "paid_social": _("Paid social"),
    "display": _("Display"),
    "email": _("E-mail"),
    "affiliate": _("Affiliate"),
    "referral": _("Referral"),
    "organic_search": _("Organic search"),
    "organic_social": _("Organic social"),
    "video": _("Video"),
    "ai_assistant": _("AI assistant"),
    "sms": _("SMS"),
    "audio": _("Audio"),
    "direct": _("Direct"),
    "offline": _("Offline"),
    "other": _("Other"),
}
ACTIVITIES: dict[str, Label] = {
    "call": _("Call"),
    "mail": _("Mail"),
    "meeting": _("Meeting"),
    "note": _("Note"),
}
OUTCOMES: dict[str, Label] = {
    "connected": _("Connected"),
    "voicemail": _("Voicemail"),
    "no_answer": _("No answer"),
    "wrong_number": _("Wrong number"),
    "sent": _("Sent"),
    "meeting": _("Meeting agreed"),
}
TASK_ACTS: dict[str, Label] = {
    "added": _("Planned"),
    "done": _("Done"),
    "reopened": _("Opened again"),
    "changed": _("Changed"),
    "handed_over": _("Handed over"),
}
DETAILS: dict[str, Label] = {
    "field": _("Field"),
    "before": _("Before"),
    "after": _("After"),
    "by": _("By"),
}
"""What the story keeps of what somebody did by hand; the rest is for machines."""
BY_HAND = (
    "Record Edited", "Lead Added", "Moved To Trash", "Restored From Trash", "Score Adjusted",
    "Score Adjustment Undone",
)  # fmt: skip

REASONS: dict[str, Label] = {
    "no_budget": _("No budget"),
    "no_need": _("No need"),
    "wrong_fit": _("Wrong fit"),
    "competitor": _("Chose a competitor"),
    "unreachable": _("Cannot be reached"),
    "student": _("Student or private person"),
    "spam": _("Spam or test"),
}

DEAL_STATES: dict[str, Label] = {
    "open": pgettext_lazy("state of a deal", "Open"),
    "won": _("Won"),
    "lost": _("Lost"),
}

FIELDS_OF: dict[About, Label] = {
    "lead": _("Lead"),
    "company": _("Company"),
    "deal": _("Deal"),
}
FIELD_USES: dict[str, Label] = {
    "scoring": _("Score rule"),
    "lifecycle": _("Stage or temperature"),
    "routing": _("Routing rule"),
    "policy": _("Response time"),
    "segment": _("Segment"),
    "form": _("Form"),
    "view": _("Saved view"),
    "bulk": _("Bulk action under way"),
}


def details(event: str, said: Mapping[str, object]) -> list[tuple[str, object]]:
    """What an event says of itself, by label: ours in words, a site's own as it was sent."""
    if event in BY_HAND:
        said = {str(label): said[key] for key, label in DETAILS.items() if key in said}
    return [(key, gettext("empty") if each in (None, "") else each) for key, each in said.items()]


def of(table: dict[str, Label], word: str) -> str:
    """The label of a word; a word the table does not know is shown as it is, spelled out."""
    return str(table.get(word) or word.replace("_", " ").capitalize())


def purpose(word: str) -> str:
    """What a permission is for, as it stands alone."""
    return _capital(gettext(words.purpose(word)))


def reach(word: str) -> str:
    """The way in which somebody permits to be reached."""
    return _capital(gettext(words.channel(word)))


def _capital(said: str) -> str:
    return said[:1].upper() + said[1:]


def stage(word: str) -> str:
    return of(STAGES, word)


def channel(word: str) -> str:
    return of(CHANNELS, word)
