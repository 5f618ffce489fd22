"""Texts of allauth that we say otherwise: its German mixes "du" with "Sie", and calls a passkey a
security key.

Nothing reads this list while Leadline runs: `scripts/messages.py` collects the texts, and what our
catalogue says wins over allauth's own. English stays as allauth has it.
"""

from django.utils.translation import gettext_noop as _noop
from django.utils.translation import ngettext_lazy

TEXTS = (
    # Signing in, signing out, passwords
    _noop("Are you sure you want to sign out?"),
    _noop("Be patient, you are sending too many requests."),
    _noop(
        "Forgotten your password? Enter your email address below, and we'll send you an email "
        "allowing you to reset it."
    ),
    _noop("Please contact us if you have any trouble resetting your password."),
    _noop(
        "We have sent you an email. If you have not received it please check your spam folder. "
        "Otherwise contact us if you do not receive it in a few minutes."
    ),
    _noop(
        "The password reset link was invalid, possibly because it has already been used.  Please "
        'request a <a href="%(passwd_reset_url)s">new password reset</a>.'
    ),
    _noop("Please reauthenticate to safeguard your account."),
    _noop("Please type your current password."),
    _noop("Too many failed login attempts. Try again later."),
    _noop("You must type the same password each time."),
    _noop("Your password has been changed."),
    _noop("Your password is now changed."),
    # Mails
    _noop("Thank you for using %(site_name)s!\n%(site_domain)s"),
    _noop(
        "You're receiving this email because you or someone else has requested a password reset "
        "for your user account.\nIt can be safely ignored if you did not request a password "
        "reset. Click the link below to reset your password."
    ),
    # Second factors
    _noop("You are about to deactivate authenticator app based authentication. Are you sure?"),
    _noop("You are about to generate a new set of recovery codes for your account."),
    _noop("Recovery Codes"),
    _noop("Use a security key"),
    _noop("Security Keys"),
    _noop("No security keys have been added."),
    _noop("Edit Security Key"),
    _noop("Remove Security Key"),
    _noop("Are you sure you want to remove this security key?"),
    _noop("Security key added."),
    _noop("Security key removed."),
    _noop("Master key"),
    _noop("Backup key"),
    _noop("Key nr. {number}"),
)
COUNTED = (
    ngettext_lazy(
        "You have added %(count)s security key.", "You have added %(count)s security keys.", "count"
    ),
)
