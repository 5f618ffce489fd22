from django.db import migrations


def change(apps, schema_editor):
    apps.get_model("workspace", "Workspace").objects.update(name="Half upgraded")


class Migration(migrations.Migration):
    dependencies = [("failing", "0001_begin")]
    operations = [migrations.RunPython(change)]
