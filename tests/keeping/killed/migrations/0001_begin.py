from django.db import migrations

from tests.keeping.killed import fate


class Migration(migrations.Migration):
    initial = True
    dependencies = [("workspace", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE TABLE killed_thing (id integer PRIMARY KEY)"),
        migrations.RunPython(lambda apps, editor: fate.meet("0001")),
        migrations.RunSQL("INSERT INTO killed_thing VALUES (1)"),
    ]
