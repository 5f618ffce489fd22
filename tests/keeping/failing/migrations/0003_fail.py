from django.db import migrations


def fail(apps, schema_editor):
    raise ValueError("this migration was meant to fail")


class Migration(migrations.Migration):
    dependencies = [("failing", "0002_rename")]
    operations = [migrations.RunPython(fail)]
