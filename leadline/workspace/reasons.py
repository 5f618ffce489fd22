"""Why something was refused, told in the language of whoever reads.

`lib` gives reasons in English (`lib.refusal`); they are put into other words here and nowhere else.
"""

from django.utils.translation import gettext
from django.utils.translation import gettext as _

from leadline.lib.email_address import NotAnAddress
from leadline.lib.phone_number import NotAPhone
from leadline.lib.refusal import Phrase, Refused


def told(refusal: Refused) -> str:
    """Why something was refused, in the reader's language; in English where nobody reads."""
    return of(refusal.because)


def of(because: Phrase) -> str:
    """A reason in the reader's language."""
    said = gettext(because.text)
    return said % because.values if because.values else said


def not_an_address(refusal: NotAnAddress) -> str:
    """A sentence that stands alone, beside the field in which the address was written."""
    return _("This is not an e-mail address: %s.") % told(refusal)


def not_a_phone(refusal: NotAPhone) -> str:
    """The same for a phone number."""
    return _("This is not a phone number: %s.") % told(refusal)


def sentence(refusal: Refused) -> str:
    """The reason so that it can stand alone: a capital in front, a stop at the end."""
    said = told(refusal)
    return said[:1].upper() + said[1:].removesuffix(".") + "."
