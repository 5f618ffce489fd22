import leadline.workspace.columns
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("leads", "0006_a_trash_for_leads"),
        ("lifecycle", "0002_find_what_a_person_decided"),
    ]

    operations = [
        migrations.AddField(
            model_name="standing",
            name="return_since",
            field=leadline.workspace.columns.MicrosField(null=True),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("return_since__isnull", False)),
                fields=["return_since"],
                name="standing_return",
            ),
        ),
    ]
