from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("activities", "0003_files"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("done_at", None)), fields=["due_at", "id"], name="task_open"
            ),
        ),
    ]
