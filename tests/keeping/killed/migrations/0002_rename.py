from django.db import migrations

from tests.keeping.killed import fate


def change(apps, schema_editor):
    workspaces = apps.get_model("workspace", "Workspace").objects
    for workspace in workspaces.all():
        workspaces.update(name=f"{workspace.name} upgraded")
    fate.meet("0002")


class Migration(migrations.Migration):
    dependencies = [("killed", "0001_begin")]
    operations = [migrations.RunPython(change)]
