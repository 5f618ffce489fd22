from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("workspace", "0001_initial")]
    operations = [migrations.RunSQL("CREATE TABLE later_thing (id integer PRIMARY KEY)")]
