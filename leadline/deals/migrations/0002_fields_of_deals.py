"""Deals hold the values of declared fields."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("deals", "0001_initial")]

    operations: ClassVar = [
        migrations.AddField(model_name="deal", name="traits", field=models.JSONField(default=dict)),
    ]
