"""The personal data of the people who work here. They are no leads: nothing is erased by lead."""

from leadline.lib import personal_data


def register() -> None:
    """Declare what is held; called when the application starts.

    A person who leaves is deactivated; erasing a colleague is a decision of its own.
    """
    personal_data.register("workspace.User", holds=("email", "name"), eraser=None, exporter=None)
