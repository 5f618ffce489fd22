"""A bulk action remembers what was asked for, so that the same can be told from something else."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("flow", "0002_bulk_actions"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkaction",
            name="asked",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
    ]
