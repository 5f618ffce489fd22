"""What "sent" meant until now where no mail server is set: it lies in the folder."""

from typing import Any

from django.conf import settings
from django.db import migrations


def mark(apps: Any, editor: Any) -> None:  # Any: what Django hands to migrations
    """As the screen has shown it so far; where a mail server is set, nobody knows any more."""
    using = editor.connection.alias
    is_demo = apps.get_model("workspace", "Workspace").objects.using(using).filter(is_demo=True)
    if settings.ENVIRONMENT.email is None or is_demo.exists():
        mails = apps.get_model("delivery", "Message").objects.using(using).exclude(kind="push")
        mails.filter(state="sent").update(state="folder")


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0006_say_what_went_into_the_folder"),
        ("workspace", "0001_initial"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
