from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("lifecycle", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="stagechange",
            index=models.Index(
                condition=models.Q(("by__isnull", False)),
                fields=["by", "at"],
                name="stage_change_person",
            ),
        ),
    ]
