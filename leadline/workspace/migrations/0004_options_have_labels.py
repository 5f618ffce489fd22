"""Options were values alone; each gets its value as its label until somebody writes a better."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_labels(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Safe to run twice: options that have a label keep it."""
    for field in apps.get_model("workspace", "Field").objects.exclude(options=[]):
        field.options = [
            {"value": each, "label": each} if isinstance(each, str) else each
            for each in field.options
        ]
        field.save(update_fields=["options"])


class Migration(migrations.Migration):
    dependencies = [("workspace", "0003_fields_of_every_type")]

    operations = [migrations.RunPython(give_labels, migrations.RunPython.noop)]
