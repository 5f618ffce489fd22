"""The personal data of the people who work here. They are no leads: nothing is erased by lead."""

from leadline.lib import personal_data


def register() -> None:
    """Declare what is held; called when the application starts.

    A person who leaves is deactivated; erasing a colleague is a decision of its own.
    """
    for label, holds in {
        "workspace.User": ("email", "name"),
        "workspace.Invitation": ("email",),
        "workspace.AddressChange": ("email",),
        "workspace.AuditEntry": ("details",),
    }.items():
        personal_data.register(label, holds=holds, eraser=None, exporter=None)
