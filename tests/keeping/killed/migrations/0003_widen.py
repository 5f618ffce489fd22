from django.db import migrations

from tests.keeping.killed import fate


class Migration(migrations.Migration):
    dependencies = [("killed", "0002_rename")]
    operations = [
        migrations.RunSQL("INSERT INTO killed_thing VALUES (2)"),
        migrations.RunSQL("ALTER TABLE killed_thing ADD COLUMN words text DEFAULT ''"),
        migrations.RunPython(lambda apps, editor: fate.meet("0003")),
    ]
